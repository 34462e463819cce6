//! Puts activations and normalizations into the box of what they follow.

use super::shown::{Strip, View};
use crate::model::ScopeId;
use crate::ops::{Category, Role};

/// Fuses what follows an operator alone, works on its only result alone, and stands in
/// the same scope or next to it.
pub(super) fn fuse(view: &mut View<'_>) {
    let n = view.nodes.len();
    let (mut entering, mut leaving) = (vec![0u32; n], vec![0u32; n]);
    let mut into: Vec<Option<usize>> = vec![None; n];
    for (e, edge) in view.edges.iter().enumerate() {
        entering[edge.to] += 1;
        leaving[edge.from] += 1;
        into[edge.to] = Some(e);
    }
    // What each node is drawn in.
    let mut host: Vec<usize> = (0..n).collect();
    for node in 0..n {
        let Some(e) = into[node].filter(|_| entering[node] == 1) else { continue };
        let edge = view.edges[e];
        // Definitions stand before uses in valid files; in others nothing is fused.
        let fits = edge.from < node
            && leaving[edge.from] == 1
            && is_strip(view, node)
            && is_operator(view, host[edge.from])
            && scopes_fit(view, edge.from, node);
        if fits {
            host[node] = host[edge.from];
        }
    }
    for node in (0..n).filter(|&node| host[node] != node) {
        let constants = std::mem::take(&mut view.nodes[node].constants);
        let strip = Strip { node: view.nodes[node].node, constants };
        view.nodes[host[node]].strips.push(strip);
    }
    view.edges.retain(|edge| host[edge.to] == edge.to);
    for edge in &mut view.edges {
        if host[edge.from] != edge.from {
            // The result of the box is that of its last strip.
            (edge.from, edge.from_slot) = (host[edge.from], 0);
        }
    }
    let keep: Vec<bool> = (0..n).map(|node| host[node] == node).collect();
    view.retain(&keep);
}

fn is_strip(view: &View<'_>, n: usize) -> bool {
    let category = view.meaning(n).map(|m| m.category);
    let normalization = category == Some(Category::Normalization) && view.nodes[n].constants.len() == 4;
    category == Some(Category::Activation) || normalization
}

/// Whether it is something that strips can be put under.
fn is_operator(view: &View<'_>, n: usize) -> bool {
    let categories = [
        Category::Layer,
        Category::Normalization,
        Category::Pool,
        Category::Elementwise,
        Category::Attention,
    ];
    view.meaning(n).is_some_and(|m| m.role == Role::Plain && categories.contains(&m.category))
        && view.graph.node(view.nodes[n].node).outputs.iter().flatten().count() == 1
}

/// Whether `to` stands in the scope of `from`, or next to it: around, inside, or beside.
fn scopes_fit(view: &View<'_>, from: usize, to: usize) -> bool {
    let scopes = view.scopes.scopes();
    let (a, b) = (view.nodes[from].scope, view.nodes[to].scope);
    let around = |s: ScopeId| scopes[s.index()].parent;
    a == b
        || around(a) == b
        || around(b) == a
        || (a != ScopeId::ROOT && b != ScopeId::ROOT && around(a) == around(b))
}
