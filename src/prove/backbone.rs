//! What an edit left as it was.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::known::Known;
use super::options::ValidateOptions;
use super::verdict::{Aspect, Promise, State, Verdict};
use crate::diff::Diff;
use crate::edit::EDITS;
use crate::model::{Graph, Model, NodeId, NodeKind, property};
use crate::text::printable;

/// Tells what differs; after a head edit, that nothing but the head does. Gives the values where
/// what is unchanged ends: the features.
pub(super) fn compare(
    before: &Known,
    after: &Known,
    diff: &Diff,
    options: &ValidateOptions,
    verdict: &mut Verdict,
) -> Vec<String> {
    let (old, new) = (&before.model, &after.model);
    let names = |graph: &Graph, ids: &[NodeId]| -> String {
        let shown = ids.iter().take(4).map(|&id| shown(graph, id));
        let more = if ids.len() > 4 { format!(" and {} more", ids.len() - 4) } else { String::new() };
        shown.collect::<Vec<_>>().join(", ") + &more
    };
    let changed: Vec<NodeId> = diff.changed.iter().map(|(_, id, _)| *id).collect();
    let mut parts = Vec::new();
    for (word, list) in [
        ("added", names(&new.graph, &diff.added)),
        ("removed", names(&old.graph, &diff.removed)),
        ("changed", names(&new.graph, &changed)),
    ] {
        if !list.is_empty() {
            parts.push(format!("{word} {list}"));
        }
    }
    let weights: Vec<String> =
        diff.weights.iter().take(4).map(|w| format!("`{}` {}", printable(&w.name), w.what)).collect();
    if !weights.is_empty() {
        parts.push(format!("weights {}", weights.join(", ")));
    }
    let (renamed, weights) = (diff.renamed.len(), diff.renamed_weights.len());
    if renamed + weights > 0 {
        parts.push(format!("other names around {renamed} nodes and of {weights} initializers"));
    }
    let text = if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") };
    verdict.add(Aspect::Changed, State::Noted, text);
    let nodes = old.graph.ops().count();
    let stored = old.graph.constants().count();
    let hash = unchanged_hash(new, diff);
    let same = format!(
        "{} of {nodes} nodes and {} of {stored} initializers as they were (sha256 {hash})",
        diff.same, diff.same_weights
    );
    let at = last_edit(new).and_then(|edit| edit["options"]["at"].as_str().map(str::to_owned));
    let (outside, why) = if options.promise.is_same() {
        (anything(old, new, diff), "nothing may differ")
    } else if is_of_the_head(new, options.promise) {
        (outside_of_the_head((before, after), diff, at.as_deref()), "that is not the head")
    } else {
        (Vec::new(), "")
    };
    match unexpected(&outside, options.promise).first() {
        Some(first) => verdict.add(Aspect::Backbone, State::Fails, format!("{first}, and {why}; {same}")),
        None => verdict.add(Aspect::Backbone, State::Holds, same),
    }
    if matches!(options.promise, Promise::Declared(_)) && !is_of_the_head(new, options.promise) {
        declared(&anything(old, new, diff), options.promise, verdict);
    }
    cut(new, diff)
}

/// A difference, and what sort of thing differs.
type Difference = (Sort, String);

#[derive(Clone, Copy)]
enum Sort {
    Operator,
    Weight,
}

/// The differences that a promise does not allow.
fn unexpected(differences: &[Difference], promise: Promise) -> Vec<&str> {
    let allowed = promise.allowed();
    let meant = |sort: Sort| match sort {
        Sort::Operator => allowed.operators,
        Sort::Weight => allowed.weights,
    };
    differences.iter().filter(|(sort, _)| !meant(*sort)).map(|(_, text)| text.as_str()).collect()
}

