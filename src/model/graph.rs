//! The graph: nodes, the values they define, and the uses of those values.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef, NodeIndexable};

use super::{Cost, Property, ScopeId, ScopeTree, Span, Tensor, Text, ValueType};

/// The identity of a node: stays valid while other nodes come and go.
pub type NodeId = NodeIndex<u32>;

/// The identity of a value: its position in [`Graph::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

impl ValueId {
    /// The position in [`Graph::values`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A graph of operators, with its inputs, outputs and constants.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Its name; may be empty.
    pub name: String,
    net: StableDiGraph<Node, Use>,
    values: Vec<Value>,
    /// Nodes of kind [`NodeKind::Input`], in file order.
    pub inputs: Vec<NodeId>,
    /// Nodes of kind [`NodeKind::Output`], in file order.
    pub outputs: Vec<NodeId>,
    /// The scopes that the file itself declares, beside the names.
    pub scopes: ScopeTree,
    /// Documentation.
    pub doc: Text,
    /// Free metadata, in file order.
    pub properties: Vec<Property>,
    /// Its record in the file.
    pub span: Span,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name; for anything but an operator that of its value. May be empty.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// The values it defines, by output slot; `None` for a slot that is left out.
    pub outputs: Vec<Option<ValueId>>,
    /// The scope that the file declares for it; the root if it declares none.
    pub scope: ScopeId,
    /// What running it costs, once types are derived; with all that it calls.
    pub cost: Option<Cost>,
    /// Its record in the file.
    pub span: Span,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A graph input.
    Input,
    /// A graph output: uses one value, defines none.
    Output,
    /// A stored constant (ONNX: initializer).
    Constant {
        /// The content.
        tensor: Tensor,
        /// Whether it is the default of a graph input of the same name.
        overridable: bool,
    },
    /// An operator.
    Op(Op),
    /// In a subgraph: a value of an enclosing graph.
    Captured,
    /// A name that is used and that nothing defines (in invalid files).
    Undefined,
}

/// An operator, spelled as in the file.
#[derive(Clone, Debug, Default)]
pub struct Op {
    /// The operator, such as `Conv`.
    pub op: String,
    /// Its domain; empty for the format's default one.
    pub domain: String,
    /// Distinguishes functions of the same domain and name.
    pub overload: String,
    /// Its attributes, in file order.
    pub attributes: Vec<Attribute>,
    /// The number of input slots that the file gives, empty ones included.
    pub input_slots: u32,
    /// Documentation.
    pub doc: Text,
    /// Free metadata, in file order.
    pub properties: Vec<Property>,
}

/// A named parameter of an operator.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: AttributeValue,
    /// Its record in the file.
    pub span: Span,
}

/// What an attribute can hold.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the names say it
pub enum AttributeValue {
    Int(i64),
    Float(f32),
    String(Text),
    Tensor(Box<Tensor>),
    Graph(Box<Graph>),
    Type(Box<ValueType>),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Strings(Vec<Text>),
    Tensors(Vec<Tensor>),
    Graphs(Vec<Graph>),
    Types(Vec<ValueType>),
    /// In a function's body: the value of the call's attribute of this name.
    Reference(String),
    /// Given by the file in a way that is not known to us: its number for the sort.
    Other(i32),
    /// The file names the attribute and gives no value.
    Absent,
}

impl AttributeValue {
    /// The tensors it holds, in order.
    pub fn tensors(&self) -> &[Tensor] {
        match self {
            AttributeValue::Tensor(tensor) => std::slice::from_ref(tensor),
            AttributeValue::Tensors(tensors) => tensors,
            _ => &[],
        }
    }

    /// The subgraphs it holds, to change.
    pub fn graphs_mut(&mut self) -> &mut [Graph] {
        match self {
            AttributeValue::Graph(graph) => std::slice::from_mut(graph),
            AttributeValue::Graphs(graphs) => graphs,
            _ => &mut [],
        }
    }

    /// The subgraphs it holds, in order.
    pub fn graphs(&self) -> &[Graph] {
        match self {
            AttributeValue::Graph(graph) => std::slice::from_ref(graph),
            AttributeValue::Graphs(graphs) => graphs,
            _ => &[],
        }
    }
}

impl Op {
    /// The value of the attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
    }
}

/// What flows along edges: the definition of a name.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its name. Two values share one in invalid files only.
    pub name: String,
    /// Its type, if known.
    pub ty: Option<ValueType>,
    /// Where the type is known from.
    pub known_from: KnownFrom,
    /// Where it is defined.
    pub definition: Definition,
}

