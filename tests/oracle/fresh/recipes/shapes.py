"""Operators that move values about: shapes, indices, scatters."""

import numpy as np
from draw import Refused, recipe


def positive(shape):
    return 0 not in shape


@recipe("Reshape")
def reshape(d, n):
    x = d.take(n.dtype(0))
    total = int(np.prod(x.shape))
    left, target = max(total, 1), []
    while left > 1 and len(target) < 4:
        factor = d.pick([f for f in range(1, left + 1) if left % f == 0])
        target.append(factor)
        left //= factor
    target.append(left)
    attributes = {}
    if total == 0:
        target = list(d.rng.permutation(x.shape))
        if n.has("allowzero"):
            attributes["allowzero"] = 1
    else:
        if d.chance(0.2) and target:
            target.pop() if target[-1] == 1 and len(target) > 1 else None
        if d.chance(0.4):
            target[d.int(0, len(target) - 1)] = -1
        if d.chance(0.3):
            # A zero keeps the size of the same place.
            for i in range(min(len(target), len(x.shape))):
                if target[i] == x.shape[i]:
                    target[i] = 0
                    break
    if total == 1 and d.chance(0.15):
        target = []
    return [x, d.const(target)], attributes


@recipe("Flatten")
def flatten(d, n):
    x = d.take(n.dtype(0))
    rank = len(x.shape)
    return [x], d.optional({"axis": lambda: d.int(-rank if n.version >= 11 else 0, rank)}, 0.7)


def axes_or_input(d, n, x, axes):
    if n.has("axes"):
        return [x], {"axes": axes}
    return [x, d.const(axes)], {}


@recipe("Squeeze")
def squeeze(d, n):
    x = d.take(n.dtype(0), fits=lambda s: 1 in s, make=lambda: tuple(d.rng.permutation((1,) + d.shape(0, 3))))
    ones = [i for i, s in enumerate(x.shape) if s == 1]
    if d.chance(0.25):
        return [x], {}
    axes = [int(a) - (len(x.shape) if n.version >= 11 and d.chance(0.3) else 0) for a in d.rng.permutation(ones)[: d.int(1, len(ones))]]
    return axes_or_input(d, n, x, axes)


@recipe("Unsqueeze")
def unsqueeze(d, n):
    x = d.take(n.dtype(0), high=3)
    more = d.int(1, 2)
    rank = len(x.shape) + more
    axes = [int(a) - (rank if n.version >= 11 and d.chance(0.3) else 0) for a in d.rng.permutation(rank)[:more]]
    return axes_or_input(d, n, x, axes)


@recipe("Transpose")
def transpose(d, n):
    x = d.take(n.dtype(0))
    return [x], {"perm": [int(i) for i in d.rng.permutation(len(x.shape))]} if len(x.shape) and d.chance(0.8) else {}


@recipe("Expand")
def expand(d, n):
    x = d.take(n.dtype(0), high=4)
    return [x, d.const(list(d.to_broadcast(x.shape)))], {}


@recipe("Tile")
def tile(d, n):
    x = d.take(n.dtype(0), high=4)
    return [x, d.const([d.pick([1, 1, 2, 3, 0 if d.chance(0.1) else 1]) for _ in x.shape])], {}


@recipe("Concat")
def concat(d, n):
    x = d.take(n.dtype(0), low=1)
    axis = d.axis(len(x.shape)) if n.version >= 11 else d.int(0, len(x.shape) - 1)
    inputs = [x]
    for _ in range(d.int(0, 3)):
        shape = list(x.shape)
        shape[axis] = d.size()
        inputs.append(d.take(n.dtype(0), tuple(shape)))
    if d.chance():
        inputs.reverse()
    return inputs, {"axis": axis}


