"""Holds what we say of Keras Applications against Keras itself, layer by layer.

    pip install keras==3.15.0 jax
    python3 tests/oracle/keras_applications.py target/release/modelgram [NAME ...]

Each network is built without weights and written as JSON. Names, classes, connections,
output shapes and parameters of all layers must be the same; shapes once as the file has
them, and once by our rules alone (`--ignore-declared`).
"""

import json
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import keras  # noqa: E402


def is_model(layer):
    return isinstance(layer, keras.Model)


def shape(tensor):
    return ["batch" if i == 0 and n is None else n for i, n in enumerate(tensor.shape)]


def walk(model, prefix, layers, edges, inputs):
    """Adds the layers of a model; gives the layer behind each of its outputs."""
    model = functional(model)
    behind = {}
    for operation in model.operations:
        if isinstance(operation, keras.layers.InputLayer):
            index = next(i for i, x in enumerate(model.inputs) if x is operation.output)
            behind[operation.name, 0, 0] = inputs[index] if inputs else prefix + operation.name
    pending = [(op, i, n) for op in model.operations for i, n in enumerate(op._inbound_nodes) if node_of(model, n)]
    done = True
    while pending and done:
        done = False
        for item in list(pending):
            operation, i, node = item
            if isinstance(operation, keras.layers.InputLayer):
                pending.remove(item)
                continue
            keys = [(x._keras_history.operation.name, x._keras_history.node_index, x._keras_history.tensor_index) for x in node.input_tensors]
            if any(key not in behind for key in keys):
                continue
            pending.remove(item)
            done = True
            number = len([1 for key in behind if key[0] == operation.name and key[2] == 0])
            again = f":{number}" if number else ""
            name = f"{prefix}{operation.name}{again}"
            sources = [behind[key] for key in keys]
            if is_model(operation):
                outs = walk(operation, name + "/", layers, edges, sources)
                for k, out in enumerate(outs):
                    behind[operation.name, i, k] = out
                continue
            layers[name] = (type(operation).__name__, [shape(x) for x in node.output_tensors], count(operation))
            for source in sources:
                edges.append((source, name))
            for k in range(len(node.output_tensors)):
                behind[operation.name, i, k] = name
    history = [x._keras_history for x in model.outputs]
    return [behind[h.operation.name, h.node_index, h.tensor_index] for h in history]


def node_of(model, node):
    return any(node is n for nodes in model._nodes_by_depth.values() for n in nodes) if hasattr(model, "_nodes_by_depth") else True


def functional(model):
    return model._functional if isinstance(model, keras.Sequential) else model


def count(operation):
    return operation.count_params() if isinstance(operation, keras.layers.Layer) else 0


def run(program, *args):
    return json.loads(subprocess.run([program, *args], check=True, capture_output=True).stdout)


def ours(program, path):
    page = run(program, path, "-T", "json", "--group", "off", "--hubs", "off", "--infer", "off")
    names = {n["id"]: n["name"] for n in page["nodes"]}
    kind = {n["id"]: n["op"] for n in page["nodes"]}
    edges = [
        (names[e["source"]], names[e["target"]])
        for e in page["edges"]
        if e.get("target") and kind[e["target"]] != "Output"
    ]
    return sorted(set(edges))


def shapes(program, path, *more):
    facts = run(program, "info", path, "--nodes", "--json", "--infer", "off", *more)
    return facts, {o["name"]: o for o in facts["operators"]}


def same_shapes(told, wanted):
    return [o.get("shape") for o in told["outputs"]] == wanted


def main():
    program, names = sys.argv[1], sys.argv[2:]
    names = names or [n for n in dir(keras.applications) if n[0].isupper()]
    print(f"{'network':20} {'layers':>7} {'params':>12} wrong: names shapes rules params edges")
    total = [0] * 6
    for name in names:
        model = getattr(keras.applications, name)(weights=None)
        layers, edges = {}, []
        walk(model, "", layers, edges, None)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, name + ".json")
            with open(path, "w") as file:
                file.write(model.to_json())
            facts, told = shapes(program, path)
            _, ruled = shapes(program, path, "--ignore-declared")
            found = ours(program, path)
        wrong = [
            len(set(layers) ^ set(told)) + sum(1 for n in set(layers) & set(told) if layers[n][0] != told[n]["op"]),
            sum(1 for n in layers if n not in told or not same_shapes(told[n], layers[n][1])),
            sum(1 for n in layers if n not in ruled or not same_shapes(ruled[n], layers[n][1])),
            sum(1 for n in layers if n not in told or told[n]["parameters"] != layers[n][2])
            + (facts["parameters"] != model.count_params()),
            len(set(edges) ^ set(found)),
        ]
        print(f"{name:20} {len(layers):7} {model.count_params():12} {'':6} " + " ".join(f"{w:6}" for w in wrong), flush=True)
        total = [a + b for a, b in zip(total, [len(layers), *wrong])]
        if any(wrong) and len(names) < 4:
            print(sorted(set(layers) ^ set(told))[:10])
            print([(n, layers[n], told[n]["outputs"]) for n in layers if n in told and not same_shapes(told[n], layers[n][1])][:5])
            print([(n, layers[n], ruled[n]["outputs"]) for n in layers if n in ruled and not same_shapes(ruled[n], layers[n][1])][:5])
            print([(n, layers[n], told[n]["parameters"]) for n in layers if n in told and told[n]["parameters"] != layers[n][2]][:5])
            print(sorted(set(edges) ^ set(found))[:10])
    print(f"{'all':20} {total[0]:7} {'':12} {'':6} " + " ".join(f"{w:6}" for w in total[1:]))
    sys.exit(any(total[1:]))


main()
