"""Numbers for fresh graphs: types, and arrays of plain or special values."""

import ml_dtypes
import numpy as np
from onnx import TensorProto as T
from onnx import numpy_helper

# onnx's name of a type -> ours, the number in TensorProto, NumPy's type. Types that NumPy lacks
# are carried as float32 or int8 (`carrier`), and pass through a Cast at the border of the graph.
TYPES = {
    "tensor(float)": ("float32", T.FLOAT),
    "tensor(double)": ("float64", T.DOUBLE),
    "tensor(float16)": ("float16", T.FLOAT16),
    "tensor(bfloat16)": ("bfloat16", T.BFLOAT16),
    "tensor(float8e4m3fn)": ("float8_e4m3fn", T.FLOAT8E4M3FN),
    "tensor(float8e5m2)": ("float8_e5m2", T.FLOAT8E5M2),
    "tensor(int4)": ("int4", T.INT4),
    "tensor(uint4)": ("uint4", T.UINT4),
    "tensor(int8)": ("int8", T.INT8),
    "tensor(int16)": ("int16", T.INT16),
    "tensor(int32)": ("int32", T.INT32),
    "tensor(int64)": ("int64", T.INT64),
    "tensor(uint8)": ("uint8", T.UINT8),
    "tensor(uint16)": ("uint16", T.UINT16),
    "tensor(uint32)": ("uint32", T.UINT32),
    "tensor(uint64)": ("uint64", T.UINT64),
    "tensor(bool)": ("bool", T.BOOL),
    "tensor(string)": ("string", T.STRING),
}
NUMBER = {name: number for name, number in TYPES.values()}
BY_ONNX = {onnx: name for onnx, (name, _) in TYPES.items()}
EXOTIC = ("bfloat16", "float8_e4m3fn", "float8_e5m2", "int4", "uint4")
FLOATS = ("float32", "float64", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")
WORDS = ["", "a", "b", "cat", "Dog", "dog house", "ünï", "a,b", "7", "the", "x y z"]
CLASSES = ["plain", "zeros", "negative", "huge", "beyond32", "subnormal", "nan", "inf", "minuszero", "mixed"]


def carrier(dtype):
    """The NumPy type that carries values of this type."""
    if dtype == "string":
        return np.dtype(object)
    if dtype in ("int4", "uint4"):
        return np.dtype("int8" if dtype == "int4" else "uint8")
    return np.dtype("float32") if dtype in EXOTIC else np.dtype(dtype)


def tensor(array, dtype, name):
    """A TensorProto."""
    if dtype == "string":
        flat = [str(s).encode() for s in np.asarray(array, object).ravel()]
        return T(name=name, data_type=T.STRING, dims=np.shape(array), string_data=flat)
    if dtype in EXOTIC:
        array = np.asarray(array).astype(getattr(ml_dtypes, dtype))
    return numpy_helper.from_array(np.array(array, order="C", copy=True), name)


def data(rng, dtype, shape, special=False):
    """An array of this type: of one class of values where they are special."""
    kind = "plain"
    if special and rng.random() < 0.6:
        kind = CLASSES[rng.integers(len(CLASSES))]
    if dtype == "string":
        return rng.choice(np.array(WORDS, object), size=shape) if shape else np.array(WORDS[rng.integers(len(WORDS))], object)
    if dtype == "bool":
        return np.asarray(rng.random(shape) < (0 if kind == "zeros" else 0.5))
    if dtype in FLOATS:
        return floats(rng, dtype, shape, kind)
    return integers(rng, dtype, shape, kind)


def floats(rng, dtype, shape, kind):
    x = np.asarray(rng.standard_normal(shape) * rng.choice([0.3, 1, 1, 3]))
    if rng.random() < 0.2:
        x = np.round(x * 2) / 2
    info = ml_dtypes.finfo(getattr(ml_dtypes, dtype)) if dtype in EXOTIC else np.finfo(dtype)
    large, tiny = float(info.max), float(info.smallest_normal)
    some = np.asarray(rng.random(shape) < 0.3)
    if kind == "zeros":
        x = x * 0
    elif kind == "negative":
        x = -np.abs(x)
    elif kind == "huge":
        x = x * 10.0 ** (rng.random() * min(np.log10(large) - 1, 300))
    elif kind == "beyond32":
        x = np.round(x * 2.0**33)
    elif kind == "subnormal":
        x = x * tiny * 0.3
    elif kind == "nan":
        x = np.where(some, np.nan, x)
    elif kind == "inf":
        x = np.where(some, np.where(x > 0, np.inf, -np.inf), x)
    elif kind == "minuszero":
        x = np.where(some, -0.0, x)
    elif kind == "mixed":
        menu = [0.0, -0.0, np.nan, np.inf, -np.inf, large, -large, tiny, tiny / 4, 2.0**33, -(2.0**40), 0.5, -0.5, 1.5, 2.5, 100, -100]
        x = np.where(some, rng.choice(np.array(menu), size=shape), x)
    with np.errstate(all="ignore"):
        if dtype in EXOTIC:
            return np.asarray(np.clip(x, -large, large) if kind == "plain" else x).astype(getattr(ml_dtypes, dtype)).astype("float32")
        return np.asarray(x).astype(dtype)


def integers(rng, dtype, shape, kind):
    low, high = (-8, 7) if dtype == "int4" else (0, 15) if dtype == "uint4" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    low, high = int(low), int(high)
    small = (max(low, -6), min(high, 10))
    if kind == "zeros":
        small = (0, 0)
    elif kind == "negative" and low:
        small = (max(low, -100), -1)
    elif kind in ("huge", "inf"):
        small = (low, high)
    elif kind == "beyond32" and high > 2**32:
        small = (max(low, -(2**40)), 2**40)
    elif kind in ("mixed", "nan"):
        x = rng.integers(*small, size=shape, endpoint=True, dtype=carrier(dtype))
        menu = np.array([low, high, 0, 1, high - 1, high // 2, low // 2], dtype=carrier(dtype))
        return np.asarray(np.where(rng.random(shape) < 0.3, rng.choice(menu, size=shape), x), carrier(dtype))
    return np.asarray(rng.integers(*small, size=shape, endpoint=True, dtype=carrier(dtype)))