@recipe("Split")
def split(d, n):
    x = d.take(n.dtype(0), low=1)
    axis = d.axis(len(x.shape)) if n.version >= 11 else d.int(0, len(x.shape) - 1)
    attributes = {"axis": axis} if d.chance(0.8) else {}
    size = x.shape[attributes.get("axis", 0)]
    count = d.int(1, 3)
    cuts = sorted(d.int(0, size) for _ in range(count - 1))
    parts = [int(b - a) for a, b in zip([0] + cuts, cuts + [size])]
    given = d.chance(0.6)
    if n.has("num_outputs") and not given:
        return [x], {**attributes, "num_outputs": count}, count
    if not given:
        count = d.pick([c for c in (1, 2, 3) if size % c == 0])
        return [x], attributes, count
    if n.has("split"):
        return [x], {**attributes, "split": parts}, count
    return [x, d.const(parts)], attributes, count


@recipe("Slice")
def slice_(d, n):
    x = d.take(n.dtype(0), low=1)
    axes = d.axes(len(x.shape)) or [0]
    if n.version < 11:
        axes = [a % len(x.shape) for a in axes]
    far = 2**31 if d.chance(0.3) else 9
    starts, ends, steps = [], [], []
    for a in axes:
        size = x.shape[a]
        step = d.pick([1, 1, 1, 2, 3, -1, -2]) if n.version >= 10 else 1
        low, high = d.int(-size - 2, size + 1), d.pick([d.int(-size - 2, size + 2), size, far, -1])
        if step < 0 and d.chance(0.7):
            low, high = d.pick([size - 1, -1, far, size]), d.pick([0, -size - 1, -far, d.int(-size, size)])
        starts.append(low), ends.append(high), steps.append(step)
    if n.has("starts"):
        if axes == list(range(len(axes))) and d.chance(0.5):
            return [x], {"starts": starts, "ends": ends}
        return [x], {"axes": axes, "starts": starts, "ends": ends}
    kind = n.dtype(1)
    if kind == "int32":
        ends = [max(-(2**31), min(e, 2**31 - 1)) for e in ends]
        starts = [max(-(2**31), min(e, 2**31 - 1)) for e in starts]
    inputs = [x, d.const(starts, kind), d.const(ends, kind)]
    default = axes == list(range(len(axes)))
    if not default or d.chance() or any(s != 1 for s in steps):
        inputs.append(None if default and d.chance(0.3) else d.const(axes, kind))
        if any(s != 1 for s in steps) or d.chance():
            inputs.append(d.const(steps, kind))
    if inputs[-1] is None:
        inputs.pop()
    return inputs, {}


@recipe("Pad")
def pad(d, n):
    x = d.take(n.dtype(0), low=1)
    modes = ["constant", "constant", "edge", "reflect"] + (["wrap"] if n.version >= 19 else [])
    mode = d.pick(modes)
    low = -2 if mode == "constant" and d.chance(0.3) else 0
    rank = len(x.shape)
    axes = d.axes(rank) if n.takes("axes") and d.chance(0.4) else list(range(rank))
    pads = [d.int(max(low, -x.shape[a]), 3 if mode != "reflect" else max(0, min(2, x.shape[a] - 1))) for a in axes * 2]
    attributes = {"mode": mode} if mode != "constant" or d.chance() else {}
    if n.has("pads"):
        return [x], {**attributes, **d.optional({"value": d.float}), "pads": pads}
    inputs = [x, d.const(pads)]
    if mode == "constant" and d.chance(0.6):
        inputs.append(d.take(n.dtype(0), ()))
    if axes != list(range(rank)):
        inputs += [None] * (3 - len(inputs)) + [d.const(axes, n.dtype(3))]
    return inputs, attributes


@recipe("Gather")
def gather(d, n):
    x = d.take(n.dtype(0), low=1, make=lambda: d.full(1, 4))
    axis = d.axis(len(x.shape)) if n.version >= 11 else d.int(0, len(x.shape) - 1)
    size = x.shape[axis]
    low = -size if n.version >= 11 and d.chance(0.5) else 0
    shape = d.shape(0, 2)
    if size == 0:
        shape = (0,)
    return [x, d.const(d.rng.integers(low, max(size, 1), shape), n.dtype(1))], {"axis": axis}


