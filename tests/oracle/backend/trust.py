"""Makes `src/infer/trust.json`, and holds it to new cases.

    python3 tests/oracle/backend/trust.py BINARY --make [--variants 6000] [--seed 1]
    python3 tests/oracle/backend/trust.py BINARY --check [--variants 5000] [--seed 2]

--make runs onnx's backend cases, and random variants of those with one node against
onnxruntime, without the list; writes of each operator the versions, types and attributes
with which everything was right. --check draws other variants, and counts those that the
binary calls verified and that are wrong: there must be none.
"""

import argparse
import collections
import concurrent.futures
import itertools
import json
import multiprocessing
import os
import pickle
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx.reference import ReferenceEvaluator

import variants
from cases import all_cases
from runner import run, same

ort.set_default_logger_severity(4)
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
LIST = os.path.join(ROOT, "src", "infer", "trust.json")
SIZES = None


def sizes():
    text = open(os.path.join(ROOT, "src", "infer", "trust.rs")).read()
    inside = text.split("const SIZES: &[&str] = &[")[1].split("]")[0]
    return {w.strip().strip('"') for w in inside.split(",") if w.strip()}


def expected(model, arrays):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    s = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return s.run(None, dict(zip([i.name for i in s.get_inputs()], arrays)))


def agreed(model, arrays, outputs):
    """Of the newest versions, and where onnxruntime has its own ways: whether onnx's reference says the same."""
    if next(o.version for o in model.opset_import if o.domain == "") < 25 and model.graph.node[0].op_type not in ("Attention", "MeanVarianceNormalization"):
        return True
    names = [i.name for i in model.graph.input]
    return same(ReferenceEvaluator(model).run(None, dict(zip(names, arrays))), outputs, 1e-3, 1e-5) is None


CHUNK = 25


def chunk(seed, wanted, parts, path):
    """Valid variants with what onnxruntime gives, into a file; for no seed, each of `parts`."""
    rng = np.random.default_rng(seed)
    made, tries = [], 0
    while len(made) < wanted and (seed is not None or tries < len(parts)):
        kind = rng.random()
        tries += 1
        try:
            if seed is None:
                model, arrays = variants.single(**parts[tries - 1])
            elif kind < 0.15:
                model, arrays = variants.convolution(rng)
            elif kind < 0.45:
                model, arrays = variants.plain(rng)
            elif kind < 0.7:
                model, arrays = variants.usual(rng)
            else:
                model, arrays = variants.vary(rng, parts[int(rng.integers(len(parts)))])
            outputs = expected(model, arrays)
            fits = all(isinstance(o, np.ndarray) for o in outputs) and agreed(model, arrays, outputs)
        except Exception:
            continue
        if fits:
            made.append((model.SerializeToString(), arrays, outputs))
    with open(path, "wb") as out:
        pickle.dump(made, out)


