//! The proof that a model works, and that an edit changed what it said and nothing else.
//!
//! Each line of a [`Verdict`] says what was looked at and what was found. A line that was not
//! looked at says so; none claims more than what was seen.

mod backbone;
mod before;
mod known;
mod options;
mod runs;
mod verdict;

pub use options::ValidateOptions;
pub use verdict::{Allowed, Aspect, Promise, State, Statement, Verdict};

use known::{Known, Old};

use crate::diff::diff;
use crate::error::Result;
use crate::finding::Severity;
use crate::infer::Runner;
use crate::infer::check::distrust;
use crate::model::Model;
use crate::ops::{TypeOptions, derive_types};
use crate::rules::{self, Family, RULES, check_with, everything};

/// Validates a model, alone or as an edit of another. Without a runner nothing is run, and the
/// verdict says so.
///
/// # Errors
/// If what is asked for makes no sense, such as an input that is not there. Whatever is wrong
/// with the model is in the verdict.
pub fn validate(
    model: &Model,
    against: Option<&Model>,
    options: &ValidateOptions,
    runner: Option<&mut dyn Runner>,
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
    let same = options.promise.is_same();
    let is_of_a_change = |aspect: Aspect| aspect == Aspect::Declared || same && aspect == Aspect::Backbone;
    let works = verdict.lines.iter().all(|l| l.state < State::Fails || is_of_a_change(l.aspect));
    match runner {
        Some(runner) if trusted && works => {
            let old = against.as_ref().map(|old| Old { known: old, cut: &cut });
            runs::prove(&this, old, options, runner, &mut verdict)?;
        }
        Some(_) => verdict.add(Aspect::Run, State::Noted, "not run"),
        None => verdict.add(Aspect::Run, State::Unverified, "there is no engine to run it"),
    }
    verdict.add(Aspect::Onnxruntime, State::Noted, "not asked");
    batch(model, &mut verdict);
    if let Some(difference) = &difference {
        for line in &difference.contract {
            // A new head has other outputs; what goes in is none of its business.
            let fails = line.starts_with("inputs") && (backbone::is_of_the_head(model, options.promise));
            verdict.add(Aspect::Contract, if fails { State::Fails } else { State::Noted }, line.clone());
        }
        if difference.contract.is_empty() {
            verdict.add(Aspect::Contract, State::Holds, "inputs and outputs are as before");
        }
    }
    let unproven = match (&options.labels, &against) {
        (Some(_), _) => "how it does on other inputs than those given",
        (None, Some(_)) => "accuracy: no labels were given",
        (None, None) => "accuracy, and that the model is what its author meant",
    };
    verdict.add(Aspect::NotProven, State::Noted, unproven);
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
    verdict.add(Aspect::Rules, state, format!("{errors} errors, {warnings} warnings{first}"));
    let others = RULES.iter().filter(|rule| rule.family != Family::Structure);
    for finding in check_with(&rules::Subject::new(model), others) {
        let state = match finding.severity {
            Severity::Error => State::Fails,
            Severity::Warning => State::Warns,
            Severity::Note => State::Noted,
        };
        verdict.add(Aspect::Rules, state, finding.to_string());
    }
}

fn trust(model: &Model, verdict: &mut Verdict) -> Result<bool> {
    match distrust(model) {
        Ok(doubts) if doubts.is_empty() => Ok(true),
        Ok(doubts) => {
            for doubt in doubts.iter().take(5) {
                verdict.add(Aspect::Operators, State::Unverified, doubt.clone());
            }
            Ok(false)
        }
        Err(error) => {
            verdict.add(Aspect::Operators, State::Fails, error.message);
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
            let state = if symbolic { State::Warns } else { State::Noted };
            verdict.add(Aspect::Batch, state, format!("only the file's own: {found}"));
        }
        None if symbolic => verdict.add(Aspect::Batch, State::Holds, "a symbol goes through all operators"),
        None => verdict.add(Aspect::Batch, State::Noted, "fixed by the inputs; the operators would take any"),
    }
}
