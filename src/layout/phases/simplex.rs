//! The network simplex: integers that keep their distances at the least cost.
//!
//! Minimises the sum of `weight * (x[head] - x[tail])` subject to
//! `x[head] - x[tail] >= min` for every edge. Ranks and horizontal positions are
//! both found this way (Gansner, Koutsofios, North, Vo, "A technique for drawing
//! directed graphs", IEEE TSE 19(3), 1993, sections 2.3 and 4.2).
//!
//! Two things differ from the paper. The cut value of a tree edge is the sum of
//! `out - in` weights over the nodes under it, since edges inside cancel. And the
//! nodes stand in an array by their postorder number, so that a subtree is a
//! slice: whatever visits one side of a cut visits the smaller one.

use super::forest::Forest;
use crate::layout::csr::Csr;

/// `x[head] - x[tail] >= min`, at `weight` per unit of the difference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) tail: u32,
    pub(super) head: u32,
    pub(super) min: i64,
    pub(super) weight: i64,
}

/// Improves the feasible `x` to an optimum, or until `budget` units of work
/// (about one visit of a node each) are spent: what is reached then is feasible
/// and no worse than the start. Nodes must be connected by the edges.
pub(super) fn minimize(edges: &[Edge], x: &mut [i64], budget: u64) {
    if x.len() < 2 {
        return;
    }
    debug_assert!(edges.iter().all(|e| x[e.head as usize] - x[e.tail as usize] >= e.min));
    let mut tree = Tree::tight(edges, x);
    let mut spent = 0;
    let mut cursor = 0;
    while spent < budget {
        let Some(leaving) = tree.leaving(&mut cursor, &mut spent) else { return };
        let Some(entering) = tree.entering(leaving, x, &mut spent) else { return };
        tree.exchange(leaving, entering, x, &mut spent);
    }
}

const NONE: u32 = u32::MAX;

struct Tree<'a> {
    edges: &'a [Edge],
    /// Edge indices at each node, both directions.
    at: Csr,
    in_tree: Vec<bool>,
    tree_edges: Vec<u32>,
    /// Position in `tree_edges`.
    tree_index: Vec<u32>,
    cut: Vec<i64>,
    /// The tree edge to the parent.
    parent: Vec<u32>,
    /// Postorder numbers: a node's own, and the lowest in its subtree.
    lim: Vec<u32>,
    low: Vec<u32>,
    by_lim: Vec<u32>,
    stack: Vec<(u32, u32)>,
}

impl<'a> Tree<'a> {
    /// A spanning tree of tight edges, after shifting `x` until there is one.
    fn tight(edges: &'a [Edge], x: &mut [i64]) -> Self {
        let n = x.len();
        let at = Csr::build(
            n,
            edges.iter().enumerate().flat_map(|(i, e)| [(e.tail, i as u32), (e.head, i as u32)]),
        );
        let tree_edges = tight_tree(edges, &at, x);
        let mut in_tree = vec![false; edges.len()];
        let mut tree_index = vec![NONE; edges.len()];
        for (i, &e) in tree_edges.iter().enumerate() {
            in_tree[e as usize] = true;
            tree_index[e as usize] = i as u32;
        }
        let mut tree = Tree {
            edges,
            at,
            in_tree,
            tree_edges,
            tree_index,
            cut: vec![0; edges.len()],
            parent: vec![NONE; n],
            lim: vec![0; n],
            low: vec![0; n],
            by_lim: vec![0; n],
            stack: Vec::new(),
        };
        tree.number(0, NONE, 0);
        tree.set_cuts(n);
        tree
    }

    fn other(&self, edge: u32, node: u32) -> u32 {
        let e = &self.edges[edge as usize];
        if e.tail == node { e.head } else { e.tail }
    }

    /// Numbers the subtree of `root` in postorder from `low` on.
    fn number(&mut self, root: u32, parent: u32, low: u32) {
        let mut next = low;
        self.parent[root as usize] = parent;
        self.low[root as usize] = next;
        self.stack.clear();
        self.stack.push((root, 0));
        while let Some(top) = self.stack.last_mut() {
            let (node, cursor) = *top;
            let Some(&edge) = self.at.of(node).get(cursor as usize) else {
                self.lim[node as usize] = next;
                self.by_lim[next as usize] = node;
                next += 1;
                self.stack.pop();
                continue;
            };
            top.1 += 1;
            if self.in_tree[edge as usize] && edge != self.parent[node as usize] {
                let child = self.other(edge, node);
                self.parent[child as usize] = edge;
                self.low[child as usize] = next;
                self.stack.push((child, 0));
            }
        }
    }

