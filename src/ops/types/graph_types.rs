//! The types that were derived for a graph.

use crate::model::{Cost, Graph, KnownFrom, NodeId, NodeKind, ValueId, ValueType};

/// The types of a graph's values, and of those in its subgraphs.
#[derive(Clone, Debug, Default)]
pub(crate) struct GraphTypes {
    pub(super) types: Vec<(Option<ValueType>, KnownFrom)>,
    pub(super) costs: Vec<(NodeId, Cost)>,
    /// By node, position of the attribute, and position of the graph in it.
    pub(super) inner: Vec<((NodeId, usize, usize), GraphTypes)>,
}

/// Writes types into a graph and its subgraphs. Subgraphs are as deep as readers let
/// them be.
pub(super) fn apply(graph: &mut Graph, types: GraphTypes) {
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
