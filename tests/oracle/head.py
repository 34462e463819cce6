"""Holds `modelgram head` to what it promises, with onnx and onnxruntime.

    python3 tests/oracle/head.py BINARY FOLDER...

For each ONNX file of the folders that has a head: `head --classes 14 --activation softmax`
must give a file

* that `onnx.checker.check_model(full_check=True)` accepts (weights that are absent are
  left out of the check),
* in which everything but the head is byte for byte as before: every other node,
  initializer and declared type, inputs, opset imports, producer, documentation, metadata,
  functions, external data,
* that onnxruntime runs with batch 1 and, where the model allows it, 3, giving rows of 14
  probabilities,
* and with `--keep` logits of the old classes that are bit for bit those of the old model
  (to `--keep-tolerance` for files whose name has `quantized`).
"""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T

ort.set_default_logger_severity(4)


def load(path):
    return onnx.load(path, load_external_data=False)


def has_weights(path):
    model = load(path)
    folder = os.path.dirname(os.path.abspath(path))
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            location = {e.key: e.value for e in tensor.external_data}["location"]
            if not os.path.exists(os.path.join(folder, location)):
                return False
    return True


def changes(old, new):
    """What differs, as lists of names; and what must not differ, as complaints."""
    wrong = []
    for field in old.DESCRIPTOR.fields:
        if field.name in ("graph", "metadata_props", "functions"):
            continue
        if getattr(old, field.name) != getattr(new, field.name):
            wrong.append(f"{field.name} changed")
    kept = {p.key: p.value for p in new.metadata_props}
    for p in old.metadata_props:
        if kept.get(p.key) != p.value:
            wrong.append(f"metadata {p.key} changed")
    a, b = old.graph, new.graph
    for name in ("name", "doc_string", "metadata_props", "quantization_annotation", "input"):
        if name == "input" and old.ir_version < 4:
            continue
        before, after = getattr(a, name), getattr(b, name)
        if name == "quantization_annotation":
            before = [x for x in before if x in list(after)]
        if list(before) != list(after) if not isinstance(before, str) else before != after:
            wrong.append(f"graph.{name} changed")
    old_nodes = [n.SerializeToString() for n in a.node]
    new_nodes = [n.SerializeToString() for n in b.node]
    there, was = set(new_nodes), set(old_nodes)
    gone = [n for n, raw in zip(a.node, old_nodes) if raw not in there]
    came = [n for n, raw in zip(b.node, new_nodes) if raw not in was]
    order = [raw for raw in new_nodes if raw in was]
    if order != [raw for raw in old_nodes if raw in there]:
        wrong.append("the order of nodes changed")
    old_tensors = {t.name: t.SerializeToString() for t in a.initializer}
    new_tensors = {t.name: t.SerializeToString() for t in b.initializer}
    tensors = [n for n, raw in old_tensors.items() if new_tensors.get(n) != raw]
    tensors_new = [n for n, raw in new_tensors.items() if old_tensors.get(n) != raw]
    infos = {v.name: v.SerializeToString() for v in a.value_info}
    new_infos = {v.name: v.SerializeToString() for v in b.value_info}
    types = [n for n, raw in infos.items() if new_infos.get(n) != raw]
    defined = {o for n in b.node for o in n.output} | {i.name for i in b.input} | set(new_tensors)
    wrong += [f"{n} is declared and not there" for n in new_infos if n not in defined]
    return wrong, gone, came, tensors, tensors_new, types


def on_the_way(model, names):
    """Values that depend on these."""
    behind = set(names)
    for node in model.graph.node:
        inner = [i for a in node.attribute if a.HasField("g") for n in a.g.node for i in n.input]
        if any(i in behind for i in [*node.input, *inner]):
            behind.update(node.output)
    return behind


def example(session, batch, rng):
    feeds = {}
    for i in session.get_inputs():
        shape = []
        for n, dim in enumerate(i.shape):
            fixed = isinstance(dim, int) and dim > 0
            if n == 0 and fixed and dim != batch:
                return None
            shape.append(dim if fixed else (batch if n == 0 else 16))
        if "int64" in i.type or "int32" in i.type:
            feeds[i.name] = rng.integers(0, 2, shape).astype(np.int64 if "64" in i.type else np.int32)
        elif "bool" in i.type:
            feeds[i.name] = np.ones(shape, bool)
        elif "float16" in i.type:
            feeds[i.name] = rng.standard_normal(shape).astype(np.float16)
        else:
            feeds[i.name] = rng.standard_normal(shape).astype(np.float32)
    return feeds


def session(path):
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def run(binary, *args):
    return subprocess.run([binary, "head", *args], capture_output=True, text=True)


