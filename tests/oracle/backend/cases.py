"""The cases of onnx's backend suite, each with a model, inputs and expected outputs."""

import glob
import os
import warnings

import numpy as np
import onnx
from onnx import numpy_helper

warnings.filterwarnings("ignore")


class Case:
    def __init__(self, name, kind, model, inputs, outputs, rtol=1e-3, atol=1e-7):
        self.name, self.kind, self.model = name, kind, model
        self.inputs, self.outputs, self.rtol, self.atol = inputs, outputs, rtol, atol


def array(value):
    """Some cases hold messages: an array, if there is one of their type."""
    if not isinstance(value, onnx.TensorProto):
        return value
    return numpy_helper.to_array(value)


def read(path, ty):
    data = open(path, "rb").read()
    if ty.HasField("tensor_type"):
        return numpy_helper.to_array(onnx.TensorProto.FromString(data))
    return None


def stored(folder, model, kind, name, rtol, atol):
    found = []
    for data in sorted(glob.glob(os.path.join(folder, "test_data_set_*"))):
        count = lambda what: len(glob.glob(os.path.join(data, f"{what}_*.pb")))
        initial = {t.name for t in model.graph.initializer}
        given = [i for i in model.graph.input if i.name not in initial] if model.ir_version < 4 else list(model.graph.input)
        inputs = [read(os.path.join(data, f"input_{i}.pb"), given[i].type) for i in range(count("input"))]
        outputs = [read(os.path.join(data, f"output_{i}.pb"), model.graph.output[i].type) for i in range(count("output"))]
        found.append((inputs, outputs))
    if not found:
        return None
    return Case(name, kind, model, found[0][0], found[0][1], rtol, atol)


def all_cases():
    from onnx.backend.test.case.model import collect_testcases as models
    from onnx.backend.test.case.node import collect_testcases as nodes
    from onnx.backend.test.loader import load_model_tests

    seen = set()
    for case in [*nodes(None), *models()]:
        if case.name in seen or case.model is None:
            continue
        seen.add(case.name)
        kind = "node" if case.kind == "node" else case.kind
        if "_expanded" in case.name:
            kind = "expanded"
        inputs, outputs = (list(map(array, side)) for side in case.data_sets[0])
        yield Case(case.name, kind, case.model, inputs, outputs, case.rtol or 1e-3, case.atol or 1e-7)
    for kind in ("simple", "pytorch-converted", "pytorch-operator"):
        for case in load_model_tests(kind=kind):
            if case.name in seen:
                continue
            model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
            made = stored(case.model_dir, model, kind, case.name, case.rtol or 1e-3, case.atol or 1e-7)
            if made:
                seen.add(case.name)
                yield made
    light = os.path.join(os.path.dirname(onnx.backend.test.__file__), "data", "light")
    for path in sorted(glob.glob(os.path.join(light, "*.onnx"))):
        model = onnx.load(path)
        name = os.path.basename(path)[:-5]
        initial = {t.name for t in model.graph.initializer}
        inputs = []
        for i in model.graph.input:
            if i.name in initial:
                continue
            dims = [d.dim_value for d in i.type.tensor_type.shape.dim]
            count = int(np.prod(dims))
            inputs.append(np.arange(count, dtype=np.float32).reshape(dims) / count)
        expected = path[:-5] + "_output_0.pb"
        outputs = [numpy_helper.to_array(onnx.TensorProto.FromString(open(expected, "rb").read()))] if os.path.exists(expected) else None
        if outputs:
            yield Case(name, "light", model, inputs, outputs)
