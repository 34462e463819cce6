//! How a block differs from the run beside it.

use std::collections::BTreeMap;

use super::fold::Blocks;
use super::tree::Groups;
use crate::model::{AttributeValue, NodeId, NodeKind, Op};

/// Notes how each block differs from a run beside it that has the same operators.
pub(super) fn note_differences(blocks: &Blocks<'_>, groups: &mut Groups) {
    let mut siblings: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (g, group) in groups.groups.iter().enumerate().skip(1) {
        if group.drawn_as.is_none() {
            siblings.entry(group.parent.unwrap_or(0)).or_default().push(g);
        }
    }
    let mut found: Vec<(usize, String)> = Vec::new();
    for list in siblings.values_mut() {
        list.sort_by_key(|&g| groups.groups[g].members.first().copied());
        for (i, &g) in list.iter().enumerate().filter(|&(_, &g)| groups.groups[g].times == 1) {
            let beside =
                [i.checked_sub(1), i.checked_add(1)].into_iter().flatten().filter_map(|j| list.get(j));
            let mut runs = beside.copied().filter(|&h| groups.groups[h].times > 1);
            if let Some(text) = runs.find_map(|run| difference(blocks, groups, g, run)) {
                found.push((g, text));
            }
        }
    }
    for (g, text) in found {
        groups.groups[g].differs = Some(text);
    }
}

/// The first difference of two groups with the same operators in the same order.
fn difference(blocks: &Blocks<'_>, groups: &Groups, g: usize, run: usize) -> Option<String> {
    let view = blocks.view;
    let nodes = |g: usize| -> Vec<NodeId> {
        groups.groups[g].members.iter().flat_map(|&n| view.nodes[n].all()).collect()
    };
    let (mine, others) = (nodes(g), nodes(run));
    let op = |id: NodeId| match &view.graph.node(id).kind {
        NodeKind::Op(op) => Some(op),
        _ => None,
    };
    let alike = |(&a, &b): (&NodeId, &NodeId)| match (op(a), op(b)) {
        (Some(a), Some(b)) => a.op == b.op && a.domain == b.domain,
        _ => false,
    };
    if mine.len() != others.len() || !mine.iter().zip(&others).all(alike) {
        return None;
    }
    let attribute = mine.iter().zip(&others).find_map(|(&a, &b)| attribute(blocks, op(a)?, op(b)?));
    let shapes = || {
        mine.iter()
            .zip(&others)
            .any(|(&a, &b)| view.types(a) != view.types(b))
            .then(|| "other shapes".to_owned())
    };
    Some(attribute.or_else(shapes).unwrap_or_else(|| "other wiring or constants".to_owned()))
}

/// The first attribute that differs: `alpha 0.3, not 0.1`.
fn attribute(blocks: &Blocks<'_>, mine: &Op, other: &Op) -> Option<String> {
    let names = mine.attributes.iter().chain(&other.attributes).map(|a| a.name.as_str());
    for name in names {
        let text = match (mine.attribute(name), other.attribute(name)) {
            (Some(a), Some(b)) if blocks.same_value(a, b) => continue,
            (Some(a), Some(b)) => match (short(a), short(b)) {
                (Some(a), Some(b)) => format!("{name} {a}, not {b}"),
                _ => format!("other {name}"),
            },
            (Some(a), None) => format!("with {name} {}", short(a).unwrap_or_default()),
            (None, Some(_)) => format!("without {name}"),
            (None, None) => continue,
        };
        return Some(text.trim_end().to_owned());
    }
    None
}

fn short(value: &AttributeValue) -> Option<String> {
    const LONGEST: usize = 24;
    let text = match value {
        AttributeValue::Int(n) => n.to_string(),
        AttributeValue::Float(x) => x.to_string(),
        AttributeValue::String(s) => s.as_str().to_owned(),
        AttributeValue::Ints(list) => format!("{list:?}"),
        _ => return None,
    };
    (text.chars().count() <= LONGEST).then_some(text)
}
