"""One case through `modelgram run`: verified numbers, not verified with a reason, or an error."""

import json
import os
import re
import subprocess
import tempfile

import numpy as np

SECONDS = 60


class Outcome:
    """`kind`: verified, not verified, error, crash. `outputs` where it is verified, else `reason`."""

    def __init__(self, kind, outputs=None, reason=""):
        self.kind, self.outputs, self.reason = kind, outputs, reason


def run(binary, model, inputs, count):
    """`inputs`: the file of each input's name; `count`: how many outputs the model has."""
    with tempfile.TemporaryDirectory() as folder:
        args = [binary, "run", model, "--output-dir", folder, "--time-limit", "30", "--report", "json"]
        for name, file in inputs.items():
            args += ["--input", f"{name}={file}"]
        try:
            done = subprocess.run(args, capture_output=True, text=True, timeout=SECONDS, errors="replace")
        except subprocess.TimeoutExpired:
            return Outcome("crash", reason=f"no end within {SECONDS} s")
        if done.returncode < 0 or done.returncode in (101, 134) or "panicked" in done.stderr:
            return Outcome("crash", reason=f"exit code {done.returncode}: {first_line(done.stderr)}")
        if done.returncode == 4:
            return Outcome("not verified", reason=first_line(done.stderr) or contradiction(done.stdout))
        if done.returncode != 0:
            return Outcome("error", reason=first_line(done.stderr))
        report = json.loads(done.stdout)
        if not report["verified"] or report["contradiction"]:
            return Outcome("error", reason=f"exit code 0, verified {report['verified']}, contradiction {report['contradiction']}")
        outputs, files = [], os.listdir(folder)
        for number in range(count):
            there = [f for f in files if f.startswith(f"{number}_") and f.endswith(".npy")]
            outputs.append(np.load(os.path.join(folder, there[0])) if there else None)
        return Outcome("verified", outputs)


def first_line(text):
    lines = [l for l in text.splitlines() if l.strip() and not l.startswith(("input `", "  hint", "note"))]
    return lines[0][:300] if lines else ""


def contradiction(text):
    try:
        return str(json.loads(text).get("contradiction"))
    except (ValueError, AttributeError):
        return text[:300]


def grouped(reason):
    """A reason without the names and numbers of one case."""
    reason = re.sub(r"`[^`]*`", "`_`", reason)
    reason = re.sub(r"\b(n\d+_)+[a-z]+\d*\b", "_", reason)
    reason = re.sub(r"\S*/\S+", "FILE", reason)
    return re.sub(r"(?<![\w=.])-?\d[\d.]*(e-?\d+)?", "#", reason)[:200]


def differs(found, expected):
    """Nothing where two arrays agree as numbers of their type can, else what is wrong."""
    if found is None:
        return "nothing written"
    if expected.dtype.kind == "U":
        return None if found.astype(str).tolist() == expected.tolist() else "other words"
    if found.dtype != expected.dtype:
        return f"{found.dtype}, not {expected.dtype}"
    if found.shape != expected.shape:
        return f"shape {found.shape}, not {expected.shape}"
    if expected.dtype.kind != "f":
        return None if np.array_equal(found, expected) else f"differs in {np.sum(found != expected)} of {found.size}"
    a, b = found.astype(np.float64), expected.astype(np.float64)
    half = expected.dtype == np.float16
    rtol, atol = (2e-3, 1e-3) if half else (1e-3, 1e-5)
    with np.errstate(all="ignore"):
        if np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True):
            return None
        finite = np.isfinite(b)
        if np.array_equal(np.isnan(a), np.isnan(b)) and np.array_equal(a[~finite & ~np.isnan(b)], b[~finite & ~np.isnan(b)]):
            # Sums of large numbers round in the last places of their greatest one.
            off = np.abs(a - b)[finite]
            if off.max() <= (2e-3 if half else 1e-5) * np.abs(b[finite]).max():
                return None
            return f"differs by {off.max():.3g} of {np.abs(b[finite]).max():.3g}"
        where = ~np.isclose(a, b, rtol=rtol, atol=atol, equal_nan=True)
        return f"{a[where].ravel()[0]} for {b[where].ravel()[0]}"
