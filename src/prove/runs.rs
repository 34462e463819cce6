//! Runs on seeded inputs, and what must hold of what they give.

use std::collections::BTreeMap;

use super::before;
use super::known::{Known, Old};
use super::options::ValidateOptions;
use super::verdict::{Aspect, State, Verdict};
use crate::error::{ErrorKind, Result};
use crate::files::arrays::Array;
use crate::infer::check::{contradiction, typed_for};
use crate::infer::inputs::inputs;
use crate::infer::{Oddity, Outcome, Request, Runner};
use crate::model::{Model, NodeKind, Shape, furthest};
use crate::text::printable;

/// Probabilities sum to 1 within this.
const SUM: f64 = 1e-6;
/// Outputs that differ by less from one input to the next say nothing.
const CONSTANT: f64 = 1e-6;
/// The batches that are run, where the model takes them.
const BATCHES: [i64; 2] = [1, 3];

/// Runs a model, and the one before it, and says what holds.
pub(super) fn prove(
    known: &Known,
    old: Option<Old<'_>>,
    options: &ValidateOptions,
    runner: &mut dyn Runner,
    verdict: &mut Verdict,
) -> Result<()> {
    let model = &known.model;
    let sets = match sets(model, options) {
        Ok(sets) => sets,
        Err(error) if options.given.is_empty() => {
            verdict.add(Aspect::Run, State::Unverified, error.place_and_fact());
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if let Some(name) = stripped(model) {
        let fact = format!("the weights were stripped (`{}`): nothing can run", printable(&name));
        verdict.add(Aspect::Run, State::Unverified, fact);
        return Ok(());
    }
    let dump: Vec<String> = old.as_ref().map(|old| old.cut.to_vec()).unwrap_or_default();
    let request = Request { runs: sets, dump: dump.clone(), repeat: 1, ..Request::default() };
    let outcome = match runner.run(model, &request) {
        Ok(outcome) => outcome,
        // Only where a node has no result by its definition, the model is to blame.
        Err(error) if error.kind != ErrorKind::Disproved => {
            let fact = match error.kind {
                ErrorKind::Io => format!("the weights are not at hand: {}", error.message),
                _ => error.place_and_fact(),
            };
            verdict.add(Aspect::Run, State::Unverified, fact);
            return Ok(());
        }
        Err(error) => {
            let before = old
                .filter(|_| options.promise.is_same())
                .map(|old| before::fails(&old.known.model, model, &request, runner));
            let (state, what) = match before {
                Some(true) => (State::Unverified, format!("neither model runs: {}", error.place_and_fact())),
                _ => (State::Fails, error.place_and_fact()),
            };
            verdict.add(Aspect::Run, state, what);
            return Ok(());
        }
    };
    if let Some(fact) = contradicted(model, &request, &outcome) {
        verdict.add(Aspect::Run, State::Unverified, fact);
        return Ok(());
    }
    if let Some(old) = &old {
        let before = &old.known.model;
        let edited = super::backbone::is_of_the_head(model, options.promise);
        let places = if edited { None } else { before::by_place(before, model) };
        let ran = before::Ran { request: &request, outcome: &outcome };
        before::compare(before, ran, places, options.promise, runner, verdict);
    }
    numbers(&outcome, verdict);
    outputs(known, &request, &outcome, verdict);
    expected(&outcome, options, verdict);
    labels(old.map(|old| old.known), &outcome, options, verdict);
    Ok(())
}

/// The inputs of each run: those that were given, else some for each batch that the model takes.
fn sets(model: &Model, options: &ValidateOptions) -> Result<Vec<BTreeMap<String, Array>>> {
    let set = |batch: i64, seed: u64| {
        inputs(model, &options.given, &options.dims, batch, seed).map(|set| set.arrays)
    };
    let mut sets = Vec::new();
    if options.given.is_empty() {
        for &batch in BATCHES.iter().filter(|&&batch| takes(model, batch)) {
            for i in 0..options.inputs.max(1) {
                sets.push(set(batch, options.seed + i)?);
            }
        }
    }
    if sets.is_empty() {
        sets.push(set(1, options.seed)?);
    }
    Ok(sets)
}

/// How a result is of another type or shape than the rules give, if one is.
fn contradicted(model: &Model, request: &Request, outcome: &Outcome) -> Option<String> {
    let mut typed: BTreeMap<Vec<&[i64]>, Model> = BTreeMap::new();
    request.runs.iter().zip(&outcome.runs).find_map(|(inputs, results)| {
        let shapes = inputs.values().map(|array| array.dims.as_slice()).collect();
        contradiction(typed.entry(shapes).or_insert_with(|| typed_for(model, inputs)), results)
    })
}

/// A constant whose content was stripped.
fn stripped(model: &Model) -> Option<String> {
    model.graph.constants().find(|(.., tensor)| tensor.is_stripped()).map(|(_, node, _)| node.name.clone())
}

/// Whether a model takes a batch of this size: its first axes are symbols, or of this size.
fn takes(model: &Model, batch: i64) -> bool {
    use crate::model::Dim;
    let graph = &model.graph;
    graph.inputs.iter().all(|&id| {
        let shape = graph.type_of(id).and_then(|ty| ty.tensor()?.shape.clone());
        shape.is_none_or(|s| {
            s.0.first().is_none_or(|d| match d {
                Dim::Known(n) => *n == batch,
                _ => true,
            })
        })
    })
}

/// Shapes, numbers, probabilities, and that outputs depend on inputs.
fn outputs(known: &Known, request: &Request, outcome: &Outcome, verdict: &mut Verdict) {
    let model = &known.model;
    let count = model.graph.outputs.len();
    let mut shapes = Vec::new();
    for run in &outcome.runs {
        for (name, array) in run.iter().take(count) {
            let shape = Shape::known(array.dims.iter().copied()).to_string();
            let text = format!("`{}` {} {shape}", printable(name), array.dtype);
            if !shapes.contains(&text) {
                shapes.push(text);
            }
            let numbers = array.numbers().unwrap_or_default();
            if let Some(bad) = numbers.iter().find(|x| !x.is_finite()) {
                verdict.add(Aspect::Run, State::Fails, format!("`{}` has {bad}", printable(name)));
                return;
            }
        }
    }
    verdict.add(
        Aspect::Run,
        State::Holds,
        format!("{} inputs; {}; no NaN, nothing infinite", request.runs.len(), shapes.join(", ")),
    );
    for (number, name) in probabilities(model) {
        let classes = known.heads.iter().find(|c| c.outputs.contains(&name)).map(|c| c.classes);
        sums(classes, number, &name, outcome, verdict);
    }
    for number in 0..count {
        vacuous(model, number, outcome, verdict);
    }
}

/// Where NaN, infinite and subnormal numbers first appear.
fn numbers(outcome: &Outcome, verdict: &mut Verdict) {
    for sighting in &outcome.sightings {
        let state = if sighting.oddity == Oddity::Nan { State::Warns } else { State::Noted };
        verdict.add(Aspect::Numbers, state, sighting.to_string());
    }
}

/// The outputs that end in a softmax.
fn probabilities(model: &Model) -> Vec<(usize, String)> {
    let graph = &model.graph;
    let mut found = Vec::new();
    for (number, &id) in graph.outputs.iter().enumerate() {
        let Some(mut value) = graph.input(id, 0) else { continue };
        for _ in 0..8 {
            let at = graph.value(value).definition.node;
            let NodeKind::Op(op) = &graph.node(at).kind else { break };
            if op.op == "Softmax" {
                found.push((number, graph.node(id).name.clone()));
                break;
            }
            if !["Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Transpose"].contains(&op.op.as_str()) {
                break;
            }
            let Some(next) = graph.input(at, 0) else { break };
            value = next;
        }
    }
    found
}

/// Probabilities are between 0 and 1, and those of one input sum to 1 over its classes.
fn sums(classes: Option<i64>, number: usize, name: &str, outcome: &Outcome, verdict: &mut Verdict) {
    let (mut worst, mut least, mut most) = (0f64, f64::INFINITY, f64::NEG_INFINITY);
    for run in &outcome.runs {
        let Some((_, array)) = run.get(number) else { return };
        let numbers = array.numbers().unwrap_or_default();
        let rank = array.dims.len();
        let axis = classes
            .and_then(|n| (1..rank).find(|&i| array.dims[i] == n).or((0..rank).find(|&i| array.dims[i] == n)))
            .unwrap_or(rank.saturating_sub(1));
        let inner: usize = array.dims.iter().skip(axis + 1).product::<i64>() as usize;
        let along = array.dims.get(axis).copied().unwrap_or(1) as usize;
        let outer = numbers.len() / (inner * along).max(1);
        for o in 0..outer {
            for i in 0..inner {
                let sum: f64 = (0..along).map(|k| numbers[(o * along + k) * inner + i]).sum();
                worst = worst.max((sum - 1.0).abs());
            }
        }
        least = numbers.iter().copied().fold(least, f64::min);
        most = numbers.iter().copied().fold(most, f64::max);
    }
    // Numbers of 16 bits have steps of about a thousandth.
    let half =
        outcome.runs.first().and_then(|r| r.get(number)).is_some_and(|(_, a)| a.dtype.bits() == Some(16));
    let limit = if half { 2e-3 } else { SUM };
    let shown = format!("`{}`", printable(name));
    if worst > limit {
        verdict.add(Aspect::Softmax, State::Fails, format!("{shown} sums over its classes to 1 off by {worst:.2e}; the axis is another, or something follows"));
    } else if least < 0.0 || most > 1.0 {
        verdict.add(Aspect::Softmax, State::Fails, format!("{shown} goes from {least} to {most}"));
    } else {
        verdict.add(
            Aspect::Softmax,
            State::Holds,
            format!("{shown} sums to 1 within {limit:e} (at most {worst:.1e} off), all in [0, 1]"),
        );
    }
}

/// An output that is the same for all inputs proves nothing.
fn vacuous(model: &Model, number: usize, outcome: &Outcome, verdict: &mut Verdict) {
    let name = printable(&model.graph.node(model.graph.outputs[number]).name);
    let mut by_shape: BTreeMap<Vec<i64>, Vec<Vec<f64>>> = BTreeMap::new();
    for run in &outcome.runs {
        let Some((_, array)) = run.get(number) else { return };
        if !array.dtype.is_float() {
            return;
        }
        by_shape.entry(array.dims.clone()).or_default().push(array.numbers().unwrap_or_default());
    }
    let mut spread = 0f64;
    let mut several = false;
    for (dims, runs) in &by_shape {
        // One run of many inputs has its rows.
        let rows: Vec<Vec<f64>> = if runs.len() == 1 && dims.first().is_some_and(|&n| n > 1) {
            let width = (runs[0].len() / dims[0] as usize).max(1);
            runs[0].chunks(width).map(<[f64]>::to_vec).collect()
        } else {
            runs.clone()
        };
        several |= rows.len() > 1;
        let first = &rows[0];
        for row in &rows[1..] {
            spread = row.iter().zip(first).map(|(a, b)| (a - b).abs()).fold(spread, f64::max);
        }
    }
    match (several, spread > CONSTANT) {
        (false, _) => {
            verdict.add(Aspect::NotVacuous, State::Noted, format!("`{name}`: one input alone cannot show it"))
        }
        (true, true) => verdict.add(
            Aspect::NotVacuous,
            State::Holds,
            format!("`{name}` differs from input to input by up to {spread:.2e}"),
        ),
        (true, false) => verdict.add(
            Aspect::NotVacuous,
            State::Fails,
            format!("`{name}` is the same for all inputs, within {spread:.2e}"),
        ),
    }
}

fn expected(outcome: &Outcome, options: &ValidateOptions, verdict: &mut Verdict) {
    for (name, wanted) in &options.expect {
        let found = outcome.runs.first().and_then(|run| run.iter().find(|(n, _)| n == name));
        let shown = format!("`{}`", printable(name));
        let Some((_, found)) = found else {
            verdict.add(Aspect::Expected, State::Fails, format!("{shown} is no output"));
            continue;
        };
        if found.dims != wanted.dims {
            let text = format!(
                "{shown} is {}, and {} is expected",
                Shape::known(found.dims.iter().copied()),
                Shape::known(wanted.dims.iter().copied())
            );
            verdict.add(Aspect::Expected, State::Fails, text);
            continue;
        }
        let (a, b) = (found.numbers().unwrap_or_default(), wanted.numbers().unwrap_or_default());
        let most =
            b.iter().filter(|x| x.is_finite()).map(|x| x.abs()).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let off = furthest(&a, &b) / most;
        let state = if off <= options.tolerance { State::Holds } else { State::Fails };
        verdict.add(
            Aspect::Expected,
            state,
            format!("{shown} is within {off:.2e} of its greatest number ({:e} allowed)", options.tolerance),
        );
    }
}

/// How often the best class is the labelled one.
fn labels(old: Option<&Known>, outcome: &Outcome, options: &ValidateOptions, verdict: &mut Verdict) {
    let Some(labels) = options.labels.as_ref().and_then(Array::numbers) else { return };
    let Some((_, array)) = outcome.runs.first().and_then(|run| run.first()) else { return };
    let numbers = array.numbers().unwrap_or_default();
    let rows = array.dims.first().copied().unwrap_or(0) as usize;
    if rows != labels.len() || rows == 0 || array.dims.len() < 2 {
        let text = format!(
            "there are {} labels, and the output is {}",
            labels.len(),
            Shape::known(array.dims.iter().copied())
        );
        verdict.add(Aspect::Accuracy, State::Fails, text);
        return;
    }
    let classes = numbers.len() / rows;
    let right = |among: usize| {
        let best = |row: &[f64]| (0..among).fold(0, |best, i| if row[i] > row[best] { i } else { best });
        let hits =
            numbers.chunks(classes).zip(&labels).filter(|(row, label)| best(row) as f64 == **label).count();
        format!("{hits} of {rows} right, {:.1} %", 100.0 * hits as f64 / rows as f64)
    };
    verdict.add(Aspect::Accuracy, State::Noted, format!("over all {classes} classes {}", right(classes)));
    let kept = old.and_then(|old| old.heads.first()).map(|c| c.classes as usize);
    if let Some(kept) = kept.filter(|&kept| kept < classes) {
        verdict.add(Aspect::Accuracy, State::Noted, format!("over the first {kept} classes {}", right(kept)));
    }
}
