//! `modelgram run`: a model's outputs, by tract in a process of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{Report, RunArgs};
use super::child::{ChildProcess, Limits};
use super::dims;
use super::files::{self, open};
use super::inputs::parse_inputs;
use crate::edit::onnx::CLASSES;
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Array;
use crate::infer::check::{contradiction, distrust, typed_for};
use crate::infer::{Outcome, Request, Runner};
use crate::model::{Model, Shape, property};
use crate::ops::{TypeOptions, derive_types};
use crate::rules::errors;
use crate::text::{meant, printable};

/// What a run ends with.
pub(super) fn run(args: &RunArgs) -> Result<ExitCode> {
    let shown = args.model.display().to_string();
    let mut model = open(&args.model)?;
    runs(&model).map_err(|error| error.in_file(&shown))?;
    let targets = Targets::of(args, &model).map_err(|error| error.in_file(&shown))?;
    let dims = dims::numbers_for(&model, &args.runs.dim).map_err(|error| error.in_file(&shown))?;
    let inputs = parse_inputs(&args.runs.input)?;
    derive_types(&mut model, &TypeOptions::default());
    // What an invalid model gives may be one thing here and another elsewhere.
    let invalid = errors(&model).into_iter().map(|finding| finding.to_string());
    let doubts: BTreeSet<String> = invalid.chain(distrust(&model)?).collect();
    if !doubts.is_empty() && !args.unverified {
        doubts.iter().take(10).for_each(not_verified);
        files::note("  hint: --unverified runs it all the same");
        return Ok(ExitCode::from(4));
    }
    let set = inputs.set(&model, &dims, 1, args.runs.seed).map_err(|error| error.in_file(&shown))?;
    for (name, drawn) in &set.drawn {
        files::note(format!("input `{}`: {drawn}", printable(name)));
    }
    let inputs = set.arrays.clone();
    let request = Request {
        runs: vec![set.arrays],
        dump: args.dump.clone(),
        repeat: args.repeat,
        times: args.times.is_some(),
        unverified: args.unverified,
    };
    let mut runner = ChildProcess { limits: Limits::of(&args.runs) };
    let outcome = match runner.run(&model, &request).map_err(|error| error.in_file(&shown)) {
        Ok(outcome) => outcome,
        Err(error) if error.kind == ErrorKind::Unsupported => {
            eprintln!("not verified: {}", error.place_and_fact());
            error.hints.iter().for_each(|hint| eprintln!("  hint: {hint}"));
            return Ok(ExitCode::from(4));
        }
        Err(error) => return Err(error),
    };
    let values = outcome.runs.first().cloned().unwrap_or_default();
    let contradicted = contradiction(&typed_for(&model, &inputs), &values);
    if let Some(fact) = contradicted.as_ref().filter(|_| !args.unverified) {
        not_verified(fact);
        return Ok(ExitCode::from(4));
    }
    write(args, &targets, &values, &outcome)?;
    let fine = doubts.is_empty() && contradicted.is_none();
    match args.report {
        Report::Json => files::print_json(&json(&values, &outcome, fine, contradicted))?,
        Report::Text => files::print(&text(args, &values, &outcome, &class_names(&model)))?,
    }
    doubts.iter().take(10).for_each(not_verified);
    Ok(ExitCode::from(if fine { 0 } else { 4 }))
}

/// A model of a format that is only read cannot run either, whatever is trusted.
fn runs(model: &Model) -> Result<()> {
    model.editable().map_err(|mut error| {
        error.message = format!("{} files can be drawn, and not yet run", model.format);
        error
    })
}

fn not_verified(doubt: impl AsRef<str>) {
    files::note(format!("not verified: {}", printable(doubt.as_ref())));
}

/// Writes the values and the times that were asked for into files.
fn write(args: &RunArgs, targets: &Targets, values: &[(String, Array)], outcome: &Outcome) -> Result<()> {
    for (i, (name, array)) in values.iter().enumerate() {
        if let Some(path) = targets.path(name, i) {
            files::to_file(&path, &array.to_npy()?, std::slice::from_ref(&args.model))?;
        }
    }
    if let Some(path) = &args.times {
        let milliseconds: BTreeMap<&String, f64> = outcome.times.iter().map(|(n, s)| (n, s * 1e3)).collect();
        let overlay = json!({"title": "Time", "unit": "ms", "combine": "sum", "values": milliseconds});
        files::to_file(path, format!("{overlay}\n").as_bytes(), &[])?;
    }
    Ok(())
}

fn json(
    values: &[(String, Array)],
    outcome: &Outcome,
    verified: bool,
    contradiction: Option<String>,
) -> String {
    let list: Vec<Value> = values.iter().map(|(name, array)| summary_json(name, array)).collect();
    let first =
        outcome.sightings.iter().map(|s| json!({"what": s.oddity.word(), "value": s.value, "op": s.op}));
    let first: Vec<Value> = first.collect();
    let report = json!({
        "values": list, "plan_seconds": outcome.seconds.0, "run_seconds": outcome.seconds.1,
        "first": first, "verified": verified, "contradiction": contradiction,
    });
    report.to_string()
}

