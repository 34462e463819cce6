//! What tract computes rightly, as far as tests have shown.
//!
//! `trust.json` is made by `tests/oracle/backend/trust.py` from onnx's backend tests and from variants
//! of them, compared with onnxruntime: for each operator the versions, the types of operands
//! and the values of attributes with which every result was right. Whatever else a model uses
//! is not verified, whatever tract says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Array;
use crate::infer::features::{Features, features, sort};
use crate::model::{DType, Dim, Expr, Model, Shape};
use crate::ops::{TypeOptions, derive_types};
use crate::text::printable;

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
    /// For each one, those after it that were right together with it.
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
