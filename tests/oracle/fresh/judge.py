"""Disagreements: which operator they begin at, and what onnx's reference evaluator says of it.

A difference in the last place can be carried on by later operators until it is large (Floor, a
comparison, a difference of near numbers). So every inner value of the graph is asked for, and each
operator alone is held to onnxruntime on the numbers that we gave to it.
"""

import json
import os
import tempfile

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import open_questions
from engine import session
from outcome import differs, run
from values import BY_ONNX, EXOTIC, NUMBER


def reads(node):
    """What a node reads, by the graphs in it, too."""
    names = [i for i in node.input if i]
    for attribute in node.attribute:
        if attribute.HasField("g"):
            inside = {o for n in attribute.g.node for o in n.output} | {i.name for i in attribute.g.input}
            names += [i for n in attribute.g.node for i in reads(n) if i not in inside]
            names += [o.name for o in attribute.g.output if o.name not in inside]
    return names


def types_of(model):
    """The type of each inner value, as onnxruntime infers it; None for what NumPy cannot hold."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    del wide.graph.output[:]
    inner = [o for n in model.graph.node for o in n.output if o]
    wide.graph.output.extend(helper.make_empty_tensor_value_info(o) for o in inner)
    found = {o.name: BY_ONNX.get(o.type) for o in session(wide).get_outputs()}
    return {k: None if t in EXOTIC else t for k, t in found.items()}


def segments(nodes, types):
    """Groups of nodes that hang together by values that NumPy cannot hold."""
    group = list(range(len(nodes)))
    made = {o: i for i, n in enumerate(nodes) for o in n.output if o}
    for i, node in enumerate(nodes):
        for name in reads(node):
            if name in made and types.get(name) is None:
                old, new = group[i], group[made[name]]
                group = [new if g == old else g for g in group]
    return [[n for n, g in zip(nodes, group) if g == wanted] for wanted in dict.fromkeys(group)]


def part(model, nodes, known, types, weights):
    """A model of these nodes alone: what was an input stays one, what was a weight, too."""
    made = {o for n in nodes for o in n.output}
    outer = list(dict.fromkeys(i for n in nodes for i in reads(n) if i not in made))
    inputs, kept, feeds = [], [], {}
    for name in outer:
        if name in weights:
            kept.append(weights[name])
        else:
            array = known[name]
            kind = "string" if array.dtype.kind in "OU" else array.dtype.name
            inputs.append(helper.make_tensor_value_info(name, NUMBER[kind], array.shape))
            feeds[name] = array.astype(object) if kind == "string" else array
    ends = [o for n in nodes for o in n.output if o and types.get(o)]
    graph = helper.make_graph(nodes, "part", inputs, [helper.make_tensor_value_info(e, NUMBER[types[e]], None) for e in ends], kept)
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=max(model.ir_version, 4)), feeds, ends


def judge(job):
    """{verdict: wrong | rounding | reference | open, op, detail}; the part that is wrong is saved."""
    binary, place, complaint = job
    facts = json.load(open(os.path.join(place, "facts.json")))
    model = onnx.load(os.path.join(place, "model.onnx"))
    files = {k: os.path.join(place, v) for k, v in facts["inputs"].items()}
    constants = {n.output[0] for n in model.graph.node if n.op_type == "Constant"}
    weights = {w.name: w for w in model.graph.initializer}
    for n in model.graph.node:
        value = next((a for a in n.attribute if a.name == "value"), None)
        if n.op_type == "Constant" and value is not None:
            weights[n.output[0]] = onnx.TensorProto()
            weights[n.output[0]].CopyFrom(value.t)
            weights[n.output[0]].name = n.output[0]
    types = types_of(model)
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    del wide.graph.output[:]
    wanted = [o for n in model.graph.node for o in n.output if types.get(o) and types[o] != "string" and o not in constants]
    wide.graph.output.extend(helper.make_tensor_value_info(o, NUMBER[types[o]], None) for o in wanted)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wide.onnx")
        onnx.save(wide, path)
        ours = run(binary, path, files, len(wanted))
    if ours.kind != "verified":
        return dict(verdict="wrong", op="?", detail=f"{complaint}; with all values as outputs: {ours.kind} {ours.reason}")
    known = {name: np.load(file) for name, file in files.items()} | dict(zip(wanted, ours.outputs))
    nodes = [n for n in model.graph.node if n.output[0] not in weights]
    found = []
    for group in segments(nodes, types):
        answer = one_part(model, group, known, types, weights, place)
        if answer:
            found.append(answer)
    worst = next((f for f in found if f["verdict"] == "wrong"), found[0] if found else None)
    if worst:
        return worst
    plain = run(binary, os.path.join(place, "model.onnx"), files, len(facts["outputs"]))
    for name, value in zip(facts["outputs"], plain.outputs or []):
        if name in known and value is not None and differs(value, known[name]):
            return dict(
                verdict="wrong",
                op="plan",
                detail=f"`{name}` is another number when inner values are outputs: {differs(value, known[name])}",
            )
    return dict(verdict="rounding", op="", detail=complaint)


def one_part(model, group, known, types, weights, place):
    names = "+".join(f"{n.domain + ':' if n.domain else ''}{n.op_type}" for n in group)
    try:
        piece, feeds, ends = part(model, group, known, types, weights)
    except KeyError:
        return None
    ends = [e for e in ends if e in known]
    try:
        theirs = dict(zip([o.name for o in piece.graph.output], session(piece).run(None, feeds)))
    except Exception as error:
        return dict(verdict="wrong", op=names, detail=f"onnxruntime alone: {str(error)[:150]}")
    wrong = {e: w for e in ends if (w := differs(known[e], np.asarray(theirs[e])))}
    if not wrong:
        return None
    opset = {i.domain: i.version for i in model.opset_import}
    kinds = ",".join(str(known[i].dtype) if i in known else str(numpy_helper.to_array(weights[i]).dtype) for i in group[0].input if i)
    detail = f"opset {opset.get(group[0].domain, opset.get('', 0))} ({kinds}) {attributes(group[0])}: {next(iter(wrong.values()))}"
    answer = dict(verdict="wrong", op=names, detail=detail)
    reason = open_questions.left_open(
        group, {**feeds, **{k: numpy_helper.to_array(w) for k, w in weights.items()}}, known, theirs, list(wrong), model
    )
    if reason:
        return answer | dict(verdict="open", detail=f"{reason}; {detail}")
    try:
        with np.errstate(all="ignore"):
            reference = dict(zip([o.name for o in piece.graph.output], ReferenceEvaluator(piece).run(None, feeds)))
        # Some of the reference's operators give numbers of another width.
        reference = {e: np.asarray(reference[e]).astype(known[e].dtype) for e in wrong}
        if all(differs(known[e], reference[e]) is None for e in wrong):
            return answer | dict(verdict="reference")
        with_them = all(differs(reference[e], np.asarray(theirs[e])) is None for e in wrong)
        answer["detail"] += "; reference agrees with onnxruntime" if with_them else "; reference has a third opinion"
    except Exception as error:
        answer["detail"] += f"; reference: {type(error).__name__} {str(error)[:80]}"
    small = os.path.join(place, f"wrong-{plain(ends[0])}")
    save(piece, feeds, small)
    return answer | dict(part=small)


def plain(name):
    """A name as part of a file name."""
    return "".join(c if c.isalnum() or c in "_.-" else "_" for c in name)


def attributes(node):
    return " ".join(f"{a.name}={helper.get_attribute_value(a)}" for a in node.attribute if not a.HasField("g") and not a.HasField("t"))[
        :200
    ]


def save(piece, feeds, folder):
    """The smallest model that shows it, with its inputs."""
    os.makedirs(folder, exist_ok=True)
    onnx.save(piece, os.path.join(folder, "model.onnx"))
    for name, array in feeds.items():
        if array.dtype != object:
            np.save(os.path.join(folder, f"{plain(name)}.npy"), array)