fn text(args: &RunArgs, values: &[(String, Array)], outcome: &Outcome, classes: &[String]) -> String {
    let mut text: String = values.iter().map(|(name, array)| summary(name, array, classes)).collect();
    outcome.sightings.iter().for_each(|sighting| text += &format!("{sighting}\n"));
    if args.repeat > 1 {
        let (plan, run) = outcome.seconds;
        let repeat = args.repeat;
        text +=
            &format!("{:.3} ms a run, the fastest of {repeat} (the first one {plan:.3} s more)\n", run * 1e3);
    }
    text
}

/// Where values go.
struct Targets {
    named: BTreeMap<String, PathBuf>,
    folder: Option<PathBuf>,
}

impl Targets {
    /// What was asked for; a name of no value that there will be is an error.
    fn of(args: &RunArgs, model: &Model) -> Result<Self> {
        let outputs = model.graph.outputs.iter().map(|&id| model.graph.node(id).name.as_str());
        let names: Vec<&str> = outputs.chain(args.dump.iter().map(String::as_str)).collect();
        let mut named = BTreeMap::new();
        for text in &args.output {
            let wrong = || {
                let fact = format!("`{}` is not of the form NAME=FILE", printable(text));
                Error::new(ErrorKind::Usage, fact).hint("--output NAME=FILE.npy")
            };
            let (name, file) = text.rsplit_once('=').ok_or_else(wrong)?;
            if !names.contains(&name) {
                let error = Error::new(ErrorKind::Usage, format!("no output is named `{}`", printable(name)));
                let inner = model.graph.values().iter().any(|value| value.name == name);
                return Err(match inner {
                    true => error.hint(format!("it is a value inside: --dump '{name}' gives it too")),
                    false => error.hint(meant(name, &names)),
                });
            }
            named.insert(name.to_owned(), PathBuf::from(file));
        }
        Ok(Targets { named, folder: args.output_dir.clone() })
    }

    fn path(&self, name: &str, number: usize) -> Option<PathBuf> {
        if let Some(path) = self.named.get(name) {
            return Some(path.clone());
        }
        // A name may hold what no file's name can.
        let safe: String =
            name.chars().map(|c| if c.is_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
        self.folder.as_ref().map(|folder| folder.join(format!("{number}_{safe}.npy")))
    }
}

fn class_names(model: &Model) -> Vec<String> {
    let list = property(&model.meta.properties, CLASSES).and_then(|text| serde_json::from_str(text).ok());
    list.unwrap_or_default()
}

/// The least, the greatest, the mean and the deviation of numbers, and how many are none.
pub(super) struct Spread {
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) mean: f64,
    pub(super) deviation: f64,
    pub(super) not_numbers: usize,
}

pub(super) fn spread(numbers: &[f64]) -> Spread {
    let real: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
    let n = real.len().max(1) as f64;
    let mean = real.iter().sum::<f64>() / n;
    Spread {
        least: real.iter().copied().fold(f64::INFINITY, f64::min),
        most: real.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        mean,
        deviation: (real.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt(),
        not_numbers: numbers.len() - real.len(),
    }
}

fn summary(name: &str, array: &Array, classes: &[String]) -> String {
    let numbers = array.numbers().unwrap_or_default();
    let ty = format!("{} {}", array.dtype, Shape::known(array.dims.iter().copied()));
    if numbers.is_empty() {
        return format!("{}  {ty}\n", printable(name));
    }
    let s = spread(&numbers);
    let mut text = format!(
        "{}  {ty}  min {:.6} max {:.6} mean {:.6} deviation {:.6} NaN {}\n",
        printable(name),
        s.least,
        s.most,
        s.mean,
        s.deviation,
        s.not_numbers
    );
    // The best of what may be classes.
    let width = array.dims.last().copied().unwrap_or(0) as usize;
    if array.dtype.is_float() && array.dims.len() == 2 && (2..=100_000).contains(&width) {
        for (row, values) in numbers.chunks(width).take(3).enumerate() {
            let mut best: Vec<usize> = (0..width).collect();
            best.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
            let drawn = best.iter().take(5).map(|&i| {
                let class = classes.get(i).map_or_else(|| i.to_string(), |name| printable(name));
                format!("{class} {:.4}", values[i])
            });
            text += &format!("  row {row}: {}\n", drawn.collect::<Vec<_>>().join(", "));
        }
    }
    text
}

fn summary_json(name: &str, array: &Array) -> Value {
    let s = spread(&array.numbers().unwrap_or_default());
    let number = |x: f64| if x.is_finite() { json!(x) } else { Value::Null };
    json!({
        "name": name, "dtype": array.dtype.to_string(), "shape": array.dims,
        "min": number(s.least), "max": number(s.most), "mean": number(s.mean),
        "deviation": number(s.deviation), "nan": s.not_numbers,
    })
}
