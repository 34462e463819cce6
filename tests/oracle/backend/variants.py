"""Random variants of models of one operator: other shapes, numbers, types, attributes, versions."""

import copy

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

DTYPES = {np.dtype(np.float32): T.FLOAT, np.dtype(np.float64): T.DOUBLE, np.dtype(np.float16): T.FLOAT16,
          np.dtype(np.int32): T.INT32, np.dtype(np.int64): T.INT64, np.dtype(np.int8): T.INT8, np.dtype(np.uint8): T.UINT8,
          np.dtype(np.int16): T.INT16, np.dtype(np.uint16): T.UINT16, np.dtype(np.uint32): T.UINT32, np.dtype(np.uint64): T.UINT64,
          np.dtype(bool): T.BOOL}
# Operands that were attributes once: the operator, its slot, and the version that changed it.
ONCE = {"Squeeze": (1, "axes", 13), "Unsqueeze": (1, "axes", 13), "Split": (1, "split", 13), "ReduceSum": (1, "axes", 13),
        "Pad": (1, "pads", 11), "TopK": (1, "k", 10),
        **{f"Reduce{k}": (1, "axes", 18) for k in ("Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")}}


# The last version that onnxruntime takes.
LAST = 28


def single(name, arrays, attributes, opset, outputs=1, domain="", given=None):
    """A model of one node; operands in `given` are stored."""
    given = given or []
    names = [f"x{i}" if a is not None else "" for i, a in enumerate(arrays)]
    node = h.make_node(name, names, [f"y{i}" for i in range(outputs)], domain=domain, **attributes)
    inputs = [h.make_tensor_value_info(n, DTYPES[a.dtype], a.shape) for i, (n, a) in enumerate(zip(names, arrays)) if a is not None and i not in given]
    stored = [nh.from_array(arrays[i], names[i]) for i in given if arrays[i] is not None]
    graph = h.make_graph([node], "g", inputs, [onnx.ValueInfoProto(name=f"y{i}") for i in range(outputs)], stored)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=8 if opset < 21 else 10 if opset < 25 else 13)
    return model, [a for i, a in enumerate(arrays) if a is not None and i not in given]


def like(rng, array, shape):
    count = int(np.prod(shape))
    if array.dtype.kind == "f":
        scale = float(np.std(array)) if array.size > 1 and np.isfinite(array).all() else 1.0
        low = float(np.min(array)) if array.size and np.isfinite(array).all() else 0.0
        if low >= 0:
            return (rng.random(shape) * (scale * 3 + 0.1) + low * 0.5 + 0.01).astype(array.dtype)
        return (rng.standard_normal(shape) * max(scale, 0.1)).astype(array.dtype)
    if array.size == 0:
        return np.zeros(shape, array.dtype)
    return rng.choice(array.flatten(), count).reshape(shape).astype(array.dtype)


def decode(case):
    """The parts of a case of one node."""
    graph = case.model.graph
    if len(graph.node) != 1 or case.model.functions or graph.sparse_initializer:
        return None
    node = graph.node[0]
    if any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for a in node.attribute):
        return None
    initial = {t.name: nh.to_array(t) for t in graph.initializer}
    names = [i.name for i in graph.input if i.name not in initial]
    values = dict(zip(names, case.inputs)) | initial
    arrays = []
    for name in node.input:
        if name and not isinstance(values.get(name), (np.ndarray, np.generic)):
            return None
        array = np.asarray(values[name]) if name else None
        if array is not None and array.dtype not in DTYPES:
            return None
        arrays.append(array)
    attributes = {a.name: h.get_attribute_value(a) for a in node.attribute}
    opset = next((o.version for o in case.model.opset_import if o.domain in ("", "ai.onnx")), 1)
    return node.op_type, node.domain, arrays, attributes, opset, len(node.output)


