//! Repeats without names: blocks that follow each other and look alike become groups.
//!
//! Between two nodes of a group is a *cut* where a single value goes on; what stands
//! between cuts has one entry and one exit. Each such segment gets a hash of its
//! operators, and runs of equal periods in the sequence of hashes are put into groups,
//! the largest first, then what is beside them and inside them. Hashes only propose:
//! `fold.rs` compares exactly, and groups that are in no run are taken away again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fold::Blocks;
use super::tree::{Group, Groups, Item};
use crate::model::NodeKind;
use crate::view::shown::View;

/// Longer periods, in segments, are not looked for.
const LONGEST_PERIOD: usize = 256;
/// A block has at least so many nodes.
const LEAST_BLOCK: usize = 3;
/// A run saves at least so many.
const LEAST_SAVED: usize = 6;
/// A value with more uses than this is context, such as a mask: it cuts nothing.
const CONTEXT: u32 = 6;

/// Something that stands between two cuts.
#[derive(Clone, Debug, Default)]
struct Segment {
    items: Vec<Item>,
    nodes: usize,
    hash: u64,
}

/// Adds groups for repeats.
pub(super) fn add(view: &View<'_>, blocks: &Blocks<'_>, groups: &mut Groups, least: usize) {
    let mut todo: Vec<usize> = (0..groups.groups.len()).collect();
    let mut items = items(view, groups);
    while let Some(g) = todo.pop() {
        let Some(segments) = segments(view, blocks, groups, g, &items[g]) else { continue };
        let mut ranges = vec![(0, segments.len())];
        while let Some((begin, end)) = ranges.pop() {
            let Some(run) = best(&segments[begin..end], least) else { continue };
            let first = begin + run.first;
            ranges.extend([(begin, first), (first + run.times * run.period, end)]);
            // Groups in a row are found as they are.
            if run.period == 1 && matches!(segments[first].items[..], [Item::Group(_)]) {
                continue;
            }
            for block in segments[first..first + run.times * run.period].chunks(run.period) {
                let own: Vec<Item> = block.iter().flat_map(|s| s.items.iter().copied()).collect();
                todo.push(put_in_group(view, groups, &mut items, g, own));
            }
        }
    }
    groups.sort();
}

/// The operators and groups that stand in each group, in file order.
fn items(view: &View<'_>, groups: &Groups) -> Vec<Vec<Item>> {
    let mut items: Vec<Vec<(usize, Item)>> = vec![Vec::new(); groups.groups.len()];
    for (node, &g) in groups.of.iter().enumerate() {
        if matches!(view.graph.node(view.nodes[node].node).kind, NodeKind::Op(_)) {
            items[g].push((node, Item::Node(node)));
        }
    }
    for (g, group) in groups.groups.iter().enumerate() {
        if let (Some(parent), Some(&first)) = (group.parent, group.members.first()) {
            items[parent].push((first, Item::Group(g)));
        }
    }
    let sorted = items.into_iter().map(|mut list| {
        list.sort();
        list.into_iter().map(|(_, item)| item).collect()
    });
    sorted.collect()
}

/// The segments of a group; `None` if its nodes do not stand in the order of the flow.
fn segments(
    view: &View<'_>,
    blocks: &Blocks<'_>,
    groups: &Groups,
    g: usize,
    items: &[Item],
) -> Option<Vec<Segment>> {
    if items.len() < 2 * LEAST_BLOCK {
        return None;
    }
    let change = changes(view, blocks, groups, g, items)?;
    let mut segments = vec![Segment::default()];
    let mut crossing = 0;
    for (i, &item) in items.iter().enumerate() {
        let last = segments.last_mut().expect("there is one");
        let (nodes, hash) = match item {
            Item::Node(n) => (1, blocks.key(&[n])),
            Item::Group(inner) => {
                (groups.groups[inner].members.len(), blocks.key(&groups.groups[inner].members))
            }
        };
        last.items.push(item);
        last.nodes += nodes;
        last.hash = last.hash.rotate_left(5) ^ hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        crossing += change[i];
        if crossing <= 1 && i + 1 < items.len() {
            segments.push(Segment::default());
        }
    }
    Some(segments)
}

