//! What is in a model, in numbers: for `info` and for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::Finding;
use crate::model::{Dim, Model, Tensor, TensorData, Value, ValueId};
use crate::view::{all_graphs, parameters};

/// The facts about a model. The names of the fields are stable.
#[derive(Clone, Debug, Serialize)]
pub struct Info {
    /// The format, such as `onnx`.
    pub format: String,
    /// The tool that wrote the file, with its version.
    pub producer: String,
    /// Version of the format.
    pub ir_version: Option<i64>,
    /// Imported operator sets: domain (`ai.onnx` for the default one) to version.
    pub opsets: BTreeMap<String, i64>,
    /// Graph inputs.
    pub inputs: Vec<ValueInfo>,
    /// Graph outputs.
    pub outputs: Vec<ValueInfo>,
    /// Every value of the main graph, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<ValueInfo>>,
    /// How often each operator is used in the main graph.
    pub ops: BTreeMap<String, u64>,
    /// The number of operators in the main graph.
    pub nodes: u64,
    /// The number of elements of all floating-point constants.
    pub parameters: u64,
    /// The bytes of all constants, wherever they are.
    pub weight_bytes: u64,
    /// Files that hold constants, with the number of constants in each.
    pub external: BTreeMap<String, u64>,
    /// What was noticed.
    pub findings: Vec<FindingInfo>,
}

/// A value and its type.
#[derive(Clone, Debug, Serialize)]
pub struct ValueInfo {
    /// Its name.
    pub name: String,
    /// The element type, or the whole type of what is no tensor; nothing if unknown.
    pub dtype: Option<String>,
    /// The dimensions: numbers, symbols, or nothing for one that is not known;
    /// nothing at all if not even the rank is known.
    pub shape: Option<Vec<DimInfo>>,
    /// Where the type is known from: `file`, `rule`, `tract` or `unknown`.
    pub source: &'static str,
}

/// A dimension.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum DimInfo {
    /// A number.
    Known(i64),
    /// A symbol of the file.
    Named(String),
    /// Not known.
    Unknown(()),
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingInfo {
    /// The rule, such as `S002`.
    pub rule: &'static str,
    /// `note`, `warning` or `error`.
    pub severity: &'static str,
    /// Where.
    pub place: String,
    /// What.
    pub message: String,
}

/// The facts about `model`, with all its values if `values` is set.
pub fn info(model: &Model, values: bool) -> Info {
    let graph = &model.graph;
    let mut ops = BTreeMap::new();
    for (_, _, op) in graph.ops() {
        let name = if op.domain.is_empty() { op.op.clone() } else { format!("{}::{}", op.domain, op.op) };
        *ops.entry(name).or_insert(0) += 1;
    }
    let mut external = BTreeMap::new();
    let mut weight_bytes = 0u64;
    for tensor in constants(model) {
        weight_bytes = weight_bytes.saturating_add(tensor.byte_len().unwrap_or(0));
        if let TensorData::External { path, .. } = &tensor.data {
            *external.entry(path.clone()).or_insert(0) += 1;
        }
    }
    let opset = |o: &crate::model::Opset| {
        (if o.domain.is_empty() { "ai.onnx".to_owned() } else { o.domain.clone() }, o.version)
    };
    Info {
        format: model.format.to_owned(),
        producer: format!("{} {}", model.meta.producer, model.meta.producer_version).trim().to_owned(),
        ir_version: model.meta.ir_version,
        opsets: model.meta.opsets.iter().map(opset).collect(),
        inputs: graph
            .inputs
            .iter()
            .filter_map(|&id| graph.node(id).outputs.first().copied().flatten())
            .map(|v| value(graph.value(v)))
            .collect(),
        outputs: graph
            .outputs
            .iter()
            .filter_map(|&id| graph.input(id, 0))
            .map(|v| value(graph.value(v)))
            .collect(),
        values: values
            .then(|| (0..graph.values().len() as u32).map(|v| value(graph.value(ValueId(v)))).collect()),
        nodes: ops.values().sum(),
        ops,
        parameters: parameters(model),
        weight_bytes,
        external,
        findings: model.findings.iter().map(finding).collect(),
    }
}

/// The constants of all graphs; those in attributes too.
fn constants(model: &Model) -> impl Iterator<Item = &Tensor> {
    all_graphs(model).into_iter().flat_map(|graph| {
        let stored = graph.constants().map(|(_, _, tensor)| tensor);
        let given = graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.tensors());
        stored.chain(given).collect::<Vec<_>>()
    })
}

fn value(value: &Value) -> ValueInfo {
    let tensor = value.ty.as_ref().and_then(|ty| ty.tensor());
    let dim = |dim: &Dim| match dim {
        Dim::Known(n) => DimInfo::Known(*n),
        Dim::Named(name) => DimInfo::Named(name.clone()),
        Dim::Computed(expr) => DimInfo::Named(expr.to_string()),
        Dim::Unknown => DimInfo::Unknown(()),
    };
    ValueInfo {
        name: value.name.clone(),
        dtype: match (tensor, &value.ty) {
            (Some(tensor), _) => Some(tensor.dtype.to_string()),
            (None, ty) => ty.as_ref().map(|ty| ty.to_string()),
        },
        shape: tensor.and_then(|t| t.shape.as_ref()).map(|shape| shape.0.iter().map(dim).collect()),
        source: value.known_from.word(),
    }
}

fn finding(finding: &Finding) -> FindingInfo {
    let mut place = finding.place.clone();
    place.file = None;
    FindingInfo {
        rule: finding.rule,
        severity: finding.severity.word(),
        place: place.to_string(),
        message: finding.message.clone(),
    }
}
