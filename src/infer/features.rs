//! What the nodes of a model are, in the words of the list of trust.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::error::Result;
use crate::infer::plain::plain;
use crate::model::{Attribute, AttributeValue, Dim, Graph, Model, NodeKind, Op, Slot, opset_version};

/// What a node is, in the words of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    /// The operator, with its domain unless that is the default one.
    pub op: String,
    /// The version of the operator set.
    pub opset: i64,
    /// The types of operands, joined by commas; of many equal ones once with `+`.
    pub types: String,
    /// The attributes, as text, or as numbers.
    pub attributes: BTreeMap<String, Value>,
    /// The node's name in messages.
    pub(super) name: String,
}

/// The features of all nodes of a model, functions in the place of their calls, and what is
/// written by simpler operators in those.
///
/// # Errors
/// If a function cannot be put there.
pub fn features(model: &Model) -> Result<Vec<Features>> {
    let written = plain(model)?;
    let model = written.as_ref().unwrap_or(model);
    let mut found = Vec::new();
    let mut todo: Vec<&Graph> = vec![&model.graph];
    while let Some(graph) = todo.pop() {
        for (id, _, op) in graph.ops() {
            todo.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
            let mut types = vec![String::new(); (op.input_slots as usize).min(1000)];
            for (usage, _) in graph.uses_at(id) {
                if let Slot::Input(slot) = usage.to
                    && let Some(own) = types.get_mut(slot as usize)
                {
                    let ty = graph.value(usage.value).ty.as_ref();
                    *own = match ty.and_then(|ty| ty.tensor()) {
                        // Nothing at all is a case of its own: its maximum, its mean.
                        Some(ty) if ty.shape.as_ref().is_some_and(|s| s.0.contains(&Dim::Known(0))) => {
                            format!("empty {}", ty.dtype)
                        }
                        Some(ty) => ty.dtype.to_string(),
                        None => "?".into(),
                    };
                }
            }
            let mut attributes: BTreeMap<String, Value> = op
                .attributes
                .iter()
                .map(|a| (a.name.clone(), listed_value(op, a)))
                .chain(derived(op))
                .collect();
            if op.op == "Slice" && steps(model, graph, id) {
                attributes.insert("steps".into(), json!("other"));
            }
            if op.op == "Round" && is_of_a_ratio(graph, id) {
                attributes.insert("of a ratio".into(), json!("yes"));
            }
            found.push(Features {
                op: if op.domain.is_empty() { op.op.clone() } else { format!("{}::{}", op.domain, op.op) },
                opset: opset_version(&model.meta.opsets, &op.domain).unwrap_or(1),
                types: joined(op, types),
                attributes,
                name: graph.called(id).to_owned(),
            });
        }
    }
    Ok(found)
}

/// Whether a slice has steps that are not known to be 1.
fn steps(model: &Model, graph: &Graph, id: crate::model::NodeId) -> bool {
    let Some(value) = graph.input(id, 4) else { return false };
    let numbers = graph.stored(value).and_then(|tensor| tensor.numbers(&model.source, 16));
    numbers.is_none_or(|numbers| numbers.iter().any(|&n| n != 1.0))
}

/// Whether what is rounded is a quotient: tract may multiply by the reciprocal, and halves then
/// go the other way.
fn is_of_a_ratio(graph: &Graph, id: crate::model::NodeId) -> bool {
    const PASS: [&str; 6] = ["Add", "Sub", "Clip", "Identity", "Min", "Max"];
    let mut todo: Vec<_> = graph.uses_at(id).into_iter().map(|(_, from)| (from, 4)).collect();
    while let Some((at, left)) = todo.pop() {
        match &graph.node(at).kind {
            NodeKind::Op(op) if op.op == "Div" => return true,
            NodeKind::Op(op) if left > 0 && PASS.contains(&op.op.as_str()) => {
                todo.extend(graph.uses_at(at).into_iter().map(|(_, from)| (from, left - 1)));
            }
            _ => {}
        }
    }
    false
}

