//! Before and after in one graph.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::retype::foreseen;
use crate::error::Result;
use crate::model::{Edit, Graph, KnownFrom, Model, NodeId, NodeKind, Record, ValueId};
use crate::ops::typed;

/// A model with what an edit makes and with what it takes away.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The edited model without its weights, and the nodes that are gone.
    pub model: Model,
    /// The nodes of its main graph that are new.
    pub added: Vec<NodeId>,
    /// Those that have other weights or operands.
    pub changed: Vec<NodeId>,
    /// Those that are gone.
    pub removed: Vec<NodeId>,
}

/// Before and after in one model, to draw what an edit does.
///
/// # Errors
/// If the edit does not fit the model.
pub fn merged(model: &Model, edit: &Edit) -> Result<Merged> {
    let mut new = foreseen(model, edit)?;
    let (added, changed) = touched(model, edit, &new.graph);
    let old = typed(model);
    let removed = ghosts(&old.graph, edit, &mut new.graph);
    Ok(Merged { model: new, added, changed, removed })
}

/// The nodes that are new, and those that are changed.
fn touched(model: &Model, edit: &Edit, graph: &Graph) -> (Vec<NodeId>, Vec<NodeId>) {
    let made: Vec<&String> = edit.added.iter().flat_map(|node| &node.outputs).collect();
    let mut other: Vec<&str> = Vec::new();
    for (_, node) in model.graph.nodes() {
        if edit.has_operands(node.record()) {
            other.extend(node.outputs.iter().flatten().map(|&id| model.graph.value(id).name.as_str()));
        }
    }
    let names: HashSet<&String> = edit.nodes.values().collect();
    let without: HashSet<Record> = edit.stripped.iter().copied().collect();
    let stripped: HashSet<&str> = model
        .graph
        .constants()
        .filter(|(_, _, tensor)| without.contains(&tensor.record()))
        .map(|(_, node, _)| node.name.as_str())
        .collect();
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for (id, node, _) in graph.ops() {
        let weights = graph.uses_at(id).into_iter().any(|(usage, _)| {
            let name = graph.value(usage.value).name.as_str();
            edit.tensors.iter().any(|t| t.name == name) || stripped.contains(name)
        });
        let renamed = names.contains(&node.name);
        let mut made_here = node.outputs.iter().flatten().map(|&v| &graph.value(v).name);
        if made_here.clone().any(|name| made.contains(&name)) {
            added.push(id);
        } else if weights || renamed || made_here.any(|name| other.contains(&name.as_str())) {
            changed.push(id);
        }
    }
    (added, changed)
}

/// Adds the nodes that an edit removes to the new graph, with the operands that they had.
fn ghosts(old: &Graph, edit: &Edit, new: &mut Graph) -> Vec<NodeId> {
    let names: HashMap<String, ValueId> =
        (0u32..).zip(new.values()).map(|(i, value)| (value.name.clone(), ValueId(i))).collect();
    // The value of the new graph for each value of the old one.
    let mut known: BTreeMap<ValueId, ValueId> = BTreeMap::new();
    let mut removed = Vec::new();
    let goes = |id: NodeId| edit.removed.contains(&old.node(id).record());
    for (id, node, _) in old.ops().filter(|(id, ..)| goes(*id)) {
        let mut operands = Vec::new();
        for (usage, maker) in old.uses_at(id) {
            let value = match known.get(&usage.value) {
                Some(&value) => value,
                None => {
                    let value = match goes(maker) || replaced(old, maker, edit) {
                        // A constant that is gone, or has another content now.
                        true if !matches!(old.node(maker).kind, NodeKind::Op(_)) => copied(old, maker, new),
                        _ => old_name(old, edit, usage.value).and_then(|name| names.get(&name).copied()),
                    };
                    let Some(value) = value else { continue };
                    known.insert(usage.value, value);
                    value
                }
            };
            operands.push((value, usage.to));
        }
        let mut ghost = node.clone();
        ghost.outputs.clear();
        let ghost = new.add_node(ghost);
        for (value, to) in operands {
            new.connect(value, ghost, to);
        }
        for &output in &node.outputs {
            match output {
                Some(value) => {
                    let Some((name, ty)) = named(old, value) else { continue };
                    known.insert(value, new.define(ghost, name, ty, KnownFrom::Unknown));
                }
                None => new.skip_output(ghost),
            }
        }
        removed.push(ghost);
    }
    removed
}

fn named(graph: &Graph, value: ValueId) -> Option<(String, Option<crate::model::ValueType>)> {
    let value = graph.values().get(value.index())?;
    Some((value.name.clone(), value.ty.clone()))
}

fn replaced(old: &Graph, maker: NodeId, edit: &Edit) -> bool {
    edit.tensors.iter().any(|t| t.replaces == Some(old.node(maker).record()))
}

/// The name that a value has after the edit.
fn old_name(old: &Graph, edit: &Edit, value: ValueId) -> Option<String> {
    let value = old.values().get(value.index())?;
    let maker = old.node(value.definition.node);
    let renamed = edit.results.get(&(maker.record(), value.definition.slot));
    Some(renamed.unwrap_or(&value.name).clone())
}

/// Copies a constant of the old graph.
fn copied(old: &Graph, maker: NodeId, new: &mut Graph) -> Option<ValueId> {
    let (name, ty) = named(old, (*old.node(maker).outputs.first()?)?)?;
    let mut node = old.node(maker).clone();
    node.outputs.clear();
    let node = new.add_node(node);
    Some(new.define(node, name, ty, KnownFrom::File))
}
