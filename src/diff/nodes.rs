//! Operators that differ.

use super::partners::{Partners, result};
use super::{Diff, shortened};
use crate::error::printable;
use crate::model::{Graph, Model, Node, NodeId, NodeKind, Op};

fn record<'m>(model: &'m Model, node: &Node) -> &'m [u8] {
    model.source.bytes.get(node.span.start as usize..node.span.end() as usize).unwrap_or_default()
}

/// Tells of each operator what became of it.
pub(super) fn compare(old: &Model, new: &Model, partners: &Partners, found: &mut Diff) {
    for (id, node, op) in old.graph.ops() {
        let Some(other) = partners.node(id) else {
            found.removed.push(id);
            continue;
        };
        if record(old, node) == record(new, new.graph.node(other)) {
            found.same += 1;
            continue;
        }
        let NodeKind::Op(new_op) = &new.graph.node(other).kind else { continue };
        let names = names((&old.graph, id), (&new.graph, other));
        let what = differences((&old.graph, id, op), (&new.graph, other, new_op), partners);
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
    let (x, y) = (result(a, a.node(id)), result(b, b.node(other)));
    if x != y {
        what.push(format!("result {} → {}", printable(x), printable(y)));
    }
    if a.node(id).name != b.node(other).name {
        what.push(format!("name {} → {}", printable(&a.node(id).name), printable(&b.node(other).name)));
    }
    what
}

fn differences(
    (a, id, op): (&Graph, NodeId, &Op),
    (b, other, new): (&Graph, NodeId, &Op),
    partners: &Partners,
) -> Vec<String> {
    let mut what = Vec::new();
    let (x, y) = (operands(a, id), operands(b, other));
    if x.iter().map(|name| partners.value(name)).ne(y.iter().copied()) {
        let list = |names: &[&str]| names.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
        what.push(format!("operands {} → {}", list(&x), list(&y)));
    }
    let text = |value: &crate::model::AttributeValue| shortened(&format!("{value:?}"));
    for attribute in &op.attributes {
        match new.attribute(&attribute.name) {
            None => what.push(format!("{} is gone", attribute.name)),
            Some(value) if plain(value) != plain(&attribute.value) => {
                what.push(format!("{} {} → {}", attribute.name, text(&attribute.value), text(value)));
            }
            Some(_) => {}
        }
    }
    let more = new.attributes.iter().filter(|a| op.attribute(&a.name).is_none());
    what.extend(more.map(|a| format!("{} {} is new", a.name, text(&a.value))));
    what
}

fn operands(graph: &Graph, id: NodeId) -> Vec<&str> {
    graph.uses_at(id).iter().map(|(usage, _)| graph.value(usage.value).name.as_str()).collect()
}

/// An attribute's value without its place in the file.
fn plain(value: &crate::model::AttributeValue) -> String {
    let text = format!("{value:?}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |(_, after)| after);
    }
    out + rest
}
