"""Matrix products and convolutions, in numbers and quantised."""

import numpy as np
from draw import Refused, recipe


def matrices(d, first, dtype_b):
    """Shapes of a product: the first is there or new; ranks 1 to 4, batches broadcast."""
    shape = first.shape
    k = shape[-1]
    if d.chance(0.1):
        return (k,)
    batch = d.down_to(shape[:-2]) if len(shape) > 2 and d.chance(0.6) else ()
    if len(shape) == 2 and d.chance(0.2):
        batch = (d.int(1, 3),)
    return (*batch, k, d.size())


@recipe("MatMul")
def matmul(d, n):
    a = d.take(n.dtype(0), low=1, high=4)
    return [a, d.take(n.dtype(0), matrices(d, a, n.dtype(0)))], {}


@recipe("Gemm")
def gemm(d, n):
    a = d.take(n.dtype(0), low=2, high=2)
    attributes = d.optional({"transA": lambda: d.int(0, 1), "transB": lambda: d.int(0, 1), "alpha": d.float, "beta": d.float})
    m, k = a.shape[::-1] if attributes.get("transA") else a.shape
    width = d.size()
    b = d.take(n.dtype(0), (width, k) if attributes.get("transB") else (k, width))
    inputs = [a, b]
    if n.version < 11 or d.chance(0.7):
        inputs.append(d.take(n.dtype(0), d.pick([(m, width), (width,), (1, width), (m, 1), (1, 1), (1,), ()])))
    return inputs, attributes


@recipe("Einsum")
def einsum(d, n):
    sizes = {c: d.int(1, 4) for c in "ijklb"}
    text = d.pick(
        [
            "ij,jk->ik",
            "ij,kj->ik",
            "bij,bjk->bik",
            "ij->ji",
            "ii->i",
            "ij->",
            "ij->i",
            "i,j->ij",
            "ij,ij->",
            "bij,bjk,bkl->bil",
            "...ij,...jk->...ik",
            "ij,jk",
            "b i j -> b j i",
            "bijk,bikl->bijl",
        ]
    )
    left = text.split("->")[0].replace(" ", "")
    extra = d.full(0, 2)
    inputs = []
    for term in left.split(","):
        shape = (extra if "..." in term else ()) + tuple(sizes[c] for c in term if c != ".")
        inputs.append(d.take(n.dtype(0), shape))
    return inputs, {"equation": text}


def zero_point(d, dtype, shape=()):
    return d.const(d.rng.integers(0 if dtype.startswith("u") else -4, 6, shape), dtype)


def scale(d, shape=(), dtype="float32"):
    return d.const(np.abs(d.rng.normal(size=shape)) * 0.1 + 0.01, dtype)


@recipe("MatMulInteger")
def matmul_integer(d, n):
    a = d.take(n.dtype(0), low=1, high=4)
    b = d.take(n.dtype(1), matrices(d, a, n.dtype(1)))
    inputs = [a, b]
    if d.chance(0.6):
        inputs.append(zero_point(d, n.dtype(0)))
        if d.chance(0.7):
            inputs.append(zero_point(d, n.dtype(1), (b.shape[-1],) if d.chance(0.3) and len(b.shape) > 1 else ()))
    return inputs, {}


@recipe("QLinearMatMul")
def qlinear_matmul(d, n):
    a = d.take(n.dtype(0), low=2, high=4)
    names = [i.name for i in n.schema.inputs]
    b = d.take(n.dtype(names.index("b")), (*a.shape[:-2], a.shape[-1], d.int(1, 4)))
    per = (b.shape[-1],) if len(b.shape) == 2 and d.chance(0.2) else ()
    of = lambda name: n.dtype(names.index(name))
    return [
        a,
        scale(d, (), of("a_scale")),
        zero_point(d, of("a_zero_point")),
        b,
        scale(d, per, of("b_scale")),
        zero_point(d, of("b_zero_point"), per),
        scale(d, (), of("y_scale")),
        zero_point(d, of("y_zero_point")),
    ], {}


def window(d, x, kernel, deep=True):
    """strides, pads, dilations, auto_pad of a window that fits into the spatial sizes of x."""
    spatial = x.shape[2:]
    attributes = {}
    dilations = [1] * len(kernel)
    if deep and d.chance(0.3):
        dilations = [d.int(1, 2) for _ in kernel]
        attributes["dilations"] = dilations
    if d.chance(0.6):
        attributes["strides"] = [d.int(1, 3) for _ in kernel]
    way = d.pick(["none", "none", "pads", "pads", "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"])
    if way == "pads":
        attributes["pads"] = [d.int(0, max(0, min(2, k - 1))) for k in list(kernel) * 2]
    elif way != "none":
        attributes["auto_pad"] = way
        if way.startswith("SAME"):
            return attributes
    pads = attributes.get("pads", [0] * 2 * len(kernel))
    for i, s in enumerate(spatial):
        if s + pads[i] + pads[i + len(kernel)] < dilations[i] * (kernel[i] - 1) + 1:
            raise Refused("window")
    return attributes


