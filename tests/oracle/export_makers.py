"""How sixteen models are exported: by torch, onnxruntime's quantiser, scikit-learn, boosting, by hand.

Each maker writes a file, and gives the inputs that it is run with.
"""

import os
import warnings

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

warnings.filterwarnings("ignore")
MAKERS = {}


def export(name):
    def register(f):
        MAKERS[name] = f
        return f

    return register


def torch_export(model, args, path, names, outputs, opset=17, dynamic=None, dynamo=False):
    """By TorchScript, or by torch.export (`dynamo`)."""
    import torch

    model.eval()
    if dynamo:
        torch.onnx.export(model, args, path, input_names=names, output_names=outputs, opset_version=opset, dynamo=True, external_data=False)
    else:
        torch.onnx.export(
            model, args, path, input_names=names, output_names=outputs, opset_version=opset, dynamic_axes=dynamic, dynamo=False
        )
    return {n: a.detach().numpy() for n, a in zip(names, args)}


def small_cnn(half=False):
    import torch
    from torch import nn

    torch.manual_seed(1)

    class Block(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1, groups=channels),
                nn.BatchNorm2d(channels),
                nn.Hardswish(),
                nn.Conv2d(channels, channels, 1),
            )
            self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, channels, 1), nn.Sigmoid())

        def forward(self, x):
            y = self.body(x)
            return x + y * self.gate(y)

    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        Block(16),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        Block(32),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1), m.running_var.uniform_(0.5, 1.5)
    x = torch.randn(2, 3, 32, 32)
    return (model.half(), x.half()) if half else (model, x)


@export("fp16-cnn")
def fp16_cnn(path):
    model, x = small_cnn(half=True)
    return torch_export(model, (x,), path, ["x"], ["y"])


@export("bf16-weights")
def bf16_weights(path):
    """Weights stored as bfloat16, and a Cast before what reads them."""
    import ml_dtypes

    model, x = small_cnn()
    feeds = torch_export(model, (x,), path, ["x"], ["y"], dynamic={"x": {0: "batch"}})
    m = onnx.load(path)
    casts = []
    for w in m.graph.initializer:
        if w.data_type == T.FLOAT and len(w.dims) > 1:
            name = w.name
            array = numpy_helper.to_array(w)
            w.CopyFrom(numpy_helper.from_array(array.astype(ml_dtypes.bfloat16), f"{name}_bf16"))
            casts.append(helper.make_node("Cast", [f"{name}_bf16"], [name], to=T.FLOAT))
    nodes = list(m.graph.node)
    del m.graph.node[:]
    m.graph.node.extend(casts + nodes)
    onnx.save(m, path)
    return feeds


class Samples:
    """Calibration data for onnxruntime's quantiser."""

    def __init__(self, name, shape):
        rng = np.random.default_rng(0)
        self.left = iter([{name: rng.standard_normal(shape).astype(np.float32)} for _ in range(4)])

    def get_next(self):
        return next(self.left, None)


def quantise_static(path, form, **more):
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    model, x = small_cnn()
    float_path = path + ".float"
    feeds = torch_export(model, (x,), float_path, ["x"], ["y"])
    quantize_static(
        float_path,
        path,
        Samples("x", x.shape),
        quant_format=getattr(QuantFormat, form),
        weight_type=QuantType.QInt8,
        activation_type=QuantType.QUInt8,
        **more,
    )
    os.remove(float_path)
    return feeds


@export("qdq-static")
def qdq_static(path):
    return quantise_static(path, "QDQ", per_channel=True)


@export("qoperator-static")
def qoperator_static(path):
    return quantise_static(path, "QOperator")


@export("dynamic-quantised")
def dynamic_quantised(path):
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from torch import nn

    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(24, 48), nn.ReLU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 6), nn.Softmax(-1))
    feeds = torch_export(model, (torch.randn(3, 24),), path + ".float", ["x"], ["y"], dynamic={"x": {0: "n"}})
    quantize_dynamic(path + ".float", path, weight_type=QuantType.QInt8)
    os.remove(path + ".float")
    return feeds


