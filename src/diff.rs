//! What differs between two models.
//!
//! Nodes are matched by name, then by what they define, then by structure; constants by
//! name. Equal bytes are equal, so weights are read only where their records differ.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::{Result, printable};
use crate::formats::content;
use crate::model::{Graph, Model, Node, NodeId, NodeKind, Op, Tensor, TensorData, ValueType};

/// What differs. All lists are in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// Operators that only the new model has.
    pub added: Vec<NodeId>,
    /// Operators that only the old model has.
    pub removed: Vec<NodeId>,
    /// Operators that differ: in the old model, in the new one, and what.
    pub changed: Vec<(NodeId, NodeId, Vec<String>)>,
    /// How many operators are the same byte for byte.
    pub same: usize,
    /// Constants that differ: the name, and what.
    pub weights: Vec<WeightChange>,
    /// How many constants are the same.
    pub same_weights: usize,
    /// Values of another type: the name, and both types.
    pub retyped: Vec<(String, String, String)>,
    /// What differs for those who call the model: inputs and outputs.
    pub contract: Vec<String>,
    /// Other things that the files say of themselves.
    pub meta: Vec<String>,
}

/// A constant that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightChange {
    /// Its name.
    pub name: String,
    /// What differs.
    pub what: String,
    /// Whether the old model has it, and the new one.
    pub there: (bool, bool),
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.weights.is_empty()
            && self.retyped.is_empty()
            && self.contract.is_empty()
            && self.meta.is_empty()
    }
}

/// Compares two models' main graphs, their functions, contracts and metadata.
///
/// # Errors
/// If the content of a weight that has to be compared is not at hand.
pub fn diff(old: &Model, new: &Model) -> Result<Diff> {
    let mut found = Diff::default();
    nodes(old, new, &mut found);
    weights(old, new, &mut found)?;
    types(old, new, &mut found);
    contract(&old.graph, &new.graph, &mut found);
    meta(old, new, &mut found);
    Ok(found)
}

fn record<'m>(model: &'m Model, node: &Node) -> &'m [u8] {
    model.source.bytes.get(node.span.start as usize..node.span.end() as usize).unwrap_or_default()
}

/// The name of a node's first result.
fn result(graph: &Graph, node: &Node) -> String {
    node.outputs.iter().flatten().next().map(|&v| graph.value(v).name.clone()).unwrap_or_default()
}

fn nodes(old: &Model, new: &Model, found: &mut Diff) {
    let unique = |graph: &Graph, key: &dyn Fn(&Node) -> String| -> HashMap<String, Option<NodeId>> {
        let mut all: HashMap<String, Option<NodeId>> = HashMap::new();
        for (id, node, _) in graph.ops() {
            let key = key(node);
            if !key.is_empty() {
                all.entry(key).and_modify(|twice| *twice = None).or_insert(Some(id));
            }
        }
        all
    };
    let mut partner: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    let mut taken: BTreeSet<NodeId> = BTreeSet::new();
    let by_result = unique(&new.graph, &|node| result(&new.graph, node));
    let by_name = unique(&new.graph, &|node| node.name.clone());
    let old_names = unique(&old.graph, &|node| node.name.clone());
    for (id, node, op) in old.graph.ops() {
        let same_op = |id: &NodeId| matches!(&new.graph.node(*id).kind, NodeKind::Op(other) if other.op == op.op && other.domain == op.domain);
        let named = old_names
            .get(&node.name)
            .and_then(|o| o.as_ref())
            .and_then(|_| by_name.get(&node.name).copied().flatten());
        let made = by_result.get(&result(&old.graph, node)).copied().flatten();
        if let Some(other) =
            named.filter(same_op).or(made.filter(same_op)).filter(|other| !taken.contains(other))
        {
            partner.insert(id, other);
            taken.insert(other);
        }
    }
    // What is left is matched by operator and operands, in the order of the flow.
    for (id, _, op) in old.graph.ops() {
        if partner.contains_key(&id) {
            continue;
        }
        let wanted = shape_of(&old.graph, id, op);
        let other = new
            .graph
            .ops()
            .find(|(other, _, o)| !taken.contains(other) && shape_of(&new.graph, *other, o) == wanted);
        if let Some((other, ..)) = other {
            partner.insert(id, other);
            taken.insert(other);
        }
    }
    for (id, node, op) in old.graph.ops() {
        let Some(&other) = partner.get(&id) else {
            found.removed.push(id);
            continue;
        };
        if record(old, node) == record(new, new.graph.node(other)) {
            found.same += 1;
            continue;
        }
        let NodeKind::Op(new_op) = &new.graph.node(other).kind else { continue };
        let what = differences((&old.graph, id, op), (&new.graph, other, new_op));
        if what.is_empty() { found.same += 1 } else { found.changed.push((id, other, what)) }
    }
    found.added = new.graph.ops().map(|(id, ..)| id).filter(|id| !taken.contains(id)).collect();
}

/// An operator with the names of its operands.
fn shape_of(graph: &Graph, id: NodeId, op: &Op) -> (String, Vec<String>) {
    let uses = graph.uses_at(id);
    (op.op.clone(), uses.iter().map(|(usage, _)| graph.value(usage.value).name.clone()).collect())
}

