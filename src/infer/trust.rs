//! What tract computes rightly, as far as tests have shown.
//!
//! `trust.json` is made by `tests/oracle/trust.py` from onnx's backend tests and from variants
//! of them, compared with onnxruntime: for each operator the versions, the types of operands
//! and the values of attributes with which every result was right. Whatever else a model uses
//! is not verified, whatever tract says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result, printable};
use crate::formats::arrays::Array;
use crate::infer::plain::plain;
use crate::model::{
    Attribute, AttributeValue, DType, Dim, Expr, Graph, Model, NodeKind, Op, Shape, Slot, opset_version,
};
use crate::ops::{TypeOptions, derive_types};

/// What tests have shown of an operator.
#[derive(Debug, Deserialize)]
struct Entry {
    /// The versions of the operator, ascending, and whether each is right.
    versions: Vec<(i64, bool)>,
    /// The types of operands, joined by commas.
    types: BTreeSet<String>,
    /// What attributes may be.
    attributes: BTreeMap<String, Allowed>,
    /// Sets of features that are wrong together, though each is right elsewhere.
    #[serde(default)]
    wrong: Vec<BTreeSet<String>>,
    /// The features that were right together, two by two.
    pairs: Pairs,
}

/// Pairs of features.
#[derive(Debug, Deserialize)]
struct Pairs {
    /// The features, sorted.
    words: Vec<String>,
    /// Of each those behind it that were right together with it.
    with: Vec<BTreeSet<usize>>,
}

impl Pairs {
    /// Two features that were never right together.
    fn unseen<'a>(&self, own: &'a BTreeSet<String>) -> Option<(&'a str, &'a str)> {
        let at: Vec<(Option<usize>, &String)> =
            own.iter().map(|word| (self.words.binary_search(word).ok(), word)).collect();
        for (i, (a, first)) in at.iter().enumerate() {
            for (b, second) in &at[i + 1..] {
                let seen = a.zip(*b).is_some_and(|(a, b)| self.with[a].contains(&b));
                if !seen {
                    return Some((first, second));
                }
            }
        }
        None
    }
}

#[derive(Debug, Deserialize)]
struct Allowed {
    /// Whether it may be left out.
    #[serde(default)]
    absent: bool,
    /// These values, as text.
    #[serde(default)]
    values: BTreeSet<String>,
    /// Sizes from the first to the second.
    #[serde(default)]
    range: Option<(i64, i64)>,
    /// Any finite number from zero on, since several were right.
    #[serde(default)]
    number: bool,
    /// Numbers below zero.
    #[serde(default)]
    negative: bool,
}

fn entries() -> &'static BTreeMap<String, Entry> {
    static ENTRIES: OnceLock<BTreeMap<String, Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| serde_json::from_str(include_str!("trust.json")).unwrap_or_default())
}

/// Attributes whose values are sizes, not names of something.
const SIZES: &[&str] = &[
    "axes",
    "axis",
    "batch_axis",
    "batch_dims",
    "block_size",
    "blocksize",
    "dilations",
    "ends",
    "group",
    "height",
    "hidden_size",
    "k",
    "kernel_shape",
    "kv_num_heads",
    "max_length",
    "min_length",
    "num_groups",
    "num_heads",
    "num_outputs",
    "offset",
    "output_height",
    "output_padding",
    "output_shape",
    "output_width",
    "pads",
    "perm",
    "q_num_heads",
    "repeats",
    "sampling_ratio",
    "shape",
    "size",
    "sizes",
    "split",
    "starts",
    "steps",
    "strides",
    "time_axis",
    "width",
];

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
    /// How to call the node.
    name: String,
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
        for (id, node, op) in graph.ops() {
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
            let name = if node.name.is_empty() { first_output(graph, id) } else { node.name.clone() };
            let mut attributes: BTreeMap<String, Value> =
                op.attributes.iter().map(|a| (a.name.clone(), told(op, a))).chain(derived(op)).collect();
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
                name,
            });
        }
    }
    Ok(found)
}

fn first_output(graph: &Graph, id: crate::model::NodeId) -> String {
    let first = graph.node(id).outputs.iter().flatten().next();
    first.map(|&v| graph.value(v).name.clone()).unwrap_or_default()
}