def made(*args):
    """A chunk, made in a process of its own: onnxruntime breaks off on some."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "made")
        worker = multiprocessing.Process(target=chunk, args=(*args, path))
        worker.start()
        worker.join(60)
        if worker.is_alive():
            worker.kill()
        for raw, arrays, outputs in pickle.load(open(path, "rb")) if os.path.exists(path) else ():
            yield onnx.ModelProto.FromString(raw), arrays, outputs


def drawn(seed, wanted, parts):
    """Random variants."""
    done, number = 0, 0
    while done < wanted:
        for variant in made((seed, number), CHUNK, parts):
            done += 1
            yield variant
        number += 1


def table():
    """Types, versions and names of attributes, one by one."""
    grid = list(variants.grid())
    for i in range(0, len(grid), CHUNK):
        yield from made(None, CHUNK, grid[i : i + CHUNK])


def results(binary, cases, unverified):
    def one(case):
        name, model, inputs, outputs, rtol, atol = case
        found, code, features = run(binary, model, inputs, unverified)
        if found is None:
            return name, None, code, features, model
        return name, same(found, outputs, rtol, atol), code, features, model

    # Some at a time, so that not all are made before the first is run.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for part in itertools.batched(cases, 200) if hasattr(itertools, "batched") else batches(cases, 200):
            yield from pool.map(one, part)


def batches(items, n):
    items = iter(items)
    while part := list(itertools.islice(items, n)):
        yield part


def since(op, opset):
    domain, _, name = op.rpartition("::")
    versions = sorted({s.since_version for s in onnx.defs.get_all_schemas_with_history() if s.name == name and s.domain == domain})
    return versions


def sort(value):
    """Of a number, or some: whether one is less than zero, or none at all."""
    numbers = value["number"] if isinstance(value["number"], list) else [value["number"]]
    if None in numbers:
        return "infinite"
    return "negative" if any(n < 0 for n in numbers) else "number"


def words(f):
    """The features that may be taken off the list."""
    return {f"{name}=absent" for name in f["absent"]} | {f"types={f['types']}"} | {f"{k}={json.dumps(v)}" for k, v in f["attributes"].items() if not isinstance(v, dict)} | {f"{k}={sort(v)}" for k, v in f["attributes"].items() if isinstance(v, dict)}


# Close to the limit of what counts as right: some numbers are right, and others not quite.
# Windows of attention are not read, and are any number.
NEVER = {"STFT", "DFT", "Attention"}
ALL = ["f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool"]
# What was wrong in one type or for one value, and so is not trusted in any: remainders of zero
# have other signs; a Pad with a value forgets its mode; ends of 32 bits are cut; sums of 16 bits.
KNOWN = {
    "Mod": [[f"fmod={n}", f"types={t},{t}"] for n in ("0", "absent") for t in ("f16", "f32", "f64")],
    "Pad": [[f'mode="s:{m}"', f"types={t},{i},{t}"] for m in ("reflect", "edge", "wrap") for t in ALL for i in ("i64", "i32")],
    "Slice": [[f"types={t},i32,i32,i32,i32"] for t in ALL],
    "GroupNormalization": [["types=f16,f16,f16"]],
    "Mish": [["types=f16"]],
    "CumSum": [["types=f16,i64"], ["types=f16,i32"]],
    "Round": [['of a ratio="yes"']],
    "Resize": [*([f'keep_aspect_ratio_policy="s:{p}"'] for p in ("not_larger", "not_smaller")), ['nearest_mode="s:round_prefer_ceil"'],
               *([f"types={t}{rest}"] for t in ("i8", "i32", "u8") for rest in (",,,i64", ",,f32", ",f32,f32", ",f32,,i64"))],
    **{op: [['direction="s:reverse"']] for op in ("LSTM", "GRU", "RNN")},
    **{f"Reduce{k}": [["types=f16"], ["types=f16,i64"]] for k in ("Sum", "Mean", "L1", "L2", "Prod", "SumSquare", "LogSum", "LogSumExp")},
    **{op: [['same, wide="yes"'], ['same, holes="yes"'], ['up, holes="yes"']] for op in ("Conv", "ConvTranspose", "MaxPool", "AveragePool")},
}


def make(seen):
    """The list from (features, right) of nodes."""
    by_op = collections.defaultdict(list)
    for f, right in seen:
        by_op[f["op"]].append((f, right))
    table = {}
    for op, found in sorted(by_op.items()):
        if op in NEVER:
            continue
        names = {name for f, _ in found for name in f["attributes"]}
        for f, _ in found:
            f["absent"] = sorted(names - set(f["attributes"]))
        history = since(op, 0) or sorted({f["opset"] for f, _ in found})
        version = lambda f: max([v for v in history if v <= f["opset"]], default=history[0])
        right = [f for f, ok in found if ok]
        wrong = [f for f, ok in found if not ok]
        if not right:
            continue
        # Take off what wrong ones have, as little as it costs.
        banned, together = set(), list(KNOWN.get(op, []))
        verdict = lambda f: not (words(f) & banned) and f"version={version(f)}" not in banned
        while True:
            entry = listed(op, [f for f in right if verdict(f)], history, version)
            if entry is None:
                break
            left = [f for f in wrong if holds(entry, f, version) and not any(set(p) <= words(f) | {f"version={version(f)}"} for p in together)]
            if not left:
                break
            f = left[0]
            # Two features that no right one has together; else the one that costs least.
            own = sorted(w for w in words(f) if w.split("=")[0] not in SIZES)
            versioned = lambda g: words(g) | {f"version={version(g)}"}
            all_own = own + [f"version={version(f)}"]
            pairs = [set(p) for p in itertools.combinations(all_own, 2) if not any(set(p) <= versioned(g) for g in right)]
            if pairs:
                together.append(sorted(pairs[0]))
                continue
            options = own + [f"version={version(f)}"]
            cost = {w: sum(1 for g in right if verdict(g) and (w in words(g) or w == f"version={version(g)}")) for w in options}
            # What no right one has cannot be on the list, and taking it off changes nothing.
            cost = {w: n for w, n in cost.items() if n}
            if not cost:
                entry = None
                break
            banned.add(min(cost, key=cost.get))
        if entry and together:
            entry["wrong"] = together
        if entry:
            entry["pairs"] = right_together(entry, [f for f in right if verdict(f)], version)
        if banned or together:
            print(f"  {op}: {len(wrong)} wrong of {len(found)}, taken off: {', '.join(sorted(banned))[:200]}; together: {together}{'' if entry else '; nothing is left'}")
        if entry:
            table[op] = entry
    return table


def own_words(entry, f, version):
    """What the list says of a node in words: sizes are ranges, and no words."""
    f = f | {"absent": set(entry["attributes"]) - set(f["attributes"])}
    plain = {w for w in words(f) if w.split("=")[0] not in SIZES or w.endswith("=absent")}
    return plain | {f"version={version(f)}"}


def right_together(entry, right, version):
    """Which two words were right together: of each those behind it, by their place in the list."""
    sets = [own_words(entry, f, version) for f in right]
    names = sorted(set().union(*sets))
    at = {w: i for i, w in enumerate(names)}
    behind = [set() for _ in names]
    for own in sets:
        for a, b in itertools.combinations(sorted(own), 2):
            behind[at[a]].add(at[b])
    return {"words": names, "with": [sorted(b) for b in behind]}


def fit(entry, own):
    """Whether each two words of a node were right together."""
    names, behind = entry["pairs"]["words"], entry["pairs"]["with"]
    at = {w: i for i, w in enumerate(names)}
    if any(w not in at for w in own):
        return False
    return all(at[b] in behind[at[a]] for a, b in itertools.combinations(sorted(own), 2))


def blameless(table, several):
    """Of wrong results of several nodes those whose nodes are all on the list."""
    for *features, name in several:
        held = []
        for f in features:
            entry = table.get(f["op"])
            if entry is None:
                break
            history = [v for v, _ in entry["versions"]]
            version = lambda f: max([v for v in history if v <= f["opset"]], default=history[0])
            f["absent"] = sorted(set(entry["attributes"]) - set(f["attributes"]))
            own = words(f) | {f"version={version(f)}"}
            held.append(holds(entry, f, version) and not any(set(p) <= own for p in entry.get("wrong", [])) and fit(entry, own_words(entry, f, version)))
        else:
            if all(held):
                yield name, features


def listed(op, right, history, version):
    if not right:
        return None
    good = {version(f) for f in right}
    entry = {"versions": [[v, v in good] for v in history], "types": sorted({f["types"] for f in right}), "attributes": {}}
    names = {k for f in right for k in f["attributes"]}
    for name in sorted(names):
        values = [f["attributes"][name] for f in right if name in f["attributes"]]
        allowed = {}
        if len(values) < len(right):
            allowed["absent"] = True
        flat = [n for v in values for n in (v if isinstance(v, list) else [v])]
        if any(isinstance(v, dict) for v in values):
            # A number that was right says little of another; several do.
            for word in ("number", "negative"):
                texts = {json.dumps(v["number"], separators=(",", ":")) for v in values if sort(v) == word}
                if len(texts) >= 3 or op == "Constant":
                    allowed[word] = True
                elif texts:
                    allowed["values"] = sorted({*texts, *allowed.get("values", [])})
        elif name in SIZES and all(isinstance(n, int) for n in flat):
            allowed["range"] = [min(flat, default=0), max(flat, default=0)]
        else:
            allowed["values"] = sorted({json.dumps(v, separators=(",", ":")) for v in values})
        entry["attributes"][name] = allowed
    return entry


def holds(entry, f, version):
    if [version(f), True] not in entry["versions"] or f["types"] not in entry["types"]:
        return False
    for name, value in f["attributes"].items():
        allowed = entry["attributes"].get(name)
        if allowed is None:
            return False
        flat = value if isinstance(value, list) else [value]
        if isinstance(value, dict):
            text = json.dumps(value["number"], separators=(",", ":"))
            if not allowed.get(sort(value)) and text not in allowed.get("values", []):
                return False
        elif "range" in allowed:
            if not all(isinstance(n, int) and allowed["range"][0] <= n <= allowed["range"][1] for n in flat):
                return False
        elif json.dumps(value, separators=(",", ":")) not in allowed.get("values", []):
            return False
    return all(a.get("absent") or n in f["attributes"] for n, a in entry["attributes"].items())


def main():
    global SIZES
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--variants", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seen", help="a file that keeps what was seen; read in place of new runs if it is there")
    parser.add_argument("--wrong", help="a file for the models that were wrong, as JSON lines; read first if it is there")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    SIZES = sizes()
    cases = list(all_cases())
    single = [c for c in cases if len(c.model.graph.node) == 1 and c.kind not in ("light", "expanded")]
    several = [c for c in cases if len(c.model.graph.node) > 1]
    parts = [p for p in map(variants.decode, single) if p]
    print(f"{len(single)} cases of one node, {len(parts)} to vary", flush=True)
    random = ((f"variant {i}", *rest, 1e-3, 1e-5) for i, rest in enumerate(drawn(args.seed, args.variants, parts)))
    grid = ((f"grid {i}", *rest, 1e-3, 1e-5) for i, rest in enumerate(table()))
    counts = collections.Counter()
    if args.make:
        seen, bad = [], collections.Counter()
        stored = [(c.name, c.model, c.inputs, c.outputs, c.rtol, max(c.atol, 1e-5)) for c in (*single, *several)]
        known = args.seen and os.path.exists(args.seen)
        if known:
            seen = json.load(open(args.seen))
        for work in () if known else (stored, grid, random):
            for name, wrong, code, features, model in results(binary, work, True):
                if not features or (wrong is None and not isinstance(code, int)):
                    counts["failed"] += 1
                    continue
                counts["wrong" if wrong else "right"] += 1
                # Which of several nodes made a wrong result is not known.
                if wrong and len(features) > 1:
                    seen.append(([*features, f"{name}: {wrong}"], False))
                    continue
                if wrong:
                    bad[features[0]["op"]] += 1
                seen += [(f, not wrong) for f in features]
        previous = args.wrong and os.path.exists(args.wrong)
        if previous:
            seen += [(json.loads(line), False) for line in open(args.wrong)]
        if args.seen:
            json.dump(seen, open(args.seen, "w"))
        trusted = make([(f, right) for f, right in seen if isinstance(f, dict)])
        for name, features in blameless(trusted, [f for f, _ in seen if isinstance(f, list)]):
            print("WRONG, and all on the list:", name, [(f["op"], f["types"], f["attributes"]) for f in features])
        with open(LIST, "w") as out:
            lines = [f"{json.dumps(op)}:{json.dumps(entry, separators=(',', ':'))}" for op, entry in trusted.items()]
            out.write("{\n" + ",\n".join(lines) + "\n}\n")
        print(dict(counts), f"{len(trusted)} operators", "wrong:", dict(bad))
        return
    for name, wrong, code, features, model in results(binary, random, False):
        verified = code == 0
        state = ("WRONG" if wrong else "right") if verified else ("not verified" if str(code).startswith("not verified") else "error")
        counts[state] += 1
        if state == "WRONG":
            print("WRONG", wrong, features)
            if args.wrong and features:
                open(args.wrong, "a").write(json.dumps(features[0]) + "\n")
    print(dict(counts))
    sys.exit(counts["WRONG"] > 0)


if __name__ == "__main__":
    main()
