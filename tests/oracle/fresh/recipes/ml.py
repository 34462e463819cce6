"""ai.onnx.ml: trees, linear models, support vectors, encoders."""

import numpy as np
from draw import recipe
from values import tensor

ML = "ai.onnx.ml"
POST = ["NONE", "NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]


def table(d, n, numbers=0):
    """Rows of features."""
    return d.take(n.dtype(numbers), low=2, high=2, fits=lambda s: 0 not in s, make=lambda: d.full(2, 2))


def labels(d, count, strings="classlabels_strings", numbers="classlabels_int64s"):
    if d.chance(0.25):
        return {strings: ["cat", "dog", "bird", "fish"][:count]}
    return {numbers: [int(i) for i in d.rng.permutation(9)[:count]]}


@recipe("ArrayFeatureExtractor", domain=ML)
def extractor(d, n):
    x = d.take(n.dtype(0), low=1, high=3, fits=lambda s: 0 not in s, make=lambda: d.full(1, 3))
    return [x, d.const(d.rng.integers(0, x.shape[-1], d.pick([(1,), (2,), (1, 3)])))], {}


@recipe("Binarizer", domain=ML)
def binarizer(d, n):
    return [d.take(n.dtype(0))], d.optional({"threshold": d.float})


@recipe("CategoryMapper", domain=ML)
def category_mapper(d, n):
    return [d.take(n.dtype(0))], {
        "cats_strings": ["a", "cat", "the"],
        "cats_int64s": [1, 2, 7],
        **d.optional({"default_int64": -5, "default_string": "none"}),
    }


@recipe("FeatureVectorizer", domain=ML)
def feature_vectorizer(d, n):
    rows = d.int(1, 3)
    widths = [d.int(1, 3) for _ in range(d.int(1, 3))]
    return [d.take(n.dtype(0), (rows, w)) for w in widths], {"inputdimensions": widths}


@recipe("Imputer", domain=ML)
def imputer(d, n):
    kind = n.dtype(0)
    x = table(d, n)
    count = d.pick([1, x.shape[1]])
    if kind in ("int64", "int32"):
        return [x], {"imputed_value_int64s": [int(v) for v in d.rng.integers(0, 9, count)], "replaced_value_int64": d.int(0, 2)}
    return [x], {
        "imputed_value_floats": [float(v) for v in d.rng.normal(size=count)],
        "replaced_value_float": d.pick([0.0, float("nan"), 0.5]),
    }


@recipe("LabelEncoder", domain=ML)
def label_encoder(d, n):
    x = d.take(n.dtype(0))
    if n.version == 1:
        return [x], {"classes_strings": ["a", "cat", "the", "Dog"], **d.optional({"default_int64": -3, "default_string": "none"})}
    menu = {"string": ["a", "cat", "", "the"], "int64": [0, 1, 2, -5], "float32": [0.0, 1.5, -1.0, float("nan")]}
    to = {"string": ["x", "y", "z", "q"], "int64": [10, 11, 2**40, -1], "float32": [0.5, 1.5, -2.0, 3.0]}
    suffix = {"string": "strings", "int64": "int64s", "float32": "floats"}
    source, target = n.dtype(0), n.out()
    default = {"string": ("default_string", "none"), "int64": ("default_int64", -7), "float32": ("default_float", 9.5)}
    if source in suffix and target in suffix and (n.version < 4 or d.chance(0.6)):
        attributes = {f"keys_{suffix[source]}": menu[source], f"values_{suffix[target]}": to[target]}
        if d.chance():
            attributes[default[target][0]] = default[target][1]
        return [x], attributes
    base = lambda k: "float32" if k == "float64" else "int64" if k.startswith("int") else k
    number = lambda values, kind, name: tensor(
        np.array(
            [abs(v) % 30000 if kind == "int16" else v for v in values] if kind != "string" else np.array(values, object),
            object if kind == "string" else kind,
        ),
        kind,
        name,
    )
    attributes = {
        "keys_tensor": number(menu[base(source)], source, "k"),
        "values_tensor": number(to[base(target)], target, "v"),
        "default_tensor": number(to[base(target)][:1], target, "d"),
    }
    return [x], attributes


@recipe("LinearRegressor", domain=ML)
def linear_regressor(d, n):
    x = table(d, n)
    targets = d.int(1, 3)
    return [x], {
        "coefficients": d.rng.normal(size=targets * x.shape[1]).tolist(),
        "targets": targets,
        **d.optional({"intercepts": d.rng.normal(size=targets).tolist(), "post_transform": lambda: d.pick(POST)}),
    }


@recipe("LinearClassifier", domain=ML)
def linear_classifier(d, n):
    x = table(d, n)
    count = d.int(2, 4)
    rows = 1 if count == 2 and d.chance(0.4) else count
    attributes = labels(d, count, numbers="classlabels_ints")
    attributes |= {"coefficients": d.rng.normal(size=rows * x.shape[1]).tolist(), "intercepts": d.rng.normal(size=rows).tolist()}
    return [x], attributes | d.optional({"post_transform": lambda: d.pick(POST), "multi_class": lambda: d.int(0, 1)}), 2


@recipe("Normalizer", domain=ML)
def normalizer(d, n):
    return [d.take(n.dtype(0), low=1, high=2, fits=lambda s: 0 not in s, make=lambda: d.full(1, 2))], d.optional(
        {"norm": lambda: d.pick(["MAX", "L1", "L2"])}, 0.8
    )


@recipe("OneHotEncoder", domain=ML)
def one_hot_encoder(d, n):
    x = d.take(n.dtype(0), high=2)
    attributes = {"cats_strings": ["a", "cat", "the"]} if n.dtype(0) == "string" else {"cats_int64s": [0, 1, 2, 5]}
    return [x], attributes | d.optional({"zeros": lambda: d.int(0, 1)})


@recipe("Scaler", domain=ML)
def scaler(d, n):
    x = table(d, n)
    count = d.pick([1, x.shape[1]])
    return [x], {"offset": d.rng.normal(size=count).tolist(), "scale": d.rng.normal(size=count).tolist()}


def kernel(d):
    kind = d.pick(["LINEAR", "POLY", "RBF", "SIGMOID"])
    return {"kernel_type": kind, "kernel_params": [d.pick([0.3, 1.0]), d.pick([0.0, 0.5]), d.pick([2.0, 3.0])]}


@recipe("SVMRegressor", domain=ML)
def svm_regressor(d, n):
    x = table(d, n)
    count = d.int(1, 4)
    attributes = {
        **kernel(d),
        "coefficients": d.rng.normal(size=count).tolist(),
        "rho": [d.float()],
        "n_supports": count,
        "support_vectors": d.rng.normal(size=count * x.shape[1]).tolist(),
    }
    return [x], attributes | d.optional({"one_class": lambda: d.int(0, 1), "post_transform": lambda: d.pick(POST)}, 0.3)


@recipe("SVMClassifier", domain=ML)
def svm_classifier(d, n):
    x = table(d, n)
    classes = d.int(2, 3)
    attributes = {**kernel(d), **labels(d, classes, numbers="classlabels_ints")}
    per = [d.int(1, 2) for _ in range(classes)]
    pairs = classes * (classes - 1) // 2
    attributes |= {
        "vectors_per_class": per,
        "support_vectors": d.rng.normal(size=sum(per) * x.shape[1]).tolist(),
        "coefficients": d.rng.normal(size=(classes - 1) * sum(per)).tolist(),
        "rho": d.rng.normal(size=pairs).tolist(),
    }
    if d.chance(0.3):
        attributes |= {"prob_a": d.rng.normal(size=pairs).tolist(), "prob_b": d.rng.normal(size=pairs).tolist()}
    return [x], attributes | d.optional({"post_transform": lambda: d.pick(POST)}, 0.3), 2


MODES = ["BRANCH_LEQ", "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]


def forest(d, features):
    """Trees as lists of rows: tree, node, feature, value, mode, true, false, missing."""
    rows, leaves = [], []
    same = d.pick(MODES) if d.chance(0.7) else None

    def grow(tree, depth, counter):
        me = counter[0]
        counter[0] += 1
        if depth == 0 or (depth < 3 and d.chance(0.25)):
            rows.append([tree, me, 0, 0.0, "LEAF", 0, 0, 0])
            leaves.append((tree, me))
            return me
        row = [
            tree,
            me,
            d.int(0, features - 1),
            float(d.pick([0.0, 0.5, -0.5, round(d.rng.normal(), 2)])),
            same or d.pick(MODES),
            0,
            0,
            d.int(0, 1),
        ]
        rows.append(row)
        row[5] = grow(tree, depth - 1, counter)
        row[6] = grow(tree, depth - 1, counter)
        return me

    for tree in range(d.int(1, 4)):
        grow(tree, d.int(0 if d.chance(0.1) else 1, 3), [0])
    keys = ["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "missing_value_tracks_true"]
    columns = {f"nodes_{k}": [r[i] for r in rows] for i, k in enumerate(keys)}
    if d.chance(0.6):
        del columns["nodes_missing_value_tracks_true"]
    return columns, leaves


def as_tensors(d, n, attributes, names):
    """The same numbers as tensors of doubles, where the version has them."""
    if n.dtype(0) != "float64" or not n.has("nodes_values_as_tensor"):
        return attributes
    for name in names:
        if name in attributes:
            attributes[f"{name}_as_tensor"] = tensor(np.array(attributes.pop(name), np.float64), "float64", name)
    return attributes


@recipe("TreeEnsembleRegressor", domain=ML)
def tree_regressor(d, n):
    x = table(d, n)
    attributes, leaves = forest(d, x.shape[1])
    targets = d.int(1, 3)
    weights = [(t, l, i) for t, l in leaves for i in range(targets) if targets == 1 or d.chance(0.8)] or [(*leaves[0], 0)]
    attributes |= {
        "target_treeids": [w[0] for w in weights],
        "target_nodeids": [w[1] for w in weights],
        "target_ids": [w[2] for w in weights],
        "target_weights": d.rng.normal(size=len(weights)).tolist(),
        "n_targets": targets,
    }
    attributes |= d.optional(
        {
            "aggregate_function": lambda: d.pick(["SUM", "AVERAGE", "MIN", "MAX"]),
            "post_transform": lambda: d.pick(POST),
            "base_values": d.rng.normal(size=targets).tolist(),
        },
        0.4,
    )
    return [x], as_tensors(d, n, attributes, ["nodes_values", "target_weights", "base_values"])


@recipe("TreeEnsembleClassifier", domain=ML)
def tree_classifier(d, n):
    x = table(d, n)
    attributes, leaves = forest(d, x.shape[1])
    count = d.int(2, 4)
    ids = [0] if count == 2 and d.chance(0.4) else range(count)
    weights = [(t, l, i) for t, l in leaves for i in ids]
    attributes |= {
        "class_treeids": [w[0] for w in weights],
        "class_nodeids": [w[1] for w in weights],
        "class_ids": [w[2] for w in weights],
        "class_weights": (d.rng.normal(size=len(weights)) if d.chance() else d.rng.random(len(weights))).tolist(),
        **labels(d, count),
    }
    attributes |= d.optional({"post_transform": lambda: d.pick(POST), "base_values": d.rng.normal(size=count).tolist()}, 0.3)
    return [x], as_tensors(d, n, attributes, ["nodes_values", "class_weights", "base_values"]), 2


@recipe("TreeEnsemble", domain=ML)
def tree_ensemble(d, n):
    """A stump or two: version 5's layout of branches and leaves."""
    x = table(d, n)
    kind = n.dtype(0)
    trees, targets = d.int(1, 3), d.int(1, 2)
    number = lambda values: tensor(np.array(values, kind), kind, "t")
    attributes = {
        "tree_roots": list(range(trees)),
        "nodes_featureids": [d.int(0, x.shape[1] - 1) for _ in range(trees)],
        "nodes_splits": number(d.rng.normal(size=trees).round(2)),
        "nodes_modes": tensor(np.array([d.int(0, 5)] * trees, np.uint8), "uint8", "m"),
        "nodes_truenodeids": [2 * i for i in range(trees)],
        "nodes_falsenodeids": [2 * i + 1 for i in range(trees)],
        "nodes_trueleafs": [1] * trees,
        "nodes_falseleafs": [1] * trees,
        "leaf_targetids": [d.int(0, targets - 1) for _ in range(2 * trees)],
        "leaf_weights": number(d.rng.normal(size=2 * trees)),
        "n_targets": targets,
    }
    return [x], attributes | d.optional({"aggregate_function": lambda: d.int(0, 3), "post_transform": lambda: d.int(0, 3)})
