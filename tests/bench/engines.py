"""The engines: how each gets its graph, how it runs, how its output is read.

Each turns a plain graph into the text of its input file, is a command that reads
that file, and turns what the command prints into a positioned diagram.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SPACING = 20  # px, between boxes and between ranks

VERSIONS = {
    "elkjs": "0.12.1",
    "@dagrejs/dagre": "3.1.3",
    "elkrs": "0.1.1",
    "layout-rs": "0.1.3",
    "rust-sugiyama": "0.4.0",
}


class Engine:
    """A program that reads plain graphs and writes positioned diagrams."""

    suffix = "json"

    def __init__(self, name, command):
        self.name = name
        self.command = command
        # Node.js reserves far more address space than it uses.
        self.memory_limit = "node" not in pathlib.Path(command[0]).name

    def input(self, graph):
        return json.dumps(graph)

    def output(self, text, graph):
        return json.loads(text)


class Dot(Engine):
    suffix = "dot"

    def input(self, graph):
        gap = SPACING / 72
        lines = [
            f"digraph {{ nodesep={gap} ranksep={gap} splines=true pad=0",
            'node [shape=box fixedsize=true label=""] edge [dir=none]',
        ]
        number = {}
        for i, node in enumerate(graph["nodes"]):
            number[node["id"]] = i
            lines.append(f"{i} [id=n{i} width={node['width'] / 72} height={node['height'] / 72}]")
        for i, edge in enumerate(graph["edges"]):
            lines.append(f"{number[edge['source']]} -> {number[edge['target']]} [id=e{i}]")
        return "\n".join(lines) + "\n}\n"

    def output(self, text, graph):
        """From its SVG, which has the finest coordinates of its formats."""
        nodes, edges = [], []
        found = dict(re.findall(r'<g id="([ne]\d+)" class="\w+">.*?(?:points|d)="([^"]+)"', text, re.DOTALL))
        for i, node in enumerate(graph["nodes"]):
            points = pairs(found[f"n{i}"])
            x, y = min(p[0] for p in points), min(p[1] for p in points)
            nodes.append({**node, "x": x, "y": y})
        for i, edge in enumerate(graph["edges"]):
            points = pairs(found[f"e{i}"])
            edges.append(line(edge, [points[0], *curve(points)]))
        return {"nodes": nodes, "edges": edges}


class Elk(Engine):
    routing = "POLYLINE"

    def input(self, graph):
        options = {
            "algorithm": "layered",
            "direction": "DOWN",
            "edgeRouting": self.routing,
            "spacing.nodeNode": SPACING,
            "spacing.edgeNode": SPACING / 2,
            "spacing.edgeEdge": SPACING / 2,
            "layered.spacing.nodeNodeBetweenLayers": SPACING,
            "layered.spacing.edgeNodeBetweenLayers": SPACING / 2,
            "layered.spacing.edgeEdgeBetweenLayers": SPACING / 2,
        }
        return json.dumps(
            {
                "id": "root",
                "layoutOptions": {f"org.eclipse.elk.{k}": str(v) for k, v in options.items()},
                "children": graph["nodes"],
                "edges": [
                    {"id": f"edge {i}", "sources": [e["source"]], "targets": [e["target"]]}
                    for i, e in enumerate(graph["edges"])
                ],
            }
        )

    def output(self, text, graph):
        placed = json.loads(text)
        edges = []
        for edge, drawn in zip(graph["edges"], placed["edges"]):
            section = drawn["sections"][0]
            stops = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
            points = [(p["x"], p["y"]) for p in stops]
            if self.routing == "SPLINES" and len(points) % 3 == 1:
                points = [points[0], *curve(points)]
            edges.append(line(edge, points))
        return {"nodes": placed["children"], "edges": edges}


class ElkSplines(Elk):
    routing = "SPLINES"


def line(edge, points):
    value = f"{edge['source']}:{edge.get('slot', 0)}"
    return {"source": edge["source"], "target": edge["target"], "value": value, "points": points}


def pairs(text):
    numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]
    return list(zip(numbers[::2], numbers[1::2]))


def curve(points, steps=16):
    """Points along Béziers, given by their first point and three for each."""
    for k in range(0, len(points) - 3, 3):
        a, b, c, d = points[k : k + 4]
        for i in range(1, steps + 1):
            t, u = i / steps, 1 - i / steps
            w = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            yield tuple(w[0] * a[n] + w[1] * b[n] + w[2] * c[n] + w[3] * d[n] for n in (0, 1))


# Fewer pivots for ranks and for x.
QUICK_DOT = ["-Gnslimit=1", "-Gnslimit1=1"]


def get_engines(cache, wanted):
    """The peers that can be had, in the order of the tables."""
    get = {
        "dot": lambda: Dot("dot", [program("dot"), "-Tsvg"]),
        "dot nslimit=1": lambda: Dot("dot nslimit=1", [program("dot"), "-Tsvg", *QUICK_DOT]),
        "layout-rs": lambda: Engine("layout-rs", [crates(cache), "layout-rs"]),
        "rust-sugiyama": lambda: Engine("rust-sugiyama", [crates(cache), "rust-sugiyama"]),
        "dagre": lambda: Engine("dagre", npm(cache, "dagre.mjs")),
        "elkjs": lambda: Elk("elkjs", npm(cache, "elk.mjs")),
        "elkjs splines": lambda: ElkSplines("elkjs splines", npm(cache, "elk.mjs")),
        "elkrs": lambda: Elk("elkrs", [elkrs(cache)]),
    }
    engines = []
    for name in wanted or [n for n in get if n != "elkjs splines"]:
        try:
            engines.append(get[name]())
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"without {name}: {error}", file=sys.stderr)
    return engines


def program(name):
    path = shutil.which(name)
    if not path:
        raise FileNotFoundError(f"`{name}` is not installed")
    return path


def npm(cache, script):
    folder = cache / "npm"
    folder.mkdir(exist_ok=True)
    wanted = {name: VERSIONS[name] for name in ("elkjs", "@dagrejs/dagre")}
    package = json.dumps({"private": True, "type": "module", "dependencies": wanted})
    if not (folder / "package.json").exists() or (folder / "package.json").read_text() != package:
        (folder / "package.json").write_text(package)
        subprocess.run([program("npm"), "install", "--silent"], cwd=folder, check=True, stdout=sys.stderr)
    shutil.copy(HERE / "peers" / script, folder)
    return [program("node"), "--stack-size=60000", "--max-old-space-size=6000", str(folder / script)]


def crates(cache):
    """The program in `peers/peers.rs`, with the two layout crates."""
    folder = cache / "crates"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "peers" / "peers.rs", folder / "src" / "main.rs")
    versions = "".join(f'{name} = "={VERSIONS[name]}"\n' for name in ("layout-rs", "rust-sugiyama"))
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "peers"\nversion = "0.0.0"\nedition = "2024"\n\n'
        f'[dependencies]\n{versions}serde_json = "1"\n\n[workspace]\n'
    )
    env = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target")}
    subprocess.run([program("cargo"), "build", "--release", "--quiet"], cwd=folder, env=env, check=True)
    return str(folder / "target" / "release" / "peers")


def elkrs(cache):
    binary = cache / "elkrs" / "bin" / "elkrs"
    if not binary.exists():
        version = VERSIONS["elkrs"]
        install = [program("cargo"), "install", "elkrs", "--version", version, "--locked", "--quiet"]
        subprocess.run([*install, "--root", str(cache / "elkrs")], check=True)
    return str(binary)


def build_ours():
    """The program `layout_graph` of this repository."""
    command = ["cargo", "build", "--release", "--quiet", "--example", "layout_graph", "--no-default-features"]
    subprocess.run(command, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "examples" / "layout_graph")