def image(d, dtype, channels=None):
    """An input of a convolution: N, C and 1 to 3 spatial axes."""
    fits = lambda s: 0 not in s and (channels is None or s[1] % channels == 0)
    return d.take(
        dtype,
        low=3,
        high=5,
        fits=fits,
        make=lambda: (d.int(1, 2), (channels or 1) * d.int(1, 3), *(d.int(1, 7) for _ in range(d.pick([1, 2, 2, 2, 3])))),
    )


@recipe("Conv", "ConvInteger", "QLinearConv", "ConvTranspose")
def conv(d, n):
    quantised = n.op == "QLinearConv"
    group = d.pick([1, 1, 1, 2, 3])
    x = image(d, n.dtype(0), group)
    kernel = [d.int(1, min(3, s + 1)) for s in x.shape[2:]]
    out = d.int(1, 3)
    attributes = window(d, x, kernel)
    if n.op == "ConvTranspose":
        shape = (x.shape[1], out, *kernel)
        if attributes.get("auto_pad") == "NOTSET" and d.chance(0.5):
            del attributes["auto_pad"]
        strides = attributes.get("strides", [1] * len(kernel))
        if d.chance(0.3):
            attributes["output_padding"] = [d.int(0, s - 1) for s in strides]
        if "pads" in attributes:
            attributes["pads"] = [min(p, 1) for p in attributes["pads"]]
        if "pads" not in attributes and d.chance(0.15):
            attributes["output_shape"] = [s * t for s, t in zip(x.shape[2:], strides)]
    else:
        shape = (out * group, x.shape[1] // group, *kernel)
    if d.chance(0.6):
        attributes["kernel_shape"] = kernel
    if group != 1 or d.chance(0.2):
        attributes["group"] = group
    filters = out * group
    if quantised:
        w = d.take(n.dtype(3), shape)
        per = (filters,) if d.chance(0.4) else ()
        inputs = [
            x,
            scale(d),
            zero_point(d, n.dtype(0)),
            w,
            scale(d, per),
            d.const(np.zeros(per) if per else d.int(0, 3), n.dtype(3)),
            scale(d),
            zero_point(d, n.out()),
        ]
        if d.chance(0.6):
            inputs.append(d.const(d.rng.integers(-200, 200, filters), "int32"))
        return inputs, attributes
    w = d.take(n.dtype(1) if n.op == "ConvInteger" else n.dtype(0), shape)
    inputs = [x, w]
    if n.op == "ConvInteger":
        if d.chance(0.6):
            inputs.append(zero_point(d, n.dtype(0)))
            if d.chance(0.6):
                inputs.append(zero_point(d, n.dtype(1)))
    elif d.chance(0.6):
        inputs.append(d.take(n.dtype(0), (filters,)))
    return inputs, attributes


@recipe("DeformConv")
def deform_conv(d, n):
    group, offset_group = d.pick([1, 1, 2]), d.pick([1, 1, 2])
    x = d.take(n.dtype(0), (d.int(1, 2), 2 * d.int(1, 2), d.int(3, 5), d.int(3, 5)))
    kernel = [d.int(1, 3), d.int(1, 3)]
    w = d.take(n.dtype(0), (group * d.int(1, 2), x.shape[1] // group, *kernel))
    strides = [d.int(1, 2), d.int(1, 2)]
    pads = [d.int(0, 1) for _ in range(4)]
    dilations = [d.int(1, 2) if x.shape[2 + i] > 2 * (kernel[i] - 1) else 1 for i in range(2)]
    spans = [dilations[i] * (kernel[i] - 1) + 1 for i in range(2)]
    out = [(x.shape[2 + i] + pads[i] + pads[2 + i] - spans[i]) // strides[i] + 1 for i in range(2)]
    offset = d.take(n.dtype(0), (x.shape[0], offset_group * 2 * kernel[0] * kernel[1], *out))
    inputs = [x, w, offset]
    if d.chance():
        inputs.append(d.take(n.dtype(0), (w.shape[0],)) if d.chance() else None)
        if d.chance() or inputs[-1] is None:
            inputs.append(d.take(n.dtype(0), (x.shape[0], offset_group * kernel[0] * kernel[1], *out)))
    attributes = {"strides": strides, "pads": pads, "dilations": dilations, "group": group, "offset_group": offset_group}
    return inputs, attributes | d.optional({"kernel_shape": kernel})


@recipe("AveragePool", "MaxPool", "LpPool")
def pool(d, n):
    x = image(d, n.dtype(0))
    kernel = [d.int(1, min(3, s + 1)) for s in x.shape[2:]]
    deep = n.has("dilations")
    attributes = {"kernel_shape": kernel, **window(d, x, kernel, deep)}
    if n.has("ceil_mode"):
        attributes |= d.optional({"ceil_mode": lambda: d.int(0, 1)}, 0.4)
    if n.op == "AveragePool":
        attributes |= d.optional({"count_include_pad": lambda: d.int(0, 1)}, 0.4)
    if n.op == "LpPool":
        attributes |= d.optional({"p": lambda: d.int(1, 3)})
    if n.has("storage_order"):
        attributes |= d.optional({"storage_order": lambda: d.int(0, 1)}, 0.3)
        if len(x.shape) == 4 or d.chance():
            return [x], attributes, d.int(1, len(n.schema.outputs))
    return [x], attributes


@recipe("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(d, n):
    return [image(d, n.dtype(0))], d.optional({"p": lambda: d.int(1, 3)}) if n.has("p") else {}
