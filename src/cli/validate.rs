//! `modelgram validate`: the proof that a model works; and `modelgram diff`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{AllowedKind, Report, ValidateArgs};
use super::child::{ChildProcess, Limits};
use super::dims;
use super::files::{self, open};
use super::inputs::parse_inputs;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::array;
use crate::infer::{Outcome, Request, Runner};
use crate::model::Model;
use crate::prove::{Allowed, Aspect, Promise, State, Statement, ValidateOptions, Verdict, validate};
use crate::text::printable;

/// Validates, and says how it came out.
pub(super) fn run(args: &ValidateArgs) -> Result<ExitCode> {
    let model = open(&args.model)?;
    let against = args.against.as_deref().map(open).transpose()?;
    let shown = args.model.display().to_string();
    let inputs = parse_inputs(&args.runs.input)?;
    let mut expect = BTreeMap::new();
    for text in &args.expect {
        let wrong = || {
            let error =
                Error::new(ErrorKind::Usage, format!("`{}` is not of the form NAME=FILE", printable(text)));
            error.hint("--expect NAME=FILE.npy")
        };
        let (name, file) = text.rsplit_once('=').ok_or_else(wrong)?;
        expect.insert(name.to_owned(), array(Path::new(file))?);
    }
    let options = ValidateOptions {
        inputs: args.inputs,
        seed: args.runs.seed,
        given: inputs.for_model(&model),
        dims: dims::numbers_for(&model, &args.runs.dim).map_err(|error| error.in_file(&shown))?,
        expect,
        labels: args.labels.as_deref().map(array).transpose()?,
        promise: promise(args),
        tolerance: args.tolerance,
    };
    let mut runner = Watched { inner: ChildProcess { limits: Limits::of(&args.runs) }, runs: 0, first: None };
    let mut verdict = validate(&model, against.as_ref(), &options, Some(&mut runner))
        .map_err(|error| error.in_file(&shown))?;
    if args.with.is_some() {
        verdict.set(match &runner.first {
            Some((request, outcome)) => super::second::agree(&model, request, outcome),
            None => Statement {
                aspect: Aspect::Onnxruntime,
                state: State::Noted,
                text: "not run, since nothing ran".into(),
            },
        });
    }
    if args.report == Report::Json {
        let lines: Vec<_> = verdict
            .lines
            .iter()
            .map(|l| json!({"subject": l.aspect.word(), "state": l.state.word(), "text": l.text}))
            .collect();
        files::print_json(&json!({"version": 1, "lines": lines}).to_string())?;
    } else {
        files::print(&verdict.to_string())?;
    }
    let undeclared = verdict.lines.iter().any(|l| l.aspect == Aspect::Declared && l.state == State::Fails);
    if undeclared {
        files::note("hint: --allow weights or --allow operators says that such a change is meant");
    }
    Ok(code(&verdict))
}

/// What the model is held to.
fn promise(args: &ValidateArgs) -> Promise {
    match (args.head, args.same) {
        (true, _) => Promise::Head,
        (_, true) => Promise::Same,
        _ => {
            let mut allowed = Allowed::default();
            for kind in &args.allow {
                match kind {
                    AllowedKind::Weights => allowed.weights = true,
                    AllowedKind::Operators => allowed.operators = true,
                }
            }
            Promise::Declared(allowed)
        }
    }
}

/// 0 if all holds, 1 if something does not, 4 if something could not be verified.
fn code(verdict: &Verdict) -> ExitCode {
    match verdict.state() {
        State::Fails => ExitCode::from(1),
        State::Unverified => ExitCode::from(4),
        _ => ExitCode::SUCCESS,
    }
}

/// A runner that remembers the first run, which is that of the model that is validated.
struct Watched<R> {
    inner: R,
    runs: usize,
    first: Option<(Request, Outcome)>,
}

impl<R: Runner> Runner for Watched<R> {
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome> {
        self.runs += 1;
        let outcome = self.inner.run(model, request)?;
        if self.runs == 1 {
            self.first = Some((request.clone(), outcome.clone()));
        }
        Ok(outcome)
    }
}