    fn set_cuts(&mut self, n: usize) {
        let mut surplus = vec![0i64; n];
        for e in self.edges {
            surplus[e.tail as usize] += e.weight;
            surplus[e.head as usize] -= e.weight;
        }
        for i in 0..n {
            let node = self.by_lim[i];
            let edge = self.parent[node as usize];
            if edge != NONE {
                let is_tail = self.edges[edge as usize].tail == node;
                let sum = surplus[node as usize];
                self.cut[edge as usize] = if is_tail { sum } else { -sum };
                surplus[self.other(edge, node) as usize] += sum;
            }
        }
    }

    /// The worst of the next few tree edges with a negative cut value.
    fn leaving(&self, cursor: &mut usize, spent: &mut u64) -> Option<u32> {
        const ENOUGH: usize = 30;
        let mut best = None;
        let mut found = 0;
        for step in 0..self.tree_edges.len() {
            let i = (*cursor + step) % self.tree_edges.len();
            let edge = self.tree_edges[i];
            let cut = self.cut[edge as usize];
            if cut < 0 {
                if best.is_none_or(|b: u32| cut < self.cut[b as usize]) {
                    best = Some(edge);
                }
                found += 1;
                if found == ENOUGH {
                    *cursor = i + 1;
                    break;
                }
            }
        }
        *spent += 1 + self.tree_edges.len() as u64 / 64;
        best
    }

    /// The end of a tree edge that is the child.
    fn child(&self, edge: u32) -> u32 {
        let e = &self.edges[edge as usize];
        if self.parent[e.tail as usize] == edge { e.tail } else { e.head }
    }

    fn is_under(&self, node: u32, root: u32) -> bool {
        let lim = self.lim[node as usize];
        self.low[root as usize] <= lim && lim <= self.lim[root as usize]
    }

    /// The ranges of `by_lim` that make up the smaller side of the cut at
    /// `root`'s parent edge, and whether that is the subtree.
    fn smaller_side(&self, root: u32) -> ([std::ops::Range<usize>; 2], bool) {
        let (low, end) = (self.low[root as usize] as usize, self.lim[root as usize] as usize + 1);
        let n = self.by_lim.len();
        if end - low <= n / 2 { ([low..end, 0..0], true) } else { ([0..low, end..n], false) }
    }

    /// The tightest edge that crosses the cut against the leaving edge.
    fn entering(&self, leaving: u32, x: &[i64], spent: &mut u64) -> Option<u32> {
        let root = self.child(leaving);
        let leaves_subtree = self.edges[leaving as usize].tail != root;
        let (sides, is_subtree) = self.smaller_side(root);
        // Seen from the side that is visited: do we look for edges that leave it?
        let outwards = leaves_subtree == is_subtree;
        let mut best: Option<(i64, u32)> = None;
        for i in sides.into_iter().flatten() {
            let node = self.by_lim[i];
            let edges = self.at.of(node);
            *spent += 1 + edges.len() as u64;
            for &edge in edges {
                let e = &self.edges[edge as usize];
                if (e.tail == node) != outwards {
                    continue;
                }
                let far = if outwards { e.head } else { e.tail };
                if self.is_under(far, root) == is_subtree {
                    continue;
                }
                let slack = x[e.head as usize] - x[e.tail as usize] - e.min;
                if best.is_none_or(|b| (slack, edge) < b) {
                    best = Some((slack, edge));
                }
            }
        }
        best.map(|(_, edge)| edge)
    }

    fn exchange(&mut self, leaving: u32, entering: u32, x: &mut [i64], spent: &mut u64) {
        let e = self.edges[entering as usize];
        let slack = x[e.head as usize] - x[e.tail as usize] - e.min;
        let root = self.child(leaving);
        if slack > 0 {
            // Making `entering` tight moves its tail's side up, or its head's side down.
            let (sides, is_subtree) = self.smaller_side(root);
            let tail_moves = self.is_under(e.tail, root) == is_subtree;
            let shift = if tail_moves { slack } else { -slack };
            for i in sides.into_iter().flatten() {
                x[self.by_lim[i] as usize] += shift;
                *spent += 1;
            }
        }
        let cut = self.cut[leaving as usize];
        let top = self.add_along_path(e.tail, e.head, cut);
        let same = self.add_along_path(e.head, e.tail, -cut);
        debug_assert_eq!(top, same);
        self.cut[entering as usize] = -cut;
        self.cut[leaving as usize] = 0;
        let place = self.tree_index[leaving as usize];
        self.tree_edges[place as usize] = entering;
        self.tree_index[entering as usize] = place;
        self.tree_index[leaving as usize] = NONE;
        self.in_tree[leaving as usize] = false;
        self.in_tree[entering as usize] = true;
        let (parent, low) = (self.parent[top as usize], self.low[top as usize]);
        *spent += u64::from(self.lim[top as usize] - low);
        self.number(top, parent, low);
    }

