// Lays out a plain graph with dagre: `node dagre.mjs GRAPH.json`.
import { readFileSync } from "node:fs";
import dagre from "@dagrejs/dagre";

const { nodes, edges } = JSON.parse(readFileSync(process.argv[2]));
const graph = new dagre.graphlib.Graph({ multigraph: true });
graph.setGraph({ rankdir: "TB", nodesep: 20, ranksep: 20, edgesep: 10 });
graph.setDefaultEdgeLabel(() => ({}));
for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
edges.forEach((e, i) => graph.setEdge(e.source, e.target, {}, String(i)));
dagre.layout(graph);

const placed = {
  nodes: nodes.map(({ id }) => {
    const { x, y, width, height } = graph.node(id);
    return { id, x: x - width / 2, y: y - height / 2, width, height };
  }),
  edges: edges.map((e, i) => ({
    source: e.source,
    target: e.target,
    value: `${e.source}:${e.slot ?? 0}`,
    points: graph.edge(e.source, e.target, String(i)).points.map(({ x, y }) => [x, y]),
  })),
};
process.stdout.write(JSON.stringify(placed));
