//! Declared types that an edit makes untrue, made true again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::Result;
use crate::formats::preview;
use crate::model::{Dim, Edit, Model, NodeKind, TensorType, ValueType};
use crate::ops::{TypeOptions, derive_types};

/// Gives all values behind what is new or changed the types that follow from the rules; what
/// does not follow is no longer declared.
///
/// # Errors
/// If the edit does not fit the model.
pub(super) fn retyped(model: &Model, edit: &mut Edit) -> Result<()> {
    let old: HashMap<&str, &ValueType> = model
        .graph
        .values()
        .iter()
        .filter_map(|value| Some((value.name.as_str(), value.ty.as_ref()?)))
        .collect();
    let behind = forget(model, edit)?;
    let new = foreseen(model, edit)?;
    let types: BTreeMap<&str, &ValueType> = new
        .graph
        .values()
        .iter()
        .filter_map(|value| Some((value.name.as_str(), value.ty.as_ref()?)))
        .collect();
    let renamed: HashMap<&str, &str> =
        edit.outputs.iter().map(|(old, new)| (new.as_str(), old.as_str())).collect();
    let mut found = BTreeMap::new();
    for name in behind {
        let before = old.get(name.as_str()).or_else(|| old.get(renamed.get(name.as_str())?)).copied();
        let ty = types.get(name.as_str()).map(|ty| with_symbols(ty, before));
        let ty = ty.or_else(|| before.map(without_shape));
        // What is true still keeps its bytes.
        if ty.is_none() || ty.as_ref() != before {
            found.insert(name, ty);
        }
    }
    edit.types = found;
    Ok(())
}

/// What an edit makes of a model, without weights, with the types that follow from the rules.
///
/// # Errors
/// If the edit does not fit the model.
pub fn foreseen(model: &Model, edit: &Edit) -> Result<Model> {
    let mut new = preview(model, edit)?;
    derive_types(&mut new, &TypeOptions::default());
    Ok(new)
}

/// Leaves the declared types of all values behind a change out; gives their names.
pub(super) fn forget(model: &Model, edit: &mut Edit) -> Result<BTreeSet<String>> {
    let behind = behind(&preview(model, edit)?, model, edit);
    edit.types = behind.iter().map(|name| (name.clone(), None)).collect();
    Ok(behind)
}

/// The values that depend on what is new or changed.
fn behind(new: &Model, model: &Model, edit: &Edit) -> BTreeSet<String> {
    let graph = &new.graph;
    let mut first: BTreeSet<&str> = edit.tensors.iter().map(|t| t.name.as_str()).collect();
    first.extend(edit.added.iter().flat_map(|node| &node.outputs).map(String::as_str));
    first.extend(edit.results.values().map(String::as_str));
    for (_, node) in model.graph.nodes() {
        if edit.operands.keys().any(|(span, _)| *span == node.span) {
            first.extend(node.outputs.iter().flatten().map(|&id| model.graph.value(id).name.as_str()));
        }
    }
    let starts = graph.values().iter().filter(|value| first.contains(value.name.as_str()));
    let starts: BTreeSet<_> = starts.map(|value| value.definition.node).collect();
    let mut nodes = graph.behind(starts.iter().copied());
    nodes.extend(starts);
    let mut names = BTreeSet::new();
    for id in nodes.into_iter().filter(|&id| matches!(graph.node(id).kind, NodeKind::Op(_))) {
        names.extend(graph.node(id).outputs.iter().flatten().map(|&v| graph.value(v).name.clone()));
    }
    names
}

/// The type, with the symbols that the file had where a size is none of the new ones.
fn with_symbols(new: &ValueType, old: Option<&ValueType>) -> ValueType {
    let (ValueType::Tensor(new), Some(ValueType::Tensor(old))) = (new, old) else { return new.clone() };
    let mut ty = new.clone();
    if let (Some(new), Some(old)) = (&mut ty.shape, &old.shape)
        && new.0.len() == old.0.len()
    {
        for (new, old) in new.0.iter_mut().zip(&old.0) {
            let symbol = |dim: &Dim| matches!(dim, Dim::Named(_) | Dim::Computed(_) | Dim::Unknown);
            if symbol(new) && (matches!(old, Dim::Named(_)) || *old == Dim::Unknown) {
                *new = old.clone();
            }
        }
    }
    ValueType::Tensor(ty)
}

fn without_shape(old: &ValueType) -> ValueType {
    match old {
        ValueType::Tensor(ty) => ValueType::Tensor(TensorType { dtype: ty.dtype, shape: None }),
        other => other.clone(),
    }
}
