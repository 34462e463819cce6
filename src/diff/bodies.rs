//! What graphs, attributes and constants say, but for the names inside of them.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::formats::{self, content_hash};
use crate::model::{Attribute, AttributeValue, Graph, Model, Op, Slot, Tensor, TensorData, ValueId};

/// How a value from outside is called.
pub(super) type Outer<'a> = &'a dyn Fn(&str) -> String;

/// How contents are compared.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum By {
    /// By their elements.
    Elements,
    /// By their records, which is what a stripped tensor has a hash of.
    Records,
}

/// A graph with numbers in the place of its names; equal for graphs that are one but for names.
pub(super) fn body(model: &Model, graph: &Graph, outer: Outer<'_>, depth: usize, by: By) -> String {
    let mut numbers: HashMap<ValueId, usize> = HashMap::new();
    let inputs = graph.inputs.iter().flat_map(|&id| graph.node(id).outputs.iter().flatten());
    let results = graph.ops().flat_map(|(_, node, _)| node.outputs.iter().flatten());
    for &value in inputs.chain(results) {
        let next = numbers.len();
        numbers.entry(value).or_insert(next);
    }
    let constants: HashMap<ValueId, String> = graph
        .constants()
        .flat_map(|(id, _, tensor)| {
            graph.node(id).outputs.iter().flatten().map(move |&v| (v, key(model, tensor, by)))
        })
        .collect();
    let called = |value: ValueId| match (numbers.get(&value), constants.get(&value)) {
        (Some(n), _) => format!("#{depth}.{n}"),
        (None, Some(constant)) => format!("({constant})"),
        (None, None) => format!("outer {:?}", outer(&graph.value(value).name)),
    };
    let by_name: HashMap<&str, ValueId> = numbers
        .keys()
        .chain(constants.keys())
        .map(|&value| (graph.value(value).name.as_str(), value))
        .collect();
    let inner = |name: &str| by_name.get(name).map_or_else(|| outer(name), |&value| called(value));
    let mut text = format!("{} inputs\n", graph.inputs.len());
    for (id, node, op) in graph.ops() {
        let mut taken: Vec<String> = Vec::new();
        for (usage, _) in graph.uses_at(id) {
            match usage.to {
                Slot::Input(slot) => taken.push(format!("{slot}:{}", called(usage.value))),
                Slot::Capture | Slot::Control => {}
            }
        }
        let made: Vec<String> = node.outputs.iter().map(|v| v.map(&called).unwrap_or_default()).collect();
        let attributes: Vec<String> = op
            .attributes
            .iter()
            .map(|a| format!("{}={}", a.name, said(model, &a.value, &inner, depth, by)))
            .collect();
        let Op { op, domain, overload, .. } = op;
        let _ = writeln!(
            text,
            "{domain:?} {op:?} {overload:?} ({}) [{}] -> {}",
            taken.join(", "),
            attributes.join(", "),
            made.join(", ")
        );
    }
    for &id in &graph.outputs {
        let _ = writeln!(text, "gives {}", graph.input(id, 0).map(called).unwrap_or_default());
    }
    text
}

/// What an attribute's value says.
pub(super) fn said(model: &Model, value: &AttributeValue, outer: Outer<'_>, depth: usize, by: By) -> String {
    if !value.graphs().is_empty() {
        return value.graphs().iter().map(|graph| body(model, graph, outer, depth + 1, by)).collect();
    }
    if !value.tensors().is_empty() {
        return value.tensors().iter().map(|tensor| key(model, tensor, by) + ";").collect();
    }
    format!("{value:?}")
}

/// Whether two attributes say the same; what is not known to us by its bytes alone.
pub(super) fn alike(
    (old, a): (&Model, &Attribute),
    (new, b): (&Model, &Attribute),
    outer: Outer<'_>,
) -> bool {
    let bytes = |model: &Model, a: &Attribute| model.source.slice(a.span).filter(|_| a.span.len > 0);
    let (x, y) = (bytes(old, a), bytes(new, b));
    if x.is_some() && x == y {
        return true;
    }
    let known = !matches!(a.value, AttributeValue::Other(_));
    let same = |by| said(old, &a.value, outer, 0, by) == said(new, &b.value, &str::to_owned, 0, by);
    known && (same(By::Elements) || same(By::Records))
}

/// A constant, apart from its name.
pub(super) fn key(model: &Model, tensor: &Tensor, by: By) -> String {
    let records = if by == By::Records { content_hash(model, tensor) } else { None };
    if let Some(records) = records {
        return format!("{} {:?} {records}", tensor.dtype, tensor.dims);
    }
    let hash =
        |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let content = match &tensor.data {
        TensorData::In(span) | TensorData::Encoded(span) => match formats::content(model, tensor) {
            Ok(bytes) => Some(hash(&bytes)),
            // Strings, and what contradicts itself.
            Err(_) => model.source.slice(*span).map(|bytes| format!("as it stands {}", hash(&bytes))),
        },
        TensorData::Owned(bytes) => Some(hash(bytes)),
        TensorData::Strings(texts) => Some(format!("{texts:?}")),
        TensorData::External { path, at, len } => Some(format!("{path:?} {at} {len:?}")),
        TensorData::Sparse { values, indices } => {
            Some(format!("{} at {}", key(model, values, by), key(model, indices, by)))
        }
        TensorData::Absent => None,
    };
    format!("{} {:?} {}", tensor.dtype, tensor.dims, content.unwrap_or_default())
}

/// The first characters of a text.
pub(super) fn shortened(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    if short.len() < text.len() { short + "…" } else { short }
}