def recurrent(path, kind, **more):
    import torch
    from torch import nn

    torch.manual_seed(3)

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = getattr(nn, kind)(8, 12, num_layers=2, batch_first=True, bidirectional=True)
            self.out = nn.Linear(24, 5)

        def forward(self, x, *state):
            y, last = self.rnn(x, state if kind == "LSTM" else state[0])
            last = last if kind == "LSTM" else (last,)
            return (self.out(y), *last)

    states = [torch.randn(4, 2, 12) for _ in range(2 if kind == "LSTM" else 1)]
    names = ["x", "h", "c"][: 1 + len(states)]
    return torch_export(Tagger(), (torch.randn(2, 7, 8), *states), path, names, ["y", "hn", "cn"][: 1 + len(states)], **more)


@export("lstm-initial-states")
def lstm(path):
    return recurrent(path, "LSTM", dynamic={"x": {1: "time"}})


@export("gru-initial-states")
def gru(path):
    return recurrent(path, "GRU")


@export("opset24-decoder")
def decoder(path):
    """A decoder block of RMSNormalization, RotaryEmbedding and Attention with a cache."""
    rng = np.random.default_rng(4)
    batch, length, past, heads, kv, size = 2, 5, 3, 4, 2, 8
    width = heads * size
    weights, nodes = [], []

    def w(name, *shape, scale=0.2):
        weights.append(numpy_helper.from_array((rng.standard_normal(shape) * scale).astype(np.float32), name))
        return name

    def add(op, inputs, outputs, **attributes):
        nodes.append(helper.make_node(op, inputs, outputs, **attributes))

    angles = np.outer(np.arange(16), 1 / 10000 ** (np.arange(size // 2) / (size // 2)))
    weights.append(numpy_helper.from_array(np.cos(angles).astype(np.float32), "cos"))
    weights.append(numpy_helper.from_array(np.sin(angles).astype(np.float32), "sin"))
    add("RMSNormalization", ["x", w("norm1", width, scale=1)], ["a"], epsilon=1e-6)
    for name, count in (("q", heads), ("k", kv), ("v", kv)):
        add("MatMul", ["a", w(f"w{name}", width, count * size)], [name])
    add("RotaryEmbedding", ["q", "cos", "sin", "positions"], ["qr"], num_heads=heads)
    add("RotaryEmbedding", ["k", "cos", "sin", "positions"], ["kr"], num_heads=kv)
    add(
        "Attention",
        ["qr", "kr", "v", "", "past_k", "past_v"],
        ["o", "present_k", "present_v"],
        q_num_heads=heads,
        kv_num_heads=kv,
        is_causal=1,
    )
    add("MatMul", ["o", w("wo", width, width)], ["op"])
    add("Add", ["x", "op"], ["h"])
    add("RMSNormalization", ["h", w("norm2", width, scale=1)], ["b"])
    add("MatMul", ["b", w("gate", width, 2 * width)], ["g"])
    add("Swish", ["g"], ["gs"])
    add("MatMul", ["b", w("up", width, 2 * width)], ["u"])
    add("Mul", ["gs", "u"], ["gu"])
    add("MatMul", ["gu", w("down", 2 * width, width)], ["dn"])
    add("Add", ["h", "dn"], ["y"])
    shapes = dict(x=(batch, length, width), past_k=(batch, kv, past, size), past_v=(batch, kv, past, size))
    inputs = [helper.make_tensor_value_info(n, T.FLOAT, s) for n, s in shapes.items()]
    inputs.append(helper.make_tensor_value_info("positions", T.INT64, (batch, length)))
    outputs = [helper.make_tensor_value_info(n, T.FLOAT, None) for n in ("y", "present_k", "present_v")]
    graph = helper.make_graph(nodes, "decoder", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 24)], ir_version=11), path)
    feeds = {n: rng.standard_normal(s).astype(np.float32) for n, s in shapes.items()}
    return feeds | {"positions": np.tile(np.arange(past, past + length), (batch, 1))}


