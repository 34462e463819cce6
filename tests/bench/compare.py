#!/usr/bin/env python3
"""Lays the same graphs out with our engine and with its peers, and compares.

    compare.py --cache DIR [--onnx DIR] [--graphs DIR] [--cap S] [--out FILE.json]

All engines get the same graphs, box sizes and spacing (20 px), twice: once the
graphs after our treatment of hubs, which we draw with shared trunks, and once the
graphs as they are, without trunks. Prints tables in Markdown; `--out` gets every
figure. A run counts the CPU seconds of its whole process, start and JSON included,
and is killed after `--cap` of them.

The peers are fetched and built in the cache folder at the first start. What a peer
made of a graph is kept there too, and used again with `--reuse`. It needs `dot`,
`node`, `npm` and `cargo`; a peer that cannot be had is left out with a note.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time

import graphs
from measure import measure

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SPACING = 20
MEMORY = 8 << 30  # bytes that a peer may take

VERSIONS = {"elkjs": "0.12.1", "@dagrejs/dagre": "3.1.3", "elkrs": "0.1.1", "layout-rs": "0.1.3", "rust-sugiyama": "0.4.0"}


# ---- Engines: each turns a plain graph into an input file, a command, and its
# output into a positioned diagram.


class Engine:
    """A program that reads plain graphs and writes positioned diagrams."""

    suffix = "json"

    def __init__(self, name, command):
        self.name = name
        self.command = command

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
        found = dict(re.findall(r'<g id="([ne]\d+)" class="\w+">.*?(?:points|d)="([^"]+)"', text, re.S))
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
        return json.dumps({
            "id": "root",
            "layoutOptions": {f"org.eclipse.elk.{k}": str(v) for k, v in options.items()},
            "children": graph["nodes"],
            "edges": [
                {"id": f"edge {i}", "sources": [e["source"]], "targets": [e["target"]]}
                for i, e in enumerate(graph["edges"])
            ],
        })

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


# ---- Getting the engines.


def get_engines(cache, wanted):
    """The peers that can be had, in the order of the tables."""
    get = {
        "dot": lambda: Dot("dot", [program("dot"), "-Tsvg"]),
        "dot nslimit=1": lambda: Dot("dot nslimit=1", [program("dot"), "-Tsvg", "-Gnslimit=1", "-Gnslimit1=1"]),
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
        command = [program("cargo"), "install", "elkrs", "--version", version, "--locked", "--quiet", "--root"]
        subprocess.run([*command, str(cache / "elkrs")], check=True)
    return str(binary)


def build_ours():
    command = ["cargo", "build", "--release", "--quiet", "--example", "layout_graph", "--no-default-features"]
    subprocess.run(command, cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return str(target / "release" / "examples" / "layout_graph")


# ---- Running them.


def run(command, cap, output, is_node=False):
    """CPU seconds, peak MB and what went wrong (or nothing) of one run."""

    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (int(cap) + 1, int(cap) + 2))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        stack = 1 << 30 if hard == resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
        if not is_node:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with open(output, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, preexec_fn=limits)
        # A process that waits uses no CPU; that must end too.
        watch = threading.Timer(4 * cap + 10, process.kill)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = usage.ru_utime + usage.ru_stime
    code = process.returncode
    failure = None
    if seconds > cap or code in (-signal.SIGXCPU, -signal.SIGKILL):
        failure = "time"
    elif code < 0:
        failure = signal.Signals(-code).name
    elif code > 0:
        failure = f"exit {code}"
    return {"seconds": round(seconds, 4), "memory": round(usage.ru_maxrss / 1024, 1), "failure": failure}


def try_engine(engine, graph, cap, folder, is_node):
    """One engine on one graph; short runs are repeated and the median counts."""
    source, output = folder / f"in.{engine.suffix}", folder / "out"
    source.write_text(engine.input(graph))
    command = [*engine.command, str(source)]
    runs = [run(command, cap, output, is_node)]
    while runs[0]["seconds"] < 0.5 and len(runs) < 3 and not runs[0]["failure"]:
        runs.append(run(command, cap, output, is_node))
    result = {**runs[0], "seconds": statistics.median(r["seconds"] for r in runs)}
    if not result["failure"]:
        try:
            result |= measure(engine.output(output.read_text(), graph))
        except (ValueError, KeyError, IndexError) as error:
            result["failure"] = f"output: {error!r}"
    return result


class Kept:
    """What peers made of graphs, by engine and graph."""

    def __init__(self, folder, reuse):
        self.folder = folder
        self.reuse = reuse
        self.now = set()
        folder.mkdir(exist_ok=True)

    def result(self, engine, graph, cap, make):
        """From this run or, if wanted, from one before, unless that had less time."""
        text = json.dumps([engine.name, VERSIONS, graph], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:24]
        path = self.folder / f"{name}.json"
        if path.exists() and (self.reuse or name in self.now):
            result = json.loads(path.read_text())
            if result["failure"] != "time" or result["cap"] >= cap:
                return result
        result = {**make(), "cap": cap}
        path.write_text(json.dumps(result))
        self.now.add(name)
        return result


# ---- The tables.


MODES = {
    "transformed": "Hubs taken out for all, ours with trunks",
    "plain": "Hubs left in, no trunks",
}


def table(title, head, rows):
    lines = [f"\n{title}\n", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    print("\n".join(lines))


def report(results):
    engines = list(next(iter(results.values()))["plain"]) if results else []
    print_tables(results, engines)
    print_findings(results)


def print_tables(results, engines):
    for mode, meaning in MODES.items():
        rows = [(g, r["nodes"], r[mode]) for g, r in results.items()]
        print(f"\n## {meaning}")
        for title, cell in (
            ("CPU seconds, whole process", lambda r: f"{r['seconds']:.3g}"),
            ("Crossings / width in px / lines through boxes", lambda r: f"{r['crossings']}/{r['width']}/{r['through']}"),
            ("Total length of lines, in 1000 px", lambda r: f"{r['length'] / 1000:.1f}"),
        ):
            table(title, ["graph (nodes)", *engines], [
                [f"{g} ({n})", *(shown(r.get(e), cell) for e in engines)] for g, n, r in rows
            ])


def shown(result, cell):
    if result is None:
        return "–"
    if result["failure"]:
        return f">{result['seconds']:.0f} s" if result["failure"] == "time" else result["failure"]
    return cell(result)


def print_findings(results):
    """Where we are not the best, as the acceptance wants it."""
    for mode, meaning in MODES.items():
        print(f"\n## Findings: {meaning}\n")
        finished = [(g, r, r[mode]["ours"], {e: p for e, p in r[mode].items() if e != "ours" and not p["failure"]}) for g, r in results.items() if not r[mode]["ours"]["failure"]]
        total = {}
        for g, r, ours, peers in finished:
            rivals = {e: p["crossings"] for e, p in peers.items() if e.startswith(("dot", "elk"))}
            if not rivals:
                print(f"* {g}: neither dot nor ELK finished")
                continue
            best = min(rivals, key=rivals.get)
            total["ours"] = total.get("ours", 0) + ours["crossings"]
            total["best"] = total.get("best", 0) + rivals[best]
            if ours["crossings"] > rivals[best]:
                print(f"* {g}: {ours['crossings']} crossings, {best} {rivals[best]}")
        print(f"* crossings in total {total.get('ours', 0)}, the best of dot and ELK {total.get('best', 0)}")
        for g, r, ours, peers in finished:
            best = min(peers, key=lambda e: peers[e]["width"], default=None)
            if best and r["needle"] >= 0.5 and ours["width"] > 1.15 * peers[best]["width"]:
                print(f"* {g}: {ours['width']} px wide, {best} {peers[best]['width']} ({ours['width'] / peers[best]['width']:.2f}; ranks / nodes {r['needle']:.2f})")
        both = [(g, ours["length"], peers["dot"]["length"]) for g, _, ours, peers in finished if "dot" in peers]
        if both:
            ratio = sum(o for _, o, _ in both) / sum(d for _, _, d in both)
            print(f"* length in total {ratio:.3f} of dot's where it finished ({len(both)} graphs); above 1.1:", ", ".join(f"{g} {o / d:.2f}" for g, o, d in both if o > 1.1 * d) or "none")
        for what in ("through", "overlaps", "labels", "struck"):
            bad = [f"{g} {ours[what]}" for g, _, ours, _ in finished if ours[what]]
            print(f"* {what}:", ", ".join(bad) or "0 everywhere")


def same_form(graph):
    """The same graph gives the same text, so that it is laid out only once."""
    nodes = [{"id": n["id"], "width": float(n["width"]), "height": float(n["height"])} for n in graph["nodes"]]
    edges = [{"source": e["source"], "slot": e.get("slot", 0), "target": e["target"]} for e in graph["edges"]]
    return {"nodes": nodes, "edges": edges}


def needle(graph):
    """Ranks by node: near 1 for a chain."""
    missing, users = {}, {}
    for edge in graph["edges"]:
        missing[edge["target"]] = missing.get(edge["target"], 0) + 1
        users.setdefault(edge["source"], []).append(edge["target"])
    depth = {n["id"]: 1 for n in graph["nodes"]}
    ready = [n for n in depth if n not in missing]
    for node in ready:
        for user in users.get(node, ()):
            depth[user] = max(depth[user], depth[node] + 1)
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    return max(depth.values(), default=0) / max(len(depth), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, help="folder for the peers and their results")
    parser.add_argument("--onnx", type=pathlib.Path, help="folder with ONNX models")
    parser.add_argument("--graphs", type=pathlib.Path, help="folder with plain graphs, in place of the set")
    parser.add_argument("--only", help="graphs whose name matches this pattern")
    parser.add_argument("--engines", help="names, comma separated")
    parser.add_argument("--ours", help="our engine's program; built if not given")
    parser.add_argument("--cap", type=float, default=300, help="CPU seconds for a run (300)")
    parser.add_argument("--cap-of", action="append", default=[], metavar="ENGINE=S", help="another cap for one engine")
    parser.add_argument("--reuse", action="store_true", help="use results of peers from earlier runs")
    parser.add_argument("--out", type=pathlib.Path, help="every figure, as JSON")
    parser.add_argument("--tables", type=pathlib.Path, metavar="FILE.json", help="only print the tables of an earlier --out")
    args = parser.parse_args()
    if args.tables:
        report(json.loads(args.tables.read_text()))
        return
    if not args.cache:
        parser.error("--cache is missing")

    args.cache.mkdir(parents=True, exist_ok=True)
    cache = args.cache.resolve()
    folder = cache / f"run-{os.getpid()}"
    folder.mkdir()
    caps = {name: float(cap) for name, cap in (c.rsplit("=", 1) for c in args.cap_of)}
    peers = get_engines(cache, args.engines and args.engines.split(","))
    ours = args.ours or build_ours()
    kept = Kept(cache / "results", args.reuse)
    results = {}
    if args.graphs:
        todo = ((p.stem, json.loads(p.read_text())) for p in sorted(args.graphs.glob("*.json")))
    else:
        todo = graphs.all_graphs(args.onnx)
    for name, graph in todo:
        if args.only and not re.search(args.only, name):
            continue
        (folder / "graph.json").write_text(json.dumps(graph))
        print_graph = [ours, "--print-graph", str(folder / "graph.json")]
        changed = subprocess.run(print_graph, check=True, capture_output=True, text=True).stdout
        graph, changed = same_form(graph), same_form(json.loads(changed))
        results[name] = {"nodes": len(graph["nodes"]), "edges": len(graph["edges"]), "needle": round(needle(graph), 3)}
        for mode, graph, flags in (("transformed", changed, []), ("plain", graph, ["--no-trunks"])):
            found = results[name][mode] = {}
            found["ours"] = try_engine(Engine("ours", [ours, "--no-hubs", *flags]), graph, args.cap, folder, False)
            for peer in peers:
                cap = caps.get(peer.name, args.cap)
                is_node = "node" in pathlib.Path(peer.command[0]).name
                found[peer.name] = kept.result(peer, graph, cap, lambda: try_engine(peer, graph, cap, folder, is_node))
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr)
        if args.out:
            args.out.write_text(json.dumps(results, indent=1))
    shutil.rmtree(folder)
    report(results)


if __name__ == "__main__":
    main()
