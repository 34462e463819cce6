//! What is in a model, in numbers: for `info` and for scripts.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::Finding;
use crate::model::{Dim, Expr, Model, NodeKind, ScopeId, Tensor, TensorData, Value, ValueId};
use crate::ops::parameters;
use crate::report::account::{Account, Accounts, accounts};

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
    /// Every operator of the main graph with what it holds and costs, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operators: Option<Vec<NodeInfo>>,
    /// Every scope of the main graph, with all that is inside it, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<ScopeInfo>>,
    /// The number of elements of all floating-point constants.
    pub parameters: u64,
    /// The bytes of all constants, wherever they are.
    pub weight_bytes: u64,
    /// The same by element type.
    pub weight_bytes_by_dtype: BTreeMap<String, u64>,
    /// Multiplications that are added up, in one run: a number, an expression of the
    /// file's symbols, or nothing if not known.
    pub macs: SizeInfo,
    /// Operations in one run.
    pub flops: SizeInfo,
    /// Bytes of all results of operators.
    pub activation_bytes: SizeInfo,
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
    /// The element type, or the whole type of what is not a tensor; `None` if unknown.
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

/// A size that may depend on symbols.
pub type SizeInfo = DimInfo;

/// An operator, and what it holds and costs.
#[derive(Clone, Debug, Serialize)]
pub struct NodeInfo {
    /// Its name.
    pub name: String,
    /// The operator.
    pub op: String,
    /// Its domain.
    pub domain: String,
    /// Its scope, outermost first, joined by `/`.
    pub scope: String,
    /// Its results.
    pub outputs: Vec<ValueInfo>,
    /// The rest.
    #[serde(flatten)]
    pub account: AccountInfo,
}

/// A scope, with all that is inside it.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeInfo {
    /// Its path, outermost first, joined by `/`.
    pub scope: String,
    /// The class that it is an instance of.
    pub class: Option<String>,
    /// The number of operators.
    pub nodes: u64,
    /// The rest.
    #[serde(flatten)]
    pub account: AccountInfo,
}

/// What something holds and costs.
#[derive(Clone, Debug, Serialize)]
pub struct AccountInfo {
    /// Elements of weights, each weight counted once.
    pub parameters: u64,
    /// Bytes of constants, each counted once.
    pub weight_bytes: u64,
    /// Multiplications that are added up.
    pub macs: SizeInfo,
    /// Operations.
    pub flops: SizeInfo,
    /// Bytes of results.
    pub activation_bytes: SizeInfo,
}

/// Which lists to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// All values.
    pub values: bool,
    /// All operators.
    pub nodes: bool,
    /// All scopes.
    pub scopes: bool,
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

/// The facts about `model`, with the lists that are asked for.
pub fn info(model: &Model, lists: Lists) -> Info {
    let accounts = accounts(model);
    let total = accounts.total();
    let graph = &model.graph;
    let mut ops = BTreeMap::new();
    for (_, _, op) in graph.ops() {
        let name = if op.domain.is_empty() { op.op.clone() } else { format!("{}::{}", op.domain, op.op) };
        *ops.entry(name).or_insert(0) += 1;
    }
    let mut external = BTreeMap::new();
    let mut weight_bytes = 0u64;
    let mut weight_bytes_by_dtype: BTreeMap<String, u64> = BTreeMap::new();
    for tensor in constants(model) {
        let bytes = tensor.byte_len().unwrap_or(0);
        weight_bytes = weight_bytes.saturating_add(bytes);
        let of_dtype = weight_bytes_by_dtype.entry(tensor.dtype.to_string()).or_insert(0);
        *of_dtype = of_dtype.saturating_add(bytes);
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
        values: lists
            .values
            .then(|| (0..graph.values().len() as u32).map(|v| value(graph.value(ValueId(v)))).collect()),
        nodes: ops.values().sum(),
        operators: lists.nodes.then(|| operators(&accounts)),
        scopes: lists.scopes.then(|| scopes(&accounts)),
        ops,
        parameters: parameters(model),
        weight_bytes,
        weight_bytes_by_dtype,
        macs: size(&total.cost.macs),
        flops: size(&total.cost.flops),
        activation_bytes: size(&total.activations),
        external,
        findings: model.findings.iter().map(finding).collect(),
    }
}

fn operators(accounts: &Accounts<'_>) -> Vec<NodeInfo> {
    let view = &accounts.view;
    let nodes = view.nodes.iter().zip(&accounts.nodes);
    nodes
        .filter_map(|(shown, own)| {
            let node = view.graph.node(shown.node);
            let NodeKind::Op(op) = &node.kind else { return None };
            Some(NodeInfo {
                name: node.name.clone(),
                op: op.op.clone(),
                domain: op.domain.clone(),
                scope: view.scopes.path(shown.scope).join("/"),
                outputs: node.outputs.iter().flatten().map(|&v| value(view.graph.value(v))).collect(),
                account: account(own),
            })
        })
        .collect()
}

fn scopes(accounts: &Accounts<'_>) -> Vec<ScopeInfo> {
    let tree = &accounts.view.scopes;
    let each = tree.scopes().iter().zip(&accounts.scopes).enumerate().skip(1);
    each.map(|(i, (scope, own))| ScopeInfo {
        scope: tree.path(ScopeId(i as u32)).join("/"),
        class: scope.class.clone(),
        nodes: own.nodes,
        account: account(own),
    })
    .collect()
}

/// The account as it is written.
pub(crate) fn account(account: &Account) -> AccountInfo {
    AccountInfo {
        parameters: account.parameters,
        weight_bytes: account.weights.values().fold(0, |sum, &n| sum.saturating_add(n)),
        macs: size(&account.cost.macs),
        flops: size(&account.cost.flops),
        activation_bytes: size(&account.activations),
    }
}

/// A size as it is written.
pub(crate) fn size(size: &Option<Expr>) -> SizeInfo {
    match size {
        None => DimInfo::Unknown(()),
        Some(expr) => expr.known().map_or_else(|| DimInfo::Named(expr.to_string()), DimInfo::Known),
    }
}

/// The constants of all graphs; those in attributes too.
fn constants(model: &Model) -> impl Iterator<Item = &Tensor> {
    model.graphs().into_iter().flat_map(|graph| {
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
