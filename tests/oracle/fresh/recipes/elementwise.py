"""Elementwise operators, reductions, and what runs along an axis."""

import numpy as np
from values import FLOATS, NUMBER
from draw import recipe

UNARY = """Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Identity IsNaN Log Neg Not Reciprocal
Relu Round Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Tan Tanh BitwiseNot HardSwish Mish NonZero Size""".split()


@recipe(*UNARY)
def unary(d, n):
    return [d.take(n.dtype(0))], {}


@recipe("Celu", "Elu", "HardSigmoid", "LeakyRelu", "Selu", "Shrink", "Swish", "ThresholdedRelu", "Gelu", "IsInf")
def unary_with_attributes(d, n):
    x = d.take(n.dtype(0))
    choices = dict(
        alpha=d.float,
        beta=d.float,
        gamma=d.float,
        bias=d.float,
        lambd=lambda: abs(d.float()),
        approximate=lambda: d.pick(["none", "tanh"]),
        detect_negative=lambda: d.int(0, 1),
        detect_positive=lambda: d.int(0, 1),
    )
    known = {k: v for k, v in choices.items() if n.has(k)}
    attributes = d.optional(known, 0.6)
    if n.op == "Celu" and attributes.get("alpha") == 0:
        del attributes["alpha"]
    return [x], attributes


@recipe(
    "Add",
    "Sub",
    "Mul",
    "Div",
    "And",
    "Or",
    "Xor",
    "Equal",
    "Greater",
    "Less",
    "GreaterOrEqual",
    "LessOrEqual",
    "BitwiseAnd",
    "BitwiseOr",
    "BitwiseXor",
    "Pow",
    "Mod",
    "BitShift",
    "SwiGLU",
)
def binary(d, n):
    a = d.take(n.dtype(0))
    shape = a.shape if n.op == "SwiGLU" or d.chance(0.3) else d.to_broadcast(a.shape)
    b = d.take(n.dtype(1), shape)
    if n.op in ("Div", "Mod") and n.dtype(1) not in FLOATS and d.chance(0.9):
        array = np.where(b.array == 0, np.asarray(3, b.array.dtype), b.array)
        b = d.new(n.dtype(1), None, array)
    if n.op == "Pow" and d.chance(0.5):
        b = d.new(n.dtype(1), None, np.asarray(d.pick([0, 1, 2, 3] + ([0.5, -1, -2] if n.dtype(1) in FLOATS else [])), b.array.dtype))
    if n.op == "BitShift":
        b = d.new(n.dtype(1), None, np.asarray(d.rng.integers(0, 8, b.shape), b.array.dtype))
    attributes = {}
    if n.op == "BitShift":
        attributes["direction"] = d.pick(["LEFT", "RIGHT"])
    if n.op == "Mod":
        attributes = {"fmod": 1} if n.dtype(0) in FLOATS else d.optional({"fmod": lambda: d.int(0, 1)})
    if n.has("alpha"):
        attributes = d.optional({"alpha": d.float})
    inputs = [a, b]
    if n.op not in ("Pow", "Mod", "BitShift", "SwiGLU") and d.chance(0.3):
        inputs = [b, a]
    return inputs, attributes


@recipe("PRelu")
def prelu(d, n):
    x = d.take(n.dtype(0))
    return [x, d.take(n.dtype(1), d.down_to(x.shape))], {}


@recipe("Max", "Min", "Mean", "Sum")
def variadic(d, n):
    a = d.take(n.dtype(0))
    inputs = [a]
    for _ in range(d.int(0, 3)):
        inputs.append(d.take(n.dtype(0), d.down_to(a.shape) if d.chance(0.5) else a.shape))
    if d.chance(0.3):
        inputs.reverse()
    return inputs, {}


@recipe("Where")
def where(d, n):
    x = d.take(n.dtype(1))
    return [d.take("bool", d.to_broadcast(x.shape) if d.chance(0.3) else d.down_to(x.shape)), x, d.take(n.dtype(2), d.down_to(x.shape))], {}


@recipe("Clip")
def clip(d, n):
    x = d.take(n.dtype(0))
    low, high = d.pick([(-1, 1), (0, 6), (0, 1), (-2.5, 0.5), (1, 3)])
    if n.has("min"):
        return [x], d.optional({"min": float(low), "max": float(high)}, 0.7)
    if x.array.dtype.kind == "u":
        low = max(low, 0)
    inputs = [x, d.const(low, n.dtype(0)) if d.chance(0.7) else None, d.const(high, n.dtype(0)) if d.chance(0.7) else None]
    while inputs[-1] is None:
        inputs.pop()
    return inputs, {}