@export("scripted-if")
def scripted_if(path):
    import torch
    from torch import nn

    torch.manual_seed(5)

    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(6, 4), nn.Linear(6, 4)

        def forward(self, x):
            if bool(x.sum() > 0):
                y = torch.relu(self.a(x))
            else:
                y = torch.tanh(self.b(x)) * 2
            return y

    return torch_export(torch.jit.script(Branches()), (torch.randn(3, 6),), path, ["x"], ["y"])


@export("scripted-loop")
def scripted_loop(path):
    import torch
    from torch import nn

    torch.manual_seed(6)

    class Repeats(nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = nn.Linear(5, 5)

        def forward(self, x):
            state = torch.zeros(x.size(0), 5)
            for i in range(x.size(1)):
                state = torch.tanh(self.cell(state) + x[:, i])
            return state

    return torch_export(torch.jit.script(Repeats()), (torch.randn(2, 4, 5),), path, ["x"], ["y"], dynamic={"x": {1: "time"}})


def samples():
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    return x.astype(np.float32), y


@export("sklearn-forest")
def sklearn_forest(path):
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier

    x, y = samples()
    model = RandomForestClassifier(20, max_depth=6, random_state=0).fit(x, y)
    onnx.save(to_onnx(model, x[:1], options={"zipmap": False}, target_opset=18), path)
    return {"X": x[::7]}


@export("sklearn-pipeline")
def sklearn_pipeline(path):
    from skl2onnx import to_onnx
    from sklearn.decomposition import PCA
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    x, y = samples()
    model = make_pipeline(SimpleImputer(), StandardScaler(), PolynomialFeatures(2), PCA(6), LogisticRegression(max_iter=1000)).fit(x, y)
    onnx.save(to_onnx(model, x[:1], options={"zipmap": False}, target_opset=18), path)
    return {"X": x[::7]}


def boosted(path, convert, model):
    from onnxmltools.convert.common.data_types import FloatTensorType

    x, y = samples()
    model.fit(x, y)
    made = convert(model, initial_types=[("X", FloatTensorType([None, x.shape[1]]))], target_opset=15)
    onnx.save(made, path)
    return {"X": x[::7]}


@export("xgboost")
def xgboost(path):
    from onnxmltools import convert_xgboost
    from xgboost import XGBClassifier

    return boosted(path, convert_xgboost, XGBClassifier(n_estimators=12, max_depth=4, random_state=0))


@export("lightgbm")
def lightgbm(path):
    from lightgbm import LGBMRegressor
    from onnxmltools import convert_lightgbm

    return boosted(path, convert_lightgbm, LGBMRegressor(n_estimators=15, max_depth=4, min_child_samples=5, verbose=-1))


def encoder(causal):
    import torch
    from torch import nn

    torch.manual_seed(7)

    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.places = nn.Embedding(50, 32), nn.Embedding(16, 32)
            self.layers = nn.ModuleList(
                [nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=causal, activation="gelu") for _ in range(2)]
            )
            self.head = nn.Linear(32, 50 if causal else 3)

        def forward(self, ids):
            x = self.words(ids) + self.places(torch.arange(ids.size(1)))
            mask = torch.triu(torch.full((ids.size(1), ids.size(1)), float("-inf")), 1) if causal else None
            for layer in self.layers:
                x = layer(x, src_mask=mask)
            return self.head(x if causal else x[:, 0])

    return Text(), torch.randint(0, 50, (2, 9))


@export("transformer-torchscript")
def transformer(path):
    model, ids = encoder(False)
    return torch_export(model, (ids,), path, ["ids"], ["logits"], dynamic={"ids": {0: "batch"}})


@export("transformer-causal-dynamo")
def transformer_causal(path):
    model, ids = encoder(True)
    return torch_export(model, (ids,), path, ["ids"], ["logits"], opset=20, dynamo=True)
