//! What differs between two models.
//!
//! Nodes are matched by name, then by what they define, then by structure; constants by
//! name, then by content. Equal bytes are equal, so weights are read only where their records
//! differ.

mod bodies;
mod found;
mod nodes;
mod partners;
mod weights;

pub use found::{Diff, WeightChange};

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::model::{Attribute, Function, Graph, Model, NodeId, NodeKind, ValueType};
use crate::text::printable;
use bodies::{By, body, said, shortened};
use partners::Partners;

/// Compares two models' main graphs, their functions, contracts and metadata.
///
/// # Errors
/// If the content of a weight that has to be compared is not at hand.
pub fn diff(old: &Model, new: &Model) -> Result<Diff> {
    let mut found = Diff::default();
    let partners = Partners::of(old, new);
    nodes::compare(old, new, &partners, &mut found);
    weights::compare(old, new, &partners, &mut found)?;
    functions(old, new, &mut found);
    types(old, new, &partners, &mut found);
    contract(&old.graph, &new.graph, &mut found);
    meta(old, new, &mut found);
    Ok(found)
}

/// Functions with another body, that are gone, or new.
fn functions(old: &Model, new: &Model, found: &mut Diff) {
    let key = |f: &Function| (f.domain.clone(), f.name.clone(), f.overload.clone());
    let all = |model: &Model| model.functions.iter().map(key).collect::<Vec<_>>();
    let (before, after) = (all(old), all(new));
    let places: BTreeMap<_, _> = after.iter().zip(&new.functions).collect();
    let kept: BTreeSet<_> = before.iter().collect();
    let mut report = |(domain, name, _): &(String, String, String), what: &str| {
        found.functions.push(format!("function `{}::{}` {what}", printable(domain), printable(name)));
    };
    for (f, key) in old.functions.iter().zip(&before) {
        let Some(now) = places.get(key) else {
            report(key, "is gone");
            continue;
        };
        let same = |by| all_of(old, f, by) == all_of(new, now, by);
        if !same(By::Elements) && !same(By::Records) {
            report(key, "has another body");
        }
    }
    after.iter().filter(|key| !kept.contains(key)).for_each(|key| report(key, "is new"));
}

/// The whole definition of a function, as lines of text.
fn all_of(model: &Model, f: &Function, by: By) -> Vec<String> {
    let opsets = f.opsets.iter().map(|o| format!("{}:{}", o.domain, o.version));
    let default = |a: &Attribute| format!("{}={}", a.name, said(model, &a.value, &str::to_owned, 0, by));
    let text = body(model, &f.graph, &str::to_owned, 0, by);
    opsets.chain(f.defaults.iter().map(default)).chain(f.required.iter().cloned()).chain([text]).collect()
}

fn types(old: &Model, new: &Model, partners: &Partners, found: &mut Diff) {
    let of = |graph: &Graph| -> BTreeMap<String, ValueType> {
        let op = |v: &&crate::model::Value| matches!(graph.node(v.definition.node).kind, NodeKind::Op(_));
        graph.values().iter().filter(op).filter_map(|v| Some((v.name.clone(), v.ty.clone()?))).collect()
    };
    let after = of(&new.graph);
    for (name, a) in of(&old.graph) {
        if let Some(b) = after.get(partners.value(&name)).or_else(|| after.get(&name)).filter(|b| **b != a) {
            found.retyped.push((name, a.to_string(), b.to_string()));
        }
    }
}

fn contract(old: &Graph, new: &Graph, found: &mut Diff) {
    let list = |graph: &Graph, inputs: bool| -> Vec<String> {
        let ids = if inputs { &graph.inputs } else { &graph.outputs };
        let ty = |&id: &NodeId| {
            let value =
                if inputs { graph.node(id).outputs.first().copied().flatten() } else { graph.input(id, 0) };
            let ty = value.and_then(|v| graph.value(v).ty.as_ref()).map(ToString::to_string);
            format!("`{}` {}", printable(&graph.node(id).name), printable(&ty.unwrap_or_default()))
        };
        ids.iter().map(ty).collect()
    };
    for (inputs, word) in [(true, "inputs"), (false, "outputs")] {
        let (a, b) = (list(old, inputs), list(new, inputs));
        if a != b {
            found.contract.push(format!("{word} {} → {}", a.join(", "), b.join(", ")));
        }
    }
}

fn meta(old: &Model, new: &Model, found: &mut Diff) {
    let (a, b) = (&old.meta, &new.meta);
    let mut compare = |what: &str, x: String, y: String| {
        if x != y {
            found.meta.push(format!("{what} {} → {}", printable(&shortened(&x)), printable(&shortened(&y))));
        }
    };
    compare("producer", a.producer.clone(), b.producer.clone());
    compare("IR version", format!("{:?}", a.ir_version), format!("{:?}", b.ir_version));
    let sets = |m: &crate::model::Meta| {
        m.opsets.iter().map(|o| format!("{}:{}", o.domain, o.version)).collect::<Vec<_>>().join(" ")
    };
    compare("operator sets", sets(a), sets(b));
    let entries = |m: &crate::model::Meta| -> BTreeMap<String, String> {
        m.properties.iter().map(|p| (p.key.as_str().to_owned(), p.value.as_str().to_owned())).collect()
    };
    let (x, y) = (entries(a), entries(b));
    let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
    for key in keys.into_iter().filter(|key| x.get(*key) != y.get(*key)) {
        let shown = |map: &BTreeMap<String, String>| map.get(key).cloned().unwrap_or_else(|| "(none)".into());
        compare(&format!("metadata {}", printable(key)), shown(&x), shown(&y));
    }
}
