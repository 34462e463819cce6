"""Functions, quantised layers, tied weights, detection, label tables, ai.onnx.ml."""

import re

import numpy as np
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from heads.build import FEATURES, OLD, Model, head, image_model

F = T.FLOAT
ML = "ai.onnx.ml"


def function(m, name, inputs, nodes):
    m.domains["local"] = 1
    m.functions.append(helper.make_function("local", name, inputs, ["y"], nodes, [helper.make_opsetid("", m.opset)]))


@head("function-weights-given")
def function_given():
    m = Model(opset=17)
    function(m, "Head", ["f", "w", "b"], [helper.make_node("MatMul", ["f", "w"], ["z"]), helper.make_node("Add", ["z", "b"], ["y"])])
    y = m.add("Head", m.features(), m.w(FEATURES, OLD), m.w(OLD), domain="local")
    return m.case([(y, F)], logits=y)


@head("function-weights-inside")
def function_inside():
    m = Model(opset=18)
    w = numpy_helper.from_array(m.rng.standard_normal((FEATURES, OLD)).astype(np.float32), "w")
    function(m, "Head", ["f"], [helper.make_node("Constant", [], ["w"], value=w), helper.make_node("MatMul", ["f", "w"], ["y"])])
    y = m.add("Head", m.features(), domain="local")
    return m.case([(y, F)], logits=y)


@head("function-called-twice")
def function_twice():
    m = Model(opset=17)
    function(m, "Layer", ["f", "w", "b"], [helper.make_node("Gemm", ["f", "w", "b"], ["y"])])
    f = m.add("Relu", m.add("Layer", m.features(), m.w(FEATURES, FEATURES), m.w(FEATURES), domain="local"))
    y = m.add("Layer", f, m.w(FEATURES, OLD), m.w(OLD), domain="local")
    return m.case([(y, F)], logits=y)


@head("function-softmax-inside")
def function_softmax():
    m = Model(opset=20, ir=9)
    function(m, "Head", ["f", "w"], [helper.make_node("MatMul", ["f", "w"], ["z"]), helper.make_node("Softmax", ["z"], ["y"])])
    y = m.add("Head", m.features(), m.w(FEATURES, OLD), domain="local")
    return m.case([(y, F)], sums=True)


# Quantised.


def linear_int8(m, shape, channels=None):
    w = m.rng.integers(-100, 100, shape).astype(np.int8)
    scale = np.full(channels, 0.01, np.float32) * (1 + m.rng.random(channels).astype(np.float32)) if channels else np.float32(0.01)
    zero = np.zeros(channels or (), np.int8)
    return m.w(array=w), m.w(array=np.asarray(scale, np.float32)), m.w(array=zero)


def qdq(name, opset, channels=None, bias=True):
    @head(name)
    def case():
        m = Model(opset=opset)
        scale, zero = m.w(array=np.float32(0.05)), m.w(array=np.uint8(0))
        f = m.add("DequantizeLinear", m.add("QuantizeLinear", m.features(), scale, zero), scale, zero)
        w = m.add("DequantizeLinear", *linear_int8(m, (FEATURES, OLD), channels), **({"axis": 1} if channels else {}))
        inputs = [f, w]
        if bias:
            by = np.full(channels, 0.0005, np.float32) if channels else np.float32(0.0005)
            b = m.rng.integers(-900, 900, OLD).astype(np.int32)
            inputs.append(
                m.add(
                    "DequantizeLinear",
                    m.w(array=b),
                    m.w(array=by),
                    m.w(array=np.zeros(channels or (), np.int32)),
                    **({"axis": 0} if channels else {}),
                )
            )
        y = m.add("Gemm" if bias else "MatMul", *inputs)
        return m.case([(y, F)], logits=y, tolerance=1e-6)


qdq("qdq", 13)
qdq("qdq-per-channel", 19, OLD)
qdq("qdq-matmul", 21, bias=False)


@head("qdq-output")
def qdq_output():
    """The scores themselves are quantised: a new head may be in numbers instead."""
    m = Model(opset=13)
    scale, zero = m.w(array=np.float32(0.1)), m.w(array=np.int8(0))
    z = m.add("MatMul", m.features(), m.add("DequantizeLinear", *linear_int8(m, (FEATURES, OLD))))
    y = m.add("DequantizeLinear", m.add("QuantizeLinear", z, scale, zero), scale, zero)
    return m.case([(y, F)], logits=y, tolerance=0.11)


@head("dynamic-quantised")
def dynamic():
    m = Model(opset=11)
    q, scale, zero = m.add("DynamicQuantizeLinear", m.features(), count=3)
    w = m.w(array=m.rng.integers(-60, 60, (FEATURES, OLD)).astype(np.int8))
    n = m.add("Cast", m.add("MatMulInteger", q, w, zero, m.w(array=np.int8(0))), to=F)
    y = m.add("Add", m.add("Mul", n, m.add("Mul", scale, m.w(array=np.float32(0.01)))), m.w(OLD))
    # A new head in numbers instead has no rounding of the features.
    return m.case([(y, F)], logits=y, tolerance=0.05)


