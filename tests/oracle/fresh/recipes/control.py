"""Control flow, sequences and optional values: small constructions that begin and end in tensors."""

import numpy as np
from onnx import helper
from draw import Macro, Refused, node, recipe
from values import BY_ONNX, NUMBER

NUMERIC = ["float32", "float32", "float64", "int64", "int32"]


def names(d, stem, count):
    return [f"{d.prefix}{stem}{i}" for i in range(count)]


def some_type(d, n):
    """A type for what goes through: one of those drawn for the operator's parameters."""
    for text in n.types.values():
        text = text.replace("seq(", "").replace("optional(", "").rstrip(")") + ")"
        if text in BY_ONNX and BY_ONNX[text] != "bool":
            return BY_ONNX[text]
    return d.pick(NUMERIC)


def info(name, dtype, shape=None):
    return helper.make_tensor_value_info(name, NUMBER[dtype], shape)


def step(d, source, target, dtype, others=()):
    """A node or two that make `target` of `source`, of the same type and shape."""
    unary = ["Identity"]
    if dtype in ("float32", "float64", "float16"):
        unary += ["Abs", "Neg", "Tanh", "Relu", "Sigmoid", "Floor"]
    elif dtype.startswith("int") and dtype not in ("int4",):
        unary += ["Abs", "Neg"]
    binary = ["Add", "Mul", "Sub"] if dtype in ("float32", "float64", "int32", "int64", "float16") else []
    if binary and others and d.chance(0.8):
        return [node(d.pick(binary), [source, d.pick(others)], [target])]
    if d.chance():
        return [node(d.pick(unary), [source], [target])]
    between = f"{target}_m"
    return [node(d.pick(unary), [source], [between]), node(d.pick(unary), [between], [target])]


@recipe("If")
def if_(d, n):
    dtype = some_type(d, n)
    x = d.take(dtype)
    y = d.take(dtype, x.shape)
    condition = d.const(d.chance(), "bool") if d.chance(0.7) else d.take("bool", ())
    a, b, out = f"{d.prefix}then", f"{d.prefix}else", f"{d.prefix}o0"
    then = helper.make_graph(step(d, x.name, a, dtype, [y.name]), "then", [], [info(a, dtype)])
    other = helper.make_graph(step(d, y.name, b, dtype, [x.name]), "else", [], [info(b, dtype)])
    return Macro([node("If", [condition], [out], {"then_branch": then, "else_branch": other})], [out], [condition, x, y])


@recipe("Loop")
def loop(d, n):
    dtype = some_type(d, n)
    x = d.take(dtype, high=3)
    y = d.take(dtype, x.shape)
    trips = d.const([d.int(0, 4)] if d.chance(0.3) else d.int(0, 4)) if d.chance(0.9) else None
    p = d.prefix
    go, i, c_in, c_out, v, v_out, s = (f"{p}{t}" for t in ("go", "i", "ci", "co", "v", "vo", "s"))
    body = step(d, v, v_out, dtype, [y.name, v])
    stops = trips is None or d.chance(0.3)
    nodes = []
    limit = None
    if stops:
        limit = d.new("int64", None, np.asarray(d.int(0, 3)), "init")
        body.append(node("Less", [i, limit], [c_out]))
    else:
        body.append(node("Identity", [c_in], [c_out]))
    scans = d.chance(0.6)
    if scans:
        body.append(node("Identity", [v_out if d.chance() else v], [s]))
    graph = helper.make_graph(
        body,
        "body",
        [info(i, "int64", []), info(c_in, "bool", []), info(v, dtype)],
        [info(c_out, "bool", []), info(v_out, dtype)] + ([info(s, dtype)] if scans else []),
    )
    condition = d.const(d.chance(0.9), "bool") if d.chance(0.6) else None
    outs = names(d, "o", 2 if scans else 1)
    inputs = [v for v in (trips, condition, x, y, limit) if v is not None]
    return Macro(nodes + [node("Loop", [trips, condition, x], outs, {"body": graph})], outs, inputs)


@recipe("Scan")
def scan(d, n):
    dtype = some_type(d, n)
    length = d.int(1, 4)
    shape = d.shape(0, 2)
    axis = d.int(0, len(shape)) if n.version >= 9 else 0
    whole = list(shape)
    whole.insert(axis, length)
    batch = (d.int(1, 2),) if n.version < 9 else ()
    xs, state = d.take(dtype, (*batch, *whole)), d.take(dtype, (*batch, *shape))
    p = d.prefix
    a, a_out, e, s = (f"{p}{t}" for t in ("a", "ao", "e", "s"))
    body = step(d, a, a_out, dtype, [e]) + step(d, e, s, dtype, [a, a_out])
    graph = helper.make_graph(
        body, "body", [info(a, dtype, shape), info(e, dtype, shape)], [info(a_out, dtype, shape), info(s, dtype, shape)]
    )
    attributes = {"body": graph, "num_scan_inputs": 1}
    if axis:
        attributes["scan_input_axes"] = [axis - len(whole) if n.version >= 11 and d.chance(0.3) else axis]
    if n.version < 9:
        outs = names(d, "o", 2)
        attributes |= d.optional({"directions": lambda: [d.int(0, 1)]})
        return Macro([node("Scan", ["", state, xs], outs, attributes)], outs, [state, xs])
    attributes |= d.optional({"scan_input_directions": lambda: [d.int(0, 1)], "scan_output_directions": lambda: [d.int(0, 1)]}, 0.4)
    if d.chance(0.3):
        attributes["scan_output_axes"] = [d.int(0, len(shape))]
    outs = names(d, "o", 2)
    return Macro([node("Scan", [state, xs], outs, attributes)], outs, [state, xs])


