//! Takes groups away that cannot be drawn as one box.
//!
//! Where something flows out of a group and back into it through the outside, a closed
//! frame would be before and after the same box.

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::tree::{Groups, Item, dissolve};
use crate::model::ScopeId;
use crate::view::shown::View;

/// Groups that something flows out of and back into through the outside cannot be drawn
/// as one: the smaller ones are dissolved.
pub(super) fn dissolve_cyclic(view: &View<'_>, groups: &mut Groups) {
    let declared = view.nodes.iter().any(|n| view.graph.node(n.node).scope != ScopeId::ROOT);
    // What an exporter added later has no scope where all others have one.
    let is_stray = |n: usize| declared && view.graph.node(view.nodes[n].node).scope == ScopeId::ROOT;
    loop {
        let mut edges: BTreeMap<usize, Vec<(Item, Item)>> = BTreeMap::new();
        for edge in &view.edges {
            let (from, to) = (groups.of[edge.from], groups.of[edge.to]);
            let common = common_group(groups, from, to);
            let (a, b) = (groups.item_in(common, edge.from), groups.item_in(common, edge.to));
            if a != b {
                edges.entry(common).or_default().push((a, b));
            }
        }
        let mut gone = vec![false; groups.groups.len()];
        let mut moved = false;
        for pairs in edges.values() {
            for part in cycles(pairs) {
                let nodes = part.iter().filter_map(|item| match item {
                    Item::Node(n) => Some(*n),
                    Item::Group(_) => None,
                });
                let nodes: Vec<usize> = nodes.collect();
                if nodes.len() + 1 == part.len()
                    && nodes.iter().all(|&n| is_stray(n))
                    && let Some(&Item::Group(g)) = part.iter().find(|item| matches!(item, Item::Group(_)))
                {
                    nodes.into_iter().for_each(|n| groups.of[n] = g);
                    moved = true;
                    continue;
                }
                let mut inside: Vec<usize> = part
                    .into_iter()
                    .filter_map(|item| match item {
                        Item::Group(g) => Some(g),
                        Item::Node(_) => None,
                    })
                    .collect();
                inside.sort_by_key(|&g| (groups.groups[g].members.len(), g));
                // The largest may stay if the others are enough; if not it goes next time.
                let last = if inside.len() > 1 { inside.len() - 1 } else { inside.len() };
                inside[..last].iter().for_each(|&g| gone[g] = true);
            }
        }
        if !gone.contains(&true) && !moved {
            return;
        }
        dissolve(groups, &gone);
    }
}

fn common_group(groups: &Groups, mut a: usize, mut b: usize) -> usize {
    let (mut deep_a, mut deep_b) = (groups.depth(a), groups.depth(b));
    while a != b {
        if deep_a >= deep_b {
            a = groups.groups[a].parent.unwrap_or(0);
            deep_a -= 1;
        } else {
            b = groups.groups[b].parent.unwrap_or(0);
            deep_b -= 1;
        }
    }
    a
}

/// The strongly connected parts of more than one item.
fn cycles(pairs: &[(Item, Item)]) -> Vec<Vec<Item>> {
    let mut graph: DiGraph<Item, ()> = DiGraph::new();
    let mut index = BTreeMap::new();
    for &(a, b) in pairs {
        let a = *index.entry(a).or_insert_with(|| graph.add_node(a));
        let b = *index.entry(b).or_insert_with(|| graph.add_node(b));
        graph.add_edge(a, b, ());
    }
    let parts = tarjan_scc(&graph).into_iter().filter(|part| part.len() > 1);
    parts.map(|part| part.into_iter().map(|n| graph[n]).collect()).collect()
}
