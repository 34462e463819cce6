//! What a picture shows of a model: which nodes, under which names, in which
//! scopes.
//!
//! In: a [`Model`], which is never changed. Out: a [`View`], a list of boxes to
//! draw with the constants that belong to each, and the wires between them.
//! A view feeds pictures only, never an edit.

use crate::model::{
    Definition, Graph, Model, NodeId, NodeKind, ScopeId, ScopeTree, Slot, ValueId, ValueType,
};
use crate::ops::{self, ConstantUse};
use crate::text::Rename;

mod differences;
mod fold;
mod fuse;
mod groups;
mod hide;
mod names;
mod part;
mod repeats;
mod scopes;

pub use groups::{Group, GroupOptions, Groups};
pub use hide::Hide;
pub use part::Part;

/// What to show, and how to name it.
#[derive(Clone, Debug, Default)]
pub struct ViewOptions {
    /// Renamings for the picture, applied to each name in this order.
    pub renames: Vec<Rename>,
    /// How scopes become frames; nothing for a flat picture.
    pub groups: Option<GroupOptions>,
    /// Which part of the graph is shown.
    pub part: Part,
    /// What is left out of it.
    pub hide: Vec<Hide>,
    /// Whether activations and normalizations stand in the box of what they follow.
    pub fuse: bool,
}

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
    /// The frames, and what is drawn for what; nothing for a flat picture.
    pub groups: Option<Groups>,
    /// How many nodes are outside of the part that is shown.
    pub left_out: usize,
    /// An operator that was to be hidden, and that neither the model nor its format has.
    pub nothing_to_hide: Option<String>,
    /// The operators of the part that is shown that [`ViewOptions::hide`] took out.
    pub hidden: Vec<NodeId>,
    /// A pattern that no node has the name of; then all is shown.
    pub unmatched: Option<String>,
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
    /// Whether those are not to be told one by one.
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

/// The view of a model's main graph.
pub fn view<'a>(model: &'a Model, options: &ViewOptions) -> View<'a> {
    view_of(model, &model.graph, options)
}

/// The view of one graph of a model: the main one, a subgraph, or the body of a
/// function.
pub fn view_of<'a>(model: &'a Model, graph: &'a Graph, options: &ViewOptions) -> View<'a> {
    let constants = ops::constants(model, graph);
    let mut nodes: Vec<ViewNode<'a>> = graph
        .nodes()
        .filter(|(id, _)| !constants.is_constant(*id) || is_graph_output(graph, *id))
        .map(|(node, _)| ViewNode {
            node,
            name: String::new(),
            short_name: String::new(),
            scope: ScopeId::ROOT,
            constants: constants.operands_of(node),
            constants_hidden: false,
            hidden_operands: Vec::new(),
            strips: Vec::new(),
        })
        .collect();
    names::apply(graph, &options.renames, &mut nodes);
    let scopes = scopes::build(graph, &mut nodes);
    let edges = edges_between(graph, &nodes);
    let unused_constants = constants.unused();
    let (groups, left_out, unmatched, hidden) = (None, 0, None, Vec::new());
    let nothing_to_hide = None;
    let mut view = View {
        model,
        graph,
        nodes,
        edges,
        scopes,
        unused_constants,
        groups,
        left_out,
        unmatched,
        nothing_to_hide,
        hidden,
    };
    if !options.part.is_all() {
        match options.part.keep(&view.nodes, &view.edges) {
            Ok(keep) => {
                view.left_out = keep.iter().filter(|kept| !**kept).count();
                drop_nodes(&mut view, &keep);
            }
            Err(pattern) => view.unmatched = Some(pattern),
        }
    }
    if !options.hide.is_empty() {
        let ids: Vec<NodeId> = view.nodes.iter().map(|n| n.node).collect();
        view.hidden = hide::hide(&mut view, &options.hide).into_iter().map(|n| ids[n]).collect();
    }
    if options.fuse {
        fuse::fuse(&mut view);
    }
    view.groups = options.groups.as_ref().map(|options| groups::group(&view, options));
    view
}

