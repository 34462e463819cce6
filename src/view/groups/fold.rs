//! Folding: runs of equal neighbouring groups are drawn once.
//!
//! Two groups are equal if their nodes are, one by one in file order: operator,
//! attributes, types of results, constants (parameters by type and shape, others by
//! value too), and wiring. Of a run each block takes the same values from the block
//! before it, and the same values from outside; so one block, its own wires in and the
//! wires out of all, says everything. Weight values are not compared.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::tree::Groups;
use crate::model::{AttributeValue, NodeId, NodeKind, Op};
use crate::view::shown::View;

/// Draws runs of at least `least` equal groups as their first.
pub(super) fn fold(blocks: &Blocks<'_>, groups: &mut Groups, least: usize) {
    let keys: Vec<u64> = groups.groups.iter().map(|g| blocks.key(&g.members)).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); groups.groups.len()];
    for g in 1..groups.groups.len() {
        children[groups.groups[g].parent.unwrap_or(0)].push(g);
    }
    for siblings in &mut children {
        siblings.sort_by_key(|&g| groups.groups[g].members.first().copied());
        let mut first = 0;
        while first < siblings.len() {
            let run = blocks.run(groups, &keys, &siblings[first..]);
            if run >= least {
                merge(groups, &siblings[first..first + run]);
            }
            first += run;
        }
    }
    resolve(groups);
}

/// The first stands for all.
fn merge(groups: &mut Groups, run: &[usize]) {
    let first = run[0];
    groups.groups[first].times = run.len() as u32;
    groups.groups[first].last = groups.groups[run[run.len() - 1]].title.clone();
    for &other in &run[1..] {
        groups.groups[other].drawn_as = Some(first);
        let (a, b) = (groups.groups[first].members.clone(), groups.groups[other].members.clone());
        for (a, b) in a.into_iter().zip(b) {
            groups.drawn_as[b] = a;
        }
    }
}

/// What is drawn for a node may itself be drawn by another, in a run around it; and so
/// may groups inside of groups that are not drawn.
fn resolve(groups: &mut Groups) {
    for node in 0..groups.drawn_as.len() {
        let mut at = groups.drawn_as[node];
        // Blocks stand before those that they are drawn for, so this ends.
        while groups.drawn_as[at] != at {
            at = groups.drawn_as[at];
        }
        groups.drawn_as[node] = at;
    }
    for g in 1..groups.groups.len() {
        if groups.groups[g].drawn_as.is_none() {
            let parent = groups.groups[g].parent.unwrap_or(0);
            let hidden = groups.groups[parent].drawn_as.is_some();
            let first = groups.groups[g].members.first().map(|&n| groups.drawn_as[n]);
            if hidden && let Some(first) = first {
                groups.groups[g].drawn_as = Some(groups.of[first]);
            }
        }
    }
}

/// The nodes of a view in a form that can be compared.
pub(super) struct Blocks<'a> {
    pub(super) view: &'a View<'a>,
    keys: Vec<u64>,
    /// The positions of the edges that arrive at each node, by slot.
    into: Vec<Vec<usize>>,
}

/// Where an operand of a block comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// A node of the block, by its position in it.
    Inside(usize),
    /// The same of the block before.
    Before(usize),
    /// Any other node.
    Outside(usize),
}

impl<'a> Blocks<'a> {
    pub(super) fn new(view: &'a View<'a>) -> Self {
        let keys = (0..view.nodes.len()).map(|i| key(view, i)).collect();
        Blocks { view, keys, into: view.entering() }
    }

    /// Equal blocks have equal keys; others mostly have different ones.
    pub(super) fn key(&self, members: &[usize]) -> u64 {
        let mut hasher = DefaultHasher::new();
        members.iter().for_each(|&m| self.keys[m].hash(&mut hasher));
        hasher.finish()
    }

    /// The positions of the edges that arrive at a node.
    pub(super) fn into(&self, node: usize) -> &[usize] {
        &self.into[node]
    }

    /// How many of the first siblings are equal blocks in a row; at least 1.
    fn run(&self, groups: &Groups, keys: &[u64], siblings: &[usize]) -> usize {
        let members = |i: usize| groups.groups[siblings[i]].members.as_slice();
        let mut pattern: Option<Vec<Vec<Source>>> = None;
        let mut count = 1;
        while count < siblings.len() && keys[siblings[count]] == keys[siblings[0]] {
            let (before, block) = (members(count - 1), members(count));
            if before.len() != block.len() || !before.iter().zip(block).all(|(&a, &b)| self.same(a, b)) {
                break;
            }
            let sources = self.sources(block, Some(before));
            // Towers side by side go different ways: only what follows the other is a run.
            let follows = sources.iter().flatten().any(|s| matches!(s, Source::Before(_)));
            let fits = follows
                && match &pattern {
                    Some(pattern) => *pattern == sources,
                    // Of the first block only what is inside, and what all take from outside.
                    None => self.begins(&self.sources(before, None), &sources),
                };
            if !fits {
                break;
            }
            pattern = Some(sources);
            count += 1;
        }
        count
    }