def vary(rng, parts):
    """A variant; it may be no valid model."""
    op, domain, arrays, attributes, opset, outputs = copy.deepcopy(parts)
    shape_like = [a is not None and a.dtype.kind in "iu" and a.dtype.itemsize >= 4 and a.size <= 8 and i > 0 for i, a in enumerate(arrays)]
    # Sizes, the same in all operands.
    if rng.random() < 0.7:
        sizes = sorted({d for a in arrays if a is not None for d in a.shape if d > 1})
        new = {d: int(rng.integers(1, 9)) if rng.random() < 0.6 else d for d in sizes}
        arrays = [a if a is None or s else like(rng, a, tuple(new.get(d, d) for d in a.shape)) for a, s in zip(arrays, shape_like)]
    else:
        arrays = [a if a is None or s else like(rng, a, a.shape) for a, s in zip(arrays, shape_like)]
    # Types.
    if rng.random() < 0.3:
        kinds = {a.dtype for a, s in zip(arrays, shape_like) if a is not None and not s and a.dtype != bool}
        if kinds:
            old = sorted(kinds, key=str)[int(rng.integers(len(kinds)))]
            all_types = [d for d in DTYPES if d != np.dtype(bool)]
            to = all_types[int(rng.integers(len(all_types)))]
            arrays = [a if a is None or s or a.dtype != old else np.asarray(a.astype(to)) for a, s in zip(arrays, shape_like)]
    # What becomes of negative numbers in unsigned types is not defined.
    if op in ("Cast", "CastLike") and arrays[0].dtype.kind in "fi":
        arrays[0] = np.asarray(np.minimum(np.abs(arrays[0]), np.asarray(100, arrays[0].dtype)))
    # Attributes.
    if attributes and rng.random() < 0.6:
        key = sorted(attributes)[int(rng.integers(len(attributes)))]
        value = attributes[key]
        if rng.random() < 0.25:
            del attributes[key]
        elif isinstance(value, int):
            attributes[key] = 1 - value if value in (0, 1) and rng.random() < 0.6 else int(rng.integers(-4, 9))
        elif isinstance(value, float):
            attributes[key] = float(rng.standard_normal())
        elif isinstance(value, (list, tuple)) and len(value) and isinstance(value[0], int):
            value = list(value)
            at = int(rng.integers(len(value)))
            value[at] = max(0, value[at] + int(rng.integers(-2, 4))) if key != "axes" else int(rng.integers(-3, 3))
            attributes[key] = value
    # Versions.
    if rng.random() < 0.5 and not domain:
        opset = int(rng.integers(7, min(opset, LAST) + 1))
    if op in ONCE and opset < ONCE[op][2] and len(arrays) > ONCE[op][0] and arrays[ONCE[op][0]] is not None:
        slot, name, _ = ONCE[op]
        value = arrays[slot].flatten().tolist()
        attributes[name] = value[0] if name == "k" else value
        arrays = arrays[:slot]
    # Operands that are known.
    given = [i for i, s in enumerate(shape_like) if i < len(arrays) and (s or rng.random() < 0.3) and i > 0]
    return single(op, arrays, attributes, opset, outputs, domain, given)