@head("qlinear-matmul")
def qlinear_matmul():
    m = Model(opset=10, ir=5)
    s, z = m.w(array=np.float32(0.05)), m.w(array=np.uint8(0))
    q = m.add("QuantizeLinear", m.features(), s, z)
    os, oz = m.w(array=np.float32(0.1)), m.w(array=np.uint8(128))
    r = m.add(
        "QLinearMatMul",
        q,
        s,
        z,
        m.w(array=m.rng.integers(60, 190, (FEATURES, OLD)).astype(np.uint8)),
        m.w(array=np.float32(0.01)),
        m.w(array=np.uint8(128)),
        os,
        oz,
    )
    y = m.add("DequantizeLinear", r, os, oz)
    return m.case([(y, F)], logits=y, tolerance=0.11)


@head("qlinear-conv")
def qlinear_conv():
    m = image_model(opset=10, ir=5)
    s, z = m.w(array=np.float32(0.05)), m.w(array=np.uint8(0))
    q = m.add("QuantizeLinear", m.map(), s, z)
    os, oz = m.w(array=np.float32(0.1)), m.w(array=np.uint8(128))
    r = m.add(
        "QLinearConv",
        q,
        s,
        z,
        m.w(array=m.rng.integers(60, 190, (OLD, FEATURES, 1, 1)).astype(np.uint8)),
        m.w(array=np.float32(0.01)),
        m.w(array=np.uint8(128)),
        os,
        oz,
        m.w(array=m.rng.integers(-500, 500, OLD).astype(np.int32)),
    )
    y = m.add("Flatten", m.add("GlobalAveragePool", m.add("DequantizeLinear", r, os, oz)))
    return m.case([(y, F)], logits=y, tolerance=0.11)


# Tied weights.


def tied(name, gemm):
    @head(name)
    def case():
        m = Model(opset=13)
        m.inputs[0] = helper.make_tensor_value_info("x", T.INT64, ["batch", 5])
        m.feeds = {"x": m.rng.integers(0, OLD, (2, 5))}
        e = m.w(OLD, FEATURES, name="embedding")
        f = m.add("Tanh", m.add("ReduceMean", m.add("Gather", e, "x"), axes=[1], keepdims=0))
        y = m.add("Gemm", f, e, transB=1) if gemm else m.add("MatMul", f, m.add("Transpose", e, perm=[1, 0]))
        return m.case([(y, F)], logits=y)


tied("tied-transpose", False)
tied("tied-gemm", True)


@head("shared-by-two-layers")
def shared():
    """One weight in two layers; only the second is the head."""
    m = Model(opset=13)
    f = m.add("Gemm", "x", m.w(8, OLD), m.w(OLD))
    w = m.w(OLD, OLD, name="shared")
    y = m.add("MatMul", m.add("Relu", m.add("MatMul", f, w)), w)
    return m.case([(y, F)], logits=y) | dict(features=OLD)


# Detection.


@head("ssd")
def ssd():
    m = image_model()
    f = m.map()
    z = m.add("Conv", f, m.w(4 * OLD, FEATURES, 3, 3), m.w(4 * OLD), pads=[1] * 4)
    scores = m.add("Softmax", m.add("Reshape", m.add("Transpose", z, perm=[0, 2, 3, 1]), m.ints([0, -1, OLD])), axis=-1)
    boxes = m.add(
        "Reshape", m.add("Transpose", m.add("Conv", f, m.w(16, FEATURES, 3, 3), pads=[1] * 4), perm=[0, 2, 3, 1]), m.ints([0, -1, 4])
    )
    return m.case([(scores, F), (boxes, F)], axis=2, complain=still_boxes(boxes))


def still_boxes(name):
    """There are as many rows of scores as boxes."""

    def check(model, outputs, text):
        boxes, scores = outputs[name], next(v for k, v in outputs.items() if k != name)
        return None if boxes.shape[:2] == scores.shape[:2] else f"{scores.shape} scores of {boxes.shape} boxes"

    return check


@head("ssd-two-scales")
def ssd_two():
    m = image_model()
    parts = []
    for f in (m.map(), m.add("MaxPool", m.map(), kernel_shape=[2, 2], strides=[2, 2])):
        z = m.add("Conv", f, m.w(2 * OLD, FEATURES, 1, 1), m.w(2 * OLD))
        parts.append(m.add("Reshape", m.add("Transpose", z, perm=[0, 2, 3, 1]), m.ints([0, -1, OLD])))
    y = m.add("Concat", *parts, axis=1)
    return m.case([(y, F)], logits=y, axis=2)


@head("yolo")
def yolo():
    m = image_model()
    z = m.add("Conv", m.map(), m.w(3 * (5 + OLD), FEATURES, 1, 1), m.w(3 * (5 + OLD)))
    y = m.add("Transpose", m.add("Reshape", z, m.ints([0, 3, 5 + OLD, 4, 4])), perm=[0, 1, 3, 4, 2])
    return m.case(
        [(y, F)],
        axis=None,
        complain=lambda model, outputs, text: None if outputs[y].shape[-1] == 5 + 14 else f"{outputs[y].shape[-1]} numbers of a box",
    )


