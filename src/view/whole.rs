//! The view of a whole graph: constants stand at their users, all else gets a box.

use super::shown::{View, ViewEdge, ViewNode};
use super::{names, scopes};
use crate::model::{Definition, Graph, Model, NodeId, NodeKind, ScopeId, Slot};
use crate::ops::{self, ConstantUse};
use crate::text::Rename;

/// The view of all of a graph, under names changed by `renames`.
pub(super) fn whole<'a>(model: &'a Model, graph: &'a Graph, renames: &[Rename]) -> View<'a> {
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
    names::apply(graph, renames, &mut nodes);
    let scopes = scopes::build(graph, &mut nodes);
    let edges = edges_between(graph, &nodes);
    let unused_constants = constants.unused();
    View { model, graph, nodes, edges, scopes, unused_constants, left_out: 0, hidden: Vec::new() }
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
