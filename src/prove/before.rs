//! The model before the edit, on the same inputs.

use std::collections::BTreeMap;

use super::verdict::{Aspect, Promise, State, Verdict};
use crate::files::arrays::Array;
use crate::infer::{ENGINE, Outcome, Request, Runner};
use crate::model::furthest;
use crate::model::{DType, Graph, Model, NodeId, Shape};
use crate::text::printable;

/// The outputs of two models that are the same by their place.
pub(super) struct Places {
    /// The names of inputs: after, and before.
    inputs: BTreeMap<String, String>,
    outputs: usize,
}

/// Whether two models take and give the same, whatever it is called.
pub(super) fn by_place(before: &Model, after: &Model) -> Option<Places> {
    let (old, new) = (&before.graph, &after.graph);
    let alike = |a: &[NodeId], b: &[NodeId]| {
        a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| kind(old, a) == kind(new, b))
    };
    if !alike(&old.inputs, &new.inputs) || !alike(&old.outputs, &new.outputs) {
        return None;
    }
    let name = |graph: &Graph, id: NodeId| graph.node(id).name.clone();
    let inputs: BTreeMap<String, String> =
        new.inputs.iter().zip(&old.inputs).map(|(&b, &a)| (name(new, b), name(old, a))).collect();
    // The same names in another order are the same inputs.
    let reordered = inputs.values().all(|old| inputs.contains_key(old));
    Some(Places { inputs: if reordered { BTreeMap::new() } else { inputs }, outputs: new.outputs.len() })
}

/// The element type and rank of an input or output.
fn kind(graph: &Graph, id: NodeId) -> Option<(DType, Option<usize>)> {
    let ty = graph.type_of(id)?.tensor()?;
    Some((ty.dtype, ty.shape.as_ref().map(|Shape(dims)| dims.len())))
}

/// Whether the model before does not run either.
pub(super) fn fails(before: &Model, after: &Model, request: &Request, runner: &mut dyn Runner) -> bool {
    let Some(places) = by_place(before, after) else { return false };
    let runs = before_inputs(request, Some(&places));
    runner.run(before, &Request { dump: Vec::new(), runs, ..request.clone() }).is_err()
}

/// A run of the model after the edit.
pub(super) struct Ran<'a> {
    pub(super) request: &'a Request,
    pub(super) outcome: &'a Outcome,
}

/// Runs the model before: the features of the unchanged part are as they were; and the outputs,
/// where they can be compared, which they must if they are to be the same.
pub(super) fn compare(
    before: &Model,
    Ran { request, outcome }: Ran<'_>,
    places: Option<Places>,
    promise: Promise,
    runner: &mut dyn Runner,
    verdict: &mut Verdict,
) {
    let same = promise.is_same();
    let known: Vec<String> = request
        .dump
        .iter()
        .filter(|name| before.graph.values().iter().any(|v| v.name == **name))
        .cloned()
        .collect();
    if known.is_empty() && !request.dump.is_empty() && places.is_none() {
        verdict.add(
            Aspect::Features,
            State::Warns,
            "the values where the change begins have other names before",
        );
    }
    if same && places.is_none() {
        verdict.add(Aspect::Outputs, State::Fails, "other inputs and outputs than before");
    }
    if known.is_empty() && places.is_none() {
        return;
    }
    let old =
        Request { dump: known.clone(), runs: before_inputs(request, places.as_ref()), ..request.clone() };
    let old = match runner.run(before, &old) {
        Ok(old) => old,
        Err(error) => {
            let aspect = if known.is_empty() { Aspect::Outputs } else { Aspect::Features };
            verdict.add(
                aspect,
                State::Unverified,
                format!("the model before does not run: {}", error.message),
            );
            return;
        }
    };
    if !known.is_empty() {
        features(&known, &old, outcome, verdict);
    }
    if let Some(places) = places {
        // Unless they must be the same, other outputs are a fact and no fault.
        let state = if same { State::Fails } else { State::Noted };
        outputs(places.outputs, &old, outcome, state, verdict);
    }
}

/// The inputs under the names that they had.
fn before_inputs(request: &Request, places: Option<&Places>) -> Vec<BTreeMap<String, Array>> {
    let Some(places) = places else { return request.runs.clone() };
    let old = |name: &String| places.inputs.get(name).unwrap_or(name).clone();
    request
        .runs
        .iter()
        .map(|run| run.iter().map(|(name, array)| (old(name), array.clone())).collect())
        .collect()
}

/// The features of the unchanged part, before and after.
fn features(known: &[String], old: &Outcome, outcome: &Outcome, verdict: &mut Verdict) {
    let shown = known.iter().map(|name| format!("`{}`", printable(name))).collect::<Vec<_>>().join(", ");
    let pick = |run: &[(String, Array)], name: &String| {
        run.iter().rev().find(|(n, _)| n == name).map(|(_, a)| a.clone())
    };
    for (i, (a, b)) in old.runs.iter().zip(&outcome.runs).enumerate() {
        if let Some(name) = known.iter().find(|name| pick(a, name) != pick(b, name)) {
            let text = format!("`{}` differs from before on input {i}", printable(name));
            verdict.add(Aspect::Features, State::Fails, text);
            return;
        }
    }
    let count = outcome.runs.len();
    let text = format!("{shown} bit for bit as before on {count} inputs ({ENGINE})");
    verdict.add(Aspect::Features, State::Holds, text);
}

/// The first `count` values of each run, before and after.
fn outputs(count: usize, old: &Outcome, outcome: &Outcome, if_other: State, verdict: &mut Verdict) {
    let mut furthest: Option<(String, f64)> = None;
    let mut differ = 0;
    for (a, b) in old.runs.iter().zip(&outcome.runs) {
        let mut other = false;
        for ((_, x), (name, y)) in a.iter().zip(b).take(count).filter(|((_, x), (_, y))| x != y) {
            other = true;
            let far = distance(x, y);
            if furthest.as_ref().is_none_or(|(_, most)| far > *most) {
                furthest = Some((name.clone(), far));
            }
        }
        differ += usize::from(other);
    }
    let runs = outcome.runs.len();
    let Some((name, far)) = furthest else {
        let text = format!("bit for bit as before on {runs} inputs ({ENGINE})");
        verdict.add(Aspect::Outputs, State::Holds, text);
        return;
    };
    let name = printable(&name);
    verdict.add(
        Aspect::Outputs,
        if_other,
        format!("other than before on {differ} of {runs} inputs: `{name}` by up to {far:.2e}"),
    );
}

/// The largest difference; infinite for other shapes.
fn distance(a: &Array, b: &Array) -> f64 {
    let (Some(x), Some(y)) = (a.numbers(), b.numbers()) else { return f64::INFINITY };
    if a.dims != b.dims || a.dtype != b.dtype {
        return f64::INFINITY;
    }
    furthest(&x, &y)
}