    /// Where the operands of each node of a block come from.
    fn sources(&self, block: &[usize], before: Option<&[usize]>) -> Vec<Vec<Source>> {
        let index = |nodes: &[usize]| -> HashMap<usize, usize> {
            nodes.iter().enumerate().map(|(i, &n)| (n, i)).collect()
        };
        let (inside, earlier) = (index(block), index(before.unwrap_or_default()));
        let source = |&e: &usize| {
            let from = self.view.edges[e].from;
            match (inside.get(&from), earlier.get(&from)) {
                (Some(&i), _) => Source::Inside(i),
                (_, Some(&i)) => Source::Before(i),
                _ => Source::Outside(from),
            }
        };
        block.iter().map(|&n| self.into[n].iter().map(source).collect()).collect()
    }

    /// Whether a block can be the first of a run of which the second has these sources.
    fn begins(&self, first: &[Vec<Source>], second: &[Vec<Source>]) -> bool {
        let fits = |(a, b): (&Source, &Source)| match (a, b) {
            (Source::Inside(a), Source::Inside(b)) => a == b,
            (Source::Outside(a), Source::Outside(b)) => a == b,
            (Source::Outside(_), Source::Before(_)) => true,
            _ => false,
        };
        first.iter().zip(second).all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(fits))
    }

    /// Whether two nodes are equal but for names, weights and where operands come from.
    fn same(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.view.nodes[a], &self.view.nodes[b]);
        let edges = |i: usize| {
            let edge = |&e: &usize| {
                let edge = &self.view.edges[e];
                (edge.to_slot, edge.from_slot, edge.through)
            };
            self.into[i].iter().map(edge).collect::<Vec<_>>()
        };
        edges(a) == edges(b)
            && x.hidden_operands == y.hidden_operands
            && x.all().count() == y.all().count()
            && x.all().zip(y.all()).all(|(p, q)| self.same_operator(p, q))
            && x.all_constants().count() == y.all_constants().count()
            && x.all_constants().zip(y.all_constants()).all(|(s, t)| {
                let kind = (s.slot, s.parameter, s.frozen, s.rate, s.tensor.dtype, &s.tensor.dims);
                kind == (t.slot, t.parameter, t.frozen, t.rate, t.tensor.dtype, &t.tensor.dims)
                    && (s.parameter || s.constant == t.constant || self.same_content(&s.tensor, &t.tensor))
            })
    }

    /// Whether two operators have the same name, attributes and types of results.
    fn same_operator(&self, a: NodeId, b: NodeId) -> bool {
        let (NodeKind::Op(p), NodeKind::Op(q)) =
            (&self.view.graph.node(a).kind, &self.view.graph.node(b).kind)
        else {
            return false;
        };
        let op = |op: &'a Op| (&op.op, &op.domain, &op.overload, op.attributes.len());
        let attributes = p.attributes.iter().zip(&q.attributes);
        op(p) == op(q)
            && attributes.into_iter().all(|(s, t)| s.name == t.name && self.same_value(&s.value, &t.value))
            && self.view.types(a) == self.view.types(b)
    }

    fn same_content(&self, a: &crate::model::Tensor, b: &crate::model::Tensor) -> bool {
        let source = &self.view.model.source;
        match (a.bytes(source), b.bytes(source)) {
            (Some(a), Some(b)) => a == b,
            // What is in another file is not read for a picture.
            (None, None) => true,
            _ => false,
        }
    }

    /// Whether two attributes are equal; those with graphs are not.
    pub(super) fn same_value(&self, a: &AttributeValue, b: &AttributeValue) -> bool {
        use AttributeValue::*;
        let bits = |v: &[f32]| v.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        match (a, b) {
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (String(a), String(b)) => a == b,
            (Ints(a), Ints(b)) => a == b,
            (Floats(a), Floats(b)) => bits(a) == bits(b),
            (Strings(a), Strings(b)) => a == b,
            (Tensor(a), Tensor(b)) => a.dtype == b.dtype && a.dims == b.dims && self.same_content(a, b),
            (Type(a), Type(b)) => a == b,
            (Reference(a), Reference(b)) => a == b,
            (Absent, Absent) => true,
            _ => false,
        }
    }
}

fn key(view: &View<'_>, i: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    let shown = &view.nodes[i];
    let node = view.graph.node(shown.node);
    if let NodeKind::Op(op) = &node.kind {
        (&op.op, &op.domain, op.attributes.len()).hash(&mut hasher);
        for output in &node.outputs {
            output.and_then(|v| view.graph.value(v).ty.as_ref()).hash(&mut hasher);
        }
        for constant in &shown.constants {
            (constant.slot, constant.tensor.dtype, &constant.tensor.dims).hash(&mut hasher);
        }
    } else {
        i.hash(&mut hasher);
    }
    hasher.finish()
}