@recipe("GatherElements")
def gather_elements(d, n):
    x = d.take(n.dtype(0), low=1, fits=positive, make=lambda: d.full(1, 4))
    axis = d.axis(len(x.shape))
    shape = [d.int(1, s) for s in x.shape]
    shape[axis] = d.int(1, 4)
    return [x, d.const(d.rng.integers(-x.shape[axis] if d.chance() else 0, x.shape[axis], shape), n.dtype(1))], (
        {"axis": axis} if axis or d.chance() else {}
    )


def tuples(d, shape, depth, lead):
    """Indices of places: lead dimensions, then the first `depth` axes of the shape."""
    columns = [d.rng.integers(-s if d.chance(0.3) else 0, s, lead) for s in shape[:depth]]
    return np.stack(columns, -1) if columns else np.zeros((*lead, 0), int)


@recipe("GatherND")
def gather_nd(d, n):
    x = d.take(n.dtype(0), low=1, fits=positive, make=lambda: d.full(1, 4))
    batch = d.int(0, min(1, len(x.shape) - 1)) if n.has("batch_dims") else 0
    depth = d.int(1, len(x.shape) - batch)
    lead = x.shape[:batch] + d.full(0 if batch else 1, 2)
    return [x, d.const(tuples(d, x.shape[batch:], depth, lead))], {"batch_dims": batch} if batch else {}


def reduction(d, n):
    if not n.has("reduction") or d.chance(0.5):
        return {}
    return {"reduction": d.pick(["none", "add", "mul"] + (["max", "min"] if n.version >= 18 else []))}


@recipe("ScatterElements", "Scatter")
def scatter_elements(d, n):
    x = d.take(n.dtype(0), low=1, fits=positive, make=lambda: d.full(1, 4))
    axis = d.axis(len(x.shape)) if n.version >= 11 else d.int(0, len(x.shape) - 1)
    attributes = reduction(d, n)
    shape = [d.int(1, s) for s in x.shape]
    if attributes.get("reduction", "none") != "none":
        index = d.rng.integers(0, x.shape[axis], shape)
    else:
        # No place twice: which of two updates stays is not defined.
        order = d.rng.permutation(x.shape[axis])[: shape[axis]]
        index = np.broadcast_to(order.reshape([-1 if i == axis % len(shape) else 1 for i in range(len(shape))]), shape).copy()
    if n.version >= 11 and d.chance(0.4):
        index = np.where(d.rng.random(shape) < 0.5, index - x.shape[axis], index)
    return [x, d.const(index, n.dtype(1)), d.take(n.dtype(0), tuple(shape))], {"axis": axis, **attributes}


@recipe("ScatterND")
def scatter_nd(d, n):
    x = d.take(n.dtype(0), low=1, fits=positive, make=lambda: d.full(1, 4))
    depth = d.int(1, len(x.shape))
    attributes = reduction(d, n)
    places = int(np.prod(x.shape[:depth]))
    count = d.int(1, places)
    flat = d.rng.permutation(places)[:count]
    if attributes.get("reduction", "none") != "none":
        flat = d.rng.integers(0, places, count)
    index = np.stack(np.unravel_index(flat, x.shape[:depth]), -1)
    if d.chance(0.3):
        index = index - np.where(d.rng.random(index.shape) < 0.5, np.array(x.shape[:depth]), 0)
    return [x, d.const(index), d.take(n.dtype(0), (count, *x.shape[depth:]))], attributes