impl View<'_> {
    /// What the operator at a position of [`View::nodes`] means; nothing for others.
    fn meaning(&self, n: usize) -> Option<ops::Meaning> {
        match &self.graph.node(self.nodes[n].node).kind {
            NodeKind::Op(op) => Some(ops::meaning_of(self.model.format, &op.domain, &op.op)),
            _ => None,
        }
    }

    /// The positions of the edges that arrive at each node, by slot.
    fn entering(&self) -> Vec<Vec<usize>> {
        let mut entering = vec![Vec::new(); self.nodes.len()];
        self.edges.iter().enumerate().for_each(|(e, edge)| entering[edge.to].push(e));
        entering
    }

    /// The types of the results of a node.
    fn types(&self, node: NodeId) -> Vec<Option<&ValueType>> {
        let outputs = self.graph.node(node).outputs.iter();
        outputs.map(|o| o.and_then(|v| self.graph.value(v).ty.as_ref())).collect()
    }

    /// What is not drawn, in a line; nothing if all is.
    pub fn not_drawn(&self) -> Option<String> {
        let all = self.left_out + self.nodes.len() + self.hidden.len();
        let left_out = (self.left_out > 0).then(|| format!("{} of {all} nodes left out", self.left_out));
        let folded = self.groups.as_ref().and_then(|groups| groups.hidden());
        let said: Vec<String> =
            left_out.into_iter().chain(hide::told(self.hidden.len())).chain(folded).collect();
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// The operators of the part that is shown: those with a box, those in the box of
    /// another, and hidden ones.
    pub fn operators(&self) -> impl Iterator<Item = NodeId> + '_ {
        let boxes = self.nodes.iter().flat_map(ViewNode::all);
        let is_op = |id: &NodeId| matches!(self.graph.node(*id).kind, NodeKind::Op(_));
        boxes.chain(self.hidden.iter().copied()).filter(is_op)
    }
}

/// Takes the nodes out that are not kept, with their edges.
fn drop_nodes(view: &mut View<'_>, keep: &[bool]) {
    let mut number = Vec::with_capacity(keep.len());
    let mut count = 0;
    for &kept in keep {
        number.push(count);
        count += usize::from(kept);
    }
    let mut kept = keep.iter();
    view.nodes.retain(|_| *kept.next().expect("one for each node"));
    view.edges.retain(|edge| keep[edge.from] && keep[edge.to]);
    for edge in &mut view.edges {
        (edge.from, edge.to) = (number[edge.from], number[edge.to]);
    }
}

/// The edges whose both ends are shown; those from constants that are shown and
/// stand in rows too are left out, but for graph outputs.
fn edges_between(graph: &Graph, nodes: &[ViewNode<'_>]) -> Vec<ViewEdge> {
    let mut index = vec![None; graph.node_bound()];
    for (i, shown) in nodes.iter().enumerate() {
        index[shown.node.index()] = Some(i);
    }
    let mut edges = Vec::new();
    for (to, shown) in nodes.iter().enumerate() {
        for (used, definer) in graph.uses_at(shown.node) {
            let Some(from) = index[definer.index()] else { continue };
            let in_row = |c: &ConstantUse<'_>| used.to == Slot::Input(c.slot);
            if shown.constants.iter().any(in_row) {
                continue;
            }
            let Definition { slot: from_slot, .. } = graph.value(used.value).definition;
            edges.push(ViewEdge { value: used.value, from, from_slot, to, to_slot: used.to, through: 0 });
        }
    }
    edges
}

/// Whether some use of what `node` defines is a graph output.
fn is_graph_output(graph: &Graph, node: NodeId) -> bool {
    graph.users(node).any(|(_, user)| matches!(graph.node(user).kind, NodeKind::Output))
}