@head("yolo-raw-map")
def yolo_raw():
    """Anchors and classes in the channels of one map: 14 channels are no 14 classes."""
    m = image_model()
    z = m.add("Conv", m.map(), m.w(3 * (5 + OLD), FEATURES, 1, 1), m.w(3 * (5 + OLD)))
    boxes = m.add("Sigmoid", z)
    a = m.add("Slice", boxes, m.ints([0]), m.ints([15]), m.ints([1]))
    b = m.add("Slice", boxes, m.ints([15]), m.ints([30]), m.ints([1]))
    c = m.add("Slice", boxes, m.ints([30]), m.ints([45]), m.ints([1]))
    y = m.add("Concat", a, b, c, axis=3)
    return m.case(
        [(y, F)],
        axis=None,
        complain=lambda model, outputs, text: None if outputs[y].shape[1] == 19 else f"{outputs[y].shape} of the anchors",
    )


@head("detection-nms")
def nms():
    m = image_model()
    f = m.map()
    rows = lambda z, n: m.add("Reshape", m.add("Transpose", z, perm=[0, 2, 3, 1]), m.ints([0, -1, n]))
    scores = m.add("Sigmoid", rows(m.add("Conv", f, m.w(OLD, FEATURES, 1, 1)), OLD))
    boxes = rows(m.add("Conv", f, m.w(4, FEATURES, 1, 1)), 4)
    kept = m.add(
        "NonMaxSuppression", boxes, m.add("Transpose", scores, perm=[0, 2, 1]), m.ints([3]), m.w(array=np.array([0.5], np.float32))
    )
    return m.case(
        [(scores, F), (boxes, F), (kept, T.INT64)],
        axis=2,
        out=scores,
        complain=lambda model, outputs, text: None if outputs[boxes].shape[-1] == 4 else "the boxes changed",
    )


@head("two-heads")
def two_heads():
    m = Model()
    f = m.features()
    y = m.gemm(f)
    age = m.add("Gemm", f, m.w(FEATURES, 1), m.w(1))
    return m.case(
        [(y, F), (age, F)],
        logits=y,
        complain=lambda model, outputs, text: None if outputs[age].shape == (2, 1) else "the other head changed",
    )


# Label tables.


def table_kept(model, outputs, text):
    """A table of ten names does not name fourteen classes: it is changed, or spoken of."""
    words = re.sub("`[^`]*`", "", text).lower()
    if "table" in words or "old labels" in words or "names of" in words:
        return None
    for node in model.graph.node:
        if node.op_type == "LabelEncoder" and any(OLD in (len(a.ints), len(a.strings)) for a in node.attribute):
            return "a LabelEncoder of ten classes, not a word of it"
    if any(w.name == "names" and list(w.dims) == [OLD] for w in model.graph.initializer):
        return "a table of ten names, not a word of it"
    return None


def labelled(name, kind):
    @head(name)
    def case():
        m = Model()
        z = m.gemm(m.features())
        index = m.add("ArgMax", z, axis=1, keepdims=0)
        words = [f"class {i}" for i in range(OLD)]
        if kind == "encoder":
            m.domains[ML] = 2
            label, out = (
                m.add("LabelEncoder", index, domain=ML, keys_int64s=list(range(OLD)), values_strings=words, default_string="?"),
                T.STRING,
            )
        elif kind == "names":
            m.weights.append(helper.make_tensor("names", T.STRING, [OLD], [w.encode() for w in words]))
            label, out = m.add("Gather", "names", index), T.STRING
        else:
            label, out = m.add("Gather", m.w(name="names", array=np.arange(OLD) * 10 + 3), index), T.INT64
        return m.case([(z, F), (label, out)], logits=z, complain=table_kept)


labelled("table-of-names", "names")
labelled("table-of-ids", "ids")
labelled("label-encoder", "encoder")


# ai.onnx.ml.


@head("linear-classifier")
def linear_classifier():
    m = Model()
    m.domains[ML] = 3
    label, scores = m.add(
        "LinearClassifier",
        m.features(),
        domain=ML,
        count=2,
        classlabels_ints=list(range(OLD)),
        coefficients=m.rng.normal(size=OLD * FEATURES).tolist(),
        intercepts=m.rng.normal(size=OLD).tolist(),
    )
    return m.case([(scores, F), (label, T.INT64)], logits=scores, tolerance=1e-5)


@head("tree-classifier")
def tree_classifier():
    m = Model()
    m.domains[ML] = 3
    label, scores = m.add(
        "TreeEnsembleClassifier",
        "x",
        domain=ML,
        count=2,
        classlabels_int64s=[0, 1, 2],
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[0, 0, 0],
        nodes_values=[0.0] * 3,
        nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"],
        nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[2, 0, 0],
        class_treeids=[0, 0, 0],
        class_nodeids=[1, 2, 2],
        class_ids=[0, 1, 2],
        class_weights=[1.0, 0.6, 0.4],
    )
    return m.case([(scores, F), (label, T.INT64)], logits=scores)