@recipe("DepthToSpace")
def depth_to_space(d, n):
    b = d.int(1, 3)
    x = d.take(
        n.dtype(0),
        low=4,
        high=4,
        fits=lambda s: s[1] % (b * b) == 0 and s[1],
        make=lambda: (d.int(1, 2), b * b * d.int(1, 2), d.int(1, 3), d.int(1, 3)),
    )
    return [x], {"blocksize": b, **(d.optional({"mode": lambda: d.pick(["DCR", "CRD"])}) if n.has("mode") else {})}


@recipe("SpaceToDepth")
def space_to_depth(d, n):
    b = d.int(1, 3)
    x = d.take(
        n.dtype(0),
        low=4,
        high=4,
        fits=lambda s: s[2] % b == 0 and s[3] % b == 0,
        make=lambda: (d.int(1, 2), d.int(1, 3), b * d.int(1, 3), b * d.int(1, 2)),
    )
    return [x], {"blocksize": b, **(d.optional({"mode": lambda: d.pick(["DCR", "CRD"])}) if n.has("mode") else {})}


@recipe("OneHot")
def one_hot(d, n):
    depth = d.int(1, 6)
    values = d.rng.integers(-depth, depth, d.shape(0, 3))
    if d.chance(0.2):
        values = values + 2
    index = d.new(n.dtype(0), None, np.abs(values).astype(n.dtype(0)) if n.dtype(0).startswith("u") else values.astype(n.dtype(0)))
    depth = d.const(depth if d.chance() else [depth], n.dtype(1))
    return [index, depth, d.take(n.dtype(2), (2,))], d.optional(
        {"axis": lambda: d.int(-1 - len(values.shape), len(values.shape)) if n.version >= 11 else d.int(-1, len(values.shape))}
    )


@recipe("CenterCropPad")
def center_crop_pad(d, n):
    x = d.take(n.dtype(0), low=1)
    axes = d.axes(len(x.shape)) if d.chance(0.5) else None
    sizes = [d.int(1, 6) for _ in (axes if axes is not None else x.shape)]
    return [x, d.const(sizes, n.dtype(1))], {"axes": axes} if axes is not None else {}


@recipe("Compress")
def compress(d, n):
    x = d.take(n.dtype(0), low=1)
    axis = d.axis(len(x.shape)) if n.version >= 11 else d.int(0, len(x.shape) - 1)
    whole = d.chance(0.3)
    size = int(np.prod(x.shape)) if whole else x.shape[axis]
    return [x, d.take("bool", (d.int(0 if d.chance(0.1) else min(1, size), size),))], {} if whole else {"axis": axis}


@recipe("ReverseSequence")
def reverse_sequence(d, n):
    x = d.take(n.dtype(0), low=2, fits=lambda s: positive(s[:2]), make=lambda: d.full(2, 4))
    batch = d.int(0, 1)
    lengths = d.rng.integers(1, x.shape[1 - batch] + 1, x.shape[batch])
    return [x, d.const(lengths)], {"batch_axis": batch, "time_axis": 1 - batch}


