//! Groups: the scopes of a view as a tree of frames that can be open or closed.
//!
//! Grouping never moves a node: it says for each shown node which frame it is in, which
//! frames are open, and which blocks are drawn once for several (see `fold.rs`). A scope
//! becomes a group if it holds more than one node and can be drawn as one: nothing flows
//! out of it and back in through the outside.

use std::collections::{BTreeMap, HashMap};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::{View, differences, fold, repeats};
use crate::model::{NodeKind, ScopeId};
use crate::text::{Glob, counted};

/// How scopes are grouped.
#[derive(Clone, Debug)]
pub struct GroupOptions {
    /// Frames are opened, from the outside in, while at most so many boxes are drawn.
    pub max_nodes: usize,
    /// Frames are open down to this depth, whatever the number of boxes.
    pub depth: Option<usize>,
    /// Scopes that are open, with all around them.
    pub expand: Vec<Glob>,
    /// Scopes that are closed.
    pub collapse: Vec<Glob>,
    /// Runs of at least so many equal neighbours are drawn once; 0 for never.
    pub fold_min: usize,
}

impl Default for GroupOptions {
    fn default() -> Self {
        GroupOptions { max_nodes: 70, depth: None, expand: Vec::new(), collapse: Vec::new(), fold_min: 2 }
    }
}

/// A frame, or a closed box in its place.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The group around it; nothing for the page.
    pub parent: Option<usize>,
    /// The names of the scopes down to it, joined by `/`.
    pub path: String,
    /// Its own name.
    pub title: String,
    /// The class it is an instance of.
    pub class: Option<String>,
    /// The nodes inside, nested ones too, by their positions in the view.
    pub members: Vec<usize>,
    /// Whether its content is drawn.
    pub open: bool,
    /// How many equal blocks it stands for.
    pub times: u32,
    /// Of several blocks the name of the last.
    pub last: String,
    /// The group that is drawn for this one.
    pub drawn_as: Option<usize>,
    /// Whether it was found by what repeats, and not by names.
    pub found: bool,
    /// What it has other than the blocks beside it, which are equal but for that.
    pub differs: Option<String>,
}

/// The groups of a view.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// The groups; the page first, a group before those inside it.
    pub groups: Vec<Group>,
    /// For each node of the view the innermost group around it.
    pub of: Vec<usize>,
    /// For each node of the view the node that is drawn for it: mostly itself.
    pub drawn_as: Vec<usize>,
}

impl Groups {
    /// How deep a group is: 0 for the page.
    fn depth(&self, mut group: usize) -> usize {
        let mut depth = 0;
        while let Some(parent) = self.groups[group].parent {
            depth += 1;
            group = parent;
        }
        depth
    }

    /// What is not drawn, in a line; nothing if all is.
    pub fn hidden(&self) -> Option<String> {
        let runs = self.groups.iter().filter(|g| g.times > 1 && g.drawn_as.is_none()).count();
        let drawn = |g: &&Group| g.drawn_as.is_none() && g.parent.is_some_and(|p| self.groups[p].open);
        let closed = self.groups.iter().filter(drawn).filter(|g| !g.open).count();
        let mut parts = Vec::new();
        if runs > 0 {
            parts.push(format!("{} of equal blocks drawn once", counted(runs, "run")));
        }
        if closed > 0 {
            parts.push(format!("{} closed", counted(closed, "frame")));
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// The outermost closed group around a node.
    pub fn closed_around(&self, node: usize) -> Option<usize> {
        let mut at = Some(self.of[node]);
        let mut closed = None;
        while let Some(group) = at {
            if !self.groups[group].open {
                closed = Some(group);
            }
            at = self.groups[group].parent;
        }
        closed
    }

    /// Puts groups before those inside them again, and in file order.
    pub(super) fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        let depth: Vec<usize> = order.iter().map(|&g| self.depth(g)).collect();
        order.sort_by_key(|&g| (depth[g], self.groups[g].members.first().copied(), g));
        let mut number = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| number[old] = new);
        let mut sorted: Vec<Group> = order.iter().map(|&g| std::mem::take(&mut self.groups[g])).collect();
        for group in &mut sorted {
            group.parent = group.parent.map(|p| number[p]);
            group.drawn_as = group.drawn_as.map(|p| number[p]);
        }
        self.groups = sorted;
        self.of.iter_mut().for_each(|g| *g = number[*g]);
    }

    /// The item of `parent` that a node is in: a group inside it, or the node itself.
    pub(super) fn item_in(&self, parent: usize, node: usize) -> Item {
        let mut item = Item::Node(node);
        let mut at = self.of[node];
        while at != parent {
            item = Item::Group(at);
            match self.groups[at].parent {
                Some(around) => at = around,
                None => break,
            }
        }
        item
    }
}

/// What stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Item {
    Node(usize),
    Group(usize),
}

