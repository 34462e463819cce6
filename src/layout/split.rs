//! Splits long edges so that every piece joins neighbouring ranks.
//!
//! Before: each item has a rank, and edges point to higher ranks.
//! After: a *vertex* stands for each item, and one *bend* in each rank that a
//! hyperedge passes; the ends of a *shared* hyperedge share its bends, as they share
//! its line in the picture. A *link* joins vertices of neighbouring ranks.
//!
//! Ordering only compares neighbouring ranks, so a long edge is invisible to it
//! unless it has a vertex to stand on in each rank it passes.

use super::csr::Csr;
use super::network::Network;

/// A network whose every link spans one rank.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranked {
    /// The number of items; vertices from here on are bends.
    pub(super) items: usize,
    /// The rank of each vertex.
    pub(super) rank: Vec<u32>,
    /// The links, in the order of hyperedges. Of a shared one the trunk's are first;
    /// of another those of each end follow each other from above to below.
    pub(super) links: Vec<Link>,
    /// Links by their upper and by their lower vertex.
    pub(super) down: Csr,
    pub(super) up: Csr,
    /// Whether the ends of the hyperedges share their bends.
    pub(super) shared: bool,
    /// The vertices of each rank, from left to right.
    pub(super) order: Vec<Vec<u32>>,
}

/// A piece of a hyperedge between neighbouring ranks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) upper: u32,
    pub(super) lower: u32,
    pub(super) hyperedge: u32,
    /// The end of the hyperedge that it reaches; nothing between bends.
    pub(super) end: Option<u32>,
}

impl Ranked {
    pub(super) fn is_bend(&self, vertex: u32) -> bool {
        vertex as usize >= self.items
    }

    /// Adds a bend in each of the ranks, below `upper`; gives the last vertex.
    fn bends(&mut self, hyperedge: u32, mut upper: u32, ranks: std::ops::Range<u32>) -> u32 {
        for rank in ranks {
            let lower = self.rank.len() as u32;
            self.rank.push(rank);
            self.links.push(Link { upper, lower, hyperedge, end: None });
            upper = lower;
        }
        upper
    }

    /// Whether both ends of a link are bends.
    pub(super) fn is_inner(&self, link: &Link) -> bool {
        self.is_bend(link.upper) && self.is_bend(link.lower)
    }
}

/// Splits the edges of `network`; the vertices of a rank stand in the order of
/// their numbers.
pub(super) fn split_long_edges(network: &Network, ranks: &[u32], shared: bool) -> Ranked {
    let mut ranked = Ranked { items: ranks.len(), rank: ranks.to_vec(), shared, ..Ranked::default() };
    for (h, hyperedge) in network.hyperedges.iter().enumerate() {
        let h = h as u32;
        let first = ranks[hyperedge.from as usize];
        if !shared {
            for (e, end) in hyperedge.ends.iter().enumerate() {
                let upper = ranked.bends(h, hyperedge.from, first + 1..ranks[end.to as usize]);
                ranked.links.push(Link { upper, lower: end.to, hyperedge: h, end: Some(e as u32) });
            }
            continue;
        }
        let last = hyperedge.ends.iter().map(|end| ranks[end.to as usize]).max().unwrap_or(first + 1);
        // bends[i] stands in rank first + 1 + i
        let bends = ranked.rank.len() as u32;
        ranked.bends(h, hyperedge.from, first + 1..last);
        for (e, end) in hyperedge.ends.iter().enumerate() {
            let rank = ranks[end.to as usize];
            let upper = if rank == first + 1 { hyperedge.from } else { bends + (rank - first - 2) };
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
