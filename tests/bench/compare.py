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
from engines import VERSIONS, Engine, build_ours, get_engines
from measure import measure
from tables import report

MEMORY = 8 << 30  # bytes that a run may take
RUNS = 3  # of which the median counts,
SHORT = 0.5  # if the first is shorter than this


def main():
    args = arguments()
    if args.tables:
        report(json.loads(args.tables.read_text()))
        return
    allow_deep_recursion()
    cache = args.cache.resolve()
    folder = cache / f"run-{os.getpid()}"
    folder.mkdir(parents=True)
    caps = {name: float(cap) for name, cap in (c.rsplit("=", 1) for c in args.cap_of)}
    peers = get_engines(cache, args.engines and args.engines.split(","))
    lab = Lab(folder, cache / "results", args.reuse, args.cap, caps)
    program = args.ours or build_ours()
    results = {}
    for name, graph in chosen_graphs(args):
        results[name] = compare(lab, program, peers, graph)
        print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr)
        if args.out:
            args.out.write_text(json.dumps(results, indent=1))
    shutil.rmtree(folder)
    report(results)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cache", type=pathlib.Path, help="folder for the peers and their results")
    add("--onnx", type=pathlib.Path, help="folder with ONNX models")
    add("--graphs", type=pathlib.Path, help="folder with plain graphs, in place of the set")
    add("--only", default="", help="graphs whose name matches this pattern")
    add("--engines", help="names of peers, comma separated")
    add("--ours", help="our engine's program; built if not given")
    add("--cap", type=float, default=300, help="CPU seconds for a run (300)")
    add("--cap-of", action="append", default=[], metavar="ENGINE=S", help="another cap for one engine")
    add("--reuse", action="store_true", help="use results of peers from earlier runs")
    add("--out", type=pathlib.Path, help="every figure, as JSON")
    add("--tables", type=pathlib.Path, metavar="FILE.json", help="only print what an earlier --out tells")
    args = parser.parse_args()
    if not args.cache and not args.tables:
        parser.error("--cache is missing")
    return args


def allow_deep_recursion():
    """Some peers recurse as deep as the graph; they inherit this."""
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    stack = 1 << 30 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_STACK, (stack, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def chosen_graphs(args):
    if args.graphs:
        found = ((p.stem, json.loads(p.read_text())) for p in sorted(args.graphs.glob("*.json")))
    else:
        found = graphs.all_graphs(args.onnx)
    return ((name, graph) for name, graph in found if re.search(args.only, name))


def compare(lab, program, peers, graph):
    """Every engine on one graph, in both modes."""
    transformed = lab.transformed(program, graph)
    graph = same_form(graph)
    result = {"nodes": len(graph["nodes"]), "edges": len(graph["edges"]), "chain": chain(graph)}
    with_trunks = Engine("ours", [program, "--no-hubs"])
    without = Engine("ours", [program, "--no-hubs", "--no-trunks"])
    for mode, ours, given in (("transformed", with_trunks, transformed), ("plain", without, graph)):
        result[mode] = {"ours": lab.result(ours, given)}
        for peer in peers:
            result[mode][peer.name] = lab.kept_result(peer, given)
    return result


def same_form(graph):
    """Equal graphs give equal texts, so that each is laid out once."""
    size = ("width", "height")
    nodes = [{"id": n["id"], **{s: float(n[s]) for s in size}} for n in graph["nodes"]]
    edges = [{"source": e["source"], "slot": e.get("slot", 0), "target": e["target"]} for e in graph["edges"]]
    return {"nodes": nodes, "edges": edges}


def chain(graph):
    """Ranks per node: 1 for a chain, less the more stands side by side."""
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
    return round(max(depth.values(), default=0) / max(len(depth), 1), 3)


class Lab:
    """Runs engines on graphs, and keeps what peers made of them."""

    def __init__(self, folder, kept, reuse, cap, caps):
        self.folder = folder
        self.kept = kept
        self.reuse = reuse
        self.cap = cap
        self.caps = caps
        self.now = set()
        kept.mkdir(exist_ok=True)

    def transformed(self, program, graph):
        """The graph after our treatment of hubs."""
        source = self.folder / "graph.json"
        source.write_text(json.dumps(graph))
        command = [program, "--print-graph", str(source)]
        return same_form(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))

    def kept_result(self, engine, graph):
        """From this start or, if wanted, from one before, unless it had less time then."""
        text = json.dumps([engine.name, VERSIONS, graph], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:24]
        path = self.kept / f"{name}.json"
        if path.exists() and (self.reuse or name in self.now):
            result = json.loads(path.read_text())
            if result["failure"] != "time" or result["cap"] >= self.caps.get(engine.name, self.cap):
                return result
        result = self.result(engine, graph)
        path.write_text(json.dumps(result))
        self.now.add(name)
        return result

    def result(self, engine, graph):
        """Time, memory and figures of one engine on one graph."""
        cap = self.caps.get(engine.name, self.cap)
        source, output = self.folder / f"in.{engine.suffix}", self.folder / "out"
        source.write_text(engine.input(graph))
        command = [*engine.command, str(source)]
        runs = [run(command, cap, output, engine.memory_limit)]
        if runs[0]["seconds"] < SHORT and not runs[0]["failure"]:
            runs += [run(command, cap, output, engine.memory_limit) for _ in range(RUNS - 1)]
        result = {**runs[0], "seconds": statistics.median(r["seconds"] for r in runs), "cap": cap}
        if not result["failure"]:
            try:
                result |= measure(engine.output(output.read_text(), graph))
            except (ValueError, KeyError, IndexError) as error:
                result["failure"] = f"output: {error!r}"
        return result


def run(command, cap, output, memory_limit):
    """CPU seconds, peak MB and what went wrong (or nothing) of one run."""
    # Limits are set from outside: work between fork and exec would count as theirs.
    with open(output, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
    resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(cap) + 1, int(cap) + 2))
    if memory_limit:
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
    # A process that waits uses no CPU; that must end too.
    watch = threading.Timer(4 * cap + 10, process.kill)
    watch.start()
    _, status, usage = os.wait4(process.pid, 0)
    watch.cancel()
    code = process.returncode = os.waitstatus_to_exitcode(status)
    seconds = usage.ru_utime + usage.ru_stime
    failure = None
    if seconds > cap or code in (-signal.SIGXCPU, -signal.SIGKILL):
        failure = "time"
    elif code < 0:
        failure = signal.Signals(-code).name
    elif code > 0:
        failure = f"exit {code}"
    return {"seconds": round(seconds, 4), "memory": round(usage.ru_maxrss / 1024, 1), "failure": failure}


if __name__ == "__main__":
    main()
