#!/usr/bin/env python3
"""Holds our types of onnx's own node tests against what the operators really give.

    node_types.py MODELGRAM [--all]

For each node test of the `onnx` package, the types of values and outputs are taken out
of the model. Then our `info --values` and onnx's own shape inference each say what they
can derive, and both are compared with the arrays that the test expects.

wrong    a type, rank or dimension that the expected array does not have
less     an output of which onnx knows more than we do
typed    outputs of which element type, rank and every dimension are known

Prints a line for each operator that has something wrong or less (with --all for every
one), and the sums. Exits with 1 if anything is wrong, or if we know less in sum.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TypeProto
from onnx.backend.test.case.node import collect_testcases

NAMES = {
    "FLOAT": "f32", "DOUBLE": "f64", "FLOAT16": "f16", "BFLOAT16": "bf16", "FLOAT8E4M3FN": "f8e4m3fn",
    "FLOAT8E4M3FNUZ": "f8e4m3fnuz", "FLOAT8E5M2": "f8e5m2", "FLOAT8E5M2FNUZ": "f8e5m2fnuz",
    "FLOAT8E8M0": "f8e8m0", "FLOAT4E2M1": "f4e2m1", "INT64": "i64", "INT32": "i32", "INT16": "i16",
    "INT8": "i8", "INT4": "i4", "INT2": "i2", "UINT64": "u64", "UINT32": "u32", "UINT16": "u16",
    "UINT8": "u8", "UINT4": "u4", "UINT2": "u2", "BOOL": "bool", "COMPLEX64": "c64",
    "COMPLEX128": "c128", "STRING": "string", "UNDEFINED": None,
}  # fmt: skip


def dtype_name(number):
    return NAMES[onnx.TensorProto.DataType.Name(number)]


def strip(model):
    """Without the types of values and outputs."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.ClearField("type")
    return model


def onnx_types(model):
    """What onnx infers: output name to (dtype, dims)."""
    for output in model.graph.output:
        output.type.CopyFrom(TypeProto())
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except Exception:  # what it says of odd models is not our business
        return {}
    found = {}
    for output in inferred.graph.output:
        ty = output.type
        if ty.WhichOneof("value") == "tensor_type":
            dims = None
            if ty.tensor_type.HasField("shape"):
                dims = [d.dim_value if d.HasField("dim_value") else None for d in ty.tensor_type.shape.dim]
            found[output.name] = (dtype_name(ty.tensor_type.elem_type), dims)
    return found


def our_types(program, model, folder):
    path = pathlib.Path(folder) / "model.onnx"
    path.write_bytes(model.SerializeToString())
    run = subprocess.run([program, "info", path, "--values", "--json"], capture_output=True, text=True)
    if run.returncode != 0:
        return None
    values = json.loads(run.stdout)["values"]
    number = lambda d: d if isinstance(d, int) else None
    dims = lambda v: None if v["shape"] is None else [number(d) for d in v["shape"]]
    return {v["name"]: (v["dtype"], dims(v)) for v in values}


def wrong(found, dtype, shape):
    """Whether what was found contradicts the array."""
    if found is None:
        return False
    if found[0] is not None and dtype is not None and found[0] != dtype:
        return True
    if found[1] is None:
        return False
    return len(found[1]) != len(shape) or any(d is not None and d != s for d, s in zip(found[1], shape))


def knowledge(found):
    """How much is known: dtype, rank and each dimension count one."""
    if found is None:
        return 0, False
    dims = found[1]
    amount = (found[0] is not None) + (0 if dims is None else 1 + sum(d is not None for d in dims))
    return amount, found[0] is not None and dims is not None and None not in dims


def main():
    program, show_all = sys.argv[1], "--all" in sys.argv[2:]
    table = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        for case in collect_testcases(None):
            model = strip(case.model)
            op = case.model.graph.node[0].op_type if len(case.model.graph.node) == 1 else "(several)"
            ours = our_types(program, model, folder)
            theirs = onnx_types(model)
            if ours is None:
                notes.append(f"{case.name}: not read")
                continue
            outputs = case.data_sets[0][1]
            for info, array in zip(case.model.graph.output, outputs):
                if info.type.WhichOneof("value") != "tensor_type":
                    continue
                dtype = dtype_name(info.type.tensor_type.elem_type)
                # Some expected values are held as protobufs.
                if isinstance(array, onnx.TensorProto):
                    shape = tuple(array.dims)
                else:
                    shape = np.shape(array)
                mine, other = ours.get(info.name), theirs.get(info.name)
                row = table[op]
                row[0] += 1
                row[1] += knowledge(mine)[1]
                row[2] += knowledge(other)[1]
                if wrong(mine, dtype, shape):
                    row[3] += 1
                    notes.append(f"{case.name}: {info.name} is {dtype} {shape}, we say {mine}, onnx says {other}")
                if knowledge(mine)[0] < knowledge(other)[0] and not wrong(other, dtype, shape):
                    row[4] += 1
                    notes.append(f"{case.name}: {info.name} is {dtype} {shape}, we only say {mine}, onnx {other}")
    print("\n".join(notes))
    print("| operator | outputs | typed, ours | typed, onnx | wrong | less |")
    print("|---|---|---|---|---|---|")
    for op, row in sorted(table.items()):
        if show_all or row[3] or row[4]:
            print(f"| {op} | " + " | ".join(map(str, row)) + " |")
    total = [sum(row[i] for row in table.values()) for i in range(5)]
    print("| all | " + " | ".join(map(str, total)) + " |")
    sys.exit(1 if total[3] or total[1] < total[2] else 0)


if __name__ == "__main__":
    main()