@recipe("SequenceMap")
def sequence_map(d, n):
    dtype = some_type(d, n)
    xs = [d.take(dtype, high=2) for _ in range(d.int(1, 3))]
    p = d.prefix
    e, o = f"{p}e", f"{p}eo"
    at = d.const(d.int(-len(xs), len(xs) - 1))
    inputs, more = [info(e, dtype)], []
    if d.chance(0.4) and dtype in NUMERIC:
        # A tensor that every step is given whole.
        more = [d.take(dtype, ())]
        inputs.append(info(f"{p}whole", dtype))
    graph = helper.make_graph(step(d, e, o, dtype, [i.name for i in inputs[1:]]), "body", inputs, [info(o, dtype)])
    return Macro(
        [
            node("SequenceConstruct", xs, [f"{p}q"]),
            node("SequenceMap", [f"{p}q", *more], [f"{p}m"], {"body": graph}),
            node("SequenceAt", [f"{p}m", at], [f"{p}o0"]),
        ],
        [f"{p}o0"],
        [*xs, at, *more],
    )


@recipe(
    "SequenceConstruct",
    "SequenceAt",
    "SequenceInsert",
    "SequenceErase",
    "SequenceLength",
    "ConcatFromSequence",
    "SequenceEmpty",
    "SplitToSequence",
)
def sequence(d, n):
    """Whatever the operator is, a sequence is made, changed, and left."""
    dtype = some_type(d, n)
    p, nodes, count = d.prefix, [], d.int(1, 3)
    x = d.take(dtype, low=1 if n.op == "SplitToSequence" else 0, high=3)
    inputs = [x]
    alike = True
    if n.op == "SplitToSequence":
        axis = d.axis(len(x.shape))
        size = x.shape[axis]
        attributes = {"axis": axis}
        kind = d.pick(["scalar", "list", "none"])
        if kind == "none":
            attributes |= d.optional({"keepdims": lambda: d.int(0, 1)})
            nodes.append(node("SplitToSequence", [x], [f"{p}q"], attributes))
            count = size
        else:
            cut = d.int(1, max(size, 1))
            split = d.const(cut if kind == "scalar" else [cut, size - cut])
            inputs.append(split)
            count = -(-size // cut) if kind == "scalar" else 2
            alike = False
            nodes.append(node("SplitToSequence", [x, split], [f"{p}q"], attributes))
    elif n.op == "SequenceEmpty" or (n.op == "SequenceInsert" and d.chance(0.3)):
        nodes += [
            node("SequenceEmpty", [], [f"{p}q0"], {"dtype": NUMBER[dtype]} if dtype != "float32" or d.chance() else {}),
            node("SequenceInsert", [f"{p}q0", x], [f"{p}q"]),
        ]
        count = 1
    else:
        xs = [x] + [d.take(dtype, x.shape) for _ in range(count - 1)]
        inputs = list(xs)
        nodes.append(node("SequenceConstruct", xs, [f"{p}q"]))
    q = f"{p}q"
    if n.op == "SequenceInsert":
        more = d.take(dtype, x.shape)
        at = d.const(d.int(-count, count)) if d.chance(0.7) else None
        inputs += [v for v in (more, at) if v is not None]
        nodes.append(node("SequenceInsert", [q, more, *([at] if at else [])], [f"{p}r"]))
        q, count = f"{p}r", count + 1
    if n.op == "SequenceErase":
        at = d.const(d.int(-count, count - 1)) if d.chance(0.7) else None
        inputs += [at] if at else []
        nodes.append(node("SequenceErase", [q, *([at] if at else [])], [f"{p}r"]))
        q, count = f"{p}r", count - 1
    out = f"{p}o0"
    end = d.pick(["SequenceAt", "ConcatFromSequence", "SequenceLength"])
    if n.op in ("SequenceAt", "ConcatFromSequence", "SequenceLength"):
        end = n.op
    if end == "SequenceLength" or count == 0:
        nodes.append(node("SequenceLength", [q], [out]))
    elif end == "ConcatFromSequence":
        rank = len(x.shape)
        new = d.int(0, 1) if alike or not rank else 0
        new = new or not rank
        nodes.append(
            node(end, [q], [out], {"axis": d.int(-rank - new, rank - 1 + new), **({"new_axis": int(new)} if new or d.chance() else {})})
        )
    else:
        at = d.const(d.int(-count, count - 1), d.pick(["int64", "int32"]))
        inputs.append(at)
        nodes.append(node("SequenceAt", [q, at], [out]))
    if not any(x.op_type == n.op for x in nodes):
        raise Refused("not drawn")
    return Macro(nodes, [out], inputs)


@recipe("Optional", "OptionalHasElement", "OptionalGetElement")
def optional(d, n):
    dtype = some_type(d, n)
    x = d.take(dtype)
    p = d.prefix
    make = node("Optional", [x], [f"{p}p"])
    op = n.op if n.op != "Optional" else d.pick(["OptionalHasElement", "OptionalGetElement"])
    if n.op != "Optional" and n.version >= 18 and d.chance(0.4):
        return Macro([node(op, [x], [f"{p}o0"])], [f"{p}o0"], [x])
    if op == "OptionalHasElement" and d.chance(0.3):
        kind = helper.make_tensor_type_proto(NUMBER[dtype], None)
        return Macro([node("Optional", [], [f"{p}p"], {"type": kind}), node(op, [f"{p}p"], [f"{p}o0"])], [f"{p}o0"], [])
    return Macro([make, node(op, [f"{p}p"], [f"{p}o0"])], [f"{p}o0"], [x])