/// By how much each item changes the number of values that go on to the next; `None` if the
/// nodes do not stand in the order of the flow.
fn changes(
    view: &View<'_>,
    blocks: &Blocks<'_>,
    groups: &Groups,
    g: usize,
    items: &[Item],
) -> Option<Vec<i64>> {
    let place: HashMap<Item, usize> = items.iter().enumerate().map(|(i, &item)| (item, i)).collect();
    let place_of = |node: usize| place.get(&groups.item_in(g, node)).copied();
    // How far each value goes, and how often it is used.
    let mut reach: BTreeMap<(usize, u32), (usize, usize, u32)> = BTreeMap::new();
    let members = &groups.groups[g].members;
    let mut entering = BTreeSet::new();
    for e in members.iter().flat_map(|&n| blocks.into(n)) {
        let edge = &view.edges[*e];
        let outside = groups.groups[g].parent.is_some() && members.binary_search(&edge.from).is_err();
        let from = if outside { None } else { place_of(edge.from) };
        let Some(to) = place_of(edge.to).filter(|&to| from != Some(to)) else { continue };
        if from.is_some_and(|from| from > to) {
            return None;
        }
        if from.is_none() && to == 0 {
            entering.insert((edge.from, edge.from_slot));
        }
        // What comes from outside is there from the beginning.
        let from = from.unwrap_or(0);
        let value = reach.entry((edge.from, edge.from_slot)).or_insert((from, to, 0));
        value.1 = value.1.max(to);
        value.2 += 1;
    }
    let mut change = vec![0i64; items.len() + 1];
    for (value, &(from, to, uses)) in &reach {
        let inside = from > 0 || place_of(value.0).is_some();
        // Of what comes from outside only what the first item works on is the flow.
        if uses <= CONTEXT && (inside || entering.contains(value)) {
            change[from] += 1;
            change[to] -= 1;
        }
    }
    Some(change)
}

/// Equal periods in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: usize,
    period: usize,
    times: usize,
}

/// The run that saves most nodes; of several the one with the shortest period.
fn best(segments: &[Segment], least: usize) -> Option<Run> {
    let before: Vec<usize> = std::iter::once(0)
        .chain(segments.iter().scan(0, |sum, s| {
            *sum += s.nodes;
            Some(*sum)
        }))
        .collect();
    let mut best: Option<(usize, Run)> = None;
    for period in 1..=(segments.len() / 2).min(LONGEST_PERIOD) {
        let mut equal = 0;
        for i in 0..=segments.len() - period {
            if i + period < segments.len() && segments[i].hash == segments[i + period].hash {
                equal += 1;
                continue;
            }
            let (times, first) = (equal / period + 1, i - equal);
            equal = 0;
            let nodes = before[first + period] - before[first];
            let saved = (times - 1) * nodes;
            if times >= least
                && nodes >= LEAST_BLOCK
                && saved >= LEAST_SAVED
                && best.is_none_or(|(most, _)| saved > most)
            {
                best = Some((saved, Run { first, period, times }));
            }
        }
    }
    best.map(|(_, run)| run)
}

/// A new group of `own`, which stand in `g`.
fn put_in_group(
    view: &View<'_>,
    groups: &mut Groups,
    items: &mut Vec<Vec<Item>>,
    g: usize,
    own: Vec<Item>,
) -> usize {
    let new = groups.groups.len();
    let mut members: Vec<usize> = Vec::new();
    for &item in &own {
        match item {
            Item::Node(n) => {
                groups.of[n] = new;
                members.push(n);
            }
            Item::Group(inner) => {
                groups.groups[inner].parent = Some(new);
                members.extend(&groups.groups[inner].members);
            }
        }
    }
    members.sort_unstable();
    let first = members.first().map(|&n| view.nodes[n].short_name.clone());
    let title = first.filter(|name| !name.is_empty()).unwrap_or_else(|| "block".into());
    let around = &groups.groups[g].path;
    let path = if around.is_empty() { title.clone() } else { format!("{around}/{title}") };
    groups.groups.push(Group {
        parent: Some(g),
        path,
        title,
        members,
        times: 1,
        found: true,
        ..Group::default()
    });
    items.push(own);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Option<(usize, usize, usize)> {
        let segment = |c: char| Segment { nodes: 3, hash: c as u64, items: Vec::new() };
        let segments: Vec<Segment> = text.chars().map(segment).collect();
        best(&segments, 2).map(|run| (run.first, run.period, run.times))
    }

    #[test]
    fn the_largest_run_is_found() {
        assert_eq!(run("xabababy"), Some((1, 2, 3)));
        assert_eq!(run("aaaabc"), Some((0, 1, 4)));
        // One long period rather than a short one inside it.
        assert_eq!(run("aabcaabcaabc"), Some((0, 4, 3)));
        assert_eq!(run("abcdef"), None);
        assert_eq!(run(""), None);
    }
}
