"""Layers of numbers: Gemm, MatMul, Conv, storage of other types, what comes after."""

import numpy as np
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from heads.build import FEATURES, OLD, Model, bfloat16, head, image_model, tokens_model

F = T.FLOAT


def simple(name, opset, after=None, ir=8, sums=False, **attributes):
    @head(name)
    def case():
        m = Model(opset=opset, ir=ir)
        z = m.gemm(m.features(), **attributes)
        y = m.add(after, z, **({"axis": 1} if after != "Sigmoid" else {})) if after else z
        return m.case([(y, F)], logits=z, sums=sums)


simple("gemm", 13)
simple("gemm-transposed", 11, transB=1)
simple("gemm-scaled", 13, alpha=0.5, beta=2.0)
simple("softmax-opset7-ir3", 7, "Softmax", ir=3, sums=True)
simple("log-softmax-opset12", 12, "LogSoftmax")
simple("sigmoid", 13, "Sigmoid")
simple("softmax-opset9", 9, "Softmax", sums=True)
simple("softmax-opset24", 24, "Softmax", ir=11, sums=True)


@head("matmul-add")
def matmul_add():
    m = Model(opset=17)
    y = m.add("Add", m.add("MatMul", m.features(), m.w(FEATURES, OLD)), m.w(OLD))
    return m.case([(y, F)], logits=y)


@head("matmul-bias-first")
def bias_first():
    m = Model(opset=9, ir=4)
    y = m.add("Add", m.w(OLD), m.add("MatMul", m.features(), m.w(FEATURES, OLD)))
    return m.case([(y, F)], logits=y)


@head("matmul-no-bias")
def no_bias():
    m = Model(opset=21, ir=10)
    y = m.add("MatMul", m.features(), m.w(FEATURES, OLD))
    return m.case([(y, F)], logits=y)


@head("layer-norm-before")
def layer_norm():
    m = Model(opset=17)
    f = m.add("LayerNormalization", m.features(), m.w(FEATURES), m.w(FEATURES), axis=-1)
    y = m.gemm(f)
    return m.case([(y, F)], logits=y)


@head("rms-norm-before-opset23")
def rms_norm():
    m = Model(opset=23, ir=11)
    y = m.gemm(m.add("RMSNormalization", m.features(), m.w(FEATURES)))
    return m.case([(y, F)], logits=y)


@head("dropout-before-opset7")
def dropout():
    m = Model(opset=7, ir=3)
    y = m.gemm(m.add("Dropout", m.features(), ratio=0.3))
    return m.case([(y, F)], logits=y)


@head("logits-and-label")
def logits_and_label():
    m = Model()
    z = m.gemm(m.features())
    y = m.add("Softmax", z, axis=-1)
    label = m.add("ArgMax", y, axis=1, keepdims=0)
    return m.case([(y, F), (label, T.INT64)], logits=z, sums=True)


@head("label-only")
def label_only():
    m = Model()
    label = m.add("ArgMax", m.gemm(m.features()), axis=1, keepdims=0)
    return m.case([(label, T.INT64)], axis=None)


@head("top5")
def top5():
    m = Model()
    z = m.gemm(m.features())
    values, index = m.add("TopK", z, m.ints([5]), count=2, axis=1)
    return m.case([(z, F), (values, F), (index, T.INT64)], logits=z)


@head("top5-of-three")
def top5_of_three():
    """Three classes are fewer than the five best."""
    return top5() | dict(classes=3)


@head("temperature")
def temperature():
    m = Model()
    z = m.add("Div", m.gemm(m.features()), m.w(name="t", array=np.float32(2.0)))
    y = m.add("Softmax", z, axis=-1)
    return m.case([(y, F)], logits=z, sums=True)


@head("class-prior-added")
def prior():
    m = Model()
    z = m.add("Add", m.gemm(m.features()), m.w(1, OLD, name="prior"))
    return m.case([(z, F)], logits=z)


