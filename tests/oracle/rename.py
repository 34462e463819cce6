"""Proves with onnx alone that `modelgram rename` changes names and nothing else.

    pip install onnx==1.23.2
    python3 tests/oracle/rename.py target/release/modelgram FOLDER

Every model of the folder gets a prefix on all names. Without the prefix each must be what
it was, byte for byte as onnx writes it; and what the checker accepted it must accept still.
"""

import pathlib
import subprocess
import sys
import tempfile

import onnx

PREFIX = "renamed/"


def bare(name):
    assert not name or name.startswith(PREFIX), name
    return name[len(PREFIX):]


def strip_graph(graph):
    for node in graph.node:
        strip_node(node)
    for value in [*graph.input, *graph.output, *graph.value_info]:
        value.name = bare(value.name)
    for tensor in [*graph.initializer, *(s.values for s in graph.sparse_initializer)]:
        if tensor.HasField("name"):
            tensor.name = bare(tensor.name)
    for note in graph.quantization_annotation:
        note.tensor_name = bare(note.tensor_name)
        for entry in note.quant_parameter_tensor_names:
            entry.value = bare(entry.value)


def strip_node(node):
    if node.HasField("name"):
        node.name = bare(node.name)
    for names in (node.input, node.output):
        names[:] = [bare(name) for name in names]
    for attribute in node.attribute:
        if attribute.HasField("g"):
            strip_graph(attribute.g)
        for graph in attribute.graphs:
            strip_graph(graph)


def accepted(path):
    try:
        onnx.checker.check_model(str(path))
        return True
    except Exception:
        return False


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    count = wrong = 0
    for path in sorted(folder.glob("*.onnx")):
        with tempfile.TemporaryDirectory() as out:
            new = pathlib.Path(out) / path.name
            command = [program, "rename", path, "--prefix", PREFIX, "--inputs", "--outputs", "--no-record", "-o", new]
            if subprocess.run(command, capture_output=True).returncode:
                print(path.name, "was not renamed")
                continue
            a = onnx.load(path, load_external_data=False)
            b = onnx.load(new, load_external_data=False)
            strip_graph(b.graph)
            for entry in b.metadata_props:
                if entry.key in ("modelgram.frozen", "modelgram.lr_mult"):
                    entry.value = entry.value.replace(PREFIX, "")
            for function in b.functions:
                for names in (function.input, function.output):
                    names[:] = [bare(name) for name in names]
                for node in function.node:
                    strip_node(node)
                for value in function.value_info:
                    value.name = bare(value.name)
            same = a.SerializeToString() == b.SerializeToString()
            fine = not accepted(path) or accepted(new)
        count += 1
        if not (same and fine):
            wrong += 1
            print(path.name, "differs" if not same else "is refused")
    print(f"{count} models, {wrong} wrong")
    sys.exit(wrong > 0)


main()
