"""onnx's backend suite through `modelgram run`.

    python3 tests/oracle/backend/suite.py BINARY [--unverified] [--json FILE]

Prints a table: of each category how many cases are verified and right, verified and WRONG
(there must be none), not verified, or cannot be run. With --unverified what has no
definition is left to tract.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import sys

from cases import all_cases
from runner import run, same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--unverified", action="store_true")
    parser.add_argument("--json")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)

    def one(case):
        outputs, code = run(binary, case.model, case.inputs, args.unverified)
        wrong = None
        if outputs is not None:
            wrong = same(outputs, case.outputs, case.rtol, max(case.atol, 1e-5))
            state = "wrong" if wrong else "right"
            if code == 4:
                state = "unverified " + state
        elif code == "input":
            state, wrong = "no such type", "an input"
        elif str(code).startswith("not verified"):
            state, wrong = "not verified", code
        else:
            state, wrong = "error", code
        return dict(name=case.name, kind=case.kind, state=state, why=wrong)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, all_cases()))
    table = collections.defaultdict(collections.Counter)
    for r in results:
        table[r["kind"]][r["state"]] += 1
        table["all"][r["state"]] += 1
        if r["state"] == "wrong":
            print("WRONG", r["name"], r["why"])
    states = sorted(table["all"])
    print(f"{'':18} {'n':>5} " + " ".join(f"{s:>16}" for s in states))
    for kind, counts in table.items():
        print(f"{kind:18} {sum(counts.values()):5} " + " ".join(f"{counts[s]:16}" for s in states))
    if args.json:
        json.dump(results, open(args.json, "w"))
    sys.exit(table["all"]["wrong"] > 0)


if __name__ == "__main__":
    main()