@recipe("Col2Im")
def col2im(d, n):
    block, image = [d.int(1, 3), d.int(1, 3)], [d.int(3, 6), d.int(3, 6)]
    strides = [d.int(1, 2), d.int(1, 2)]
    dilations = [d.int(1, 2) if i >= 2 * (b - 1) + 1 else 1 for i, b in zip(image, block)]
    pads = [d.int(0, 1) for _ in range(4)]
    counts = [(image[i] + pads[i] + pads[i + 2] - dilations[i] * (block[i] - 1) - 1) // strides[i] + 1 for i in range(2)]
    if min(counts) < 1:
        raise Refused("no columns")
    x = d.take(n.dtype(0), (d.int(1, 2), d.int(1, 2) * block[0] * block[1], counts[0] * counts[1]))
    return [x, d.const(image), d.const(block)], {"strides": strides, "dilations": dilations, "pads": pads}


@recipe("TensorScatter")
def tensor_scatter(d, n):
    past = d.take(n.dtype(0), low=3, high=4, fits=positive, make=lambda: d.full(3, 4))
    axis = d.int(1, len(past.shape) - 2) if len(past.shape) > 3 else 1
    if len(past.shape) > 3 and d.chance():
        axis -= len(past.shape)
    shape = list(past.shape)
    shape[axis] = d.int(1, past.shape[axis])
    mode = d.pick(["linear", "circular"])
    top = past.shape[axis] - (shape[axis] if mode == "linear" else 1)
    inputs = [past, d.take(n.dtype(0), tuple(shape))]
    if d.chance(0.8):
        inputs.append(d.const(d.rng.integers(0, top + 1, past.shape[0])))
    return inputs, {"axis": axis, "mode": mode}


def resize_sizes(d, x, spatial):
    return [d.int(1, 7) if i >= spatial else s for i, s in enumerate(x.shape)]


@recipe("Resize", "Upsample")
def resize(d, n):
    x = d.take(
        n.dtype(0),
        low=2 if d.chance(0.2) else 4,
        high=4,
        fits=positive,
        make=lambda: d.full(2, 4) if d.chance(0.2) else (d.int(1, 2), d.int(1, 3), d.int(1, 5), d.int(1, 5)),
    )
    spatial = len(x.shape) - 2
    by_size = d.chance(0.4)
    scales = [
        1.0 if i < spatial else d.pick([1.0, 2.0, 3.0, 1.5] + ([0.5, 0.6, 1 / 3] if n.op == "Resize" else [])) for i in range(len(x.shape))
    ]
    scales = [max(s, 1.0 / w) for s, w in zip(scales, x.shape)]
    mode = d.pick(["nearest", "nearest", "linear"] + (["cubic"] if n.op == "Resize" and n.version >= 11 else []))
    attributes = {"mode": mode} if mode != "nearest" or d.chance() else {}
    if n.op == "Upsample":
        return ([x], {**attributes, "scales": scales}) if n.has("scales") else ([x, d.const(scales, "float32")], attributes)
    if n.version == 10:
        return [x, d.const(scales, "float32")], attributes
    ways = ["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel", "tf_crop_and_resize"]
    if n.version >= 19:
        ways.append("half_pixel_symmetric")
    attributes |= d.optional({"coordinate_transformation_mode": lambda: d.pick(ways)}, 0.7)
    attributes |= d.optional({"nearest_mode": lambda: d.pick(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"])})
    if mode == "cubic":
        attributes |= d.optional({"cubic_coeff_a": lambda: d.pick([-0.5, -0.75]), "exclude_outside": lambda: d.int(0, 1)})
    if n.has("antialias") and mode != "nearest":
        attributes |= d.optional({"antialias": lambda: d.int(0, 1)}, 0.3)
    roi = None
    if attributes.get("coordinate_transformation_mode") == "tf_crop_and_resize":
        roi = d.const([0.0] * spatial + [0.1, 0.2] + [1.0] * spatial + [0.8, 1.1], "float32")
        attributes |= d.optional({"extrapolation_value": d.float})
    if n.version < 13 and roi is None:
        roi = d.const([], "float32")
    if n.has("axes") and d.chance(0.4):
        axes = list(range(spatial, len(x.shape)))
        if d.chance(0.3):
            axes = [a - len(x.shape) for a in axes]
        attributes["axes"] = axes
        if roi is not None:
            roi = d.const([0.1, 0.2, 0.8, 1.1], "float32")
        if by_size:
            attributes |= d.optional({"keep_aspect_ratio_policy": lambda: d.pick(["stretch", "not_larger", "not_smaller"])})
            return [x, roi, None, d.const([d.int(1, 7), d.int(1, 7)])], attributes
        return [x, roi, d.const(scales[spatial:], "float32")], attributes
    if by_size:
        return [x, roi, d.const([], "float32") if n.version < 13 else None, d.const(resize_sizes(d, x, spatial))], attributes
    return [x, roi, d.const(scales, "float32")], attributes
