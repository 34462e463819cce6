"""The tables of a comparison, and where we are not the best, in Markdown."""

MODES = {
    "transformed": "Hubs taken out for all, ours with trunks",
    "plain": "Hubs left in, no trunks",
}

# What the width of nets like chains, the length and the time are held against.
CHAIN = 0.5
WIDTH_LIMIT = 1.15
LENGTH_LIMIT = 1.1
SPEED_UP = {"resnet50": 8, "gpt2": 30, "densenet121": 1000, "vit_b_16": 1000, "llama126": 1000}


def report(results):
    """Prints everything; `results` is what `compare.py --out` writes."""
    engines = list(next(iter(results.values()))["plain"]) if results else []
    for mode, meaning in MODES.items():
        print(f"\n## {meaning}")
        table("CPU seconds, whole process", results, mode, engines, seconds)
        table("Crossings / width in px / lines through boxes", results, mode, engines, quality)
        table("Total length of lines, in 1000 px", results, mode, engines, length)
    for mode, meaning in MODES.items():
        print(f"\n## Findings: {meaning}\n")
        findings(results, mode)


def seconds(result):
    return f"{result['seconds']:.3g}"


def quality(result):
    return f"{result['crossings']}/{result['width']}/{result['through']}"


def length(result):
    return f"{result['length'] / 1000:.1f}"


def table(title, results, mode, engines, cell):
    print(f"\n{title}\n")
    print("| graph (nodes) | " + " | ".join(engines) + " |")
    print("|---" * (len(engines) + 1) + "|")
    for name, graph in results.items():
        cells = [shown(graph[mode].get(engine), cell) for engine in engines]
        print(f"| {name} ({graph['nodes']}) | " + " | ".join(cells) + " |")


def shown(result, cell):
    if result is None:
        return "–"
    if result["failure"] == "time":
        return f">{result['seconds']:.0f} s"
    return result["failure"] or cell(result)


def findings(results, mode):
    finished = []
    for name, graph in results.items():
        ours = graph[mode]["ours"]
        peers = {e: r for e, r in graph[mode].items() if e != "ours" and not r["failure"]}
        if ours["failure"]:
            print(f"* {name}: ours failed: {ours['failure']}")
        else:
            finished.append((name, graph["chain"], ours, peers))
    crossings(finished)
    widths(finished)
    lengths(finished)
    for what in ("through", "overlaps", "labels", "struck"):
        bad = [f"{name} {ours[what]}" for name, _, ours, _ in finished if ours[what]]
        print(f"* {what}: {', '.join(bad) or '0 everywhere'}")
    speeds(results, mode)


def crossings(finished):
    total, total_best = 0, 0
    for name, _, ours, peers in finished:
        rivals = {e: r["crossings"] for e, r in peers.items() if e.startswith(("dot", "elk"))}
        if not rivals:
            print(f"* {name}: neither dot nor ELK finished")
            continue
        best = min(rivals, key=rivals.get)
        total += ours["crossings"]
        total_best += rivals[best]
        if ours["crossings"] > rivals[best]:
            own = f" ({ours['slots']} between slots of one box)" if ours["slots"] else ""
            print(f"* {name}: {ours['crossings']} crossings{own}, {best} {rivals[best]}")
    print(f"* crossings in total: {total}, the best of dot and ELK on each {total_best}")


def widths(finished):
    """Against peers whose lines keep off foreign boxes; narrow is easy otherwise."""
    for name, chain, ours, peers in finished:
        peers = {e: r for e, r in peers.items() if not r["through"] and not r["overlaps"]}
        best = min(peers, key=lambda e: peers[e]["width"], default=None)
        if best is None or chain < CHAIN:
            continue
        ratio = ours["width"] / max(peers[best]["width"], 1)
        if ratio > WIDTH_LIMIT:
            width = peers[best]["width"]
            print(
                f"* {name}: {ours['width']} px wide, {best} {width} ({ratio:.2f}; ranks per node {chain:.2f})"
            )


def lengths(finished):
    pairs = [
        (name, ours["length"], peers["dot"]["length"]) for name, _, ours, peers in finished if "dot" in peers
    ]
    if not pairs:
        return
    ratio = sum(p[1] for p in pairs) / sum(p[2] for p in pairs)
    longer = [f"{name} {ours / dot:.2f}" for name, ours, dot in pairs if ours > LENGTH_LIMIT * dot]
    print(f"* length in total: {ratio:.3f} of dot's on the {len(pairs)} graphs that it finished")
    print(f"* length above {LENGTH_LIMIT} of dot's: {', '.join(longer) or 'none'}")


def speeds(results, mode):
    """Wanted are the ratios to `dot`; where that was stopped, they are at least so much."""
    for name, graph in results.items():
        dot = graph[mode].get("dot")
        wanted = next((s for start, s in SPEED_UP.items() if name.startswith(start)), None)
        if wanted and dot and not graph[mode]["ours"]["failure"]:
            ratio = dot["seconds"] / max(graph[mode]["ours"]["seconds"], 1e-6)
            at_least = "at least " if dot["failure"] else ""
            print(f"* {name}: {at_least}{ratio:.1f} times less CPU than dot, wanted {wanted}")
