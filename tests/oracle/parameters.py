#!/usr/bin/env python3
"""Counts the floating-point elements of models, and holds our parameters against them.

    parameters.py MODELGRAM FOLDER...

`floats` are the elements of all floating-point initializers, and of tensors in
`Constant` nodes. Single numbers, such as an epsilon, are no weights: what we count less
must be such, else this exits with 1.
"""

import json
import math
import pathlib
import subprocess
import sys

import onnx
from onnx import TensorProto as T

FLOATS = {T.FLOAT, T.FLOAT16, T.DOUBLE, T.BFLOAT16}


def tensors(graph):
    for initializer in graph.initializer:
        yield initializer.name, initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and node.op_type == "Constant":
                yield node.output[0], attribute.t
            elif attribute.type == onnx.AttributeProto.GRAPH:
                yield from tensors(attribute.g)


def main():
    wrong = 0
    print("| model | floats | parameters | rest | single numbers |")
    print("|---|---|---|---|---|")
    for folder in sys.argv[2:]:
        for path in sorted(pathlib.Path(folder).glob("*.onnx")):
            model = onnx.load(path, load_external_data=False)
            sizes = [(n, math.prod(t.dims)) for n, t in tensors(model.graph) if t.data_type in FLOATS]
            floats = sum(size for _, size in sizes)
            run = subprocess.run([sys.argv[1], "info", path, "--json"], capture_output=True, text=True, check=True)
            ours = json.loads(run.stdout)["parameters"]
            singles = sum(size == 1 for _, size in sizes)
            print(f"| {path.stem} | {floats} | {ours} | {floats - ours} | {singles} |")
            wrong += not 0 <= floats - ours <= singles
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