@recipe("Cast", "BitCast")
def cast(d, n):
    return [d.take(n.dtype(0))], {"to": NUMBER[n.out()], **({"saturate": d.int(0, 1)} if n.has("saturate") and d.chance(0.2) else {})}


@recipe("CastLike")
def cast_like(d, n):
    return [d.take(n.dtype(0)), d.take(n.dtype(1))], {}


@recipe("Shape")
def shape(d, n):
    x = d.take(n.dtype(0))
    return [x], d.optional({"start": lambda: d.int(-5, 5), "end": lambda: d.int(-5, 5)}) if n.has("start") else {}


REDUCE = "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare".split()


@recipe(*REDUCE)
def reduce(d, n):
    x = d.take(n.dtype(0))
    axes = d.axes(len(x.shape))
    attributes = d.optional({"keepdims": lambda: d.int(0, 1)})
    if n.has("axes"):
        return [x], {**attributes, **({"axes": axes} if axes and d.chance(0.8) else {})}
    attributes |= d.optional({"noop_with_empty_axes": lambda: d.int(0, 1)}, 0.4)
    if d.chance(0.2):
        return [x], attributes
    return [x, d.const([] if d.chance(0.1) else axes)], attributes


@recipe("ArgMax", "ArgMin")
def arg(d, n):
    x = d.take(n.dtype(0), low=1)
    attributes = d.optional({"axis": lambda: d.axis(len(x.shape)), "keepdims": lambda: d.int(0, 1)}, 0.7)
    if n.has("select_last_index"):
        attributes |= d.optional({"select_last_index": lambda: d.int(0, 1)}, 0.3)
    return [x], attributes


@recipe("Softmax", "LogSoftmax", "Hardmax")
def softmax(d, n):
    x = d.take(n.dtype(0), low=1)
    return [x], d.optional({"axis": lambda: d.axis(len(x.shape))}, 0.7)


@recipe("LpNormalization")
def lp_normalization(d, n):
    x = d.take(n.dtype(0), low=1)
    return [x], d.optional({"axis": lambda: d.axis(len(x.shape)), "p": lambda: d.int(1, 2)}, 0.6)


@recipe("MeanVarianceNormalization")
def mean_variance(d, n):
    x = d.take(n.dtype(0), low=2)
    return [x], {"axes": d.axes(len(x.shape))} if len(x.shape) != 4 or d.chance(0.6) else {}


@recipe("CumSum", "CumProd")
def cumulative(d, n):
    x = d.take(n.dtype(0), low=1)
    return [x, d.const(d.axis(len(x.shape)), n.dtype(1))], d.optional({"exclusive": lambda: d.int(0, 1), "reverse": lambda: d.int(0, 1)})


@recipe("TopK")
def top_k(d, n):
    x = d.take(n.dtype(0), low=1, make=lambda: d.full(1, 4))
    axis = d.axis(len(x.shape))
    attributes = {"axis": axis} if d.chance(0.7) else {}
    k = d.int(0 if d.chance(0.1) else 1, x.shape[attributes.get("axis", -1)])
    if n.has("k"):
        return [x], {**attributes, "k": k}, 2
    if n.has("largest"):
        attributes |= d.optional({"largest": lambda: d.int(0, 1), "sorted": 1})
    return [x, d.const([k])], attributes, 2


@recipe("Trilu")
def trilu(d, n):
    x = d.take(n.dtype(0), low=2)
    inputs = [x, d.const(d.int(-5, 5))] if d.chance(0.6) else [x]
    return inputs, d.optional({"upper": lambda: d.int(0, 1)})


@recipe("Unique")
def unique(d, n):
    x = d.take(n.dtype(0), low=1)
    return [x], d.optional({"axis": lambda: d.axis(len(x.shape)), "sorted": 1}, 0.4), d.int(1, 4)


@recipe("Det")
def det(d, n):
    return [d.take(n.dtype(0), low=2, fits=lambda s: s[-1] == s[-2] and s[-1], make=lambda: d.full(0, 2) + (k := d.int(1, 4), k))], {}


@recipe("Dropout")
def dropout(d, n):
    x = d.take(n.dtype(0))
    if n.has("ratio"):
        return [x], d.optional({"ratio": 0.3}), 1 if n.version < 10 else d.int(1, 2)
    inputs = [x]
    if d.chance(0.6):
        inputs.append(d.const(d.pick([0.0, 0.5]), n.dtype(1)))
        if d.chance(0.4):
            inputs.append(d.const(False, "bool"))
    return inputs, d.optional({"seed": 3}, 0.2), d.int(1, 2)


