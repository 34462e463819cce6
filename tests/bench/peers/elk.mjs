// Lays out a graph in ELK's own JSON: `node elk.mjs GRAPH.json`.
import { readFileSync } from "node:fs";
import ELK from "elkjs/lib/elk.bundled.js";

const placed = await new ELK().layout(JSON.parse(readFileSync(process.argv[2])));
process.stdout.write(JSON.stringify(placed));
