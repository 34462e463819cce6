"""Normalisation, recurrent layers, attention, sampling, detection, losses, signals."""

import numpy as np
from draw import recipe
from recipes.linear import image


def positive(shape):
    return 0 not in shape


@recipe("BatchNormalization")
def batch_normalization(d, n):
    x = d.take(n.dtype(0), low=2, fits=positive, make=lambda: d.full(2, 4))
    c = (x.shape[1],)
    var = d.new(n.dtype(4), None, np.abs(d.rng.normal(size=c)).astype(n.dtype(4)) + np.asarray(0.1, n.dtype(4)))
    attributes = d.optional({"epsilon": lambda: d.pick([1e-5, 1e-3, 0.1]), "momentum": 0.8})
    training = n.has("training_mode") and d.chance(0.15)
    if training:
        attributes["training_mode"] = 1
    return [x, d.take(n.dtype(1), c), d.take(n.dtype(2), c), d.take(n.dtype(3), c), var], attributes, 3 if training else 1


@recipe("InstanceNormalization")
def instance_normalization(d, n):
    x = image(d, n.dtype(0))
    return [x, d.take(n.dtype(0), (x.shape[1],)), d.take(n.dtype(0), (x.shape[1],))], d.optional({"epsilon": lambda: d.pick([1e-5, 1e-2])})


@recipe("GroupNormalization")
def group_normalization(d, n):
    g = d.int(1, 3)
    x = image(d, n.dtype(0), g)
    c = (g if n.version < 21 else x.shape[1],)
    attributes = {"num_groups": g, **d.optional({"epsilon": lambda: d.pick([1e-5, 1e-2])})}
    if n.has("stash_type"):
        attributes |= d.optional({"stash_type": 1}, 0.2)
    return [x, d.take(n.dtype(0), c), d.take(n.dtype(0), c)], attributes


@recipe("LayerNormalization", "RMSNormalization")
def layer_normalization(d, n):
    x = d.take(n.dtype(0), low=1, fits=positive, make=lambda: d.full(1, 4))
    axis = d.axis(len(x.shape))
    attributes = {"axis": axis} if d.chance(0.7) else {}
    shape = x.shape[attributes.get("axis", -1) % len(x.shape) :]
    attributes |= d.optional({"epsilon": lambda: d.pick([1e-5, 1e-2, 0.0])})
    attributes |= d.optional({"stash_type": 1}, 0.2)
    inputs = [x, d.take(n.dtype(1), shape if d.chance(0.8) else d.down_to(shape))]
    if n.op == "RMSNormalization":
        return inputs, attributes
    if d.chance(0.6):
        inputs.append(d.take(n.dtype(0), inputs[1].shape))
    return inputs, attributes, d.pick([1, 1, 1, 3])


@recipe("LRN")
def lrn(d, n):
    return [image(d, n.dtype(0))], {
        "size": d.pick([1, 3, 5]),
        **d.optional({"alpha": lambda: d.pick([1e-4, 0.5]), "beta": lambda: d.pick([0.75, 0.5]), "bias": lambda: d.pick([1.0, 2.0])}),
    }


ACTIVATIONS = [
    "Relu",
    "Tanh",
    "Sigmoid",
    "Affine",
    "LeakyRelu",
    "ThresholdedRelu",
    "ScaledTanh",
    "HardSigmoid",
    "Elu",
    "Softsign",
    "Softplus",
]
WITH_ALPHA = {"Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu"}
WITH_BETA = {"Affine", "ScaledTanh", "HardSigmoid"}


