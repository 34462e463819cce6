//! Derives the types of all values of a model.
//!
//! In: a model, of which the file declares some types. Out: for each value the most
//! that is known of its type, with where it is known from; and findings where the file
//! contradicts itself.
//!
//! Rules are applied in the order of the data flow. Small integer contents are followed
//! too, since shapes are computed from shapes: `Shape`, `Gather`, `Concat` into
//! `Reshape`. Dimensions are numbers or expressions of the file's symbols. Subgraphs are
//! entered with what is known outside, functions with what their call gives. No rule
//! reads a weight, and all work is bounded.

pub(crate) mod call;
mod control;
pub(crate) mod fact;
mod flow;
pub(crate) mod fold;
mod settle;

use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::model::{Cost, Expr, Graph, KnownFrom, Model, NodeId, NodeKind, ValueId, ValueType};
use fact::{Fact, Size};

/// What to derive types from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TypeOptions {
    /// Sizes for symbols of the file, such as `batch`.
    pub dims: BTreeMap<String, Expr>,
    /// Other shapes for graph inputs, by name. What the file declares of other values is
    /// then not used, since it holds for its own shapes only.
    pub inputs: BTreeMap<String, Vec<Size>>,
    /// Whether what the file declares of values inside is left out, and only its inputs
    /// count.
    pub ignore_declared: bool,
}

/// The types of a graph's values, and of those in its subgraphs.
#[derive(Clone, Debug, Default)]
pub(crate) struct GraphTypes {
    types: Vec<(Option<ValueType>, KnownFrom)>,
    costs: Vec<(NodeId, Cost)>,
    /// By node, position of the attribute, and position of the graph in it.
    inner: Vec<((NodeId, usize, usize), GraphTypes)>,
}

/// Derives the types of all values of `model`, and adds what was noticed to its
/// findings.
///
/// A value keeps the type that the file declares, where that is complete; a rule fills
/// in what it leaves open.
pub fn derive_types(model: &mut Model, options: &TypeOptions) {
    let (types, findings) = types_of(model, options);
    model.findings.extend(findings);
    apply(&mut model.graph, types);
}

/// A copy of a model with the types of all its values; weights are not copied.
pub fn typed(model: &Model) -> Model {
    let mut typed = model.clone();
    derive_types(&mut typed, &TypeOptions::default());
    typed
}

/// The types and findings, without changing the model.
pub(crate) fn types_of(model: &Model, options: &TypeOptions) -> (GraphTypes, Vec<Finding>) {
    let mut flow = flow::Flow::new(model, options);
    let inputs: Vec<Option<Fact>> = vec![None; model.graph.inputs.len()];
    let done = flow.graph(&model.graph, &inputs, &flow::Scope::main(&model.meta.opsets));
    (done.types, flow.findings())
}

/// Writes types into a graph and its subgraphs. Subgraphs are as deep as readers let
/// them be.
fn apply(graph: &mut Graph, types: GraphTypes) {
    for (i, (ty, from)) in types.types.into_iter().enumerate() {
        let value = graph.value_mut(ValueId(i as u32));
        value.ty = ty;
        value.known_from = from;
    }
    for (node, cost) in types.costs {
        graph.node_mut(node).cost = Some(cost);
    }
    for ((node, attribute, number), inner) in types.inner {
        let NodeKind::Op(op) = &mut graph.node_mut(node).kind else { continue };
        let graph = op.attributes.get_mut(attribute).and_then(|a| a.value.graphs_mut().get_mut(number));
        if let Some(graph) = graph {
            apply(graph, inner);
        }
    }
}