@head("class-weights-times")
def class_weights():
    m = Model()
    z = m.add("Mul", m.gemm(m.features()), m.w(OLD, name="scales"))
    return m.case([(z, F)], logits=z)


@head("clip-then-softmax")
def clip():
    m = Model()
    z = m.add("Clip", m.gemm(m.features()), m.w(array=np.float32(-1)), m.w(array=np.float32(1)))
    y = m.add("Softmax", z, axis=-1)
    return m.case([(y, F)], logits=z, sums=True)


@head("background-sliced-off")
def background():
    m = Model()
    z = m.gemm(m.features(), OLD + 1)
    y = m.add("Slice", z, m.ints([1]), m.ints([OLD + 1]), m.ints([1]))
    return m.case([(y, F)], logits=y)


@head("groups-of-classes")
def groups():
    m = Model()
    z = m.gemm(m.features())
    a, b = m.add("Split", z, m.ints([4, 6]), count=2, axis=1)
    y = m.add("Concat", m.add("Softmax", a, axis=1), m.add("Softmax", b, axis=1), axis=1)
    return m.case([(y, F)])


@head("reshaped-to-2x5")
def reshaped():
    m = Model()
    y = m.add("Reshape", m.gemm(m.features()), m.ints([-1, 2, 5]))
    return m.case([(y, F)], axis=None)


@head("one-hot-of-label")
def one_hot():
    m = Model()
    z = m.gemm(m.features())
    y = m.add("OneHot", m.add("ArgMax", z, axis=1, keepdims=0), m.ints([OLD]), m.w(array=np.array([0, 1], np.float32)))
    return m.case([(y, F)])


@head("binary-squeezed")
def binary():
    m = Model()
    z = m.add("Squeeze", m.gemm(m.features(), 1), m.ints([1]))
    y = m.add("Sigmoid", z)
    return m.case([(y, F)], axis=None)


@head("batch-norm-after")
def batch_norm():
    m = Model()
    z = m.add(
        "BatchNormalization",
        m.gemm(m.features()),
        m.w(OLD),
        m.w(OLD),
        m.w(OLD),
        m.w(array=np.abs(m.rng.normal(size=OLD)).astype(np.float32) + 0.5),
    )
    return m.case([(z, F)], logits=z)


@head("einsum")
def einsum():
    m = Model()
    y = m.add("Einsum", m.features(), m.w(FEATURES, OLD), equation="bf,fc->bc")
    return m.case([(y, F)], logits=y)


@head("einsum-transposed-opset12")
def einsum_transposed():
    m = Model(opset=12)
    y = m.add("Add", m.add("Einsum", m.features(), m.w(OLD, FEATURES), equation="bf,cf->bc"), m.w(OLD))
    return m.case([(y, F)], logits=y)


@head("cosine")
def cosine():
    m = Model()
    f = m.add("LpNormalization", m.features(), axis=1)
    w = m.add("LpNormalization", m.w(FEATURES, OLD), axis=0)
    z = m.add("Mul", m.add("MatMul", f, w), m.w(array=np.float32(16)))
    return m.case([(z, F)], logits=z)


@head("sum-of-two-layers")
def summed():
    m = Model()
    f = m.features()
    y = m.add("Add", m.gemm(f), m.add("Gemm", f, m.w(FEATURES, OLD), m.w(OLD)))
    return m.case([(y, F)], logits=y)


@head("concatenated-weights")
def concatenated():
    m = Model()
    w = m.add("Concat", m.w(FEATURES, 4), m.w(FEATURES, 6), axis=1)
    y = m.add("MatMul", m.features(), w)
    return m.case([(y, F)], logits=y)


@head("concatenated-outputs")
def concatenated_outputs():
    m = Model()
    f = m.features()
    y = m.add("Concat", m.add("MatMul", f, m.w(FEATURES, 4)), m.add("MatMul", f, m.w(FEATURES, 6)), axis=1)
    return m.case([(y, F)], logits=y)


