//! What a view holds: the nodes that get a box, and the uses of values between them.

use crate::model::{Graph, Model, NodeId, NodeKind, ScopeId, ScopeTree, Slot, ValueId, ValueType};
use crate::ops::{self, ConstantUse};

/// A part of a graph, as a picture shows it.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The model.
    pub model: &'a Model,
    /// The graph that is shown.
    pub graph: &'a Graph,
    /// What gets a box, in file order.
    pub nodes: Vec<ViewNode<'a>>,
    /// The uses of values between those, by user and slot, in file order.
    pub edges: Vec<ViewEdge>,
    /// The scopes of the shown nodes.
    pub scopes: ScopeTree,
    /// Constants that nothing uses; they are not shown.
    pub unused_constants: usize,
    /// How many nodes are outside of the part that is shown.
    pub left_out: usize,
    /// The operators of the part that is shown that [`ViewOptions::hide`](crate::view::ViewOptions::hide) took out.
    pub hidden: Vec<NodeId>,
}

/// A node that gets a box.
#[derive(Clone, Debug)]
pub struct ViewNode<'a> {
    /// The node of the graph.
    pub node: NodeId,
    /// Its full name in the picture.
    pub name: String,
    /// The part of the name that its scope does not say.
    pub short_name: String,
    /// Its scope in [`View::scopes`].
    pub scope: ScopeId,
    /// The constants among its operands, by slot.
    pub constants: Vec<ConstantUse<'a>>,
    /// Whether those are not shown one by one.
    pub constants_hidden: bool,
    /// The operands whose computation is hidden.
    pub hidden_operands: Vec<HiddenOperand>,
    /// What is drawn in its box, in the order of the flow.
    pub strips: Vec<Strip<'a>>,
}

/// An operator that is drawn in the box of the one before it.
#[derive(Clone, Debug)]
pub struct Strip<'a> {
    /// The node of the graph.
    pub node: NodeId,
    /// The constants among its operands, by slot.
    pub constants: Vec<ConstantUse<'a>>,
}

/// An operand whose computation is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HiddenOperand {
    /// Where it is used.
    pub slot: Slot,
    /// How many operators compute it.
    pub count: u32,
}

impl<'a> ViewNode<'a> {
    /// The nodes of the graph in this box: itself, and those drawn as strips.
    pub fn all(&self) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::once(self.node).chain(self.strips.iter().map(|s| s.node))
    }

    /// The constants of all nodes in this box.
    pub fn all_constants(&self) -> impl Iterator<Item = &ConstantUse<'a>> + '_ {
        self.constants.iter().chain(self.strips.iter().flat_map(|s| &s.constants))
    }

    /// Whether it has parameters, and training leaves all of them as they are.
    pub fn is_frozen(&self) -> bool {
        let mut parameters = self.all_constants().filter(|c| c.parameter).peekable();
        parameters.peek().is_some() && parameters.all(|c| c.frozen)
    }
}

/// One use of a value between two shown nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewEdge {
    /// The value.
    pub value: ValueId,
    /// The index in [`View::nodes`] of the node that defines it.
    pub from: usize,
    /// The output slot there.
    pub from_slot: u32,
    /// The index in [`View::nodes`] of the node that uses it.
    pub to: usize,
    /// Where it is used.
    pub to_slot: Slot,
    /// How many hidden operators are on the way.
    pub through: u32,
}

impl View<'_> {
    /// What the operator at a position of [`View::nodes`] means; `None` for others.
    pub(super) fn meaning(&self, n: usize) -> Option<ops::Meaning> {
        match &self.graph.node(self.nodes[n].node).kind {
            NodeKind::Op(op) => Some(ops::meaning_of(self.model.format, &op.domain, &op.op)),
            _ => None,
        }
    }

    /// The positions of the edges that arrive at each node, by slot.
    pub(super) fn entering(&self) -> Vec<Vec<usize>> {
        let mut entering = vec![Vec::new(); self.nodes.len()];
        self.edges.iter().enumerate().for_each(|(e, edge)| entering[edge.to].push(e));
        entering
    }

    /// The types of the results of a node.
    pub(super) fn types(&self, node: NodeId) -> Vec<Option<&ValueType>> {
        let outputs = self.graph.node(node).outputs.iter();
        outputs.map(|o| o.and_then(|v| self.graph.value(v).ty.as_ref())).collect()
    }

    /// The operators of the part that is shown: those with a box, those in the box of
    /// another, and hidden ones.
    pub fn operators(&self) -> impl Iterator<Item = NodeId> + '_ {
        let boxes = self.nodes.iter().flat_map(ViewNode::all);
        let is_op = |id: &NodeId| matches!(self.graph.node(*id).kind, NodeKind::Op(_));
        boxes.chain(self.hidden.iter().copied()).filter(is_op)
    }

    /// Takes the nodes out that are not kept, with their edges.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut number = Vec::with_capacity(keep.len());
        let mut count = 0;
        for &kept in keep {
            number.push(count);
            count += usize::from(kept);
        }
        let mut kept = keep.iter();
        self.nodes.retain(|_| *kept.next().expect("one for each node"));
        self.edges.retain(|edge| keep[edge.from] && keep[edge.to]);
        for edge in &mut self.edges {
            (edge.from, edge.to) = (number[edge.from], number[edge.to]);
        }
    }
}
