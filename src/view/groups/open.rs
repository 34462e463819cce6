//! Opens groups: as many, from the outside in, as the budget of boxes allows.

use std::collections::BTreeMap;

use super::options::GroupOptions;
use super::tree::{Group, Groups, Openness};
use crate::text::Glob;

/// All groups open.
pub(super) fn all(groups: &Groups) -> Openness {
    Openness(vec![true; groups.groups.len()])
}

/// Opens groups as the options say.
pub(super) fn open(groups: &Groups, options: &GroupOptions) -> Openness {
    let (forced_open, forced_closed) = forced(groups, options);
    let content = contents(groups);
    let mut open = vec![false; groups.groups.len()];
    open[0] = true;
    let mut count = content[0];
    for ((level, parent), mut set) in beside(groups) {
        if !open[parent] {
            continue;
        }
        set.sort_by_key(|&g| {
            let group = &groups.groups[g];
            (std::cmp::Reverse(group.members.len() * group.times as usize), g)
        });
        let sum: usize = set.iter().map(|&g| content[g].saturating_sub(1)).sum();
        let together = count + sum <= options.max_nodes + options.max_nodes / 5;
        for g in set {
            let fits = match options.depth {
                Some(most) => level <= most,
                None => together || count + content[g] <= options.max_nodes + 1,
            };
            if (fits && !forced_closed[g]) || forced_open[g] {
                open[g] = true;
                count += content[g].saturating_sub(1);
            }
        }
    }
    Openness(open)
}

/// Which groups are to be open, with all around them, and which are to be closed.
fn forced(groups: &Groups, options: &GroupOptions) -> (Vec<bool>, Vec<bool>) {
    let matches = |list: &[Glob], g: &Group| list.iter().any(|r| r.matches(&g.path) || r.matches(&g.title));
    let closed = groups.groups.iter().map(|g| matches(&options.collapse, g)).collect();
    let mut open = vec![false; groups.groups.len()];
    for g in 1..groups.groups.len() {
        if matches(&options.expand, &groups.groups[g]) {
            let mut at = Some(groups.groups[g].drawn_as.unwrap_or(g));
            while let Some(group) = at {
                open[group] = true;
                at = groups.groups[group].parent;
            }
        }
    }
    (open, closed)
}

/// How many items are drawn in each group; opening it adds those, less its own box.
fn contents(groups: &Groups) -> Vec<usize> {
    let mut content = vec![0usize; groups.groups.len()];
    for (node, &g) in groups.of.iter().enumerate() {
        content[g] += usize::from(groups.drawn_as[node] == node);
    }
    for g in 1..groups.groups.len() {
        if groups.groups[g].drawn_as.is_none() {
            content[groups.groups[g].parent.unwrap_or(0)] += 1;
        }
    }
    content
}

/// The groups side by side, from the outside in: they are opened together if that is not
/// much too much, else the weightiest first.
fn beside(groups: &Groups) -> BTreeMap<(usize, usize), Vec<usize>> {
    let depth = groups.depths();
    let mut beside: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for g in (1..groups.groups.len()).filter(|&g| groups.groups[g].drawn_as.is_none()) {
        beside.entry((depth[g], groups.groups[g].parent.unwrap_or(0))).or_default().push(g);
    }
    beside
}