@head("weight-behind-transpose")
def transposed():
    m = Model()
    y = m.add("MatMul", m.features(), m.add("Transpose", m.w(OLD, FEATURES), perm=[1, 0]))
    return m.case([(y, F)], logits=y)


@head("weight-behind-reshape")
def weight_reshape():
    m = Model()
    y = m.add("MatMul", m.features(), m.add("Reshape", m.w(FEATURES * OLD), m.ints([FEATURES, OLD])))
    return m.case([(y, F)], logits=y)


@head("weight-in-constant")
def constant():
    m = Model()
    array = m.rng.standard_normal((FEATURES, OLD)).astype(np.float32)
    y = m.add("MatMul", m.features(), m.add("Constant", value=numpy_helper.from_array(array, "c")))
    return m.case([(y, F)], logits=y)


@head("large-constant-elsewhere")
def large_constant():
    m = Model()
    big = m.add("Constant", value=numpy_helper.from_array(m.rng.standard_normal((FEATURES, 700)).astype(np.float32), "big"))
    f = m.add("MatMul", m.add("MatMul", m.features(), big), m.w(700, FEATURES))
    y = m.gemm(f)
    return m.case([(y, F)], logits=y)


@head("fp16-model")
def fp16_model():
    m = Model(dtype=np.float16)
    z = m.gemm(m.features())
    y = m.add("Softmax", z, axis=-1)
    return m.case([(y, T.FLOAT16)], logits=z, sums=True)


def stored(name, opset, kind, bias=True, weight=True):
    @head(name)
    def case():
        m = Model(opset=opset)
        cast = lambda array: m.add("Cast", m.w(array=array), to=F)
        to = bfloat16 if kind == "bf16" else lambda a: a.astype(np.float16)
        w, b = m.rng.standard_normal((FEATURES, OLD)).astype(np.float32), m.rng.standard_normal(OLD).astype(np.float32)
        y = m.add("Gemm", m.features(), cast(to(w)) if weight else m.w(array=w), cast(to(b)) if bias else m.w(array=b))
        return m.case([(y, F)], logits=y)


stored("fp16-storage", 17, "fp16")
stored("fp16-storage-weight-only", 11, "fp16", bias=False)
stored("bf16-storage", 17, "bf16")
stored("bf16-storage-bias-only", 20, "bf16", weight=False)


@head("sparse-weight")
def sparse():
    m = Model(opset=13)
    dense = m.rng.standard_normal((FEATURES, OLD)).astype(np.float32) * (m.rng.random((FEATURES, OLD)) < 0.3)
    at = np.flatnonzero(dense)
    values = numpy_helper.from_array(dense.ravel()[at], "sparse_w")
    m.sparse.append(helper.make_sparse_tensor(values, numpy_helper.from_array(at.astype(np.int64), "at"), [FEATURES, OLD]))
    y = m.add("MatMul", m.features(), "sparse_w")
    return m.case([(y, F)], logits=y)


@head("if-around")
def if_around():
    m = Model()
    f = m.features()
    wa, wb = m.w(FEATURES, OLD), m.w(FEATURES, OLD)
    branch = lambda name, w: helper.make_graph(
        [helper.make_node("MatMul", [f, w], [name])], name, [], [helper.make_tensor_value_info(name, F, None)]
    )
    condition = m.add("Greater", m.add("ReduceSum", f, keepdims=0), m.w(array=np.float32(0)))
    y = m.add("If", condition, then_branch=branch("then", wa), else_branch=branch("else", wb))
    return m.case([(y, F)], logits=y)


# Convolutions.


