//! Tells which nodes are constants, so that they become rows of their users.
//!
//! A constant is an initializer, an operator that makes one from its attributes,
//! or an `Identity` of a constant (TorchScript's exporter shares equal weights
//! that way). It gets a box only if it is a graph output by itself.

use std::borrow::Cow;

use petgraph::visit::{EdgeRef, NodeIndexable};

use super::{ConstantUse, Training, function_of, is_graph_output, signature_of};
use crate::model::{AttributeValue, Graph, Model, NodeId, NodeKind, Op, Slot, Tensor};
use crate::ops::{self, Category, Role};

/// The constants of a graph.
pub(super) struct Constants<'a> {
    model: &'a Model,
    graph: &'a Graph,
    /// For each node the constant that it stands for.
    origin: Vec<Option<NodeId>>,
    shown: Vec<bool>,
    training: Training,
    /// How many constants nothing uses.
    pub(super) unused: usize,
}

/// Finds the constants of `graph`.
pub(super) fn find<'a>(model: &'a Model, graph: &'a Graph) -> Constants<'a> {
    let format = model.format;
    let bound = graph.net().node_bound();
    let mut origin = vec![None; bound];
    let mut todo: Vec<(NodeId, NodeId)> =
        graph.nodes().filter(|(_, node)| is_constant(format, &node.kind)).map(|(id, _)| (id, id)).collect();
    while let Some((id, source)) = todo.pop() {
        if origin[id.index()].replace(source).is_some() {
            continue;
        }
        let through = graph.net().edges(id).filter(|e| e.weight().to == Slot::Input(0)).map(|e| e.target());
        todo.extend(through.filter(|&user| is_identity(format, graph, user)).map(|user| (user, source)));
    }
    let mut shown = vec![true; bound];
    let mut unused = 0;
    for (id, _) in graph.nodes().filter(|(id, _)| origin[id.index()].is_some()) {
        shown[id.index()] = is_graph_output(graph, id);
        unused += usize::from(graph.net().edges(id).next().is_none());
    }
    Constants { model, graph, origin, shown, training: Training::of(model), unused }
}

impl<'a> Constants<'a> {
    /// Whether the node gets a box.
    pub(super) fn is_shown(&self, node: NodeId) -> bool {
        self.shown[node.index()]
    }

    /// The constants among the operands of `node`, by slot; of a constant that is
    /// shown its own content.
    pub(super) fn operands_of(&self, node: NodeId) -> Vec<ConstantUse<'a>> {
        if self.origin[node.index()] == Some(node) {
            let content = self.tensor(node).into_iter();
            return content
                .map(|tensor| {
                    let parameter = ops::is_parameter(Category::Layer, "", tensor.dtype, &tensor.dims);
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
            let category = ops::meaning_of(self.model.format, &op.domain, &op.op).category;
            // What a layer stores as its own is a weight, whatever it looks like.
            let parameter = own_name.is_some()
                || ops::is_parameter(category, slot_name.unwrap_or_default(), tensor.dtype, &tensor.dims);
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
            NodeKind::Op(op) => ops::constant_of(self.model.format, op),
            _ => None,
        }
    }
}

/// Whether a setting of a layer is off.
fn is_off(op: &Op, name: &str) -> bool {
    matches!(op.attribute(name), Some(AttributeValue::String(text)) if text.as_str() == "false")
}

/// What the operator `node` names its input slot `n`.
pub(super) fn slot_name_at<'a>(model: &'a Model, graph: &'a Graph, node: NodeId, n: u32) -> Option<&'a str> {
    match &graph.node(node).kind {
        NodeKind::Op(op) => slot_name(model, op, n),
        _ => None,
    }
}

/// What the operator, or the function that it calls, names its input slot `n`.
fn slot_name<'a>(model: &'a Model, op: &Op, n: u32) -> Option<&'a str> {
    if let Some(function) = function_of(model, op) {
        let input = function.graph.inputs.get(n as usize)?;
        return Some(&function.graph.node(*input).name);
    }
    signature_of(model, op)?.input_name(n)
}

fn is_constant(format: &str, kind: &NodeKind) -> bool {
    match kind {
        NodeKind::Constant { .. } => true,
        NodeKind::Op(op) => {
            ops::meaning_of(format, &op.domain, &op.op).role == Role::Constant
                && ops::constant_of(format, op).is_some()
        }
        _ => false,
    }
}

fn is_identity(format: &str, graph: &Graph, node: NodeId) -> bool {
    match &graph.node(node).kind {
        NodeKind::Op(op) => {
            let one_value = graph.node(node).outputs.len() == 1 && op.input_slots <= 1;
            one_value && ops::meaning_of(format, &op.domain, &op.op).role == Role::Identity
        }
        _ => false,
    }
}
