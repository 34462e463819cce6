//! Who owns a constant: which nodes of a graph are constants, and which operators take them.
//!
//! A constant is an initializer, an operator that makes one from its attributes,
//! or an `Identity` of a constant (TorchScript's exporter shares equal weights
//! that way).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Category, Role, constant_of, is_parameter, meaning_of, signature_in};
use crate::model::{AttributeValue, Graph, Model, NodeId, NodeKind, Op, Slot, Tensor, Training};

/// The constants of a graph.
#[derive(Clone, Debug)]
pub(crate) struct Constants<'a> {
    model: &'a Model,
    graph: &'a Graph,
    /// For each node the constant that it stands for.
    origin: Vec<Option<NodeId>>,
    training: Training,
}

/// A constant operand of a node.
#[derive(Clone, Debug)]
pub struct ConstantUse<'a> {
    /// The input slot.
    pub slot: u32,
    /// What the operator calls the slot, if it is known.
    pub slot_name: Option<&'a str>,
    /// The name of the value; empty where the node itself is the constant.
    pub name: &'a str,
    /// The node of the graph that holds the constant.
    pub constant: NodeId,
    /// The constant.
    pub tensor: Cow<'a, Tensor>,
    /// Whether it is a parameter of the model, see [`ops::is_parameter`].
    pub parameter: bool,
    /// Whether training leaves it as it is, see [`Training`].
    pub frozen: bool,
    /// The factor of its learning rate, if that is not 1.
    pub rate: Option<f64>,
}

/// Finds the constants of `graph`, one of the graphs of `model`.
pub(crate) fn constants<'a>(model: &'a Model, graph: &'a Graph) -> Constants<'a> {
    let format = model.format;
    let mut origin = vec![None; graph.node_bound()];
    let mut todo: Vec<(NodeId, NodeId)> =
        graph.nodes().filter(|(_, node)| is_constant(format, &node.kind)).map(|(id, _)| (id, id)).collect();
    while let Some((id, source)) = todo.pop() {
        if origin[id.index()].replace(source).is_some() {
            continue;
        }
        let through = graph.users(id).filter(|(used, _)| used.to == Slot::Input(0)).map(|(_, user)| user);
        todo.extend(through.filter(|&user| is_identity(format, graph, user)).map(|user| (user, source)));
    }
    Constants { model, graph, origin, training: Training::of(model) }
}

impl<'a> Constants<'a> {
    /// Whether the node is a constant, or stands for one.
    pub(crate) fn is_constant(&self, node: NodeId) -> bool {
        self.origin[node.index()].is_some()
    }

    /// How many constants nothing uses.
    pub(crate) fn unused(&self) -> usize {
        let nodes = self.graph.nodes().map(|(id, _)| id);
        nodes.filter(|&id| self.is_constant(id) && self.graph.users(id).next().is_none()).count()
    }

    /// The constants among the operands of `node`, by slot; of a constant its own content.
    pub(crate) fn operands_of(&self, node: NodeId) -> Vec<ConstantUse<'a>> {
        if self.origin[node.index()] == Some(node) {
            let content = self.tensor(node).into_iter();
            return content
                .map(|tensor| {
                    let parameter = is_parameter(Category::Layer, "", tensor.dtype, &tensor.dims);
                    let slot_name = Some("value");
                    let (frozen, rate) = (false, None);
                    ConstantUse {
                        slot: 0,
                        slot_name,
                        name: "",
                        constant: node,
                        tensor,
                        parameter,
                        frozen,
                        rate,
                    }
                })
                .collect();
        }
        let NodeKind::Op(op) = &self.graph.node(node).kind else { return Vec::new() };
        let mut constants = Vec::new();
        for (used, definer) in self.graph.uses_at(node) {
            let (Slot::Input(slot), Some(constant)) = (used.to, self.origin[definer.index()]) else {
                continue;
            };
            let Some(tensor) = self.tensor(constant) else { continue };
            let own_name = self.own_name(constant);
            let slot_name = slot_name(self.model, op, slot).or(own_name);
            let category = meaning_of(self.model.format, &op.domain, &op.op).category;
            // What a layer stores as its own is a weight, whatever it looks like.
            let parameter = own_name.is_some()
                || is_parameter(category, slot_name.unwrap_or_default(), tensor.dtype, &tensor.dims);
            let name = &self.graph.value(used.value).name;
            let stored = &self.graph.node(constant).name;
            let frozen = self.training.is_frozen(stored) || is_off(op, "trainable");
            let rate = self.training.rate(stored);
            constants.push(ConstantUse { slot, slot_name, name, constant, tensor, parameter, frozen, rate });
        }
        constants
    }

    /// What a weight is called in its layer, where the file says that.
    fn own_name(&self, constant: NodeId) -> Option<&'a str> {
        let node = self.graph.node(constant);
        match &node.kind {
            NodeKind::Constant { tensor, .. } if !tensor.name.is_empty() && tensor.name != node.name => {
                Some(tensor.name.as_str())
            }
            _ => None,
        }
    }

    fn tensor(&self, constant: NodeId) -> Option<Cow<'a, Tensor>> {
        match &self.graph.node(constant).kind {
            NodeKind::Constant { tensor, .. } => Some(Cow::Borrowed(tensor)),
            NodeKind::Op(op) => constant_of(self.model.format, op),
            _ => None,
        }
    }
}