@head("conv-pooled")
def conv_pooled():
    m = image_model()
    z = m.add("Flatten", m.add("GlobalAveragePool", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1), m.w(OLD))))
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("conv-max-pooled")
def conv_max_pooled():
    m = image_model(opset=8, ir=3)
    z = m.add("Flatten", m.add("GlobalMaxPool", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1))))
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("pooled-conv-flatten")
def pooled_conv():
    m = image_model(opset=10, ir=5)
    z = m.add("Flatten", m.add("Conv", m.add("GlobalAveragePool", m.map()), m.w(OLD, FEATURES, 1, 1), m.w(OLD)))
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("conv-reduce-mean-attribute")
def reduce_mean():
    m = image_model()
    z = m.add("ReduceMean", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1), m.w(OLD)), axes=[2, 3], keepdims=0)
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("conv-reduce-mean-input")
def reduce_mean_input():
    m = image_model(opset=18)
    z = m.add("ReduceMean", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1), m.w(OLD)), m.ints([-1, -2]), keepdims=0)
    y = m.add("Softmax", z)
    return m.case([(y, F)], logits=z, tolerance=1e-6, sums=True)


@head("conv-average-pool-reshape")
def conv_reshape():
    m = image_model()
    z = m.add("Reshape", m.add("AveragePool", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1)), kernel_shape=[4, 4]), m.ints([-1, OLD]))
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("conv-squeeze-softmax")
def conv_squeeze():
    m = image_model()
    z = m.add("Squeeze", m.add("Conv", m.add("GlobalAveragePool", m.map()), m.w(OLD, FEATURES, 1, 1)), m.ints([2, 3]))
    return m.case([(m.add("Softmax", z, axis=1), F)], logits=z, sums=True, tolerance=1e-6)


@head("segmentation-map")
def segmentation():
    m = image_model(opset=17)
    z = m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1), m.w(OLD))
    return m.case([(z, F)], logits=z, tolerance=1e-6)


@head("segmentation-resized")
def segmentation_resized():
    m = image_model()
    z = m.add("Resize", m.add("Conv", m.map(), m.w(OLD, FEATURES, 1, 1)), "", m.w(array=np.array([1, 1, 2, 2], np.float32)), mode="linear")
    label = m.add("ArgMax", z, axis=1, keepdims=0)
    return m.case([(z, F), (label, T.INT64)], logits=z, tolerance=1e-6)


@head("segmentation-conv-transpose")
def conv_transpose():
    m = image_model()
    z = m.add("ConvTranspose", m.map(), m.w(FEATURES, OLD, 2, 2), m.w(OLD), strides=[2, 2])
    return m.case([(z, F)], logits=z, tolerance=1e-6)


# Tokens.


@head("token-classes")
def tokens():
    m = tokens_model(opset=17)
    z = m.add("Add", m.add("MatMul", m.add("Tanh", "x"), m.w(FEATURES, OLD)), m.w(OLD))
    return m.case([(z, F)], logits=z, axis=2)


@head("first-token")
def first_token():
    m = tokens_model()
    z = m.gemm(m.add("Gather", m.add("Tanh", "x"), m.w(array=np.array(0, np.int64)), axis=1))
    return m.case([(z, F)], logits=z)


@head("lstm-last-state")
def lstm():
    m = tokens_model(opset=14)
    y = m.add("LSTM", m.add("Transpose", "x", perm=[1, 0, 2]), m.w(1, 64, 16), m.w(1, 64, 16), m.w(1, 128), count=2, hidden_size=16)[1]
    z = m.gemm(m.add("Squeeze", y, m.ints([0])))
    return m.case([(m.add("Softmax", z), F)], logits=z, sums=True)


@head("gru-opset11")
def gru():
    m = tokens_model(opset=11)
    y = m.add("GRU", m.add("Transpose", "x", perm=[1, 0, 2]), m.w(1, 48, 16), m.w(1, 48, 16), count=2, hidden_size=16)[1]
    z = m.add("MatMul", m.add("Squeeze", y, axes=[0]), m.w(FEATURES, OLD))
    return m.case([(z, F)], logits=z)


@head("attention-pooled-opset24")
def attention_pooled():
    m = tokens_model(opset=24, ir=11)
    a = m.add("Attention", "x", "x", "x", q_num_heads=4, kv_num_heads=4)
    z = m.gemm(m.add("ReduceMean", a, m.ints([1]), keepdims=0))
    return m.case([(z, F)], logits=z)
