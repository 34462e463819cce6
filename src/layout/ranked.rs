//! A network in ranks: each link joins vertices of neighbouring ranks.
//!
//! A *vertex* stands for each item, and one *bend* in each rank that a hyperedge
//! passes; the ends of a *shared* hyperedge share its bends, as they share its line in
//! the picture. A *link* joins vertices of neighbouring ranks.

use super::csr::Csr;

/// A network whose every link spans one rank.
#[derive(Clone, Debug, Default)]
pub(super) struct Ranked {
    /// The number of items; vertices from here on are bends.
    pub(super) items: usize,
    /// The rank of each vertex.
    pub(super) rank: Vec<u32>,
    /// The links, in the order of hyperedges. Of a shared one the trunk's are first;
    /// of another those of each end follow each other from top to bottom.
    pub(super) links: Vec<Link>,
    /// Links by their upper and by their lower vertex.
    pub(super) down: Csr,
    pub(super) up: Csr,
    /// Whether the ends of a hyperedge share its bends.
    pub(super) bends: Bends,
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

/// Whose the bends of a hyperedge are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bends {
    /// All its ends have one bend in each rank.
    #[default]
    Shared,
    /// Each end has bends of its own.
    Separate,
}

impl Ranked {
    pub(super) fn is_bend(&self, vertex: u32) -> bool {
        vertex as usize >= self.items
    }

    /// Whether both ends of a link are bends.
    pub(super) fn is_inner(&self, link: &Link) -> bool {
        self.is_bend(link.upper) && self.is_bend(link.lower)
    }

    /// The position of each vertex in its rank.
    pub(super) fn positions(&self) -> Vec<u32> {
        let mut positions = vec![0u32; self.rank.len()];
        for rank in &self.order {
            rank.iter().enumerate().for_each(|(i, &v)| positions[v as usize] = i as u32);
        }
        positions
    }
}
