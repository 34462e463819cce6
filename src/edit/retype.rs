//! Corrects declared types that an edit makes wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::work::count;
use crate::error::Result;
use crate::finding::Finding;
use crate::model::{Dim, Edit, Model, NodeKind, Slot, TensorType, ValueType};
use crate::ops::{TypeOptions, derive_types};
use crate::rules::{Subject, check_with, rule};

/// The types of the values that depend on what an edit changes, by name.
pub(super) type Types = HashMap<String, ValueType>;

/// What follows from the rules after an edit.
pub(super) struct After {
    /// The types of all values downstream of what is new or changed.
    pub(super) types: Types,
    /// Operands that do not fit, wherever they are.
    pub(super) misfits: Vec<Finding>,
}

/// The types that follow from the rules for all values downstream of what is new or changed, and
/// what does not fit. Their declared types are taken out of the edit.
///
/// # Errors
/// If the edit does not fit the model.
pub(super) fn types_after(model: &Model, edit: &mut Edit) -> Result<After> {
    edit.types = downstream(model, edit).into_iter().map(|name| (name, None)).collect();
    let new = foreseen(model, edit)?;
    let known = new.graph.values().iter().filter(|value| edit.types.contains_key(&value.name));
    let types = known.filter_map(|value| Some((value.name.clone(), value.ty.clone()?))).collect();
    Ok(After { types, misfits: misfits(&new) })
}

/// Operands of a model that do not fit: shapes, sizes that are fixed, element types. Its types
/// have to be derived.
pub(super) fn misfits(model: &Model) -> Vec<Finding> {
    let of_shapes = model.findings.iter().filter(|finding| ["O105", "H204"].contains(&finding.rule));
    let mut found: Vec<Finding> = of_shapes.cloned().collect();
    found.extend(check_with(&Subject::new(model), rule("O108")));
    found
}

/// Declares these types for all values downstream of what is new or changed; what has none is
/// no longer declared.
pub(super) fn declare(model: &Model, edit: &mut Edit, types: &Types) {
    let old: HashMap<&str, &ValueType> = model
        .graph
        .values()
        .iter()
        .filter_map(|value| Some((value.name.as_str(), value.ty.as_ref()?)))
        .collect();
    let renamed: HashMap<&str, &str> =
        edit.outputs.iter().map(|(old, new)| (new.as_str(), old.as_str())).collect();
    let mut declared = BTreeMap::new();
    for name in downstream(model, edit) {
        let before = old.get(name.as_str()).or_else(|| old.get(renamed.get(name.as_str())?)).copied();
        let ty = types.get(name.as_str()).map(|ty| with_symbols(ty, before));
        let ty = ty.or_else(|| before.map(without_shape));
        // What is true still keeps its bytes.
        if ty.is_none() || ty.as_ref() != before {
            declared.insert(name, ty);
        }
    }
    edit.types = declared;
}

/// What an edit makes of a model, without weights, with the types that follow from the rules.
///
/// # Errors
/// If the edit does not fit the model.
pub fn foreseen(model: &Model, edit: &Edit) -> Result<Model> {
    count(|work| work.previews += 1);
    let mut new = model.preview(edit)?;
    derive_types(&mut new, &TypeOptions::default());
    Ok(new)
}

/// A node as an edit leaves it.
struct Link<'a> {
    takes: Vec<&'a str>,
    gives: Vec<&'a str>,
}

/// The results of nodes that are new or changed, or depend on what is.
fn downstream(model: &Model, edit: &Edit) -> BTreeSet<String> {
    let (links, mut todo) = links(model, edit);
    let mut users: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, link) in links.iter().enumerate() {
        link.takes.iter().for_each(|&name| users.entry(name).or_default().push(at));
    }
    let users_of = |name: &str| users.get(name).into_iter().flatten().copied();
    todo.extend(edit.tensors.iter().flat_map(|tensor| users_of(&tensor.name)));
    let mut reached = vec![false; links.len()];
    let mut names = BTreeSet::new();
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        for &name in links[at].gives.iter().filter(|name| !name.is_empty()) {
            names.insert(name.to_owned());
            todo.extend(users_of(name));
        }
    }
    names
}

/// The nodes after an edit, and the numbers of those that are new or changed.
fn links<'a>(model: &'a Model, edit: &'a Edit) -> (Vec<Link<'a>>, Vec<usize>) {
    let graph = &model.graph;
    let (mut links, mut changed) = (Vec::new(), Vec::new());
    for (id, node) in graph.nodes() {
        if !matches!(node.kind, NodeKind::Op(_)) || edit.removed.contains(&node.record()) {
            continue;
        }
        let record = node.record();
        let slots = (record, 0)..=(record, u32::MAX);
        let mut takes: Vec<&str> =
            edit.operands.range(slots.clone()).map(|(_, name)| name.as_str()).collect();
        let mut is_changed = !takes.is_empty();
        for (usage, _) in graph.uses_at(id) {
            let replaced = matches!(usage.to, Slot::Input(n) if edit.operands.contains_key(&(record, n)));
            if !replaced {
                takes.push(&graph.value(usage.value).name);
            }
        }
        let mut gives = Vec::with_capacity(node.outputs.len());
        for (slot, value) in (0u32..).zip(&node.outputs) {
            let renamed = edit.results.get(&(record, slot));
            is_changed |= renamed.is_some();
            gives.extend(renamed.or(value.map(|id| &graph.value(id).name)).map(String::as_str));
        }
        if is_changed {
            changed.push(links.len());
        }
        links.push(Link { takes, gives });
    }
    for node in &edit.added {
        changed.push(links.len());
        let own = |names: &'a [String]| names.iter().map(String::as_str).collect();
        links.push(Link { takes: own(&node.inputs), gives: own(&node.outputs) });
    }
    (links, changed)
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
