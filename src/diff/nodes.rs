//! Operators that differ.

use std::collections::{BTreeMap, HashMap};

use super::bodies::{alike, shortened};
use super::found::Diff;
use super::partners::Partners;
use crate::model::{Attribute, AttributeValue, Graph, Model, Node, NodeId, NodeKind, Op};
use crate::text::printable;

fn record<'m>(model: &'m Model, node: &Node) -> &'m [u8] {
    model.source.bytes.get(node.span.start as usize..node.span.end() as usize).unwrap_or_default()
}

/// Reports what became of each operator.
pub(super) fn compare(old: &Model, new: &Model, partners: &Partners, found: &mut Diff) {
    for (id, node, op) in old.graph.ops() {
        let Some(other) = partners.node(id) else {
            found.removed.push(id);
            continue;
        };
        if record(old, node) == record(new, new.graph.node(other)) {
            found.same += 1;
            // The same names may mean other values now.
            if partners.operands(&old.graph, id, true) != partners.operands(&new.graph, other, false) {
                found.rewired.push((id, other));
            }
            continue;
        }
        let NodeKind::Op(new_op) = &new.graph.node(other).kind else { continue };
        let names = names((&old.graph, id), (&new.graph, other));
        let what = differences((old, id, op), (new, other, new_op), partners);
        if !what.is_empty() {
            found.changed.push((id, other, [what, names].concat()));
            continue;
        }
        found.same += 1;
        if !names.is_empty() {
            found.renamed.push((id, other, names));
        }
    }
    found.added = new.graph.ops().map(|(id, ..)| id).filter(|id| !partners.is_taken(*id)).collect();
}

/// What is called otherwise: results, and the node itself.
fn names((a, id): (&Graph, NodeId), (b, other): (&Graph, NodeId)) -> Vec<String> {
    let mut what = Vec::new();
    let (x, y) = (a.result_name(id), b.result_name(other));
    if x != y {
        what.push(format!("result {} → {}", printable(x), printable(y)));
    }
    if a.node(id).name != b.node(other).name {
        what.push(format!("name {} → {}", printable(&a.node(id).name), printable(&b.node(other).name)));
    }
    what
}

fn differences(
    (old, id, op): (&Model, NodeId, &Op),
    (model, other, new): (&Model, NodeId, &Op),
    partners: &Partners,
) -> Vec<String> {
    let mut what = Vec::new();
    let (a, b) = (&old.graph, &model.graph);
    if partners.operands(a, id, true) != partners.operands(b, other, false) {
        let list = |names: &[&str]| names.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
        what.push(format!("operands {} → {}", list(&operands(a, id)), list(&operands(b, other))));
    }
    if op.overload != new.overload {
        what.push(format!("overload {} → {}", printable(&op.overload), printable(&new.overload)));
    }
    let outer = |name: &str| partners.value(name).to_owned();
    let (before, after) = (numbered(op), numbered(new));
    for (key, attribute) in &before {
        let name = printable(&attribute.name);
        match after.get(key) {
            None => what.push(format!("{name}{} is gone", again(key.1))),
            Some(now) if !alike((old, attribute), (model, now), &outer) => {
                what.push(format!("{name} {} → {}", text(&attribute.value), text(&now.value)));
            }
            Some(_) => {}
        }
    }
    for (key, attribute) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let name = printable(&attribute.name);
        what.push(format!("{name} {}{} is new", text(&attribute.value), again(key.1)));
    }
    what
}

/// The attributes of an operator by name, and which of that name each is: an invalid file may
/// give one twice.
fn numbered(op: &Op) -> BTreeMap<(&str, usize), &Attribute> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut numbered = BTreeMap::new();
    for attribute in &op.attributes {
        let count = counts.entry(&attribute.name).or_default();
        numbered.insert((attribute.name.as_str(), *count), attribute);
        *count += 1;
    }
    numbered
}

/// That an attribute is not the first of its name.
fn again(number: usize) -> &'static str {
    if number > 0 { ", given again," } else { "" }
}

fn operands(graph: &Graph, id: NodeId) -> Vec<&str> {
    graph.uses_at(id).iter().map(|(usage, _)| graph.value(usage.value).name.as_str()).collect()
}

/// An attribute's value in a few words.
fn text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Graph(graph) => format!("a graph of {} nodes", graph.ops().count()),
        AttributeValue::Graphs(graphs) => format!("{} graphs", graphs.len()),
        AttributeValue::Tensor(tensor) => format!("a tensor {} {}", tensor.dtype, tensor.shape()),
        AttributeValue::Int(n) => n.to_string(),
        AttributeValue::Float(x) => x.to_string(),
        AttributeValue::String(text) => format!("`{}`", printable(text.as_str())),
        AttributeValue::Ints(list) => shortened(&format!("{list:?}")),
        AttributeValue::Floats(list) => shortened(&format!("{list:?}")),
        other => shortened(&format!("{other:?}")),
    }
}
