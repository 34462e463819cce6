//! The proof that a model works, and that an edit changed what it said and nothing else.
//!
//! Each line of a [`Verdict`] says what was looked at and what was found. A line that was not
//! looked at says so; none claims more than what was seen.

mod backbone;
mod before;
mod runs;

use std::collections::BTreeMap;

use crate::diff::diff;
use crate::edit::onnx::{Candidate, heads};
use crate::error::Result;
use crate::finding::Severity;
use crate::infer::inputs::Given;
use crate::infer::run::{Outcome, Request};
use crate::infer::trust::distrust;
use crate::model::Model;
use crate::ops::{TypeOptions, derive_types, typed};
use crate::rules::{Family, RULES, Subject, check_with, everything};
use crate::text::printable;

/// What to prove, and on what.
#[derive(Clone, Debug)]
pub struct ValidateOptions {
    /// How many inputs are drawn.
    pub inputs: u64,
    /// What they are drawn from: this, and the numbers behind it.
    pub seed: u64,
    /// Inputs that are given.
    pub given: BTreeMap<String, Given>,
    /// Sizes of symbols.
    pub dims: BTreeMap<String, i64>,
    /// Outputs as they must be, by name.
    pub expect: BTreeMap<String, crate::files::arrays::Array>,
    /// The class of each given input.
    pub labels: Option<crate::files::arrays::Array>,
    /// Whether nothing but the head may differ from the other model, also where the metadata
    /// do not speak of a head edit.
    pub head_only: bool,
    /// Whether the outputs must be as the other model's, bit for bit.
    pub same: bool,
    /// How far outputs may be from what is expected, in parts of the greatest.
    pub tolerance: f64,
}

impl Default for ValidateOptions {
    fn default() -> Self {
        ValidateOptions {
            inputs: 8,
            seed: 0,
            given: BTreeMap::new(),
            dims: BTreeMap::new(),
            expect: BTreeMap::new(),
            labels: None,
            head_only: false,
            same: false,
            tolerance: 1e-5,
        }
    }
}

/// How a line of a verdict came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It holds.
    Holds,
    /// It is told, and nothing follows from it.
    Told,
    /// It holds, and is worth a look.
    Warns,
    /// It could not be verified.
    Unverified,
    /// It does not hold.
    Fails,
}

/// A line of a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What was looked at.
    pub subject: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub text: String,
}

/// What was found, line by line.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// The lines, in the order of what was looked at.
    pub lines: Vec<Line>,
}

impl Verdict {
    fn add(&mut self, subject: &'static str, state: State, text: impl Into<String>) {
        self.lines.push(Line { subject, state, text: text.into() });
    }

    /// The worst of its lines.
    pub fn state(&self) -> State {
        self.lines.iter().map(|line| line.state).max().unwrap_or(State::Holds)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.lines {
            let mark = match line.state {
                State::Holds => "ok",
                State::Told => "",
                State::Warns => "WARNING",
                State::Unverified => "NOT VERIFIED",
                State::Fails => "FAILS",
            };
            let mark = if mark.is_empty() { String::new() } else { format!("{mark}: ") };
            writeln!(f, "{:<11} {mark}{}", line.subject, printable(&line.text))?;
        }
        Ok(())
    }
}

/// Runs a model: the first, or what it is compared with.
pub type Runner<'a> = &'a mut dyn FnMut(Which, &Request) -> Result<Outcome>;

/// Which of two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one that is validated.
    This,
    /// The one that it is compared with.
    Against,
}

/// A model with what is asked of it more than once.
struct Known {
    /// With the types of its values.
    model: Model,
    /// The layers that may be its head.
    heads: Vec<Candidate>,
}

impl Known {
    fn of(model: &Model) -> Self {
        let model = typed(model);
        let heads = heads(&model).unwrap_or_default();
        Known { model, heads }
    }
}

