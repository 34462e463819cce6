//! `modelgram validate`: the proof that a model works; and `modelgram diff`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::{Report, ValidateArgs};
use super::child::{Limits, execute};
use super::inputs::parse_inputs;
use super::{dims, files, open};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::array;
use crate::model::Model;
use crate::prove::{State, ValidateOptions, Verdict, Which, validate};
use crate::text::printable;

/// Validates, and says how it came out.
pub(super) fn run(args: &ValidateArgs) -> Result<ExitCode> {
    let model = open(&args.model)?;
    let against = args.against.as_deref().map(open).transpose()?;
    let inputs = parse_inputs(&args.runs.input)?;
    let mut expect = BTreeMap::new();
    for text in &args.expect {
        let wrong = || {
            let error = Error::new(ErrorKind::Usage, format!("`{}` is no NAME=FILE", printable(text)));
            error.hint("--expect NAME=FILE.npy")
        };
        let (name, file) = text.rsplit_once('=').ok_or_else(wrong)?;
        expect.insert(name.to_owned(), array(Path::new(file))?);
    }
    let sizes = dims::sizes(&args.runs.dim)?;
    let options = ValidateOptions {
        inputs: args.inputs,
        seed: args.runs.seed,
        given: inputs.for_model(&model),
        dims: sizes.into_iter().filter_map(|(name, size)| Some((name, size.known()?))).collect(),
        expect,
        labels: args.labels.as_deref().map(array).transpose()?,
        head_only: args.head,
        same: args.same,
        tolerance: args.tolerance,
    };
    let limits = Limits::of(&args.runs);
    let paths = (args.model.as_path(), args.against.as_deref());
    let verdict = proved(&model, against.as_ref(), &options, paths, limits, args.with.is_some())
        .map_err(|error| error.in_file(&args.model.display().to_string()))?;
    if args.report == Report::Json {
        let lines: Vec<_> = verdict
            .lines
            .iter()
            .map(|l| json!({"subject": l.subject, "state": format!("{:?}", l.state).to_lowercase(), "text": l.text}))
            .collect();
        files::to_stdout(format!("{}\n", json!({"version": 1, "lines": lines})).as_bytes())?;
    } else {
        files::to_stdout(verdict.to_string().as_bytes())?;
    }
    Ok(code(&verdict))
}

/// 0 if all holds, 1 if something does not, 4 if something could not be verified.
pub(super) fn code(verdict: &Verdict) -> ExitCode {
    match verdict.state() {
        State::Fails => ExitCode::from(1),
        State::Unverified => ExitCode::from(4),
        _ => ExitCode::SUCCESS,
    }
}

/// A verdict by runs in processes of their own.
pub(super) fn proved(
    model: &Model,
    against: Option<&Model>,
    options: &ValidateOptions,
    (path, other): (&Path, Option<&Path>),
    limits: Limits,
    second: bool,
) -> Result<Verdict> {
    let mut seen = None;
    let mut verdict = validate(model, against, options, &mut |which, request| {
        let path = match which {
            Which::This => path,
            Which::Against => other.unwrap_or(path),
        };
        let outcome = execute(path, request, limits)?;
        if which == Which::This {
            seen = Some((request.clone(), outcome.clone()));
        }
        Ok(outcome)
    })?;
    if second {
        let line = match &seen {
            Some((request, outcome)) => super::second::agree(path, request, outcome),
            None => crate::prove::Line {
                subject: "onnxruntime",
                state: State::Told,
                text: "not run, since nothing ran".into(),
            },
        };
        match verdict.lines.iter_mut().find(|l| l.subject == line.subject) {
            Some(own) => *own = line,
            None => verdict.lines.push(line),
        }
    }
    Ok(verdict)
}
