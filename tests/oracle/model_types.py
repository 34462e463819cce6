#!/usr/bin/env python3
"""Holds our types of whole models against onnx's shape inference.

    model_types.py MODELGRAM FOLDER...

Each model is compared twice: with what its file declares of values inside (by our own
rules alone, the declarations left out), and with what onnx infers after they are taken
out. Prints a table: values, those of which we know everything, those of which onnx does
after inference, and contradictions. Exits with 1 if there is a contradiction.
"""

import json
import pathlib
import subprocess
import sys

import onnx
from node_types import dtype_name


def known(found):
    return found is not None and found[0] is not None and found[1] is not None and None not in found[1]


def differ(a, b):
    if a is None or b is None:
        return False
    if a[0] and b[0] and a[0] != b[0]:
        return True
    if a[1] is None or b[1] is None:
        return False
    pairs = zip(a[1], b[1])
    return len(a[1]) != len(b[1]) or any(isinstance(x, int) and isinstance(y, int) and x != y for x, y in pairs)


def of_infos(infos):
    found = {}
    for info in infos:
        if info.type.WhichOneof("value") != "tensor_type":
            continue
        ty, dims = info.type.tensor_type, None
        if ty.HasField("shape"):
            dims = [d.dim_value if d.HasField("dim_value") else (d.dim_param or None) for d in ty.shape.dim]
        found[info.name] = (dtype_name(ty.elem_type), dims)
    return found


def ours(program, path):
    command = [program, "info", path, "--values", "--json", "--ignore-declared", "--infer", "off"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return {v["name"]: (v["dtype"], v["shape"]) for v in json.loads(run.stdout)["values"]}


def theirs(model):
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.CopyFrom(onnx.TypeProto())
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except Exception as error:
        print(f"onnx: {error}", file=sys.stderr)
        return {}
    return of_infos([*inferred.graph.value_info, *inferred.graph.output])


def main():
    program, bad = sys.argv[1], 0
    print("| model | values of operators | complete, ours | complete, onnx | against the file | against onnx |")
    print("|---|---|---|---|---|---|")
    for folder in sys.argv[2:]:
        for path in sorted(pathlib.Path(folder).glob("*.onnx")):
            model = onnx.load(path, load_external_data=False)
            names = [o for node in model.graph.node for o in node.output if o]
            declared = of_infos([*model.graph.value_info, *model.graph.output])
            mine, other = ours(program, path), theirs(model)
            against = [sum(differ(mine.get(n), found.get(n)) for n in names) for found in (declared, other)]
            counts = [sum(known(found.get(n)) for n in names) for found in (mine, other)]
            print(f"| {path.stem} | {len(names)} | {counts[0]} | {counts[1]} | {against[0]} | {against[1]} |")
            bad += sum(against)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
