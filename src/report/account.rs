//! What the nodes and scopes of a model hold and cost.
//!
//! Needs the types: see [`derive_types`](crate::ops::derive_types).

use std::collections::{BTreeMap, HashSet};

use crate::model::{Cost, DType, Expr, Model, NodeId, NodeKind, ScopeId, ValueType};
use crate::view::{View, ViewNode, whole};

/// What a node, or all nodes of a scope, hold and cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The number of operators.
    pub nodes: u64,
    /// Elements of weights, each weight counted once.
    pub parameters: u64,
    /// Bytes of all constants by element type, each constant counted once.
    pub weights: BTreeMap<DType, u64>,
    /// MACs and FLOPs.
    pub cost: Cost,
    /// Bytes of all results; `None` if some are not known.
    pub activations: Option<Expr>,
}

impl Default for Account {
    fn default() -> Self {
        Account {
            nodes: 0,
            parameters: 0,
            weights: BTreeMap::new(),
            cost: Cost::default(),
            activations: Some(Expr::from(0)),
        }
    }
}

/// The accounts of a model's main graph.
#[derive(Clone, Debug)]
pub struct Accounts<'a> {
    /// What is shown of the graph, with its scopes.
    pub view: View<'a>,
    /// For each node of the view.
    pub nodes: Vec<Account>,
    /// For each scope of the view, with all that is inside it.
    pub scopes: Vec<Account>,
}

impl Accounts<'_> {
    /// All of the main graph.
    pub fn total(&self) -> &Account {
        &self.scopes[ScopeId::ROOT.index()]
    }
}

/// Adds up what the nodes and scopes of the main graph hold and cost.
pub fn accounts(model: &Model) -> Accounts<'_> {
    let view = whole(model, &model.graph);
    let mut scopes = vec![Account::default(); view.scopes.scopes().len()];
    let mut counted: HashSet<(ScopeId, NodeId)> = HashSet::new();
    let mut nodes = Vec::with_capacity(view.nodes.len());
    for shown in &view.nodes {
        let own = of_node(&view, shown);
        let mut at = shown.scope;
        loop {
            let scope = &mut scopes[at.index()];
            scope.add_work(&own);
            for constant in &shown.constants {
                if counted.insert((at, constant.constant)) {
                    scope.add_constant(&constant.tensor, constant.parameter);
                }
            }
            if at == ScopeId::ROOT {
                break;
            }
            at = view.scopes.scopes()[at.index()].parent;
        }
        nodes.push(own);
    }
    Accounts { view, nodes, scopes }
}

fn of_node(view: &View<'_>, shown: &ViewNode<'_>) -> Account {
    let node = view.graph.node(shown.node);
    let mut account = Account::default();
    let mut seen = HashSet::new();
    for constant in shown.constants.iter().filter(|c| seen.insert(c.constant)) {
        account.add_constant(&constant.tensor, constant.parameter);
    }
    if matches!(node.kind, NodeKind::Op(_)) {
        account.nodes = 1;
        account.cost = node.cost.clone().unwrap_or_else(Cost::unknown);
        let mut bytes = node.outputs.iter().flatten().map(|&v| bytes_of(view.graph.value(v).ty.as_ref()));
        account.activations = bytes.try_fold(Expr::from(0), |sum, n| sum.plus(&n?));
    }
    account
}

/// The bytes of a value: of a dense tensor whose dimensions are known.
pub(crate) fn bytes_of(ty: Option<&ValueType>) -> Option<Expr> {
    let ValueType::Tensor(ty) = ty? else { return None };
    let elements =
        ty.shape.as_ref()?.0.iter().try_fold(Expr::from(1), |product, dim| product.times(&dim.size()?))?;
    let bits = Expr::from(i64::try_from(ty.dtype.bits()?).ok()?);
    elements.times(&bits)?.quotient_up(&Expr::from(8))
}

impl Account {
    fn add_constant(&mut self, tensor: &crate::model::Tensor, parameter: bool) {
        if parameter {
            self.parameters = self.parameters.saturating_add(tensor.elements().unwrap_or(0));
        }
        let bytes = self.weights.entry(tensor.dtype).or_insert(0);
        *bytes = bytes.saturating_add(tensor.byte_len().unwrap_or(0));
    }

    fn add_work(&mut self, other: &Account) {
        self.nodes += other.nodes;
        self.cost = self.cost.plus(&other.cost);
        let sum = self.activations.as_ref().zip(other.activations.as_ref());
        self.activations = sum.and_then(|(a, b)| a.plus(b));
    }
}