fn differences((a, id, op): (&Graph, NodeId, &Op), (b, other, new): (&Graph, NodeId, &Op)) -> Vec<String> {
    let mut what = Vec::new();
    let names = |graph: &Graph, id: NodeId| -> Vec<String> {
        graph.uses_at(id).iter().map(|(usage, _)| graph.value(usage.value).name.clone()).collect()
    };
    let (x, y) = (names(a, id), names(b, other));
    if x != y {
        let list = |names: &[String]| names.iter().map(|n| printable(n)).collect::<Vec<_>>().join(", ");
        what.push(format!("operands {} → {}", list(&x), list(&y)));
    }
    let (x, y) = (result(a, a.node(id)), result(b, b.node(other)));
    if x != y {
        what.push(format!("result {} → {}", printable(&x), printable(&y)));
    }
    if a.node(id).name != b.node(other).name {
        what.push(format!("name {} → {}", printable(&a.node(id).name), printable(&b.node(other).name)));
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

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { short + "…" } else { short }
}

fn constants(graph: &Graph) -> BTreeMap<&str, &Tensor> {
    graph.constants().map(|(_, node, tensor)| (node.name.as_str(), tensor)).collect()
}

fn weights(old: &Model, new: &Model, found: &mut Diff) -> Result<()> {
    let (before, after) = (constants(&old.graph), constants(&new.graph));
    let kind = |t: &Tensor| format!("{} {}", t.dtype, t.shape());
    for (name, a) in &before {
        let Some(b) = after.get(name) else {
            let what = format!("{} is gone", kind(a));
            found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (true, false) });
            continue;
        };
        let what = if (a.dtype, &a.dims) != (b.dtype, &b.dims) {
            Some(format!("{} → {}", kind(a), kind(b)))
        } else if same_place(old, a, new, b) {
            None
        } else {
            match (content(old, a), content(new, b)) {
                (Ok(x), Ok(y)) => (x != y).then(|| content_change(a, &x, &y)),
                // Weights that did not travel along are the same if the reference is.
                (Err(_), Err(_)) if same_reference(a, b) => None,
                (Err(error), _) | (_, Err(error)) => return Err(error),
            }
        };
        match what {
            Some(what) => {
                found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (true, true) })
            }
            None => found.same_weights += 1,
        }
    }
    for (name, b) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let what = format!("{} is new", kind(b));
        found.weights.push(WeightChange { name: (*name).to_owned(), what, there: (false, true) });
    }
    Ok(())
}

/// Whether two tensors say the same of where their content is.
fn same_reference(a: &Tensor, b: &Tensor) -> bool {
    match (&a.data, &b.data) {
        (
            TensorData::External { path: p, at: x, len: m },
            TensorData::External { path: q, at: y, len: n },
        ) => (p, x, m) == (q, y, n),
        _ => false,
    }
}

/// Whether two tensors are stored alike, so that nothing has to be read.
fn same_place(old: &Model, a: &Tensor, new: &Model, b: &Tensor) -> bool {
    match (&a.data, &b.data) {
        (TensorData::External { path, .. }, TensorData::External { .. }) => {
            let folder = |model: &Model| {
                let path = std::path::Path::new(&model.source.name);
                path.parent().map(std::path::Path::to_owned)
            };
            same_reference(a, b) && (path.starts_with("<stripped ") || folder(old) == folder(new))
        }
        (TensorData::External { .. }, _) | (_, TensorData::External { .. }) => false,
        _ => {
            let bytes = |model: &Model, t: &Tensor| model.source.slice(t.span);
            bytes(old, a).is_some() && bytes(old, a) == bytes(new, b)
        }
    }
}

fn content_change(tensor: &Tensor, x: &[u8], y: &[u8]) -> String {
    let array = |bytes: &[u8]| {
        let data = TensorData::Owned(bytes::Bytes::copy_from_slice(bytes));
        Tensor { data, ..tensor.clone() }.numbers(&crate::model::Source::default(), usize::MAX)
    };
    match (array(x), array(y)) {
        (Some(a), Some(b)) => {
            let differ = a.iter().zip(&b).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            let most = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            format!("{differ} of {} elements differ, by {most:.3e} at most", a.len())
        }
        _ => "another content".into(),
    }
}

fn types(old: &Model, new: &Model, found: &mut Diff) {
    let of = |graph: &Graph| -> BTreeMap<String, ValueType> {
        let op = |v: &&crate::model::Value| matches!(graph.node(v.definition.node).kind, NodeKind::Op(_));
        graph.values().iter().filter(op).filter_map(|v| Some((v.name.clone(), v.ty.clone()?))).collect()
    };
    let after = of(&new.graph);
    for (name, a) in of(&old.graph) {
        if let Some(b) = after.get(&name).filter(|b| **b != a) {
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
            format!("`{}` {}", printable(&graph.node(id).name), ty.unwrap_or_default())
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
    let mut tell = |what: &str, x: String, y: String| {
        if x != y {
            found.meta.push(format!("{what} {} → {}", printable(&shortened(&x)), printable(&shortened(&y))));
        }
    };
    tell("producer", a.producer.clone(), b.producer.clone());
    tell("IR version", format!("{:?}", a.ir_version), format!("{:?}", b.ir_version));
    let sets = |m: &crate::model::Meta| {
        m.opsets.iter().map(|o| format!("{}:{}", o.domain, o.version)).collect::<Vec<_>>().join(" ")
    };
    tell("operator sets", sets(a), sets(b));
    let bodies = |m: &Model| m.functions.iter().map(|f| f.name.clone()).collect::<Vec<_>>().join(" ");
    tell("functions", bodies(old), bodies(new));
    let entries = |m: &crate::model::Meta| -> BTreeMap<String, String> {
        m.properties.iter().map(|p| (p.key.as_str().to_owned(), p.value.as_str().to_owned())).collect()
    };
    let (x, y) = (entries(a), entries(b));
    let keys: BTreeSet<&String> = x.keys().chain(y.keys()).collect();
    for key in keys.into_iter().filter(|key| x.get(*key) != y.get(*key)) {
        let shown = |map: &BTreeMap<String, String>| map.get(key).cloned().unwrap_or_else(|| "(none)".into());
        tell(&format!("metadata {}", printable(key)), shown(&x), shown(&y));
    }
}