    /// Adds to the cut values along the way from `node` up to the common ancestor with
    /// `goal`, which is returned: `cut` where an edge points up, `-cut` where it points
    /// down.
    fn add_along_path(&mut self, mut node: u32, goal: u32, cut: i64) -> u32 {
        while !self.is_under(goal, node) {
            let edge = self.parent[node as usize];
            let is_tail = self.edges[edge as usize].tail == node;
            self.cut[edge as usize] += if is_tail { cut } else { -cut };
            node = self.other(edge, node);
        }
        node
    }
}

/// The edges of a spanning tree of tight edges; shifts `x` to make it exist.
///
/// Trees of tight edges are merged along their tightest edges, always the
/// smallest tree first, so that every node is moved O(log n) times.
fn tight_tree(edges: &[Edge], at: &Csr, x: &mut [i64]) -> Vec<u32> {
    let n = x.len();
    let mut forest = Forest::new(n);
    let mut tree = Vec::with_capacity(n - 1);
    for (i, e) in edges.iter().enumerate() {
        if x[e.head as usize] - x[e.tail as usize] == e.min && forest.join(e.tail, e.head) {
            tree.push(i as u32);
        }
    }
    let mut queue: std::collections::BinaryHeap<_> = (0..n as u32)
        .filter(|&v| forest.root(v) == v)
        .map(|v| std::cmp::Reverse((forest.members(v).len(), v)))
        .collect();
    while let Some(std::cmp::Reverse((size, root))) = queue.pop() {
        if forest.root(root) != root || forest.members(root).len() != size || size == n {
            continue;
        }
        let mut best: Option<(i64, u32)> = None;
        for &node in forest.members(root) {
            for &edge in at.of(node) {
                let e = &edges[edge as usize];
                let far = if e.tail == node { e.head } else { e.tail };
                if forest.root(far) != root {
                    let slack = x[e.head as usize] - x[e.tail as usize] - e.min;
                    if best.is_none_or(|b| (slack, edge) < b) {
                        best = Some((slack, edge));
                    }
                }
            }
        }
        let (slack, edge) = best.expect("the nodes are connected");
        let e = &edges[edge as usize];
        let shift = if forest.root(e.tail) == root { slack } else { -slack };
        for &node in forest.members(root) {
            x[node as usize] += shift;
        }
        forest.join(e.tail, e.head);
        tree.push(edge);
        let joined = forest.root(e.tail);
        queue.push(std::cmp::Reverse((forest.members(joined).len(), joined)));
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(edges: &[Edge], x: &[i64]) -> i64 {
        edges.iter().map(|e| e.weight * (x[e.head as usize] - x[e.tail as usize])).sum()
    }

    fn edge(tail: u32, head: u32, min: i64, weight: i64) -> Edge {
        Edge { tail, head, min, weight }
    }

    #[test]
    fn a_source_moves_down_to_its_only_user() {
        // a chain 0 1 2 3, and 4 that feeds 3 only
        let edges = [edge(0, 1, 1, 1), edge(1, 2, 1, 1), edge(2, 3, 1, 1), edge(4, 3, 1, 1)];
        let mut x = [0, 1, 2, 3, 0];
        minimize(&edges, &mut x, 1000);
        assert_eq!(x[3] - x[4], 1);
        assert_eq!(cost(&edges, &x), 4);
    }

    /// Compares with the optimum found by trying everything in a small range.
    #[test]
    fn small_problems_reach_their_optimum() {
        let mut state = 7u64;
        let mut random = |n: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % n
        };
        for _ in 0..200 {
            let n = 5u32;
            let mut edges = vec![];
            for head in 1..n {
                let tail = random(u64::from(head)) as u32;
                edges.push(edge(tail, head, random(3) as i64, random(4) as i64));
            }
            for _ in 0..4 {
                let (a, b) = (random(u64::from(n)) as u32, random(u64::from(n)) as u32);
                if a < b {
                    edges.push(edge(a, b, random(3) as i64, random(4) as i64));
                }
            }
            let mut x: Vec<i64> = (0..i64::from(n)).map(|i| i * 3).collect();
            minimize(&edges, &mut x, 100_000);
            assert!(edges.iter().all(|e| x[e.head as usize] - x[e.tail as usize] >= e.min));
            let mut best = i64::MAX;
            for code in 0..13i64.pow(n - 1) {
                let y: Vec<i64> =
                    (0..n).map(|i| if i == 0 { 0 } else { code / 13i64.pow(i - 1) % 13 }).collect();
                if edges.iter().all(|e| y[e.head as usize] - y[e.tail as usize] >= e.min) {
                    best = best.min(cost(&edges, &y));
                }
            }
            assert_eq!(cost(&edges, &x), best);
        }
    }
}