@recipe("QuantizeLinear", "DequantizeLinear")
def quantize(d, n):
    down = n.op == "QuantizeLinear"
    x = d.take(n.dtype(0), make=lambda: d.full(0, 4))
    rank = len(x.shape)
    attributes, mode = {}, d.pick(["tensor", "tensor", "axis", "block"])
    axis = d.axis(rank) if rank else 0
    shape = ()
    if not down and n.has("output_dtype"):
        attributes |= d.optional({"output_dtype": NUMBER[n.out()]}, 0.3)
    if down and n.has("saturate") and n.out().startswith("float8"):
        attributes |= d.optional({"saturate": lambda: d.int(0, 1)}, 0.3)
    if mode == "axis" and n.has("axis") and rank:
        shape = (x.shape[axis],)
        attributes["axis"] = axis
    elif mode == "block" and n.has("block_size") and rank:
        block = d.int(1, 3)
        shape = tuple(-(-s // block) if i == axis % rank else s for i, s in enumerate(x.shape))
        attributes |= {"axis": axis, "block_size": block}
    scale_type = n.dtype(1)
    scale = d.new(
        scale_type,
        None,
        np.asarray(np.abs(d.rng.normal(size=shape)) * d.pick([0.05, 0.1, 1]) + 0.01, np.float16 if scale_type == "float16" else np.float32),
    )
    other = n.out() if down else n.dtype(0)
    inputs = [x, scale]
    if d.chance(0.75) or (down and other != "uint8" and not n.has("output_dtype")):
        low, high = (0, 15) if other.startswith("u") else (-7, 7)
        zero = d.rng.integers(low, high, shape, endpoint=True)
        if other == "int32" or other.startswith("float8"):
            zero = np.zeros(shape)
        inputs.append(d.const(zero, other))
    elif down and n.has("output_dtype"):
        attributes["output_dtype"] = NUMBER[other]
    return inputs, attributes


@recipe("DynamicQuantizeLinear")
def dynamic_quantize(d, n):
    return [d.take("float32", fits=lambda s: 0 not in s)], {}, 3


@recipe("BlackmanWindow", "HammingWindow", "HannWindow")
def window(d, n):
    return [d.const(d.int(0 if d.chance(0.1) else 1, 12), n.dtype(0))], d.optional(
        {"periodic": lambda: d.int(0, 1), "output_datatype": NUMBER[n.out()]}
    ) | {"output_datatype": NUMBER[n.out()]}


@recipe("Constant")
def constant(d, n):
    from values import data, tensor

    dtype = n.out()
    shape = d.shape()
    kind = d.pick(["value", "value"] + [a for a in n.schema.attributes if a.startswith("value_")])
    if kind == "value":
        return [], {"value": tensor(data(d.rng, dtype, shape, d.special), dtype, "c")}
    made = {
        "value_float": d.float,
        "value_int": lambda: d.int(-9, 2**40),
        "value_floats": lambda: [d.float(), d.float()],
        "value_ints": lambda: [3, -2, 2**40],
        "value_string": lambda: "word",
        "value_strings": lambda: ["a", "b"],
    }
    return [], {kind: made[kind]()}


@recipe("ConstantOfShape")
def constant_of_shape(d, n):
    from values import data, tensor

    dtype = n.out()
    value = {"value": tensor(data(d.rng, dtype, (1,), d.special), dtype, "c")} if dtype != "float32" or d.chance(0.7) else {}
    return [d.const(list(d.shape()))], value


@recipe("EyeLike")
def eye_like(d, n):
    x = d.take(n.dtype(0), low=2, high=2, make=lambda: d.shape(2, 2))
    return [x], d.optional({"k": lambda: d.int(-3, 3)}) | ({"dtype": NUMBER[n.out()]} if n.out() != n.dtype(0) or d.chance(0.3) else {})


@recipe("Range")
def range_(d, n):
    dtype = n.dtype(0)
    start, step, count = d.int(-5, 5), d.pick([1, 1, 2, 3, -1, -2]), d.int(0, 8)
    if dtype in FLOATS:
        step = step / 2
    return [
        d.const(start, dtype),
        d.const(start + step * count + (d.pick([0, 0.2]) if dtype in FLOATS else 0), dtype),
        d.const(step, dtype),
    ], {}


@recipe("MelWeightMatrix")
def mel(d, n):
    dtype = n.dtype(0)
    bins, length, rate = d.int(1, 6), d.int(8, 24), d.pick([16, 100, 8000])
    return [
        d.const(bins, dtype),
        d.const(length, dtype),
        d.const(rate, dtype),
        d.const(d.pick([0.0, rate / 16]), n.dtype(3)),
        d.const(rate / 2, n.dtype(4)),
    ], d.optional({"output_datatype": 1})