/// What follows from more than one attribute, and makes a difference: padding to the same size
/// where strides are larger than windows, or windows have holes.
fn derived(op: &Op) -> Vec<(String, Value)> {
    let ints = |name: &str| match op.attribute(name) {
        Some(AttributeValue::Ints(list)) => list.clone(),
        _ => Vec::new(),
    };
    let (kernel, strides, dilations) = (ints("kernel_shape"), ints("strides"), ints("dilations"));
    let mut found = Vec::new();
    let same =
        matches!(op.attribute("auto_pad"), Some(AttributeValue::String(t)) if t.as_str().starts_with("SAME"));
    let wide = strides.iter().enumerate().any(|(i, s)| kernel.get(i).is_none_or(|k| s > k));
    let holes = dilations.iter().any(|&d| d > 1);
    let up = matches!(op.attribute("ceil_mode"), Some(AttributeValue::Int(1)));
    for (name, there) in [
        ("same, wide", same && wide),
        ("same, holes", same && holes),
        ("up, holes", up && holes),
        ("up, same", up && same),
        ("up, wide", up && wide),
    ] {
        if there {
            found.push((name.to_owned(), json!("yes")));
        }
    }
    found
}

/// Operators that take any number of operands.
const VARIADIC: &[&str] = &["Concat", "Sum", "Max", "Min", "Mean", "Einsum"];

fn joined(op: &Op, types: Vec<String>) -> String {
    let plain: Vec<&str> = types.iter().map(|t| t.trim_start_matches("empty ")).collect();
    match plain.first() {
        Some(first) if VARIADIC.contains(&op.op.as_str()) && plain.iter().all(|t| t == first) => {
            let some_empty = if types.iter().any(|t| t != first) { " empty" } else { "" };
            format!("{first}+{some_empty}")
        }
        _ => types.join(","),
    }
}

/// An attribute's value for the list: numbers as they are, names as text, and of large
/// values only the kind.
fn listed_value(op: &Op, attribute: &Attribute) -> Value {
    match &attribute.value {
        // The content of a constant is as good as any other.
        AttributeValue::Int(_) | AttributeValue::Ints(_) if op.op == "Constant" => json!({"number": 0}),
        AttributeValue::Float(x) if op.op == "Constant" && x.is_finite() => json!({"number": 0}),
        AttributeValue::Int(n) => json!(n),
        AttributeValue::Ints(list) => json!(list),
        AttributeValue::Float(x) => json!({"number": x.is_finite().then_some(*x)}),
        AttributeValue::Floats(list) if list.iter().all(|x| x.is_finite()) => json!({"number": list}),
        AttributeValue::Floats(_) => json!({"number": null}),
        AttributeValue::String(text) => json!(format!("s:{}", text.as_str())),
        AttributeValue::Strings(list) => {
            json!(format!("s:{}", list.iter().map(|t| t.as_str()).collect::<Vec<_>>().join(",")))
        }
        AttributeValue::Tensor(tensor) => json!(format!("tensor {}", tensor.dtype)),
        AttributeValue::Graph(_) => json!("graph"),
        _ => json!("other"),
    }
}

/// A model's nodes for the script that makes the list, as JSON.
///
/// # Errors
/// Those of [`features`].
pub fn features_json(model: &Model) -> Result<Value> {
    let list = features(model)?.into_iter();
    Ok(list
        .map(|f| json!({"op": f.op, "opset": f.opset, "types": f.types, "attributes": f.attributes}))
        .collect())
}

impl Features {
    /// All features as words, for sets that are wrong together.
    pub(super) fn plain(&self) -> BTreeSet<String> {
        let attributes = self.attributes.iter().map(|(name, value)| match value {
            Value::Object(float) => format!("{name}={}", sort(float)),
            other => format!("{name}={other}"),
        });
        attributes.chain([format!("types={}", self.types)]).collect()
    }
}

/// Of one or more numbers: whether any is negative, or not finite.
pub(super) fn sort(float: &serde_json::Map<String, Value>) -> &'static str {
    let numbers = match float.get("number") {
        Some(Value::Array(list)) => list.iter().map(Value::as_f64).collect(),
        Some(number) => number.as_f64().map(|n| vec![n]),
        None => None,
    };
    match numbers {
        Some(numbers) if numbers.iter().any(|&n| n < 0.0) => "negative",
        Some(_) => "number",
        None => "infinite",
    }
}