def convolution(rng):
    """Convolutions and pools as networks have them."""
    op = rng.choice(["Conv", "Conv", "Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool"])
    rank = int(rng.choice([1, 2, 2, 2, 3]))
    side = int(rng.integers(4, 20))
    kernel = [int(rng.choice([1, 1, 2, 3, 3, 4, 5, 7, 11, 14, 16])) for _ in range(1 if rng.random() < 0.7 else rank)]
    kernel = (kernel * rank)[:rank]
    group = int(rng.choice([1, 1, 1, 2, 4, 8, 64, 320, 2048])) if op == "Conv" else 1
    channels = group * int(rng.integers(1, 4)) if group < 64 else group
    if group >= 64:
        side, kernel = int(rng.integers(2, 6)), [int(rng.choice([1, 3]))] * rank
        rank, kernel = 2, kernel[:1] * 2
    outs = group * int(rng.integers(1, 4)) if group < 64 else group
    stride = [int(rng.choice([1, 1, 2, 3, 4, 14, 16]))] * rank
    pads = [int(rng.integers(0, 1 + min(kernel) // 2 + (min(kernel) > 2))) for _ in range(2 * rank)] if rng.random() < 0.6 else None
    dilation = [int(rng.choice([1, 2, 3]))] * rank if rng.random() < 0.2 else None
    dtype = rng.choice([np.float32, np.float32, np.float32, np.float16, np.float64])
    n = int(rng.integers(1, 4))
    x = rng.standard_normal((n, channels, *([max(side, max(kernel) + 2)] * rank))).astype(dtype)
    attributes = {"strides": stride}
    if rng.random() < 0.8 or op in ("MaxPool", "AveragePool", "LpPool"):
        attributes["kernel_shape"] = kernel
    if pads:
        attributes["pads"] = pads
    elif rng.random() < 0.4:
        attributes["auto_pad"] = str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"]))
    if dilation and op != "AveragePool":
        attributes["dilations"] = dilation
    arrays = [x]
    if op in ("Conv", "ConvTranspose"):
        shape = (outs, channels // group) if op == "Conv" else (channels, outs)
        arrays.append((rng.standard_normal((*shape, *kernel)) * 0.2).astype(dtype))
        if rng.random() < 0.6:
            arrays.append(rng.standard_normal(outs).astype(dtype))
        attributes["group"] = group
        if op == "ConvTranspose" and rng.random() < 0.3:
            attributes["output_padding"] = [int(rng.integers(0, 2))] * rank
    elif rng.random() < 0.4:
        attributes["ceil_mode"] = int(rng.integers(0, 2))
    if op == "MaxPool" and rng.random() < 0.4:
        attributes["storage_order"] = 0
    if op == "AveragePool" and rng.random() < 0.5:
        attributes["count_include_pad"] = int(rng.integers(0, 2))
    opset = int(rng.choice([11, 13, 15, 17, 18, 20, 21, 22]))
    return single(str(op), arrays, attributes, opset, 1, "", [1, 2][: len(arrays) - 1] if rng.random() < 0.7 else [])


def usual(rng):
    """What networks do beside convolutions, in their usual shapes."""
    opset = int(rng.choice([9, 11, 12, 13, 15, 17, 18, 20, 21, 22])) if rng.random() < 0.7 else int(rng.integers(23, LAST + 1))
    f = rng.choice([np.float32, np.float32, np.float16, np.float64])
    dims = lambda n: tuple(int(d) for d in rng.integers(1, 7, n))
    x = lambda *s: rng.standard_normal(s).astype(f)
    ints = rng.choice([np.int64, np.int64, np.int32, np.int32, np.int8, np.uint8, bool])
    whole = lambda s: rng.integers(0, 9, s).astype(ints)
    kind = str(rng.choice(["BatchNormalization", "Gemm", "MatMul", "LayerNormalization", "Transpose", "Gather", "Clip", "Cast", "Reshape", "Concat",
                           "Slice", "Expand", "Resize", "Softmax", "Shape", "Flatten", "ConstantOfShape", "GroupNormalization", "InstanceNormalization",
                           "Split", "LogSoftmax", "Where", "Pow", "Trilu", "Range", "GatherElements", "Dropout", "Pad", "LSTM", "GRU", "RNN", "CumSum", "Einsum", "ScatterND", "Tile"]))
    a = list(dims(int(rng.integers(2, 5))))
    r = len(a)
    given = "some"
    attributes = {}
    outputs = 1
    if kind == "BatchNormalization":
        c = a[1]
        arrays = [x(*a), x(c), x(c), x(c), (rng.random(c) + 0.1).astype(f)]
        attributes = {"epsilon": 1e-3} if rng.random() < 0.5 else {}
        if rng.random() < 0.3:
            attributes["momentum"] = 0.9
        if rng.random() < 0.3 and opset >= 14:
            attributes["training_mode"] = 0
    elif kind == "Gemm":
        m, k, n = dims(3)
        ta, tb = (int(v) for v in rng.integers(0, 2, 2))
        arrays = [x(*((k, m) if ta else (m, k))), x(*((n, k) if tb else (k, n)))]
        if rng.random() < 0.8:
            arrays.append([x(n), x(1, n), x(m, n), x(1)][int(rng.integers(4))])
        for key, v in (("transA", ta), ("transB", tb)):
            if v or rng.random() < 0.5:
                attributes[key] = v
        for key in ("alpha", "beta"):
            if rng.random() < 0.4:
                attributes[key] = float(rng.choice([1.0, 0.5, 2.0]))
    elif kind == "MatMul":
        m, k, n = dims(3)
        batch = dims(int(rng.integers(0, 3)))
        arrays = [x(*batch, m, k), x(*(batch if rng.random() < 0.5 else ()), k, n)]
    elif kind == "LayerNormalization":
        axis = int(rng.integers(-r, r))
        n = a[axis:]
        arrays = [x(*a), x(*n)] + ([x(*n)] if rng.random() < 0.7 else [])
        attributes = {"axis": axis, "epsilon": 1e-5}
        opset = max(opset, 17)
    elif kind == "Transpose":
        arrays = [x(*a) if rng.random() < 0.7 else whole(a)]
        attributes = {"perm": [int(p) for p in rng.permutation(r)]} if rng.random() < 0.8 else {}
    elif kind == "Gather":
        axis = int(rng.integers(-r, r))
        index = rng.integers(-a[axis], a[axis], dims(int(rng.integers(0, 3)))).astype(rng.choice([np.int32, np.int64]))
        arrays = [x(*a) if rng.random() < 0.6 else whole(a), np.asarray(index)]
        if axis or rng.random() < 0.5:
            attributes = {"axis": axis}
        else:
            arrays[1] = np.asarray(rng.integers(0, a[0], index.shape))
    elif kind == "GatherElements":
        axis = int(rng.integers(-r, r))
        arrays = [x(*a), rng.integers(0, a[axis], a)]
        attributes, opset = {"axis": axis}, max(opset, 11)
    elif kind == "Clip":
        if opset < 11:
            arrays, attributes = [x(*a).astype(np.float32)], {"min": -0.5, "max": 0.7}
        else:
            low, high = np.asarray(-0.5, f), np.asarray(0.7, f)
            arrays = [x(*a), *[[low, high], [low], [None, high]][int(rng.integers(3))]]
    elif kind == "Cast":
        source = list(DTYPES)[int(rng.integers(len(DTYPES)))]
        arrays = [np.asarray((rng.standard_normal(a) * 4).astype(np.int8) if source.kind != "f" else rng.standard_normal(a) * 4).astype(source)]
        if source.kind == "u":
            arrays = [np.abs(rng.integers(0, 9, a)).astype(source)]
        if source.kind == "f":
            arrays = [np.abs(arrays[0])]
        attributes = {"to": int(list(DTYPES.values())[int(rng.integers(len(DTYPES)))])}
    elif kind == "Reshape":
        total = int(np.prod(a))
        shape = [[-1], [a[0], -1], [0, -1], [1, total], [total, 1], [-1, a[-1]]][int(rng.integers(6))]
        arrays, given = [x(*a) if rng.random() < 0.7 else whole(a), np.array(shape, np.int64)], "all"
        attributes = {"allowzero": 0} if opset >= 14 and rng.random() < 0.3 else {}
    elif kind == "Concat":
        axis = int(rng.integers(-r, r))
        make = (lambda s: x(*s)) if rng.random() < 0.6 else (lambda s: whole(s))
        arrays = []
        for _ in range(int(rng.integers(1, 5))):
            s = list(a)
            s[axis] = int(rng.integers(1, 5))
            arrays.append(make(s))
        attributes = {"axis": axis}
    elif kind == "Slice":
        axis = int(rng.integers(0, r))
        start, end = int(rng.integers(-3, 3)), int(rng.choice([1, 2, 5, -1, 2**31 - 1, 2**63 - 1]))
        if opset < 10:
            arrays, attributes = [x(*a)], {"starts": [start], "ends": [min(end, 2**31 - 1)], "axes": [axis]}
        else:
            t = rng.choice([np.int64, np.int32]) if end < 2**31 else np.int64
            arrays = [x(*a) if rng.random() < 0.6 else whole(a), np.array([start], t), np.array([end], t)]
            if rng.random() < 0.8:
                arrays.append(np.array([axis], t))
                if rng.random() < 0.6:
                    arrays.append(np.array([int(rng.choice([1, 1, 2, -1]))], t))
            given = "all" if rng.random() < 0.8 else "some"
    elif kind == "Expand":
        shape = [int(rng.integers(1, 4)), *a] if rng.random() < 0.5 else a
        source = [1 if rng.random() < 0.4 else d for d in a]
        arrays, given = [x(*source), np.array(shape, np.int64)], "all"
    elif kind == "Resize":
        s = [1, int(rng.integers(1, 4)), int(rng.integers(2, 7)), int(rng.integers(2, 7))]
        attributes = {"mode": str(rng.choice(["nearest", "linear", "cubic"])), "coordinate_transformation_mode": str(rng.choice(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]))}
        if attributes["mode"] == "nearest" or rng.random() < 0.3:
            attributes["nearest_mode"] = str(rng.choice(["floor", "round_prefer_floor", "ceil", "round_prefer_ceil"]))
        if attributes["mode"] == "cubic":
            attributes["cubic_coeff_a"] = -0.75
        opset = max(opset, 13)
        k = float(rng.choice([0.5, 1.0, 2.0, 3.0, 1.5]))
        scales = np.array([1, 1, k, k], np.float32)
        if rng.random() < 0.5:
            arrays = [x(*s).astype(np.float32), None, scales]
        else:
            arrays = [x(*s).astype(np.float32), None, None, np.array([*s[:2], int(s[2] * 2), int(s[3] * 3)], np.int64)]
        given = "all"
    elif kind in ("Softmax", "LogSoftmax"):
        arrays = [x(*a)]
        attributes = {"axis": int(rng.integers(-r, r) if opset >= 11 else rng.integers(0, r))} if rng.random() < 0.8 else {}
    elif kind == "Shape":
        arrays = [x(*a) if rng.random() < 0.6 else whole(a)]
        if opset >= 15 and rng.random() < 0.5:
            attributes = {"start": int(rng.integers(-r, r)), "end": int(rng.integers(-r, r + 1))}
            if rng.random() < 0.5:
                del attributes["end"]
    elif kind == "Flatten":
        arrays = [x(*a)]
        attributes = {"axis": int(rng.integers(0 if opset < 11 else -r, r + 1))} if rng.random() < 0.8 else {}
    elif kind == "ConstantOfShape":
        arrays, given = [np.array(a, np.int64)], "none"
        if rng.random() < 0.8:
            t = list(DTYPES)[int(rng.integers(len(DTYPES)))]
            attributes = {"value": nh.from_array(np.ones(1, t))}
    elif kind == "GroupNormalization":
        g, c = int(rng.choice([1, 2, 4])), 8
        arrays = [x(2, c, *a[2:]), x(c if opset >= 21 else g), x(c if opset >= 21 else g)]
        attributes, opset = {"num_groups": g, "epsilon": 1e-4}, max(opset, 18)
    elif kind == "InstanceNormalization":
        a = [*a, 4]
        arrays, attributes = [x(*a), x(a[1]), x(a[1])], {"epsilon": 1e-4}
    elif kind == "Split":
        axis, parts = int(rng.integers(-r, r)), int(rng.integers(1, 4))
        a[axis] = parts * int(rng.integers(1, 4))
        arrays, attributes, outputs = [x(*a)], {"axis": axis}, parts
        sizes = [a[axis] // parts] * parts
        if opset < 13:
            attributes["split"] = sizes
        elif opset < 18 or rng.random() < 0.5:
            arrays.append(np.array(sizes, np.int64))
        else:
            attributes["num_outputs"] = parts
        given = "all"
    elif kind == "Where":
        arrays = [rng.random(a) < 0.5, x(*a), x(*([1] * r if rng.random() < 0.5 else a))]
        if rng.random() < 0.4:
            arrays[1], arrays[2] = whole(arrays[1].shape), whole(arrays[2].shape)
    elif kind == "Pow":
        arrays = [np.abs(x(*a)) + np.asarray(0.1, f), np.asarray(rng.choice([0.5, 2.0, 3.0, -1.0]), f)]
    elif kind == "Trilu":
        arrays, attributes, opset = [x(*a)], {"upper": int(rng.integers(0, 2))}, max(opset, 14)
        if rng.random() < 0.6:
            arrays, given = [arrays[0], np.asarray(int(rng.integers(-2, 3)), np.int64)], "all"
    elif kind == "Range":
        t = rng.choice([np.int64, np.int32, np.float32])
        arrays, opset = [np.asarray(v, t) for v in (int(rng.integers(-2, 2)), int(rng.integers(3, 9)), int(rng.integers(1, 3)))], max(opset, 11)
    elif kind == "Dropout":
        arrays = [x(*a)]
        if opset >= 12 and rng.random() < 0.7:
            arrays.append(np.asarray(0.3, np.float32))
            given = "all"
            if rng.random() < 0.5:
                arrays.append(np.asarray(False))
        elif opset < 12:
            attributes = {"ratio": 0.3}
    elif kind == "Pad":
        mode = str(rng.choice(["constant", "reflect", "edge"]))
        pads = [int(v) for v in rng.integers(0, 2, 2 * r)]
        attributes = {"mode": mode} if rng.random() < 0.8 else {}
        if opset < 11:
            arrays, attributes = [x(*a)], {**attributes, "pads": pads}
        else:
            arrays, given = [x(*a), np.array(pads, np.int64)], "all"
            if rng.random() < 0.5:
                arrays.append(np.asarray(0.5, f))
    elif kind in ("LSTM", "GRU", "RNN"):
        gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
        seq, n, i, hid = dims(4)
        direction = str(rng.choice(["forward", "forward", "bidirectional", "reverse"]))
        d = 2 if direction == "bidirectional" else 1
        f = np.float32
        arrays = [rng.standard_normal((seq, n, i)).astype(f), rng.standard_normal((d, gates * hid, i)).astype(f), rng.standard_normal((d, gates * hid, hid)).astype(f)]
        if rng.random() < 0.6:
            arrays.append(rng.standard_normal((d, 2 * gates * hid)).astype(f))
        attributes = {"hidden_size": hid}
        if direction != "forward" or rng.random() < 0.5:
            attributes["direction"] = direction
        if kind == "GRU" and rng.random() < 0.6:
            attributes["linear_before_reset"] = int(rng.integers(0, 2))
        outputs, given = int(rng.integers(1, 3)), "all"
    elif kind == "CumSum":
        arrays, given, opset = [x(*a), np.asarray(int(rng.integers(-r, r)), np.int64)], "all", max(opset, 11)
        for key in ("exclusive", "reverse"):
            if rng.random() < 0.4:
                attributes[key] = int(rng.integers(0, 2))
    elif kind == "Einsum":
        eq, shapes = [("ij,jk->ik", [(2, 3), (3, 4)]), ("bij,bjk->bik", [(2, 2, 3), (2, 3, 4)]), ("bhid,bhjd->bhij", [(1, 2, 3, 4), (1, 2, 5, 4)]), ("ij->ji", [(2, 3)]), ("i,i->", [(4,), (4,)])][int(rng.integers(5))]
        arrays, attributes, opset = [x(*s) for s in shapes], {"equation": eq}, max(opset, 12)
    elif kind == "ScatterND":
        arrays = [x(5, 3), rng.integers(0, 5, (2, 1)), x(2, 3)]
        opset = max(opset, 11)
    else:
        arrays, given = [x(*a), np.array([int(v) for v in rng.integers(1, 3, r)], np.int64)], "all"
    where = [] if given == "none" else [i for i in range(1, len(arrays)) if given == "all" or rng.random() < 0.5]
    return single(kind, arrays, attributes, opset, outputs, "", where)


UNARY = ["Identity", "Relu", "Sigmoid", "Tanh", "Erf", "Sqrt", "Exp", "Log", "Neg", "Abs", "Floor", "Ceil", "Reciprocal", "Sin", "Cos", "Not",
         "HardSigmoid", "HardSwish", "Elu", "LeakyRelu", "Selu", "Softplus", "Gelu", "Mish", "Sign", "Round", "GlobalAveragePool", "GlobalMaxPool", "PRelu"]
BINARY = ["Add", "Sub", "Mul", "Div", "Pow", "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "And", "Or", "Xor", "Min", "Max", "Mod"]
SHAPES = ["Constant", "Constant", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "Squeeze", "Unsqueeze", "Concat", "Expand",
          "GatherElements", "LayerNormalization", "Where", "Slice", "ArgMax", "ArgMin", "TopK", "GatherND", "OneHot", "CastLike", "CastLike", "Size"]


def plain(rng):
    """Elementwise operators, constants, reductions and shapes: each with its defaults, and in all versions."""
    opset = int(rng.choice([7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]))
    t = rng.choice([np.float32, np.float32, np.float32, np.float64, np.float16, np.int64, np.int64, np.int32, np.int8, np.uint8, bool])
    a = [int(v) for v in rng.integers(1, 7, int(rng.integers(0, 5)))]
    r = len(a)

    def x(s, kind=None):
        kind = kind or t
        if np.dtype(kind).kind == "f":
            return np.asarray(rng.standard_normal(s) * 2).astype(kind)
        return np.asarray(rng.integers(-9 if np.dtype(kind).kind == "i" else 0, 9, s)).astype(kind)

    if rng.random() < 0.3:
        opset = int(rng.integers(23, LAST + 1))
    group = rng.random()
    if group < 0.3:
        op = str(rng.choice(UNARY))
        arrays = [np.abs(x(a)) + np.asarray(0.1, t) if op in ("Sqrt", "Log", "Reciprocal") and np.dtype(t).kind == "f" else x(a)]
        attributes = {}
        if op == "PRelu":
            arrays.append(x(a[1:]))
        if op == "Gelu":
            opset = max(opset, 20)
            if rng.random() < 0.7:
                attributes["approximate"] = str(rng.choice(["none", "tanh"]))
        for name in {"HardSigmoid": ("alpha", "beta"), "Elu": ("alpha",), "LeakyRelu": ("alpha",), "Selu": ("alpha", "gamma")}.get(op, ()):
            if rng.random() < 0.5:
                attributes[name] = float(rng.random() + 0.1)
        return single(op, arrays, attributes, opset)
    if group < 0.6:
        op = str(rng.choice(BINARY))
        other = [d if rng.random() < 0.7 else 1 for d in a][int(rng.integers(0, r + 1)) if rng.random() < 0.4 else 0:]
        left, right = x(a), x(other)
        if op in ("Div", "Mod", "Pow") and t is not bool:
            right = np.abs(right) + np.asarray(1, t)
            left = np.abs(left) if op == "Pow" else left
            if op == "Pow":
                right = np.minimum(right, np.asarray(3, t))
        if rng.random() < 0.5:
            left, right = (left, right) if op in ("Div", "Mod", "Pow") else (right, left)
        attributes = {"fmod": 1} if op == "Mod" and np.dtype(t).kind == "f" else {}
        return single(op, [left, right], attributes, opset, 1, "", [int(v) for v in np.nonzero(rng.random(2) < 0.3)[0]][:1])
    op = str(rng.choice(SHAPES))
    if op == "CastLike":
        to = list(DTYPES)[int(rng.integers(len(DTYPES)))]
        return single(op, [np.abs(x(a)), np.zeros(1, to)], {}, max(opset, int(rng.choice([15, 19, 21, 23, 24, 25, 26, 27, 28]))))
    if op == "Size":
        return single(op, [x(a)], {}, int(rng.choice([opset, 23])))
    attributes, given, outputs = {}, [], 1
    if op == "Constant":
        if rng.random() < 0.8 or opset < 12:
            return single("Constant", [], {"value": nh.from_array(x(a))}, opset)
        key = str(rng.choice(["value_int", "value_float", "value_ints", "value_floats"]))
        return single("Constant", [], {key: {"value_int": 3, "value_float": 0.5, "value_ints": [1, 2, 3], "value_floats": [0.5, 2.0]}[key]}, opset)
    if op.startswith("Reduce"):
        axes = sorted({int(v) for v in rng.integers(-r, r, int(rng.integers(1, 3)))}) if r else []
        if len({v % r for v in axes}) < len(axes):
            axes = axes[:1]
        if rng.random() < 0.4:
            a = [int(v) for v in rng.integers(1, 6, 4)]
            r, axes = 4, [[2, 3], [-1], [-2, -1], [1], [1, 2], [3]][int(rng.integers(6))]
        arrays = [x(a)]
        if rng.random() < 0.8:
            attributes["keepdims"] = int(rng.integers(0, 2))
        new = opset >= (13 if op == "ReduceSum" else 18)
        if rng.random() < 0.85:
            if new:
                arrays, given = [arrays[0], np.array(axes, np.int64)], [1]
            else:
                attributes["axes"] = axes
        if new and rng.random() < 0.5:
            attributes["noop_with_empty_axes"] = 0
    elif op in ("Squeeze", "Unsqueeze"):
        axis = int(rng.integers(0, r + 1))
        arrays = [x([*a[:axis], 1, *a[axis:]] if op == "Squeeze" else a)]
        axis = axis - (r + 1) if rng.random() < 0.3 and opset >= 11 else axis
        if opset < 13:
            attributes["axes"] = [axis]
        else:
            arrays, given = [arrays[0], np.array([axis], np.int64)], [1]
    elif op == "Concat":
        axis = int(rng.integers(-r, r))
        arrays = []
        for _ in range(int(rng.integers(2, 4))):
            s = list(a)
            s[axis] = int(rng.integers(0, 4))
            arrays.append(x(s))
        attributes, given = {"axis": axis}, [i for i in range(len(arrays)) if rng.random() < 0.4][:1]
    elif op == "Expand":
        arrays, given = [x([1 if rng.random() < 0.4 else d for d in a]), np.array([int(rng.integers(1, 4)), *a] if rng.random() < 0.5 else a, np.int64)], [1]
    elif op == "GatherElements":
        axis = int(rng.integers(-r, r))
        arrays, attributes, opset = [x(a), rng.integers(0, a[axis], a)], {"axis": axis}, max(opset, 11)
    elif op == "GatherND":
        arrays, opset = [x(a), rng.integers(0, a[0], (2, 1))], max(opset, 12)
        if rng.random() < 0.4:
            attributes = {"batch_dims": 0}
    elif op == "LayerNormalization":
        axis = int(rng.integers(-r, r))
        arrays = [x(a), x(a[axis:])] + ([x(a[axis:])] if rng.random() < 0.7 else [])
        attributes, opset = {"axis": axis, "epsilon": 1e-5, "stash_type": 1}, max(opset, 17)
    elif op == "Where":
        arrays = [x(a, bool), x(a), x([1] * r if rng.random() < 0.5 else [])]
    elif op == "Slice":
        if rng.random() < 0.3:
            arrays = [x(a), np.array([int(rng.integers(-2, 2))]), np.array([int(rng.choice([1, 2, 9, -1, 2**63 - 1]))])]
            return single(op, arrays, {}, max(opset, 10), 1, "", [1, 2])
        n = int(rng.integers(1, r + 1))
        arrays = [x(a), np.array([0] * n), np.array([int(v) for v in rng.integers(1, 4, n)]), np.array([int(v) for v in rng.permutation(r)[:n]])]
        if rng.random() < 0.6:
            arrays.append(np.array([1] * n))
        given, opset = [1, 2, 3, 4][: len(arrays) - 1], max(opset, 10)
    elif op in ("ArgMax", "ArgMin"):
        arrays, attributes = [x(a)], {"axis": int(rng.integers(0, r)), "keepdims": int(rng.integers(0, 2))}
    elif op == "TopK":
        axis = int(rng.integers(-r, r))
        arrays, given, attributes, outputs, opset = [x(a), np.array([int(rng.integers(1, a[axis] + 1))])], [1], {"axis": axis}, 2, max(opset, 11)
        if rng.random() < 0.5:
            attributes |= {"largest": int(rng.integers(0, 2)), "sorted": 1}
    else:
        arrays, given, attributes = [x([3], np.int64) % 5, np.asarray(5, np.int64), np.array([0, 1], t)], [1, 2], {"axis": -1}
        opset = max(opset, 11)
    return single(op, arrays, attributes, opset, outputs, "", given)


def grid():
    """What only types, versions and a few names tell apart, one by one: arguments of `single`."""
    some = lambda t: np.asarray([[0, 1, 2], [3, 4, 5]]).astype(t)
    every = [9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28]
    of = lambda name, arrays, attributes, opset, outputs=1, given=(): dict(
        name=name, arrays=arrays, attributes=attributes, opset=opset, outputs=outputs, given=list(given))
    list_of = lambda *n: np.array(n, np.int64)
    for opset in (9, 13, 19, 21, 23, 24, 25, 28):
        for t in DTYPES:
            for to in DTYPES.values():
                yield of("Cast", [some(t)], {"to": int(to)}, opset)
    for opset in (9, 20, 21, 23, 24, 25):
        yield of("ConstantOfShape", [list_of(2, 3)], {}, opset)
        for t in DTYPES:
            yield of("ConstantOfShape", [list_of(2, 3)], {"value": nh.from_array(np.ones(1, t))}, opset)
    for opset in (5, 13, 14, 19, 21, 23, 24, 25):
        for t in DTYPES:
            for zero in ({}, {"allowzero": 0}, {"allowzero": 1}) if opset >= 14 else ({},):
                yield of("Reshape", [some(t), list_of(3, -1)], zero, opset, given=[1])
    for opset in every:
        for t in DTYPES:
            a, one = some(t), list_of(0)
            axes = ([one], {}) if opset >= 13 else ([], {"axes": [0]})
            yield of("Unsqueeze", [a, *axes[0]], axes[1], opset, given=[1])
            yield of("Squeeze", [a[None], *axes[0]], axes[1], opset, given=[1])
            yield of("Identity", [a], {}, opset)
            yield of("Transpose", [a], {"perm": [1, 0]}, opset)
            yield of("Flatten", [a], {"axis": 1}, opset)
            yield of("Shape", [a], {}, opset)
            yield of("Concat", [a, a], {"axis": 0}, opset)
            yield of("Gather", [a, list_of(1, 0)], {"axis": 1}, opset)
            yield of("Expand", [a, list_of(2, 2, 3)], {}, opset, given=[1])
            yield of("Tile", [a, list_of(1, 2)], {}, opset, given=[1])
            yield of("Where", [a.astype(np.float32) > 2, a, a], {}, opset)
            for op in ("Add", "Sub", "Mul", "Equal", "Greater", "Less", "Min", "Max"):
                yield of(op, [a, a], {}, opset)
            yield of("Div", [a, np.asarray(2, t)], {}, opset)
            if opset >= 10:
                yield of("Slice", [a, list_of(1), list_of(3), list_of(1)], {}, opset, given=[1, 2, 3])
                yield of("Slice", [a, list_of(1), list_of(3), list_of(1), list_of(1)], {}, opset, given=[1, 2, 3, 4])
            if opset >= 15:
                yield of("Shape", [a], {"start": 0, "end": 1}, opset)
                yield of("CastLike", [a, np.zeros(1, np.float32)], {}, opset)
    yield from products(of)
    yield from quantized(of)


def products(of):
    """Matrix products as heads have them."""
    rng = np.random.default_rng(0)
    x = lambda t, *s: rng.standard_normal(s).astype(t)
    for opset in (7, 8, 9, 10, 11, 12, 13, 17, 21):
        for t in (np.float32, np.float64, np.float16):
            for ta in (None, 0, 1):
                for tb in (None, 0, 1):
                    for alpha in ({}, {"alpha": 0.5}, {"alpha": 1.0, "beta": 1.0}):
                        a = x(t, 4, 3) if ta else x(t, 3, 4)
                        b = x(t, 5, 4) if tb else x(t, 4, 5)
                        attributes = {k: v for k, v in (("transA", ta), ("transB", tb)) if v is not None} | alpha
                        for c in ([x(t, 5)], []) if opset >= 11 else ([x(t, 5)],):
                            yield of("Gemm", [a, b, *c], attributes, opset, given=[1, 2][: len(c) + 1])
            yield of("MatMul", [x(t, 3, 4), x(t, 4, 5)], {}, opset, given=[1])


def quantized(of):
    """What quantization adds to a model."""
    rng = np.random.default_rng(0)
    f = lambda *s: (rng.standard_normal(s) * 3).astype(np.float32)
    whole = lambda t, *s: rng.integers(np.iinfo(t).min, np.iinfo(t).max, s).astype(t)
    one = lambda v, t: np.asarray(v, t)
    scale = one(0.07, np.float32)
    for opset in (10, 11, 13, 17, 19, 21, 23, 24, 25):
        for t, zero in ((np.uint8, 120), (np.int8, 3), (np.int8, 0), (np.uint8, 0)):
            per_axis = [(scale, one(zero, t), {}), (scale, None, {})]
            if opset >= 13:
                for axis in (0, 1, -1):
                    n = 3 if axis == 0 else 4
                    steps = (rng.random(n) * 0.1 + 0.01).astype(np.float32)
                    per_axis.append((steps, np.full(n, zero, t), {"axis": axis}))
            for s, z, attributes in per_axis:
                zeros = [z] if z is not None else []
                stored = [1, 2][: 1 + len(zeros)]
                for given in (stored, ()):
                    if zeros or t is np.uint8:
                        yield of("QuantizeLinear", [f(3, 4), s, *zeros], attributes, opset, given=given)
                    yield of("DequantizeLinear", [whole(t, 3, 4), s, *zeros], attributes, opset, given=given)
                    yield of("DequantizeLinear", [whole(t, 3, 4), s, *zeros], attributes, opset, given=[0, *given])
        for axis in ({}, {"axis": 0}):
            steps = (rng.random(3) * 0.1).astype(np.float32) if axis and opset >= 13 else scale
            yield of("DequantizeLinear", [rng.integers(-999, 999, (3, 4)).astype(np.int32), steps], axis if opset >= 13 else {}, opset, given=[0, 1])
        yield of("DynamicQuantizeLinear", [f(3, 4)], {}, opset, outputs=3)
        for t in (np.uint8, np.int8):
            for w in (np.uint8, np.int8):
                zt, zw = one(5 if t is np.int8 else 128, t), one(0, w)
                yield of("MatMulInteger", [whole(t, 3, 4), whole(w, 4, 5), zt, zw], {}, opset, given=[1, 2, 3])
                yield of("MatMulInteger", [whole(t, 3, 4), whole(w, 4, 5)], {}, opset, given=[1])
                product = [whole(t, 3, 4), scale, zt, whole(w, 4, 5), scale, zw, one(9.0, np.float32), zt]
                yield of("QLinearMatMul", product, {}, opset, given=[1, 2, 3, 4, 5, 6, 7])
                for k in (1, 3):
                    image, kernel = whole(t, 1, 2, 6, 6), whole(w, 3, 2, k, k)
                    for attributes in ({}, {"kernel_shape": [k, k]}, {"kernel_shape": [k, k], "pads": [k // 2] * 4, "strides": [2, 2]}):
                        yield of("ConvInteger", [image, kernel, zt, zw], attributes, opset, given=[1, 2, 3])
                        for bias in ([], [rng.integers(-99, 99, 3).astype(np.int32)]):
                            operands = [image, scale, zt, kernel, scale, zw, one(9.0, np.float32), zt, *bias]
                            yield of("QLinearConv", operands, attributes, opset, given=list(range(1, len(operands))))
