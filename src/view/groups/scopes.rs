//! Groups from scopes: each scope of a view becomes a group, if that says something.

use std::collections::HashMap;

use super::tree::{Group, Groups, count_members, dissolve};
use crate::model::{NodeKind, ScopeId};
use crate::view::shown::View;

/// A group for each scope of the view with operators in it.
pub(super) fn from_scopes(view: &View<'_>) -> Groups {
    let page = Group { times: 1, ..Group::default() };
    let mut groups = Groups {
        groups: vec![page],
        of: vec![0; view.nodes.len()],
        drawn_as: (0..view.nodes.len()).collect(),
        folded: false,
    };
    let mut of_scope: HashMap<ScopeId, usize> = HashMap::from([(ScopeId::ROOT, 0)]);
    for (i, shown) in view.nodes.iter().enumerate() {
        if !matches!(view.graph.node(shown.node).kind, NodeKind::Op(_)) {
            continue;
        }
        let mut chain = Vec::new();
        let mut at = shown.scope;
        while !of_scope.contains_key(&at) {
            chain.push(at);
            at = view.scopes.scopes()[at.index()].parent;
        }
        let mut parent = of_scope[&at];
        for scope in chain.into_iter().rev() {
            let facts = &view.scopes.scopes()[scope.index()];
            let class = facts.class_name().map(str::to_owned);
            // A number says little without the name before it.
            let around = &groups.groups[parent].title;
            let numbered = facts.name.bytes().all(|b| b.is_ascii_digit()) && !around.is_empty();
            let title = if numbered { format!("{around}.{}", facts.name) } else { facts.name.clone() };
            groups.groups.push(Group {
                parent: Some(parent),
                path: view.scopes.path(scope).join("/"),
                title,
                class,
                times: 1,
                ..Group::default()
            });
            parent = groups.groups.len() - 1;
            of_scope.insert(scope, parent);
        }
        groups.of[i] = parent;
    }
    count_members(&mut groups);
    groups
}

/// Groups of one node, of all nodes of the group around them, or of nearly all operators,
/// are not informative.
pub(super) fn dissolve_trivial(groups: &mut Groups) {
    loop {
        let operators = groups.groups.iter().filter(|g| g.parent == Some(0)).map(|g| g.members.len());
        let outer: usize = operators.sum();
        let direct = groups.of.iter().filter(|&&g| g == 0).count();
        let gone: Vec<bool> = groups
            .groups
            .iter()
            .map(|g| match g.parent {
                None => false,
                Some(0) => {
                    let nearly_all = g.members.len() * 5 >= outer * 4 && mostly_terminals(groups, direct);
                    g.members.len() < 2 || nearly_all
                }
                Some(p) => g.members.len() < 2 || g.members.len() == groups.groups[p].members.len(),
            })
            .collect();
        if !gone.contains(&true) {
            return;
        }
        dissolve(groups, &gone);
    }
}

/// Whether what stands on the page beside one group is little: its inputs and outputs,
/// and a few nodes around.
fn mostly_terminals(groups: &Groups, direct: usize) -> bool {
    direct * 4 <= groups.of.len() || direct <= 8
}