/// Groups the nodes of `view`.
pub(super) fn group(view: &View<'_>, options: &GroupOptions) -> Groups {
    let mut groups = from_scopes(view);
    dissolve_trivial(&mut groups);
    dissolve_cyclic(view, &mut groups);
    dissolve_trivial(&mut groups);
    let count = view.nodes.len();
    let forced = options.depth.is_some() || !options.expand.is_empty() || !options.collapse.is_empty();
    let fits = count <= options.max_nodes && !forced;
    if !fits && options.fold_min > 0 {
        let blocks = fold::Blocks::new(view);
        repeats::add(view, &blocks, &mut groups, options.fold_min.max(2));
        fold::fold(&blocks, &mut groups, options.fold_min.max(2));
        let gone = in_no_run(&groups);
        dissolve(&mut groups, &gone);
        differences::tell(&blocks, &mut groups);
    }
    if fits {
        groups.groups.iter_mut().for_each(|g| g.open = true);
    } else {
        open(&mut groups, options);
    }
    groups
}

fn from_scopes(view: &View<'_>) -> Groups {
    let page = Group { open: true, times: 1, ..Group::default() };
    let mut groups = Groups {
        groups: vec![page],
        of: vec![0; view.nodes.len()],
        drawn_as: (0..view.nodes.len()).collect(),
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

fn count_members(groups: &mut Groups) {
    groups.groups.iter_mut().for_each(|g| g.members.clear());
    for i in 0..groups.of.len() {
        let mut at = Some(groups.of[i]);
        while let Some(group) = at {
            groups.groups[group].members.push(i);
            at = groups.groups[group].parent;
        }
    }
}

/// Takes groups away; what stands in them stands in the groups around them.
fn dissolve(groups: &mut Groups, gone: &[bool]) {
    let mut number = vec![0; groups.groups.len()];
    let mut kept: Vec<Group> = Vec::new();
    for (i, mut group) in std::mem::take(&mut groups.groups).into_iter().enumerate() {
        // A parent stands before its children, so its number is known.
        let around = group.parent.map(|p| number[p]);
        if gone[i] {
            number[i] = around.unwrap_or(0);
        } else {
            number[i] = kept.len();
            group.parent = around;
            kept.push(group);
        }
    }
    for group in &mut kept {
        group.drawn_as = group.drawn_as.map(|g| number[g]);
    }
    groups.groups = kept;
    groups.of.iter_mut().for_each(|g| *g = number[*g]);
    count_members(groups);
}

/// Groups that were found by what repeats, and turned out to repeat nothing.
fn in_no_run(groups: &Groups) -> Vec<bool> {
    let mut gone = vec![false; groups.groups.len()];
    for (g, group) in groups.groups.iter().enumerate() {
        // What is drawn for a group stands before it.
        gone[g] = group.found && group.times == 1 && group.drawn_as.is_none_or(|d| gone[d]);
    }
    gone
}

/// Groups of one node, of all nodes of the group around them, or of nearly all operators,
/// say nothing.
fn dissolve_trivial(groups: &mut Groups) {
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

/// Groups that something flows out of and back into through the outside cannot be drawn
/// as one: the smaller ones give way.
fn dissolve_cyclic(view: &View<'_>, groups: &mut Groups) {
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

/// Opens groups as the options say.
fn open(groups: &mut Groups, options: &GroupOptions) {
    let depth: Vec<usize> = (0..groups.groups.len()).map(|g| groups.depth(g)).collect();
    let matches = |list: &[Glob], g: &Group| list.iter().any(|r| r.matches(&g.path) || r.matches(&g.title));
    let forced_closed: Vec<bool> = groups.groups.iter().map(|g| matches(&options.collapse, g)).collect();
    // What is to be open is open with all around it.
    let mut forced_open = vec![false; groups.groups.len()];
    for g in 1..groups.groups.len() {
        if matches(&options.expand, &groups.groups[g]) {
            let mut at = Some(groups.groups[g].drawn_as.unwrap_or(g));
            while let Some(group) = at {
                forced_open[group] = true;
                at = groups.groups[group].parent;
            }
        }
    }
    // What opening a group adds: its items, less its own box.
    let mut content = vec![0usize; groups.groups.len()];
    for (node, &g) in groups.of.iter().enumerate() {
        content[g] += usize::from(groups.drawn_as[node] == node);
    }
    for g in 1..groups.groups.len() {
        if groups.groups[g].drawn_as.is_none() {
            content[groups.groups[g].parent.unwrap_or(0)] += 1;
        }
    }
    let mut count = content[0];
    // Groups side by side are opened together if that is not much too much, else the
    // weightiest first.
    let mut beside: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for g in (1..groups.groups.len()).filter(|&g| groups.groups[g].drawn_as.is_none()) {
        beside.entry((depth[g], groups.groups[g].parent.unwrap_or(0))).or_default().push(g);
    }
    for ((level, parent), mut set) in beside {
        if !groups.groups[parent].open {
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
                groups.groups[g].open = true;
                count += content[g].saturating_sub(1);
            }
        }
    }
}
