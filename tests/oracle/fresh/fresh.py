"""Fresh graphs through `modelgram run`, against onnxruntime.

    python3 tests/oracle/fresh/fresh.py BINARY --graphs 20000 --seed 7
    python3 tests/oracle/fresh/fresh.py BINARY --graphs 10000 --seed 7 --special

Draws graphs of 1 to 8 operators uniformly over the operators, versions and types that
onnxruntime's CPU provider has (found by trying), with random attributes, shapes and values;
`--special` with zeros, huge numbers, NaN, infinities, subnormals and the like. They are
made once for a seed, in the folder of `--corpus`, so that several programs can be held to
the same ones. What differs from onnxruntime is judged by onnx's reference evaluator
(judge.py) and by the table of what the definitions leave open (open_questions.py).
"""

import argparse
import collections
import json
import multiprocessing.pool
import os
import sys
import tempfile

import numpy as np

import corpus
import judge
from outcome import differs, grouped, run


def case(job):
    binary, place = job
    facts = json.load(open(os.path.join(place, "facts.json")))
    files = {k: os.path.join(place, v) for k, v in facts["inputs"].items()}
    outcome = run(binary, os.path.join(place, "model.onnx"), files, len(facts["outputs"]))
    complaint = None
    if outcome.kind == "verified":
        expected = np.load(os.path.join(place, "expected.npz"))
        for i, name in enumerate(facts["outputs"]):
            what = differs(outcome.outputs[i], expected[f"o{i}"])
            if what:
                complaint = f"`{name}`: {what}"
                break
    return place, facts["ops"], outcome.kind, outcome.reason, complaint


def show(title, groups, most):
    print(f"\n{title}")
    for reason, places in sorted(groups.items(), key=lambda g: -len(g[1]))[:most]:
        print(f"{len(places):6}  {reason}\n        e.g. {places[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--graphs", type=int, default=2000)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--special", action="store_true", help="special values")
    parser.add_argument("--corpus", default=os.path.join(tempfile.gettempdir(), "fresh-corpus"))
    parser.add_argument("--reasons", type=int, default=40, help="how many reasons are listed")
    parser.add_argument("--json", help="write every case's outcome into this file")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    places = corpus.make(os.path.abspath(args.corpus), args.seed, args.graphs, args.special)
    with multiprocessing.pool.ThreadPool(2) as pool:
        outcomes = list(pool.imap(case, [(binary, p) for p in places], chunksize=8))
    disputed = [(binary, o[0], o[4]) for o in outcomes if o[4]]
    verdicts = corpus.mapped(judge.judge, disputed)
    report(args, outcomes, disputed, verdicts)


def report(args, outcomes, disputed, verdicts):
    verdicts = [v or dict(verdict="wrong", op="?", detail=f"{d[2]}; the judge died") for v, d in zip(verdicts, disputed)]
    judged = {d[1]: v for d, v in zip(disputed, verdicts)}
    kinds = collections.Counter(o[2] for o in outcomes)
    by = collections.Counter(v["verdict"] for v in verdicts)
    total = len(outcomes)
    groups = {kind: collections.defaultdict(list) for kind in ("not verified", "error", "crash")}
    ops, good = collections.Counter(), collections.Counter()
    for place, names, kind, reason, _ in outcomes:
        if kind in groups:
            groups[kind][grouped(reason)].append(place)
        elif judged.get(place, {}).get("verdict") != "wrong":
            good.update(set(names))
        ops.update(set(names))
    for title, kind in (("Not verified, by reason", "not verified"), ("Errors, by reason", "error"), ("Crashes", "crash")):
        show(title, groups[kind], args.reasons)
    for title, verdict in (
        ("WRONG with exit 0", "wrong"),
        ("Judged: the reference evaluator agrees with us", "reference"),
        ("Judged: left open by the definition", "open"),
    ):
        print(f"\n{title}: {by[verdict]}")
        lines = sorted((v["op"], v["detail"], v.get("part", d[1])) for v, d in zip(verdicts, disputed) if v["verdict"] == verdict)
        for op, detail, place in lines[: 200 if verdict == "wrong" else 30]:
            print(f"  {op}: {detail}\n        {place}")
    never = sorted((n, op) for op, n in ops.items() if not good[op])
    print(f"\nIn no verified graph: {', '.join(f'{op} ({n})' for n, op in reversed(never))[:3000]}")
    print(f"\n{total} graphs that onnxruntime runs, seed {args.seed}{', special values' if args.special else ''}")
    print(f"  verified      {kinds['verified']:6}  {100 * kinds['verified'] / max(total, 1):.1f} %")
    print(
        f"    as onnxruntime {kinds['verified'] - len(disputed)}, rounding carried on {by['rounding']}, reference with us {by['reference']}, left open {by['open']}"
    )
    print(f"    WRONG       {by['wrong']:6}")
    print(f"  not verified  {kinds['not verified']:6}\n  errors        {kinds['error']:6}\n  crashes       {kinds['crash']:6}")
    if args.json:
        with open(args.json, "w") as file:
            json.dump({"cases": outcomes, "judged": judged}, file)
    sys.exit(by["wrong"] > 0)


if __name__ == "__main__":
    main()
