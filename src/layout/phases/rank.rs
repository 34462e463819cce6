//! Gives each item a rank: the row it stands in.
//!
//! Before: no cycles. After: every edge points to a higher rank, and the sum of
//! the edges' lengths is the least (network simplex), or close to it where the
//! graph is too large for the budget.

use super::simplex::{self, Edge};
use crate::layout::csr::Csr;
use crate::layout::network::{Network, Thing};

/// The rank of each item, from 0 on.
pub(super) fn ranks(network: &Network) -> Vec<u32> {
    let n = network.items.len();
    let edges = edges(network);
    let mut x = initial(n, &edges);
    // Linear for large graphs, ample for small ones.
    let budget = 20_000_000 + 200 * n as u64;
    simplex::minimize(&edges, &mut x, budget);
    let is = |thing| move |&i: &usize| network.items[i].thing == thing;
    let inside = || (0..n).filter(|&i| !network.items[i].is_port());
    let top = inside().map(|i| x[i]).min().unwrap_or(0) - i64::from((0..n).any(|i| is(Thing::Entry)(&i)));
    let bottom = inside().map(|i| x[i]).max().unwrap_or(top) + 1;
    // The ports of the frame stand on its border.
    (0..n).filter(is(Thing::Entry)).for_each(|i| x[i] = top);
    (0..n).filter(is(Thing::Exit)).for_each(|i| x[i] = bottom);
    x.iter().map(|&r| (r - top) as u32).collect()
}

/// One edge per pair of items, weighted by the number of wires.
fn edges(network: &Network) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for hyperedge in &network.hyperedges {
        for end in &hyperedge.ends {
            edges.push(Edge { tail: hyperedge.from, head: end.to, min: 1, weight: 1 });
        }
    }
    edges.sort_by_key(|e| (e.tail, e.head));
    edges.dedup_by(|next, first| {
        let same = (next.tail, next.head) == (first.tail, first.head);
        if same {
            first.weight += next.weight;
        }
        same
    });
    edges
}

/// Ranks by the longest path, then everything that only feeds forward is pulled
/// down to its nearest user. For most models this is the optimum already.
fn initial(n: usize, edges: &[Edge]) -> Vec<i64> {
    let out = Csr::build(n, edges.iter().enumerate().map(|(i, e)| (e.tail, i as u32)));
    let mut missing = vec![0u32; n];
    edges.iter().for_each(|e| missing[e.head as usize] += 1);
    let mut order: Vec<u32> = (0..n as u32).filter(|&v| missing[v as usize] == 0).collect();
    let mut rank = vec![0i64; n];
    let mut next = 0;
    while let Some(&node) = order.get(next) {
        next += 1;
        for &edge in out.of(node) {
            let head = edges[edge as usize].head as usize;
            rank[head] = rank[head].max(rank[node as usize] + 1);
            missing[head] -= 1;
            if missing[head] == 0 {
                order.push(head as u32);
            }
        }
    }
    debug_assert_eq!(order.len(), n, "cycles were broken before");
    let mut surplus = vec![0i64; n];
    for e in edges {
        surplus[e.tail as usize] += e.weight;
        surplus[e.head as usize] -= e.weight;
    }
    for &node in order.iter().rev() {
        let lowest = out.of(node).iter().map(|&e| rank[edges[e as usize].head as usize] - 1).min();
        if let Some(lowest) = lowest.filter(|_| surplus[node as usize] > 0) {
            rank[node as usize] = lowest;
        }
    }
    rank
}