@recipe("RNN", "GRU", "LSTM")
def recurrent(d, n):
    gates, count = {"RNN": (1, 1), "GRU": (3, 2), "LSTM": (4, 3)}[n.op]
    kind = n.dtype(0)
    x = d.take(kind, low=3, high=3, fits=positive, make=lambda: d.full(3, 3))
    direction = d.pick(["forward", "reverse", "bidirectional"])
    ways = 2 if direction == "bidirectional" else 1
    hidden = d.int(1, 4)
    layout = d.int(0, 1) if n.has("layout") and d.chance(0.3) else 0
    steps, batch = x.shape[:2] if not layout else x.shape[1::-1]
    inputs = [x, d.take(kind, (ways, gates * hidden, x.shape[2])), d.take(kind, (ways, gates * hidden, hidden))]
    state = (batch, ways, hidden) if layout else (ways, batch, hidden)
    rest = [
        lambda: d.take(kind, (ways, 2 * gates * hidden)),
        lambda: d.const(d.rng.integers(1, steps + 1, batch), "int32"),
        lambda: d.take(kind, state),
    ]
    if n.op == "LSTM":
        rest += [lambda: d.take(kind, state), lambda: d.take(kind, (ways, 3 * hidden))]
    inputs += [f() if d.chance(0.3 if i == 1 else 0.5) else None for i, f in enumerate(rest)]
    while inputs[-1] is None:
        inputs.pop()
    attributes = {"hidden_size": hidden}
    if direction != "forward" or d.chance(0.3):
        attributes["direction"] = direction
    if layout:
        attributes["layout"] = 1
    if d.chance(0.25):
        attributes["activations"] = [d.pick(ACTIVATIONS) for _ in range(count * ways)]
        if d.chance():
            attributes["activation_alpha"] = [d.pick([0.2, 0.5, 1.0]) for a in attributes["activations"] if a in WITH_ALPHA] or None
            attributes["activation_beta"] = [d.pick([0.2, 0.5]) for a in attributes["activations"] if a in WITH_BETA] or None
    attributes |= d.optional({"clip": lambda: d.pick([0.5, 3.0])}, 0.15)
    if n.has("linear_before_reset"):
        attributes |= d.optional({"linear_before_reset": lambda: d.int(0, 1)})
    if n.has("input_forget"):
        attributes |= d.optional({"input_forget": lambda: d.int(0, 1)}, 0.2)
    return inputs, attributes, len(n.schema.outputs)


@recipe("Attention")
def attention(d, n):
    q_heads, kv_heads = d.pick([(1, 1), (2, 2), (4, 2), (2, 1)])
    batch, q_len, kv_len, size, v_size = d.int(1, 2), d.int(1, 4), d.int(1, 4), d.int(1, 4), d.int(1, 4)
    flat = d.chance()
    attributes = {}
    if flat:
        shapes = [(batch, q_len, q_heads * size), (batch, kv_len, kv_heads * size), (batch, kv_len, kv_heads * v_size)]
        attributes = {"q_num_heads": q_heads, "kv_num_heads": kv_heads}
    else:
        shapes = [(batch, q_heads, q_len, size), (batch, kv_heads, kv_len, size), (batch, kv_heads, kv_len, v_size)]
    inputs = [d.take(n.dtype(i), s) for i, s in enumerate(shapes)]
    past = d.int(1, 3) if d.chance(0.3) else 0
    total = kv_len + past
    attributes |= d.optional(
        {"is_causal": lambda: d.int(0, 1), "scale": lambda: d.pick([0.5, 1.0]), "softcap": lambda: d.pick([0.0, 2.0])}, 0.35
    )
    if n.has("left_window_size") and d.chance(0.25):
        attributes |= d.optional({"left_window_size": lambda: d.int(0, 2), "right_window_size": lambda: d.int(0, 2)})
    mask = None
    if d.chance(0.5):
        mask = d.take(n.dtype(3), d.pick([(q_len, total), (1, 1, q_len, total), (batch, q_heads, q_len, total)]))
    if mask is not None or past:
        inputs.append(mask)
    outputs = 1
    attributes |= d.optional({"softmax_precision": lambda: d.pick([1, 10, 11])}, 0.15)
    if n.takes("nonpad_kv_seqlen") and not past and d.chance(0.25):
        inputs += [None] * (6 - len(inputs)) + [d.const(d.rng.integers(1, kv_len + 1, batch))]
    if past:
        inputs += [d.take(n.dtype(4), (batch, kv_heads, past, size)), d.take(n.dtype(5), (batch, kv_heads, past, v_size))]
        outputs = 3
    if d.chance(0.2):
        outputs = 4 if past else 1
        if past:
            attributes["qk_matmul_output_mode"] = d.int(0, 3)
    return inputs, attributes, outputs


@recipe("LinearAttention")
def linear_attention(d, n):
    rule = d.pick(["linear", "gated", "delta", "gated_delta"])
    q, kv = d.pick([(1, 1), (2, 2), (2, 1)])
    b, t, k, v = d.int(1, 2), d.int(1, 3), d.int(1, 4), d.int(1, 4)
    kind = n.dtype(0)
    inputs = [
        d.take(kind, (b, t, q * k)),
        d.take(kind, (b, t, kv * k)),
        d.take(kind, (b, t, kv * v)),
        d.take(n.dtype(3), (b, kv, k, v)) if d.chance() else None,
        d.take(kind, (b, t, d.pick([kv, kv * k]))) if "gated" in rule else None,
        d.take(kind, (b, t, kv)) if "delta" in rule else None,
    ]
    while inputs[-1] is None:
        inputs.pop()
    attributes = {"q_num_heads": q, "kv_num_heads": kv, "update_rule": rule}
    return inputs, attributes | d.optional({"scale": 0.5, "chunk_size": lambda: d.int(1, 4)}), 2