/// Whether a setting of a layer is off.
fn is_off(op: &Op, name: &str) -> bool {
    matches!(op.attribute(name), Some(AttributeValue::String(text)) if text.as_str() == "false")
}

/// What the operator `node` names its input slot `n`.
pub(crate) fn slot_name_at<'a>(model: &'a Model, graph: &'a Graph, node: NodeId, n: u32) -> Option<&'a str> {
    match &graph.node(node).kind {
        NodeKind::Op(op) => slot_name(model, op, n),
        _ => None,
    }
}

/// What the operator, or the function that it calls, names its input slot `n`.
fn slot_name<'a>(model: &'a Model, op: &Op, n: u32) -> Option<&'a str> {
    if let Some(function) = model.function_of(op) {
        let input = function.graph.inputs.get(n as usize)?;
        return Some(&function.graph.node(*input).name);
    }
    signature_in(model, op)?.input_name(n)
}

fn is_constant(format: &str, kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Constant { .. } => true,
        NodeKind::Op(op) => {
            meaning_of(format, &op.domain, &op.op).role == Role::Constant && constant_of(format, op).is_some()
        }
        _ => false,
    }
}

fn is_identity(format: &str, graph: &Graph, node: NodeId) -> bool {
    match &graph.node(node).kind {
        NodeKind::Op(op) => {
            let one_value = graph.node(node).outputs.len() == 1 && op.input_slots <= 1;
            one_value && meaning_of(format, &op.domain, &op.op).role == Role::Identity
        }
        _ => false,
    }
}

/// Whether the graph gives what `node` defines as one of its outputs.
fn is_output(graph: &Graph, node: NodeId) -> bool {
    graph.users(node).any(|(_, user)| matches!(graph.node(user).kind, NodeKind::Output))
}

/// The number of parameters in all graphs of `model`.
///
/// A weight that several operators share counts once; one that only a subgraph
/// uses counts too.
pub fn parameters(model: &Model) -> u64 {
    model.graphs().into_iter().map(|graph| parameters_in(model, graph)).fold(0, u64::saturating_add)
}

fn parameters_in(model: &Model, graph: &Graph) -> u64 {
    let constants = constants(model, graph);
    let mut counted = BTreeSet::new();
    let mut sum = 0u64;
    for (id, _) in graph.nodes().filter(|(id, _)| !constants.is_constant(*id) || is_output(graph, *id)) {
        for constant in constants.operands_of(id).into_iter().filter(|c| c.parameter) {
            if counted.insert(constant.constant) {
                sum = sum.saturating_add(constant.tensor.elements().unwrap_or(0));
            }
        }
    }
    for (id, node) in graph.nodes() {
        let NodeKind::Constant { tensor, .. } = &node.kind else { continue };
        let captured = graph.users(id).any(|(used, _)| used.to == Slot::Capture);
        let weighty = is_parameter(Category::Other, "", tensor.dtype, &tensor.dims);
        if captured && weighty && counted.insert(id) {
            sum = sum.saturating_add(tensor.elements().unwrap_or(0));
        }
    }
    sum
}
