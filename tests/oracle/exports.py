"""Sixteen models as people export them, through `modelgram run`, against onnxruntime.

    python3 tests/oracle/exports.py BINARY [--folder DIR] [--remake]

The models are made once by torch, onnxruntime.quantization, scikit-learn (skl2onnx), XGBoost and
LightGBM (onnxmltools), or by hand where exporters do not reach: `pip install onnx onnxruntime
torch onnxscript scikit-learn skl2onnx xgboost lightgbm onnxmltools`. Each must be verified and
right, or not verified with a reason; a wrong number with exit 0 is an error.
"""

import argparse
import json
import os
import sys
import tempfile
import traceback

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fresh"))
from export_makers import MAKERS  # noqa: E402
from outcome import differs, run  # noqa: E402


def ort_session(path):
    import onnxruntime as ort

    ort.set_default_logger_severity(4)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def make(folder, remake):
    """The models with their inputs and what onnxruntime gives; complaints of makers are shown."""
    os.makedirs(folder, exist_ok=True)
    for name, maker in MAKERS.items():
        place = os.path.join(folder, name)
        if os.path.exists(os.path.join(place, "facts.json")) and not remake:
            continue
        os.makedirs(place, exist_ok=True)
        path = os.path.join(place, "model.onnx")
        try:
            feeds = maker(path)
            session = ort_session(path)
            outputs = session.run(None, feeds)
        except Exception:
            print(f"{name}: cannot be made here\n{traceback.format_exc(limit=-3)}")
            continue
        for key, array in feeds.items():
            np.save(os.path.join(place, f"{key}.npy"), array)
        arrays = {f"o{i}": np.asarray(o).astype(str) if np.asarray(o).dtype == object else np.asarray(o) for i, o in enumerate(outputs)}
        np.savez(os.path.join(place, "expected.npz"), **arrays)
        with open(os.path.join(place, "facts.json"), "w") as file:
            json.dump({"inputs": {k: f"{k}.npy" for k in feeds}, "outputs": [o.name for o in session.get_outputs()]}, file)


def verdict(binary, place, complaints):
    """Right, or what the judge of fresh graphs says: onnxruntime saturates products of u8 and i8 without VNNI."""
    if not complaints:
        return "right", ""
    said = judge(dict(verdict="wrong", op="?", detail=complaints[0]), binary, place, complaints[0])
    word = "WRONG" if said["verdict"] == "wrong" else "right"
    return word, f"{complaints[0]}; judged `{said['verdict']}`: {said['op']} {said['detail']}"


def judge(fallback, *job):
    import judge as fresh

    try:
        return fresh.judge(job)
    except Exception as error:
        return fallback | dict(detail=f"{fallback['detail']}; the judge: {error}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--folder", default=os.path.join(tempfile.gettempdir(), "exports-oracle"))
    parser.add_argument("--remake", action="store_true", help="make the models anew")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    make(args.folder, args.remake)
    counts = dict.fromkeys(["right", "WRONG", "not verified", "error", "crash", "not made"], 0)
    for name in MAKERS:
        place = os.path.join(args.folder, name)
        if not os.path.exists(os.path.join(place, "facts.json")):
            counts["not made"] += 1
            continue
        facts = json.load(open(os.path.join(place, "facts.json")))
        files = {k: os.path.join(place, v) for k, v in facts["inputs"].items()}
        outcome = run(binary, os.path.join(place, "model.onnx"), files, len(facts["outputs"]))
        word, detail = outcome.kind, outcome.reason
        if word == "verified":
            expected = np.load(os.path.join(place, "expected.npz"))
            complaints = [
                f"{name}: {w}" for i, name in enumerate(facts["outputs"]) if (w := differs(outcome.outputs[i], expected[f"o{i}"]))
            ]
            word, detail = verdict(binary, place, complaints)
        counts[word] += 1
        print(f"{name:26} {word:13} {detail}")
    print(", ".join(f"{n} {word}" for word, n in counts.items()))
    sys.exit(counts["WRONG"] > 0)


if __name__ == "__main__":
    main()
