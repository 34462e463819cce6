//! The operators of a model beside their definitions.

use std::collections::HashSet;

use crate::model::{Graph, Model, NodeId, Op, Opset, opset_version};
use crate::ops::{Defined, defined};

/// A node with what its dialect knows of its operator.
pub(super) struct DefinedNode<'m> {
    /// The graph that it is in.
    pub(super) graph: &'m Graph,
    pub(super) id: NodeId,
    pub(super) op: &'m Op,
    /// The version of its domain.
    pub(super) version: i64,
    pub(super) defined: Defined,
}

/// Visits all nodes, in functions and subgraphs too. Calls of the model's own functions are left
/// out, and so are operators of domains that are not imported: another rule finds those.
pub(super) fn each_node<'m>(model: &'m Model, mut visit: impl FnMut(DefinedNode<'m>)) {
    let own: HashSet<(&str, &str)> =
        model.functions.iter().map(|f| (f.domain.as_str(), f.name.as_str())).collect();
    let functions = model.functions.iter().map(|f| (&f.graph, f.opsets.as_slice()));
    let mut todo: Vec<(&Graph, &[Opset])> = vec![(&model.graph, &model.meta.opsets)];
    todo.extend(functions);
    while let Some((graph, opsets)) = todo.pop() {
        for (id, _, op) in graph.ops() {
            let inner = op.attributes.iter().flat_map(|a| a.value.graphs());
            todo.extend(inner.map(|graph| (graph, opsets)));
            if own.contains(&(op.domain.as_str(), op.op.as_str())) || op.op.is_empty() {
                continue;
            }
            let Some(version) = opset_version(opsets, &op.domain) else { continue };
            let defined = defined(model.format, &op.domain, &op.op, version);
            visit(DefinedNode { graph, id, op, version, defined });
        }
    }
}