/// The place of a value's definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Definition {
    /// The node.
    pub node: NodeId,
    /// Its output slot.
    pub slot: u32,
}

/// Where a type is known from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KnownFrom {
    /// The file declares it.
    File,
    /// One of our rules derived it.
    Rule,
    /// tract's analysis derived it.
    Tract,
    /// Not known.
    #[default]
    Unknown,
}

impl KnownFrom {
    /// The word for tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            KnownFrom::File => "file",
            KnownFrom::Rule => "rule",
            KnownFrom::Tract => "tract",
            KnownFrom::Unknown => "unknown",
        }
    }
}

/// Where at a node a value is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// As the operand of this number. Slots that are left out have no use.
    Input(u32),
    /// By a subgraph of the node.
    Capture,
    /// Only for the order of execution.
    Control,
}

/// An edge: one use of a value, from the node that defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The value.
    pub value: ValueId,
    /// Where at the using node.
    pub to: Slot,
}

impl Graph {
    /// Adds a node. Nodes must be added in file order.
    pub fn add_node(&mut self, node: Node) -> NodeId {
        self.net.add_node(node)
    }

    /// Adds a value that `node` defines at the next free output slot.
    pub fn define(
        &mut self,
        node: NodeId,
        name: String,
        ty: Option<ValueType>,
        known_from: KnownFrom,
    ) -> ValueId {
        let id = ValueId(self.values.len() as u32);
        let outputs = &mut self.net[node].outputs;
        let definition = Definition { node, slot: outputs.len() as u32 };
        outputs.push(Some(id));
        self.values.push(Value { name, ty, known_from, definition });
        id
    }

    /// Leaves the next output slot of `node` out.
    pub fn skip_output(&mut self, node: NodeId) {
        self.net[node].outputs.push(None);
    }

    /// Adds a use of `value` at `user`.
    pub fn connect(&mut self, value: ValueId, user: NodeId, to: Slot) {
        let definer = self.values[value.index()].definition.node;
        self.net.add_edge(definer, user, Use { value, to });
    }

