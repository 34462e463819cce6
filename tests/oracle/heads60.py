"""Classifier heads of many kinds through `modelgram head`, with onnx and onnxruntime.

    python3 tests/oracle/heads60.py BINARY [--only NAME]

Each kind (heads/plain.py, heads/special.py) gets 14 classes twice: with a new layer, and with
the old classes kept. What ends with exit code 0 must be right:

* `onnx.checker` accepts the file, and onnxruntime runs it;
* the output has 14 where it had 10, and every other size as before; rows of a softmax sum to 1;
* with `--keep`, the scores of the old classes are bit for bit the old ones (within a tolerance
  where they are quantised or summed);
* every other record of the file is byte for byte as before (see head.py);
* no layer is put on top of the old scores without a word, and no table of the old labels stays.

All else is to be refused, or to end with exit code 4 and a reason.
"""

import argparse
import collections
import os
import sys
import tempfile

import numpy as np
import onnx

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import head as whole  # noqa: E402
import heads.plain  # noqa: E402, F401
import heads.special  # noqa: E402, F401
from heads.build import CASES, OLD  # noqa: E402


def outputs_of(model, feeds, more=()):
    """What onnxruntime gives, with these inner values, too."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    known = {o.name for o in wide.graph.output}
    wide.graph.output.extend(onnx.helper.make_empty_tensor_value_info(n) for n in more if n not in known)
    session = whole.session(wide.SerializeToString())
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, feeds)))


def records(old, new):
    """What changed that is not the head's."""
    wrong, gone, came, tensors, tensors_new, types = whole.changes(old, new)
    behind = whole.on_the_way(new, tensors_new + [o for n in came for o in n.output])
    wrong += [f"node {n.name} came, and is not the head's" for n in came if not set(n.output) & behind]
    return wrong


def shape_complaint(case, before, after):
    """The output is as wide as was asked for, and else as it was."""
    old, new = before[case["out"]], after.get(case["out"])
    if new is None:
        return f"output {case['out']} is gone"
    if case["axis"] is None:
        return None
    wanted = list(old.shape)
    wanted[case["axis"]] = case["classes"]
    return None if list(new.shape) == wanted else f"shape {new.shape}, not {tuple(wanted)}"


def said(text):
    """It says that the new layer reads what may be the old scores."""
    return any(s in text.lower() for s in ("on top of", "old logits", "old scores", "no head", "recognised", "recognized", "warning:"))


def on_top(case, old, new, text):
    """A layer from the old scores to the new ones, of which nothing is said."""
    names = {w.name for w in old.graph.initializer}
    if case.get("features") == OLD:
        return None
    for w in new.graph.initializer:
        if sorted(w.dims) == sorted([OLD, case["classes"]]) and w.name not in names:
            if not said(text):
                return f"a second layer {list(w.dims)} on top of the old scores, without a word"
    return None


def kept_complaint(case, before, after):
    old, new = before[case["logits"]], after[case["out"]]
    kept = np.take(new, range(OLD), case["axis"])
    if kept.shape != old.shape:
        return f"kept scores have shape {kept.shape}, not {old.shape}"
    off = np.abs(kept.astype(np.float64) - old).max()
    if kept.tobytes() != old.tobytes() and not off <= case["tolerance"]:
        return f"kept scores differ by {off:.2g}"
    return None


def written(case, path, text, keep):
    """Complaints about a file that was written with exit code 0."""
    old, new = case["model"], onnx.load(path)
    found = records(old, new)
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:
        found.append(f"checker: {str(error)[:150]}")
    before = outputs_of(old, case["feeds"], [case["logits"]] if case["logits"] else [])
    try:
        after = outputs_of(new, case["feeds"])
    except Exception as error:
        return [*found, f"onnxruntime: {str(error)[:200]}"]
    if case["out"] not in after and said(text):
        return found
    found += [shape_complaint(case, before, after), on_top(case, old, new, text)]
    if case["complain"]:
        try:
            found.append(case["complain"](new, after, text))
        except KeyError as error:
            found.append(f"output {error} is gone")
    if not any(found):
        if keep and case["logits"] and case["classes"] > OLD:
            found.append(kept_complaint(case, before, after))
        if not keep and case["sums"]:
            sums = after[case["out"]].astype(np.float64).sum(case["axis"])
            if not np.allclose(sums, 1, atol=2e-3):
                found.append(f"rows sum to {sums.min():.3g}..{sums.max():.3g}")
    return [c for c in found if c]


def one(binary, case, folder, keep):
    """(right | refused | exit 4 | WRONG | crash, detail)."""
    source, target = os.path.join(folder, "old.onnx"), os.path.join(folder, f"new{int(keep)}.onnx")
    onnx.save(case["model"], source)
    outputs_of(case["model"], case["feeds"])
    args = [source, "--classes", str(case["classes"]), "-o", target]
    if keep and case["classes"] > OLD:
        args += ["--keep", "--activation", "none"]
    done = whole.run(binary, *args)
    text = done.stdout + done.stderr
    lines = (
        [l for l in done.stderr.splitlines() if l.strip()] or [l for l in done.stdout.splitlines() if "NOT" in l or "FAILS" in l] or [""]
    )
    if done.returncode < 0 or "panicked" in text:
        return "crash", lines[0]
    if done.returncode == 4:
        reasons = [l for l in text.splitlines() if "not verified" in l.lower()]
        return ("exit 4", reasons[0].strip()[:150]) if reasons else ("WRONG", f"exit code 4 without a reason: {lines[0]}")
    if done.returncode:
        if done.returncode == 2 and os.path.exists(target):
            return "WRONG", f"refused, and a file was written: {lines[0]}"
        return "refused", lines[0][:150]
    complaints = written(case, target, text, keep)
    return ("WRONG", "; ".join(complaints)) if complaints else ("right", "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--only", help="one kind")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    counts, kinds = collections.Counter(), collections.Counter()
    for name, make in CASES.items():
        if args.only and name != args.only:
            continue
        results = []
        with tempfile.TemporaryDirectory() as folder:
            for keep in (False, True):
                results.append(one(binary, make(), folder, keep))
        counts.update(word for word, _ in results)
        order = ["WRONG", "crash", "exit 4", "refused", "right"]
        kinds[min((word for word, _ in results), key=order.index)] += 1
        print(f"{name:28} {results[0][0]:8} kept: {results[1][0]}")
        for word, detail in dict.fromkeys(results):
            if detail:
                print(f"      {word}: {detail}")
    print(f"\n{sum(kinds.values())} kinds, by their worst: {dict(kinds)}; edits: {dict(counts)}")
    print(f"wrong with exit 0: {kinds['WRONG']} kinds, {counts['WRONG']} edits")
    sys.exit(counts["WRONG"] > 0)


if __name__ == "__main__":
    main()
