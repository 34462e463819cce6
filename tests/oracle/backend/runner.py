"""Runs models by `modelgram run`, and compares numbers."""

import json
import os
import subprocess
import tempfile

import numpy as np
import onnx

KNOWN = {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"}


def can_be_given(array):
    return isinstance(array, np.ndarray) and array.dtype.name in KNOWN or np.isscalar(array)


def run(binary, model, inputs, unverified, folder=None, seconds=20):
    """What it gives: its outputs and the exit code, or nothing and a reason."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        onnx.save(model, path)
        initial = {t.name for t in model.graph.initializer} if model.ir_version < 4 else set()
        names = [i.name for i in model.graph.input if i.name not in initial]
        args = [binary, "run", path, "--output-dir", folder, "--time-limit", str(seconds), "--report", "json"]
        for i, (name, array) in enumerate(zip(names, inputs)):
            if not can_be_given(array):
                return None, "input"
            file = os.path.join(folder, f"in{i}.npy")
            np.save(file, np.asarray(array, order="C"))
            args += ["--input", f"{name}={file}"]
        if unverified:
            args.append("--unverified")
        done = subprocess.run(args, capture_output=True, text=True)
        if done.returncode not in (0, 4):
            return None, done.stderr.strip().replace("\n", " ")[:300]
        if not done.stdout:
            return None, "not verified: " + done.stderr.strip().replace("\n", "; ")[:300]
        report = json.loads(done.stdout)
        values = report["values"]
        if report["contradiction"]:
            return None, "not verified: " + report["contradiction"]
        outputs = []
        for number, value in enumerate(values):
            file = [f for f in os.listdir(folder) if f.startswith(f"{number}_") and f.endswith(".npy")]
            outputs.append(np.load(os.path.join(folder, file[0])))
        return outputs, done.returncode


def same(found, expected, rtol=1e-3, atol=1e-5):
    """Nothing if they agree, else what is wrong."""
    if len(found) < len(expected):
        return f"{len(found)} outputs, not {len(expected)}"
    for i, (a, b) in enumerate(zip(found, expected)):
        if b is None:
            continue
        b = np.asarray(b)
        if a.dtype != b.dtype:
            return f"output {i} is {a.dtype}, not {b.dtype}"
        if a.shape != b.shape:
            return f"output {i} is {a.shape}, not {b.shape}"
        if b.dtype.kind == "f":
            if b.dtype == np.float16:
                rtol, atol = max(rtol, 2e-3), max(atol, 1e-3)
            if not np.allclose(a.astype(np.float64), b.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True):
                d = np.nanmax(np.abs(a.astype(np.float64) - b.astype(np.float64)))
                # Sums of thousands round in the last places of their greatest number: `validate` allows as much.
                if b.dtype != np.float16 and np.isfinite(b).all() and np.isfinite(a).all() and d <= 1e-5 * np.abs(b).max():
                    continue
                return f"output {i} differs by {d:.3g}"
        elif not np.array_equal(a, b):
            return f"output {i} differs"
    return None
