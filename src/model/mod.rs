//! A model as its file has it: graph, values, constants, metadata, bytes.
//!
//! The types are neutral: every format's reader fills them, and nothing above a
//! reader needs to know the format. They can hold *invalid* models too (two
//! definitions of a name, uses of undefined names, cycles, missing types), since
//! what cannot be represented can be neither drawn nor reported.
//!
//! Invariants:
//! * weights are never copied: a [`Tensor`] refers to a [`Span`] of the
//!   [`Source`] or to an external file;
//! * a value's identity is its definition ([`ValueId`]), not its name;
//! * nodes stand in the order of the file, and node indices are never reused.

mod access;
mod cost;
mod defects;
mod edit;
mod expr;
mod functions;
mod graph;
mod meta;
mod record;
mod scope;
mod source;
mod tensor;
mod training;
mod types;

pub use access::Access;
pub use cost::Cost;
pub(crate) use defects::defects;
pub use edit::{Edit, NewNode, NewTensor, NewValue, Position};
pub use expr::Expr;
pub use functions::{Function, Functions};
pub use graph::{
    Attribute, AttributeValue, Definition, Graph, KnownFrom, Node, NodeId, NodeKind, Op, Slot, Use, Value,
    ValueId,
};
pub use meta::{Meta, Opset, Property, opset_version, property};
pub use record::Record;
pub use scope::{Scope, ScopeId, ScopeTree};
pub use source::{Source, Span, Text, external_path};
pub(crate) use tensor::{STRIPPED, furthest};
pub use tensor::{Tensor, TensorData};
pub use training::Training;
pub(crate) use training::{FROZEN, LR_MULT};
pub use types::{DType, Dim, Shape, TensorType, ValueType};

use crate::finding::Finding;

/// A neural-network model, as read from one file.
#[derive(Clone, Debug)]
pub struct Model {
    /// The name to show: the file's name without folder and extension.
    pub name: String,
    /// The format it was read from, such as `onnx`.
    pub format: &'static str,
    /// What the file says about itself.
    pub meta: Meta,
    /// The main graph.
    pub graph: Graph,
    /// Model-local functions, in file order.
    pub functions: Functions,
    /// The bytes it was read from.
    pub source: Source,
    /// What the reader noticed.
    pub findings: Vec<Finding>,
    /// The way back to its file. Readers leave this empty: whoever asks them fills it in.
    pub access: Option<&'static dyn Access>,
}

impl Model {
    /// A model of one graph, with the name of its file and nothing else to say.
    pub fn of(format: &'static str, source: Source, graph: Graph) -> Self {
        let (meta, functions, findings) = Default::default();
        Model { name: source.stem(), format, meta, graph, functions, source, findings, access: None }
    }

    /// The main graph, the bodies of functions, and the subgraphs of all of them at every
    /// depth.
    pub fn graphs(&self) -> Vec<&Graph> {
        let mut graphs = vec![&self.graph];
        graphs.extend(self.functions.iter().map(|f| &f.graph));
        let mut next = 0;
        while let Some(&graph) = graphs.get(next) {
            let attributes = graph.ops().flat_map(|(_, _, op)| &op.attributes);
            graphs.extend(attributes.flat_map(|a| a.value.graphs()));
            next += 1;
        }
        graphs
    }

    /// The function that `op` calls, if it calls one.
    pub fn function_of(&self, op: &Op) -> Option<&Function> {
        self.functions.called(op).map(|number| &self.functions[number])
    }
}