/// Tells whether anything differs that no edit on record explains and nobody said is meant.
fn declared(differences: &[Difference], promise: Promise, verdict: &mut Verdict) {
    const MOST: usize = 3;
    let found = unexpected(differences, promise);
    if found.is_empty() {
        let text =
            if differences.is_empty() { "nothing but names differs" } else { "what differs is meant to" };
        verdict.add(Aspect::Declared, State::Holds, text);
        return;
    }
    let more = match found.len().saturating_sub(MOST) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    let list = found.iter().take(MOST).copied().collect::<Vec<_>>().join("; ");
    let text = format!("no edit on record explains what differs: {list}{more}");
    verdict.add(Aspect::Declared, State::Fails, text);
}

/// How to call a node.
fn shown(graph: &Graph, id: NodeId) -> String {
    let NodeKind::Op(op) = &graph.node(id).kind else { return String::new() };
    format!("{} `{}`", op.op, printable(&graph.node(id).name))
}

/// The last edit that a model says it went through.
fn last_edit(model: &Model) -> Option<serde_json::Value> {
    let list = property(&model.meta.properties, EDITS)?;
    let list: serde_json::Value = serde_json::from_str(list).ok()?;
    list.as_array()?.last().cloned()
}

/// Whether only the head may differ: that is promised, or the last edit says so.
pub(super) fn is_of_the_head(model: &Model, promise: Promise) -> bool {
    promise == Promise::Head || last_edit(model).is_some_and(|edit| edit["edit"] == "head")
}

