#!/usr/bin/env python3
"""Holds what our rules call an error to onnx's checker and to onnxruntime.

    definitions.py RULE_ERRORS FOLDER... [--backend]

RULE_ERRORS is the example of that name (`cargo build --example rule_errors`). All ONNX files
below the folders are looked at, and with --backend the models of onnx's own backend tests.

alarm    onnxruntime loads it and the checker passes it, and we call it an error
one      one of both refuses it, and so do we
missed   both refuse it, and we call nothing an error

Exits with 1 if there is an alarm.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import onnx
import onnxruntime


def loads(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever it says is the answer
        text = str(error)
        # A model may be right and have no kernel, or be of a domain that is not there.
        if "NOT_IMPLEMENTED" in text or "is not a registered function" in text:
            return None
        return text
    return ""


def checks(path):
    try:
        onnx.checker.check_model(str(path), full_check=True)
    except Exception as error:  # whatever it says is the answer
        return str(error) or "refused"
    return ""


def backend(folder):
    from onnx.backend.test.case.node import collect_testcases

    for i, case in enumerate(collect_testcases(None)):
        if case.model is not None:
            path = pathlib.Path(folder) / f"{i}_{case.name}.onnx"
            path.write_bytes(case.model.SerializeToString())
            yield path
    data = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    yield from data.rglob("model.onnx")


def main():
    program, *folders = [a for a in sys.argv[1:] if not a.startswith("--")]
    with tempfile.TemporaryDirectory() as folder:
        files = [p for f in folders for p in sorted(pathlib.Path(f).rglob("*.onnx"))]
        if "--backend" in sys.argv:
            files += backend(folder)
        listing = "\n".join(str(p) for p in files)
        lines = subprocess.run([program], input=listing, text=True, capture_output=True, check=True).stdout
        counts, rules = collections.Counter(), collections.Counter()
        for line in map(json.loads, lines.splitlines()):
            loaded, checked = loads(line["path"]), checks(line["path"])
            ours = line["errors"]
            refused = bool(loaded) + bool(checked)
            kind = "fine"
            if ours:
                kind = ["ALARM", "one", "both"][refused]
            elif refused == 2:
                kind = "missed"
            counts[kind] += 1
            rules.update({f.split("]")[0].split("[")[1] for f in ours})
            if kind in ("ALARM", "missed", "one"):
                short = [t.replace("\n", " ")[:160] for t in (loaded or "", checked, "; ".join(ours))]
                print(f"{kind}: {line['path']}\n  onnxruntime: {short[0]}\n  checker: {short[1]}\n  ours: {short[2]}")
        print(dict(counts), dict(rules))
        return 1 if counts["ALARM"] else 0


sys.exit(main())