def check(binary, path, args):
    name = os.path.basename(path)
    complaints = []
    listed = run(binary, path, "--list").stdout
    if listed.startswith("no head"):
        return None
    at = []
    if "(unsure" in listed or listed.count("\n") > 1:
        output = load(path).graph.output[0].name
        at = ["--at", output]
    with tempfile.TemporaryDirectory() as folder:
        target = os.path.join(folder, "new.onnx")
        done = run(binary, path, "--classes", "14", "--activation", "softmax", "-o", target, *at)
        if done.returncode:
            return [f"refused: {done.stderr.strip()}"], {}
        old, new = load(path), load(target)
        wrong, gone, came, tensors, tensors_new, types = changes(old, new)
        complaints += wrong
        behind = on_the_way(new, tensors_new + [o for n in came for o in n.output])
        complaints += [f"node {n.name} came, and is not the head's" for n in came if not set(n.output) & behind]
        complaints += [f"type of {t} changed" for t in types if t not in behind and t in {o for n in new.graph.node for o in n.output}]
        for out_old, out_new in zip(old.graph.output, new.graph.output):
            if out_new.name not in behind and out_old.SerializeToString() != out_new.SerializeToString():
                complaints.append(f"output {out_old.name} changed")
        complete = has_weights(path)
        try:
            if complete:
                onnx.checker.check_model(target, full_check=True)
        except Exception as error:
            complaints.append(f"checker: {str(error)[:300]}")
        facts = dict(gone=len(gone), came=len(came), tensors=len(tensors), batches=[])
        if not complete:
            facts["batches"] = "no weights"
            return complaints, facts
        rng = np.random.default_rng(0)
        s = session(target)
        floats = (T.FLOAT, T.FLOAT16, T.DOUBLE)
        number = next(i for i, o in enumerate(new.graph.output) if o.name in behind and o.type.tensor_type.elem_type in floats)
        for batch in (1, 3):
            feeds = example(s, batch, rng)
            if feeds is None:
                continue
            try:
                result = s.run(None, feeds)[number]
            except Exception as error:
                if batch == 1:
                    complaints.append(f"run: {str(error)[:200]}")
                else:
                    try:
                        session(path).run(None, feeds)
                        complaints.append(f"batch 3 ran before: {str(error)[:200]}")
                    except Exception:
                        pass
                continue
            facts["batches"].append(batch)
            axes = [i for i, d in enumerate(result.shape) if d == 14]
            if not axes:
                complaints.append(f"shape {result.shape}")
                continue
            sums = result.astype(np.float64).sum(axis=1 if 1 in axes else axes[-1])
            if not np.allclose(sums, 1, atol=2e-3 if result.dtype == np.float16 else 1e-5):
                complaints.append(f"rows sum to {sums.min()}..{sums.max()}")
            if result.shape[0] != batch and len(s.get_outputs()) == 1:
                complaints.append(f"batch {result.shape[0]}")
        complaints += keep(binary, path, at, number, rng, facts, args)
    return complaints, facts


def keep(binary, path, at, number, rng, facts, args):
    """Logits of the old classes: of a copy without activation, before and after."""
    complaints = []
    with tempfile.TemporaryDirectory() as folder:
        plain, kept = os.path.join(folder, "plain.onnx"), os.path.join(folder, "kept.onnx")
        listed = run(binary, path, "--list").stdout
        classes = int(listed.split(": ")[1].split(" ")[0])
        for more, target in ((0, plain), (4, kept)):
            done = run(binary, path, "--classes", str(classes + more), "--keep", "--activation", "none", "-o", target, *at)
            if done.returncode:
                return [f"--keep refused: {done.stderr.strip()}"]
        # What the file gives as it is, where it gives logits.
        last = {o: n for n in load(path).graph.node for o in n.output}[load(path).graph.output[number].name]
        first = path if last.op_type not in ("Softmax", "LogSoftmax", "Sigmoid", "Log", "Head") else plain
        a, b = session(first), session(kept)
        feeds = example(a, 1, rng)
        x, y = a.run(None, feeds)[number], b.run(None, feeds)[number]
        axis = next((i for i in range(x.ndim) if x.shape[i] != y.shape[i]), None)
        if axis is None:
            return [f"--keep: shapes {x.shape} and {y.shape}"]
        y = np.take(y, range(classes), axis)
        facts["keep"] = "equal" if x.tobytes() == y.tobytes() else f"{np.abs(x.astype(np.float64) - y).max():.2g}"
        if facts["keep"] != "equal" and "quantized" not in path:
            complaints.append(f"--keep: logits differ by {facts['keep']}")
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("folders", nargs="+")
    args = parser.parse_args()
    args.binary = os.path.abspath(args.binary)
    bad = count = 0
    for folder in args.folders:
        for file in sorted(os.listdir(folder)):
            if not file.endswith(".onnx"):
                continue
            found = check(args.binary, os.path.join(folder, file), args)
            if found is None:
                print(f"{file:36} no head")
                continue
            complaints, facts = found
            count += 1
            bad += bool(complaints)
            print(f"{file:36} {'WRONG' if complaints else 'ok'}", facts)
            for complaint in complaints:
                print("    ", complaint)
    print(f"{count} heads, {bad} wrong")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
