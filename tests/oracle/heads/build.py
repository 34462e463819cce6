"""Small classifiers, put together a few nodes at a time."""

import ml_dtypes
import numpy as np
import onnx
from onnx import helper, numpy_helper

OLD = 10
FEATURES = 16


class Model:
    """What is built: `x` goes in, values are added, `done` gives the case."""

    def __init__(self, opset=13, ir=8, seed=0, x=(2, 8), dtype=np.float32):
        self.opset, self.ir, self.rng = opset, ir, np.random.default_rng(seed)
        self.nodes, self.weights, self.functions, self.sparse, self.dtype = [], [], [], [], dtype
        self.domains = {"": opset}
        self.feeds = {"x": self.rng.standard_normal(x).astype(dtype)}
        self.inputs = [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), ["batch", *x[1:]])]
        self.count = 0

    def w(self, *shape, name=None, array=None, dtype=None):
        """A weight."""
        self.count += 1
        name = name or f"w{self.count}"
        if array is None:
            array = self.rng.standard_normal(shape) * 0.5
            array = array.astype(dtype or self.dtype)
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def ints(self, values, name=None):
        return self.w(name=name, array=np.array(values, np.int64))

    def add(self, op, *inputs, out=None, domain="", count=1, **attributes):
        """A node; the name or names of what it gives."""
        self.count += 1
        outs = [out or f"{op.lower()}{self.count}"] + [f"{op.lower()}{self.count}_{i}" for i in range(1, count)]
        self.nodes.append(helper.make_node(op, inputs, outs, name=f"node{self.count}", domain=domain, **attributes))
        return outs[0] if count == 1 else outs

    def features(self):
        """Sixteen features of each row of x."""
        h = self.add("Gemm", "x", self.w(self.feeds["x"].shape[1], FEATURES), self.w(FEATURES))
        return self.add("Relu", h)

    def map(self, channels=FEATURES):
        """Features of an image, 16 x 4 x 4."""
        h = self.add("Conv", "x", self.w(channels, self.feeds["x"].shape[1], 3, 3), self.w(channels), pads=[1, 1, 1, 1], strides=[2, 2])
        return self.add("Relu", h)

    def gemm(self, f, classes=OLD, **attributes):
        shape = (classes, FEATURES) if attributes.get("transB") else (FEATURES, classes)
        return self.add("Gemm", f, self.w(*shape, name="head_w"), self.w(classes, name="head_b"), **attributes)

    def case(self, outputs, logits=None, out=None, axis=1, tolerance=0.0, sums=False, complain=None, classes=14):
        """`outputs`: (name, type); `logits`: the scores that --keep must keep, along `axis`."""
        declared = [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs]
        if self.ir < 4:
            self.inputs += [helper.make_tensor_value_info(w.name, w.data_type, list(w.dims)) for w in self.weights]
        graph = helper.make_graph(self.nodes, "classifier", self.inputs, declared, self.weights, sparse_initializer=self.sparse)
        imports = [helper.make_opsetid(d, v) for d, v in self.domains.items()]
        model = helper.make_model(graph, opset_imports=imports, ir_version=self.ir, functions=self.functions, producer_name="heads60")
        shaped(model)
        return dict(
            model=model,
            feeds=self.feeds,
            logits=logits,
            out=out or outputs[0][0],
            axis=axis,
            tolerance=tolerance,
            sums=sums,
            complain=complain,
            classes=classes,
        )


def shaped(model):
    """Declares the outputs' shapes, as exporters do: as inferred, else with a symbol for each axis."""
    import head

    ranks = [len(o.shape) if o.shape is not None else None for o in head.session(model.SerializeToString()).get_outputs()]
    inferred = {o.name: o for o in onnx.shape_inference.infer_shapes(model).graph.output}
    for output, rank in zip(model.graph.output, ranks):
        kind = output.type.tensor_type
        if inferred[output.name].type.tensor_type.HasField("shape"):
            kind.shape.CopyFrom(inferred[output.name].type.tensor_type.shape)
        else:
            kind.shape.SetInParent()
            for i in range(rank or 0):
                kind.shape.dim.add().dim_param = "batch" if i == 0 else f"{output.name}_{i}"


def image_model(**more):
    return Model(x=(2, 3, 8, 8), **more)


def tokens_model(**more):
    return Model(x=(2, 5, FEATURES), **more)


def bfloat16(array):
    return np.asarray(array).astype(ml_dtypes.bfloat16)


CASES = {}


def head(name):
    def register(f):
        CASES[name] = f
        return f

    return register