    /// The node.
    ///
    /// # Panics
    /// If `id` is not of this graph.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.net[id]
    }

    /// The node, to change.
    ///
    /// # Panics
    /// If `id` is not of this graph.
    pub fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.net[id]
    }

    /// All nodes in file order (as added).
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.net.node_indices().map(|id| (id, &self.net[id]))
    }

    /// The number of nodes of every kind.
    pub fn node_count(&self) -> usize {
        self.net.node_count()
    }

    /// The operators in file order.
    pub fn ops(&self) -> impl Iterator<Item = (NodeId, &Node, &Op)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            NodeKind::Op(op) => Some((id, node, op)),
            _ => None,
        })
    }

    /// The constants in file order.
    pub fn constants(&self) -> impl Iterator<Item = (NodeId, &Node, &Tensor)> {
        self.nodes().filter_map(|(id, node)| match &node.kind {
            NodeKind::Constant { tensor, .. } => Some((id, node, tensor)),
            _ => None,
        })
    }

    /// All values, by [`ValueId`].
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value.
    ///
    /// # Panics
    /// If `id` is not of this graph.
    pub fn value(&self, id: ValueId) -> &Value {
        &self.values[id.index()]
    }

    /// The value, to change.
    ///
    /// # Panics
    /// If `id` is not of this graph.
    pub fn value_mut(&mut self, id: ValueId) -> &mut Value {
        &mut self.values[id.index()]
    }

    /// The uses at `node`, sorted by slot, each with the node that defines the
    /// value.
    pub fn uses_at(&self, node: NodeId) -> Vec<(Use, NodeId)> {
        let mut uses: Vec<_> =
            self.net.edges_directed(node, Direction::Incoming).map(|e| (*e.weight(), e.source())).collect();
        uses.sort_by_key(|(u, _)| (u.to, u.value));
        uses
    }

    /// The uses of what `node` defines, each with the using node, sorted by
    /// value, then by user, then by slot.
    pub fn uses_of(&self, node: NodeId) -> Vec<(Use, NodeId)> {
        let mut uses: Vec<_> =
            self.net.edges_directed(node, Direction::Outgoing).map(|e| (*e.weight(), e.target())).collect();
        uses.sort_by_key(|(u, user)| (u.value, *user, u.to));
        uses
    }

    /// The value at input slot `n` of `node`.
    pub fn input(&self, node: NodeId, n: u32) -> Option<ValueId> {
        let mut edges = self.net.edges_directed(node, Direction::Incoming);
        edges.find(|e| e.weight().to == Slot::Input(n)).map(|e| e.weight().value)
    }

    /// The tensor that a value is, where it is stored: as a constant, or in a node that makes it
    /// (ONNX: `Constant` with a `value`).
    pub fn stored(&self, value: ValueId) -> Option<&Tensor> {
        match &self.net[self.value(value).definition.node].kind {
            NodeKind::Constant { tensor, .. } => Some(tensor),
            NodeKind::Op(op) if op.op == "Constant" => op.attribute("value")?.tensors().first(),
            _ => None,
        }
    }

    /// The name of what a node defines first; empty if that is nothing.
    pub fn result_name(&self, node: NodeId) -> &str {
        let first = self.net[node].outputs.iter().flatten().next();
        first.map_or("", |&value| &self.value(value).name)
    }

    /// The name of a node, or that of what it defines first.
    pub fn called(&self, node: NodeId) -> &str {
        let own = &self.net[node].name;
        if own.is_empty() { self.result_name(node) } else { own }
    }

    /// The type of what a node defines first, as a graph input does.
    pub fn type_of(&self, node: NodeId) -> Option<&ValueType> {
        let value = self.net[node].outputs.first().copied().flatten()?;
        self.value(value).ty.as_ref()
    }

    /// The nodes that depend on any of these; those themselves only if they depend on another.
    pub fn downstream(&self, starts: impl IntoIterator<Item = NodeId>) -> BTreeSet<NodeId> {
        let mut downstream = BTreeSet::new();
        let mut todo: Vec<NodeId> = starts.into_iter().collect();
        while let Some(id) = todo.pop() {
            todo.extend(self.net.neighbors(id).filter(|user| downstream.insert(*user)));
        }
        downstream
    }

    /// The stored constants, and the operators that depend on nothing else.
    pub fn constant_nodes(&self) -> BTreeSet<NodeId> {
        let mut constant = BTreeSet::new();
        for id in self.flow_order() {
            let all = || self.net.neighbors_directed(id, Direction::Incoming).all(|p| constant.contains(&p));
            let own = match self.net[id].kind {
                NodeKind::Constant { .. } => true,
                NodeKind::Op(_) => all(),
                _ => false,
            };
            if own {
                constant.insert(id);
            }
        }
        constant
    }

    /// The nodes so that definitions stand before uses; those on cycles last. In file order
    /// where that is such an order.
    pub fn flow_order(&self) -> Vec<NodeId> {
        let (graph, net) = (self, &self.net);
        let bound = graph.nodes().map(|(id, _)| id.index() + 1).max().unwrap_or(0);
        let mut seen = vec![false; bound];
        let sorted = graph.nodes().all(|(id, _)| {
            let ready = net.neighbors_directed(id, Direction::Incoming).all(|p| seen[p.index()]);
            seen[id.index()] = true;
            ready
        });
        let mut ids: Vec<NodeId> = graph.nodes().map(|(id, _)| id).collect();
        if sorted {
            return ids;
        }
        let mut missing = vec![0usize; bound];
        for &id in &ids {
            missing[id.index()] = net.edges_directed(id, Direction::Incoming).count();
        }
        let mut ready: Vec<NodeId> = ids.iter().copied().filter(|id| missing[id.index()] == 0).collect();
        let mut placed = vec![false; bound];
        let mut next = 0;
        while let Some(&id) = ready.get(next) {
            next += 1;
            placed[id.index()] = true;
            for user in net.neighbors(id) {
                missing[user.index()] -= 1;
                if missing[user.index()] == 0 {
                    ready.push(user);
                }
            }
        }
        ids.retain(|id| !placed[id.index()]);
        ready.extend(ids);
        ready
    }

    /// The uses of what `node` defines, each with the using node, in no certain order: see
    /// [`Graph::uses_of`] for a sorted list.
    pub fn users(&self, node: NodeId) -> impl Iterator<Item = (Use, NodeId)> {
        self.net.edges(node).map(|edge| (*edge.weight(), edge.target()))
    }

    /// The graph inside, for algorithms of this module.
    pub(super) fn net(&self) -> &StableDiGraph<Node, Use> {
        &self.net
    }

    /// More than the index of any node.
    pub fn node_bound(&self) -> usize {
        self.net.node_bound()
    }

    /// The number of uses of values.
    pub fn use_count(&self) -> usize {
        self.net.edge_count()
    }
}
