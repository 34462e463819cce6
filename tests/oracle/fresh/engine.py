"""onnxruntime without its optimisations: a few nodes at a time, or a whole model."""

import numpy as np
import onnxruntime as ort
from onnx import helper

from draw import node
from values import BY_ONNX, EXOTIC, NUMBER, tensor

ort.set_default_logger_severity(4)
LARGEST = 60_000
ML = "ai.onnx.ml"


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def imports(opsets):
    return [helper.make_opsetid(domain, version) for domain, version in opsets.items()]


def declare(name, dtype, shape=None):
    return helper.make_tensor_value_info(name, NUMBER[dtype], shape)


def few(nodes, outputs, inputs, opsets, ir):
    """Runs these nodes alone on the numbers of their inputs: [(type, array)] of the outputs."""
    before, declared, weights, feeds = [], [], [], {}
    for value in {v.name: v for v in inputs if v is not None}.values():
        if value.kind in ("init", "constant"):
            weights.append(tensor(value.array, value.dtype, value.name))
        elif value.dtype in EXOTIC:
            kind = "float32" if value.array.dtype == np.float32 else value.array.dtype.name
            declared.append(declare(f"{value.name}_c", kind, value.shape))
            before.append(node("Cast", [f"{value.name}_c"], [value.name], {"to": NUMBER[value.dtype]}))
            feeds[f"{value.name}_c"] = value.array
        else:
            declared.append(declare(value.name, value.dtype, value.shape))
            feeds[value.name] = value.array

    def model(after, ends):
        graph = helper.make_graph([*before, *nodes, *after], "g", declared, [helper.make_empty_tensor_value_info(e) for e in ends], weights)
        return helper.make_model(graph, opset_imports=imports(opsets), ir_version=max(ir, 4))

    first = session(model([], outputs))
    types = [BY_ONNX.get(o.type) for o in first.get_outputs()]
    if None in types:
        raise ValueError(f"a type that is not carried: {[o.type for o in first.get_outputs()]}")
    if any(t in EXOTIC for t in types):
        after, ends = [], []
        for name, kind in zip(outputs, types):
            if kind in EXOTIC:
                to = {"int4": "int8", "uint4": "uint8"}.get(kind, "float32")
                after.append(node("Cast", [name], [f"{name}_c"], {"to": NUMBER[to]}))
                name = f"{name}_c"
            ends.append(name)
        first = session(model(after, ends))
    arrays = first.run(None, feeds)
    for array in arrays:
        if not hasattr(array, "size"):
            raise ValueError("no tensor")
        if array.size > LARGEST:
            raise ValueError("too large")
    return list(zip(types, [np.asarray(a) for a in arrays]))


def whole(model, feeds):
    """Runs a model: its outputs, the same twice or not at all."""
    first = session(model).run(None, feeds)
    second = session(model).run(None, feeds)
    for a, b in zip(first, second):
        if not alike(a, b):
            raise ValueError("not the same twice")
    return [np.asarray(a) for a in first]


def alike(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind in "OU":
        return a.tolist() == b.tolist()
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