/// A hash over the records of all nodes and initializers that are as before.
fn unchanged_hash(new: &Model, diff: &Diff) -> String {
    let mut hash = Sha256::new();
    let changed: BTreeSet<NodeId> =
        diff.changed.iter().map(|(_, id, _)| *id).chain(diff.added.iter().copied()).collect();
    let weights: BTreeSet<&str> = diff.weights.iter().map(|w| w.name.as_str()).collect();
    for (id, node) in new.graph.nodes() {
        let kept = match &node.kind {
            NodeKind::Op(_) => !changed.contains(&id),
            NodeKind::Constant { .. } => !weights.contains(node.name.as_str()),
            _ => false,
        };
        if kept {
            hash.update(&new.source.bytes[node.span.start as usize..node.span.end() as usize]);
        }
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whatever differs but for names.
fn anything(old: &Model, new: &Model, diff: &Diff) -> Vec<Difference> {
    let gone = diff.removed.iter().map(|&id| format!("{} is gone", shown(&old.graph, id)));
    let come = diff.added.iter().map(|&id| format!("{} is new", shown(&new.graph, id)));
    let changed = diff
        .changed
        .iter()
        .map(|(_, id, what)| format!("{} changed: {}", shown(&new.graph, *id), what.join("; ")));
    let weights = diff.weights.iter().map(|w| format!("`{}` {}", printable(&w.name), w.what));
    let rewired = diff.rewired.iter();
    let rewired =
        rewired.map(|(_, id)| format!("{} takes another value of the same name", shown(&new.graph, *id)));
    let operators = gone.chain(come).chain(changed).chain(rewired).chain(diff.functions.iter().cloned());
    let operators = operators.map(|text| (Sort::Operator, text));
    operators.chain(weights.map(|text| (Sort::Weight, text))).collect()
}

/// What changed and does not belong to a head, neither of the old model nor of the new one.
fn outside_of_the_head((old, new): (&Known, &Known), diff: &Diff, at: Option<&str>) -> Vec<Difference> {
    let mut found = Vec::new();
    let (mut before, after) = (region(old), region(new));
    let (old, new) = (&old.model, &new.model);
    // A head that was asked for at a place takes everything downstream of it away.
    let start = at.and_then(|at| old.graph.values().iter().find(|v| v.name == at));
    if let Some(value) = start {
        before.extend(old.graph.downstream([value.definition.node]));
    }
    // Another head's own layers count too, and those in front of the new one.
    let added: BTreeSet<NodeId> = diff.added.iter().copied().collect();
    for &id in diff.removed.iter().filter(|id| !before.contains(id)) {
        found.push((Sort::Operator, format!("{} is gone", shown(&old.graph, id))));
    }
    for (a, b, what) in &diff.changed {
        if !after.contains(b) && !before.contains(a) {
            let text = format!("{} changed: {}", shown(&new.graph, *b), what.join("; "));
            found.push((Sort::Operator, text));
        }
    }
    for weight in diff.weights.iter().filter(|w| w.there.1) {
        let Some((id, ..)) = new.graph.constants().find(|(_, node, _)| node.name == weight.name) else {
            continue;
        };
        let users: Vec<NodeId> = new.graph.uses_of(id).into_iter().map(|(_, user)| user).collect();
        let ours = |user: &NodeId| after.contains(user) || added.contains(user);
        if !users.iter().all(ours) {
            found.push((Sort::Weight, format!("`{}` {}", printable(&weight.name), weight.what)));
        }
    }
    found
}

/// The nodes from a head's layer to the outputs, with what makes its weights.
fn region(known: &Known) -> BTreeSet<NodeId> {
    let Known { model, heads: candidates } = known;
    let graph = &model.graph;
    let mut region = BTreeSet::new();
    for candidate in candidates {
        for (id, node, _) in graph.ops() {
            let result =
                node.outputs.iter().flatten().any(|&v| candidate.is_on_the_way(&graph.value(v).name));
            let made =
                result && !node.outputs.iter().flatten().any(|&v| graph.value(v).name == candidate.features);
            if made {
                region.insert(id);
            }
        }
    }
    // Constants on their way to the layer: what depends on no input.
    let constant = graph.constant_nodes();
    let feeds: Vec<NodeId> = constant
        .iter()
        .copied()
        .filter(|&id| {
            let users = graph.uses_of(id);
            !users.is_empty()
                && users.iter().all(|(_, user)| region.contains(user) || constant.contains(user))
        })
        .collect();
    region.extend(feeds);
    // A call that holds a head is the head.
    for (id, _, op) in graph.ops() {
        let holds = candidates
            .iter()
            .any(|c| c.node.starts_with(&graph.node(id).name) && !graph.node(id).name.is_empty());
        if holds && model.function_of(op).is_some() {
            region.insert(id);
        }
    }
    // Numbers of an old quantization stand around it.
    let quantizes = |id: NodeId| matches!(&graph.node(id).kind, NodeKind::Op(op) if ["DynamicQuantizeLinear", "Mul", "Cast"].contains(&op.op.as_str()));
    // Twice, since the scale of a product stands before that of its features.
    for _ in 0..2 {
        let around: Vec<NodeId> = graph
            .ops()
            .map(|(id, ..)| id)
            .filter(|&id| {
                let users = graph.uses_of(id);
                quantizes(id) && !users.is_empty() && users.iter().all(|(_, user)| region.contains(user))
            })
            .collect();
        region.extend(around);
    }
    region
}

/// The values that unchanged operators make and changed ones take.
fn cut(new: &Model, diff: &Diff) -> Vec<String> {
    let graph = &new.graph;
    let weights: BTreeSet<&str> = diff.weights.iter().map(|w| w.name.as_str()).collect();
    let mut other: BTreeSet<NodeId> = diff.added.iter().copied().collect();
    other.extend(diff.changed.iter().map(|(_, id, _)| *id));
    for (id, node, _) in graph.constants() {
        if weights.contains(node.name.as_str()) {
            other.extend(graph.uses_of(id).into_iter().map(|(_, user)| user));
        }
    }
    // Whatever is downstream of a change is no feature of the old model.
    let downstream = graph.downstream(other.iter().copied());
    let constant = graph.constant_nodes();
    let mut names = BTreeSet::new();
    for &id in &other {
        for (usage, from) in graph.uses_at(id) {
            if matches!(graph.node(from).kind, NodeKind::Op(_))
                && !other.contains(&from)
                && !downstream.contains(&from)
                && !constant.contains(&from)
            {
                names.insert(graph.value(usage.value).name.clone());
            }
        }
    }
    names.into_iter().take(4).collect()
}
