//! A second opinion: onnxruntime, if a `python3` on the PATH can import it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::files::is_stream;
use crate::files::Unfinished;
use crate::files::arrays::Array;
use crate::formats::array;
use crate::infer::{Outcome, Request};
use crate::model::Model;
use crate::prove::{Aspect, State, Statement};

/// Reads inputs by number, and writes outputs by number, run by run.
const SCRIPT: &str = "
import sys, json
import numpy as np, onnxruntime as ort
ort.set_default_logger_severity(4)
o = ort.SessionOptions()
o.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
model, folder = sys.argv[1:3]
s = ort.InferenceSession(model, o, providers=['CPUExecutionProvider'])
for r, names in enumerate(json.load(open(folder + '/runs.json'))):
    feeds = {n: np.load(f'{folder}/in_{r}_{i}.npy') for i, n in enumerate(names)}
    for i, y in enumerate(s.run(None, feeds)):
        np.save(f'{folder}/out_{r}_{i}.npy', y)
print(ort.__version__)
";

/// Runs may differ by this much of the greatest number (typical are 1e-6).
const TOLERANCE: f64 = 1e-4;

/// Whether onnxruntime gives the same.
pub(super) fn agree(model: &Model, request: &Request, outcome: &Outcome) -> Statement {
    let line = |state: State, text: String| Statement { aspect: Aspect::Onnxruntime, state, text };
    match asked(model, request, outcome) {
        Ok((version, off)) if off <= TOLERANCE => {
            line(State::Holds, format!("{version} agrees within {off:.1e} of the greatest number"))
        }
        Ok((version, off)) => {
            line(State::Fails, format!("{version} differs by {off:.1e} of the greatest number"))
        }
        Err(why) => line(State::Unverified, format!("not run: {why}")),
    }
}

fn asked(model: &Model, request: &Request, outcome: &Outcome) -> Result<(String, f64), String> {
    let text = |error: std::io::Error| error.to_string();
    let folder = tempfile::tempdir().map_err(text)?;
    // A signal ends the program without its destructors.
    let _goes_away = Unfinished::folder(folder.path());
    let mut path = PathBuf::from(&model.source.name);
    if is_stream(&path) {
        path = folder.path().join("model.onnx");
        std::fs::write(&path, &model.source.bytes).map_err(text)?;
    }
    let mut names = Vec::new();
    for (r, run) in request.runs.iter().enumerate() {
        names.push(run.keys().cloned().collect::<Vec<_>>());
        for (i, array) in run.values().enumerate() {
            let file = array.to_npy().map_err(|error| error.message)?;
            std::fs::write(folder.path().join(format!("in_{r}_{i}.npy")), file).map_err(text)?;
        }
    }
    let list = serde_json::to_string(&names).map_err(|error| error.to_string())?;
    std::fs::write(folder.path().join("runs.json"), list).map_err(text)?;
    let done = Command::new("python3")
        .args(["-c", SCRIPT])
        .args([path.as_path(), folder.path()])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        return Err(said.lines().last().unwrap_or("python3 failed").to_owned());
    }
    let mut worst = 0f64;
    for (r, run) in outcome.runs.iter().enumerate() {
        for (i, (_, own)) in run.iter().enumerate() {
            let path = folder.path().join(format!("out_{r}_{i}.npy"));
            // What was dumped is not an output.
            if !path.exists() {
                continue;
            }
            worst = worst.max(off(own, &array(&path).map_err(|error| error.message)?));
        }
    }
    Ok((String::from_utf8_lossy(&done.stdout).trim().to_owned(), worst))
}

fn off(own: &Array, other: &Array) -> f64 {
    let (Some(a), Some(b)) = (own.numbers(), other.numbers()) else { return f64::INFINITY };
    if own.dims != other.dims {
        return f64::INFINITY;
    }
    let most = b.iter().map(|x| x.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    a.iter()
        .zip(&b)
        .map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() / most })
        .fold(0.0, |m, x| if x.is_nan() { f64::INFINITY } else { m.max(x) })
}
