//! Splits long edges so that every piece joins neighbouring ranks.
//!
//! Before: each item has a rank, and edges point to higher ranks.
//! After: bends stand where an edge passes a rank.
//!
//! Ordering only compares neighbouring ranks, so a long edge is invisible to it
//! unless it has a vertex to stand on in each rank it passes.

use std::ops::Range;

use crate::layout::csr::Csr;
use crate::layout::network::Network;
use crate::layout::ranked::{Bends, Link, Ranked};

/// Splits the edges of `network`; the vertices of a rank stand in the order of
/// their numbers.
pub(super) fn split_long_edges(network: &Network, ranks: &[u32], bends: Bends) -> Ranked {
    let mut ranked = Ranked { items: ranks.len(), rank: ranks.to_vec(), bends, ..Ranked::default() };
    for (h, hyperedge) in network.hyperedges.iter().enumerate() {
        let h = h as u32;
        let first = ranks[hyperedge.from as usize];
        if bends == Bends::Separate {
            for (e, end) in hyperedge.ends.iter().enumerate() {
                let upper = add_bends(&mut ranked, h, hyperedge.from, first + 1..ranks[end.to as usize]);
                ranked.links.push(Link { upper, lower: end.to, hyperedge: h, end: Some(e as u32) });
            }
            continue;
        }
        let last = hyperedge.ends.iter().map(|end| ranks[end.to as usize]).max().unwrap_or(first + 1);
        // Bend `first_bend + i` stands in rank `first + 1 + i`.
        let first_bend = ranked.rank.len() as u32;
        add_bends(&mut ranked, h, hyperedge.from, first + 1..last);
        for (e, end) in hyperedge.ends.iter().enumerate() {
            let rank = ranks[end.to as usize];
            let upper = if rank == first + 1 { hyperedge.from } else { first_bend + (rank - first - 2) };
            ranked.links.push(Link { upper, lower: end.to, hyperedge: h, end: Some(e as u32) });
        }
    }
    let n = ranked.rank.len();
    ranked.down = Csr::build(n, ranked.links.iter().enumerate().map(|(i, l)| (l.upper, i as u32)));
    ranked.up = Csr::build(n, ranked.links.iter().enumerate().map(|(i, l)| (l.lower, i as u32)));
    let height = ranked.rank.iter().max().map_or(0, |&r| r as usize + 1);
    ranked.order = vec![Vec::new(); height];
    for (vertex, &rank) in ranked.rank.iter().enumerate() {
        ranked.order[rank as usize].push(vertex as u32);
    }
    ranked
}

/// Adds a bend in each of the ranks, below `upper`; gives the last vertex.
fn add_bends(ranked: &mut Ranked, hyperedge: u32, mut upper: u32, ranks: Range<u32>) -> u32 {
    for rank in ranks {
        let lower = ranked.rank.len() as u32;
        ranked.rank.push(rank);
        ranked.links.push(Link { upper, lower, hyperedge, end: None });
        upper = lower;
    }
    upper
}