/// Whether a slice has steps that are not known to be 1.
fn steps(model: &Model, graph: &Graph, id: crate::model::NodeId) -> bool {
    let Some(value) = graph.input(id, 4) else { return false };
    let tensor = match &graph.node(graph.value(value).definition.node).kind {
        NodeKind::Constant { tensor, .. } => Some(tensor),
        NodeKind::Op(op) => op.attribute("value").and_then(|value| value.tensors().first()),
        _ => None,
    };
    let numbers = tensor.and_then(|tensor| tensor.numbers(&model.source, 16));
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

/// An attribute's value for the list: numbers as they are, names as text, and of what is large
/// the sort alone.
fn told(op: &Op, attribute: &Attribute) -> Value {
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

/// Why a model whose types are derived is not verified: a line for each reason, none if all of
/// it is.
///
/// # Errors
/// If the model is not one that can be run at all.
pub fn distrust(model: &Model) -> Result<Vec<String>> {
    if let Some(found) =
        model.findings.iter().find(|f| ["S002", "S003", "S004", "S006", "S008"].contains(&f.rule))
    {
        return Err(Error::new(ErrorKind::Unsupported, format!("the model is invalid: {found}")));
    }
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for node in features(model)? {
        for reason in doubts(&node) {
            let entry = reasons.entry(reason).or_insert_with(|| (0, node.name.clone()));
            entry.0 += 1;
        }
    }
    let line = |(reason, (count, first)): (String, (usize, String))| {
        let first = printable(&first);
        if count == 1 {
            format!("{reason} (`{first}`)")
        } else {
            format!("{reason} (`{first}` and {} more)", count - 1)
        }
    };
    Ok(reasons.into_iter().map(line).collect())
}

/// The model with the types that the rules give for these inputs, whatever the file declares.
pub fn typed_for(model: &Model, inputs: &BTreeMap<String, Array>) -> Model {
    let mut typed = model.clone();
    let sizes = |array: &Array| array.dims.iter().map(|&d| Some(Expr::from(d))).collect();
    let options = TypeOptions {
        ignore_declared: true,
        inputs: inputs.iter().map(|(name, array)| (name.clone(), sizes(array))).collect(),
        ..TypeOptions::default()
    };
    derive_types(&mut typed, &options);
    typed
}

/// Why results cannot be right, whatever their numbers: another type or shape than the rules
/// give. The model is typed for the inputs: see [`typed_for`].
pub fn contradiction(typed: &Model, results: &[(String, Array)]) -> Option<String> {
    for (name, array) in results {
        let value = typed.graph.values().iter().find(|value| value.name == *name);
        let Some(ty) = value.and_then(|v| v.ty.as_ref()?.tensor()) else { continue };
        let differs = |(dim, &size): (&Dim, &i64)| matches!(dim, Dim::Known(n) if *n != size);
        let other = ty.shape.as_ref().is_some_and(|shape| {
            shape.0.len() != array.dims.len() || shape.0.iter().zip(&array.dims).any(differs)
        });
        if other || (ty.dtype != DType::Undefined && ty.dtype != array.dtype) {
            let found = Shape::known(array.dims.iter().copied());
            let fact = format!(
                "`{}` came out as {} {found}, and is {ty} by the rules",
                printable(name),
                array.dtype
            );
            return Some(fact);
        }
    }
    None
}

/// Why one node is not verified.
fn doubts(node: &Features) -> Vec<String> {
    let Some(entry) = entries().get(&node.op) else {
        return vec![format!("{} has not been shown to be right", printable(&node.op))];
    };
    let mut found = Vec::new();
    let version = entry.versions.iter().rev().find(|(since, _)| *since <= node.opset);
    if !version.is_some_and(|(_, right)| *right) {
        found.push(format!("{} of operator set {} has not been shown to be right", node.op, node.opset));
    }
    if !entry.types.contains(&node.types) {
        found.push(format!("{} of {} has not been shown to be right", node.op, node.types));
    }
    for (name, value) in &node.attributes {
        let fits = entry.attributes.get(name).is_some_and(|allowed| allowed.holds(name, value));
        if !fits {
            let shown = printable(&value.to_string());
            found.push(format!(
                "{} with {} {shown} has not been shown to be right",
                node.op,
                printable(name)
            ));
        }
    }
    for (name, allowed) in &entry.attributes {
        if !allowed.absent && !node.attributes.contains_key(name) {
            found.push(format!("{} without {name} has not been shown to be right", node.op));
        }
    }
    let mut own = node.plain();
    let absent = entry.attributes.keys().filter(|name| !node.attributes.contains_key(*name));
    own.extend(absent.map(|name| format!("{name}=absent")));
    own.extend(version.map(|(since, _)| format!("version={since}")));
    if entry.wrong.iter().any(|wrong| wrong.is_subset(&own)) {
        found.push(format!("{} as it is here has been shown to be wrong", node.op));
    }
    // Sizes are ranges, and no words.
    own.retain(|word| {
        let name = word.split_once('=').map_or(word.as_str(), |(name, _)| name);
        !SIZES.contains(&name) || word.ends_with("=absent")
    });
    if let Some((a, b)) = entry.pairs.unseen(&own).filter(|_| found.is_empty()) {
        let fact =
            format!("{} with {} and {} has not been shown to be right", node.op, printable(a), printable(b));
        found.push(fact);
    }
    found
}

impl Features {
    /// All features as words, for sets that are wrong together.
    fn plain(&self) -> BTreeSet<String> {
        let attributes = self.attributes.iter().map(|(name, value)| match value {
            Value::Object(float) => format!("{name}={}", sort(float)),
            other => format!("{name}={other}"),
        });
        attributes.chain([format!("types={}", self.types)]).collect()
    }
}

/// Of a number, or some: whether one is less than zero, or none at all.
fn sort(float: &serde_json::Map<String, Value>) -> &'static str {
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

impl Allowed {
    fn holds(&self, name: &str, value: &Value) -> bool {
        let within = |n: &Value| {
            self.range.zip(n.as_i64()).is_some_and(|((least, most), n)| (least..=most).contains(&n))
        };
        match value {
            Value::Object(float) => {
                let fits = match sort(float) {
                    "number" => self.number,
                    "negative" => self.negative,
                    _ => false,
                };
                fits || float.get("number").is_some_and(|n| self.values.contains(&n.to_string()))
            }
            Value::Number(_) if SIZES.contains(&name) => within(value),
            Value::Array(list) if SIZES.contains(&name) => self.range.is_some() && list.iter().all(within),
            other => self.values.contains(&other.to_string()),
        }
    }
}