@recipe("CausalConvWithState")
def causal_conv(d, n):
    b, c, t, k = d.int(1, 2), d.int(1, 3), d.int(1, 5), d.int(2, 4)
    kind = n.dtype(0)
    inputs = [
        d.take(kind, (b, c, t)),
        d.take(kind, (c, 1, k)),
        d.take(kind, (c,)) if d.chance() else None,
        d.take(kind, (b, c, k - 1)) if d.chance() else None,
    ]
    while inputs[-1] is None:
        inputs.pop()
    return inputs, d.optional({"activation": lambda: d.pick(["silu", "swish", "none"])}), 2


@recipe("RotaryEmbedding")
def rotary(d, n):
    heads, size, batch, length = d.int(1, 3), 2 * d.int(1, 3), d.int(1, 2), d.int(1, 4)
    kind = n.dtype(0)
    flat = d.chance()
    x = d.take(kind, (batch, length, heads * size) if flat else (batch, heads, length, size))
    attributes = {"num_heads": heads} if flat else {}
    turned = size
    if d.chance(0.3) and size > 2:
        turned = 2
        attributes["rotary_embedding_dim"] = turned
    attributes |= d.optional({"interleaved": lambda: d.int(0, 1)})
    if d.chance():
        cache = (5, turned // 2)
        return [x, d.take(kind, cache), d.take(kind, cache), d.const(d.rng.integers(0, 5, (batch, length)))], attributes
    cache = (batch, length, turned // 2)
    return [x, d.take(kind, cache), d.take(kind, cache)], attributes


@recipe("GridSample")
def grid_sample(d, n):
    x = d.take(
        n.dtype(0),
        low=4,
        high=5 if n.version >= 20 else 4,
        fits=positive,
        make=lambda: d.full(4, 5 if n.version >= 20 and d.chance(0.3) else 4),
    )
    dims = len(x.shape) - 2
    shape = (x.shape[0], *d.full(dims, dims), dims)
    grid = d.new(n.dtype(1), None, (d.rng.random(shape) * 2.6 - 1.3).astype(n.dtype(1)))
    modes = ["bilinear", "nearest", "bicubic"] if n.version < 20 else ["linear", "nearest", "cubic"]
    return [x, grid], d.optional(
        {
            "mode": lambda: d.pick(modes),
            "padding_mode": lambda: d.pick(["zeros", "border", "reflection"]),
            "align_corners": lambda: d.int(0, 1),
        },
        0.7,
    )


@recipe("AffineGrid")
def affine_grid(d, n):
    two = d.chance(0.7)
    batch = d.int(1, 2)
    theta = d.take(n.dtype(0), (batch, 2, 3) if two else (batch, 3, 4))
    return [theta, d.const([batch, 2, d.int(1, 4), d.int(1, 4)] + ([] if two else [2]))], d.optional({"align_corners": lambda: d.int(0, 1)})


@recipe("RoiAlign")
def roi_align(d, n):
    x = d.take(n.dtype(0), low=4, high=4, fits=positive, make=lambda: (d.int(1, 2), d.int(1, 3), d.int(2, 7), d.int(2, 7)))
    count = d.int(1, 3)
    corner = d.rng.random((count, 2)) * 3
    rois = np.concatenate([corner, corner + d.rng.random((count, 2)) * 4 + 0.5], 1)
    attributes = d.optional(
        {
            "mode": lambda: d.pick(["avg", "max"]),
            "output_height": lambda: d.int(1, 3),
            "output_width": lambda: d.int(1, 3),
            "sampling_ratio": lambda: d.int(0, 3),
            "spatial_scale": lambda: d.pick([0.5, 1.0]),
        }
    )
    if n.has("coordinate_transformation_mode"):
        attributes |= d.optional({"coordinate_transformation_mode": lambda: d.pick(["half_pixel", "output_half_pixel"])})
    return [x, d.const(rois, n.dtype(1)), d.const(d.rng.integers(0, x.shape[0], count))], attributes


@recipe("MaxRoiPool")
def max_roi_pool(d, n):
    x = d.take(n.dtype(0), low=4, high=4, fits=positive, make=lambda: (d.int(1, 2), d.int(1, 3), d.int(2, 7), d.int(2, 7)))
    count = d.int(1, 3)
    corner = d.rng.integers(0, 3, (count, 2))
    rois = np.concatenate([d.rng.integers(0, x.shape[0], (count, 1)), corner, corner + d.rng.integers(0, 4, (count, 2))], 1)
    return [x, d.const(rois, n.dtype(1))], {
        "pooled_shape": [d.int(1, 3), d.int(1, 3)],
        **d.optional({"spatial_scale": lambda: d.pick([0.5, 1.0])}),
    }


@recipe("MaxUnpool")
def max_unpool(d, n):
    x = d.take(n.dtype(0), low=4, high=4, fits=positive, make=lambda: (1, d.int(1, 2), d.int(1, 3), d.int(1, 3)))
    height, width = x.shape[2] * 2, x.shape[3] * 2
    plane = height * width
    index = np.stack([d.rng.permutation(plane)[: x.shape[2] * x.shape[3]] + i * plane for i in range(x.shape[0] * x.shape[1])]).reshape(
        x.shape
    )
    inputs = [x, d.const(index)]
    if d.chance(0.3):
        inputs.append(d.const([*x.shape[:2], height, width]))
    return inputs, {"kernel_shape": [2, 2], "strides": [2, 2]}


@recipe("NonMaxSuppression")
def nms(d, n):
    batch, boxes, classes = d.int(1, 2), d.int(1, 6), d.int(1, 2)
    corner = d.rng.random((batch, boxes, 2)) * 3
    b = d.const(np.concatenate([corner, corner + d.rng.random((batch, boxes, 2)) * 2 + 0.1], 2), "float32")
    inputs = [b, d.const(d.rng.permutation(batch * classes * boxes).reshape(batch, classes, boxes) / 10 + 0.05, "float32")]
    rest = [
        lambda: d.const([d.int(0, 4)] if d.chance(0.9) else d.int(0, 4)),
        lambda: d.const(d.pick([[0.5], 0.2, [0.0]]), "float32"),
        lambda: d.const([d.pick([0.0, 0.3])], "float32"),
    ]
    inputs += [f() if d.chance(0.8) else None for f in rest]
    while inputs[-1] is None:
        inputs.pop()
    return inputs, d.optional({"center_point_box": lambda: d.int(0, 1)}, 0.3)


@recipe("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def loss(d, n):
    x = d.take(n.dtype(0), low=2, high=4, fits=positive, make=lambda: d.full(2, 4))
    attributes = d.optional({"reduction": lambda: d.pick(["none", "sum", "mean"]), "ignore_index": lambda: d.int(0, x.shape[1] - 1)})
    target = d.const(d.rng.integers(0, x.shape[1], (x.shape[0], *x.shape[2:])), n.dtype(1))
    inputs = [x, target]
    if d.chance(0.4):
        inputs.append(d.take(n.dtype(0), (x.shape[1],)))
    return inputs, attributes, d.int(1, 2) if len(n.schema.outputs) == 2 else 1


@recipe("DFT")
def dft(d, n):
    real = d.chance(0.5)
    x = d.take(
        n.dtype(0),
        low=3,
        high=4,
        fits=lambda s: 0 not in s and s[-1] == (1 if real else 2),
        make=lambda: (d.int(1, 2), *d.full(1, 2), 1 if real else 2),
    )
    axis = d.int(0 if d.chance(0.3) else 1, len(x.shape) - 2)
    attributes = d.optional({"inverse": lambda: d.int(0, 1), "onesided": lambda: d.int(0, 1)})
    if attributes.get("onesided") and (not real or attributes.get("inverse")) and d.chance(0.9):
        del attributes["onesided"]
    length = d.const(d.int(1, 8), n.dtype(1)) if d.chance(0.4) else None
    if n.has("axis"):
        return [x] + ([length] if length else []), {**attributes, "axis": axis}
    return [x, length, d.const(axis)] if d.chance(0.7) else [x] + ([length] if length else []), attributes


@recipe("STFT")
def stft(d, n):
    kind = n.dtype(0)
    length, frame = d.int(6, 16), d.int(2, 6)
    x = d.take(kind, (d.int(1, 2), length, 1))
    inputs = [x, d.const(d.int(1, 3), n.dtype(1)), d.take(kind, (frame,)) if d.chance(0.7) else None, d.const(frame, n.dtype(3))]
    return inputs, d.optional({"onesided": lambda: d.int(0, 1)})