/// Validates a model, alone or as an edit of another; `run` runs it.
///
/// # Errors
/// If what is asked for makes no sense, such as an input that is not there. Whatever is wrong
/// with the model is in the verdict.
pub fn validate(
    model: &Model,
    against: Option<&Model>,
    options: &ValidateOptions,
    run: Runner<'_>,
) -> Result<Verdict> {
    let (this, against) = (Known::of(model), against.map(Known::of));
    let model = &this.model;
    let mut verdict = Verdict::default();
    let difference = match &against {
        Some(old) => Some(diff(&old.model, model)?),
        None => None,
    };
    let mut cut = Vec::new();
    if let (Some(old), Some(difference)) = (&against, &difference) {
        cut = backbone::compare(old, &this, difference, options, &mut verdict);
    }
    rules(model, &mut verdict);
    let trusted = trust(model, &mut verdict)?;
    // How far outputs are from those of another model is worth a run, whatever else differs.
    let works =
        verdict.lines.iter().all(|l| l.state < State::Fails || options.same && l.subject == "backbone");
    if trusted && works {
        let old = against.as_ref().map(|old| (old, cut.as_slice()));
        runs::prove(&this, old, options, run, &mut verdict)?;
    } else {
        verdict.add("run", State::Told, "not run");
    }
    verdict.add("onnxruntime", State::Told, "not asked");
    batch(model, &mut verdict);
    if let Some(difference) = &difference {
        for line in &difference.contract {
            // A new head has other outputs; what goes in is none of its business.
            let fails = line.starts_with("inputs") && (options.head_only || backbone::is_head_edit(model));
            verdict.add("contract", if fails { State::Fails } else { State::Told }, line.clone());
        }
        if difference.contract.is_empty() {
            verdict.add("contract", State::Holds, "inputs and outputs are as before");
        }
    }
    let unproven = match (&options.labels, &against) {
        (Some(_), _) => "how it does on other inputs than those given",
        (None, Some(_)) => "accuracy: no labels were given",
        (None, None) => "accuracy, and that the model is what its author meant",
    };
    verdict.add("NOT PROVEN", State::Told, unproven);
    Ok(verdict)
}

/// The structural rules, and what follows from types.
fn rules(model: &Model, verdict: &mut Verdict) {
    let found = everything(model);
    let errors = found.iter().filter(|f| f.severity == Severity::Error).count();
    let warnings = found.iter().filter(|f| f.severity == Severity::Warning).count();
    let worst = found.iter().max_by_key(|f| f.severity).filter(|f| f.severity > Severity::Note);
    let first = worst.map_or_else(String::new, |f| format!("; {f}"));
    let state = match (errors, warnings) {
        (0, 0) => State::Holds,
        (0, _) => State::Warns,
        _ => State::Fails,
    };
    verdict.add("rules", state, format!("{errors} errors, {warnings} warnings{first}"));
    let others = RULES.iter().filter(|rule| rule.family != Family::Structure);
    for finding in check_with(&Subject::new(model), others) {
        let state = match finding.severity {
            Severity::Error => State::Fails,
            Severity::Warning => State::Warns,
            Severity::Note => State::Told,
        };
        verdict.add("rules", state, finding.to_string());
    }
}

fn trust(model: &Model, verdict: &mut Verdict) -> Result<bool> {
    match distrust(model) {
        Ok(doubts) if doubts.is_empty() => Ok(true),
        Ok(doubts) => {
            for doubt in doubts.iter().take(5) {
                verdict.add("operators", State::Unverified, doubt.clone());
            }
            Ok(false)
        }
        Err(error) => {
            verdict.add("operators", State::Fails, error.message);
            Ok(false)
        }
    }
}

/// Whether a batch of any size goes through, by the rules alone.
fn batch(model: &Model, verdict: &mut Verdict) {
    let graph = &model.graph;
    let symbolic = graph.inputs.iter().any(|&id| {
        let ty = graph.type_of(id).and_then(|ty| ty.tensor());
        ty.and_then(|ty| ty.shape.as_ref()?.0.first().cloned())
            .is_some_and(|d| !matches!(d, crate::model::Dim::Known(_)))
    });
    let mut freed = model.clone();
    freed.findings.clear();
    let mut options = TypeOptions { ignore_declared: true, ..TypeOptions::default() };
    for &id in &graph.inputs {
        let shape = graph.type_of(id).and_then(|ty| ty.tensor()?.shape.clone());
        let Some(mut shape) = shape.filter(|s| !s.0.is_empty()) else { continue };
        shape.0[0] = crate::model::Dim::Named("batch".into());
        let sizes = shape.0.iter().map(crate::model::Dim::size).collect();
        options.inputs.insert(graph.node(id).name.clone(), sizes);
    }
    derive_types(&mut freed, &options);
    match freed.findings.iter().find(|f| f.rule == "H204") {
        Some(found) => {
            let state = if symbolic { State::Warns } else { State::Told };
            verdict.add("batch", state, format!("only the file's own: {found}"));
        }
        None if symbolic => verdict.add("batch", State::Holds, "a symbol goes through all operators"),
        None => verdict.add("batch", State::Told, "fixed by the inputs; the operators would take any"),
    }
}
