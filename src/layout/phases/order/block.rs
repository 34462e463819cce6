//! Neighbouring ranks that are ordered on their own, in local numbers.

use crate::layout::csr::Csr;

/// Ranks of vertices, numbered from 0 on rank by rank, and the links between
/// neighbouring ranks.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The first vertex of each rank, and one past the last vertex.
    starts: Vec<u32>,
    links: Vec<(u32, u32)>,
    /// Lower neighbours of each vertex, and upper ones.
    pub(super) down: Csr,
    pub(super) up: Csr,
    /// Whether a vertex is a bend.
    pub(super) bend: Vec<bool>,
    /// The rank of each vertex.
    pub(super) rank: Vec<u32>,
}

impl Block {
    /// Ranks of the given widths, and links from upper to lower vertices.
    pub(super) fn new(widths: &[u32], links: Vec<(u32, u32)>, bend: Vec<bool>) -> Self {
        let mut starts = vec![0];
        for width in widths {
            starts.push(starts[starts.len() - 1] + width);
        }
        let n = *starts.last().expect("there is a first") as usize;
        let down = Csr::build(n, links.iter().copied());
        let up = Csr::build(n, links.iter().map(|&(u, l)| (l, u)));
        let rank = widths.iter().enumerate().flat_map(|(r, &w)| std::iter::repeat_n(r as u32, w as usize));
        Block { starts, links, down, up, bend, rank: rank.collect() }
    }

    /// The number of vertices and links.
    pub(super) fn size(&self) -> usize {
        self.rank.len() + self.links.len()
    }

    /// The number of vertices.
    pub(super) fn vertices(&self) -> usize {
        self.rank.len()
    }

    /// The number of ranks.
    pub(super) fn height(&self) -> usize {
        self.starts.len() - 1
    }

    /// Two blocks with one key are equal.
    pub(super) fn key(&self) -> Vec<u32> {
        let mut key = Vec::with_capacity(self.starts.len() + 2 * self.links.len() + 1);
        key.push(self.starts.len() as u32);
        key.extend(&self.starts);
        for &(upper, lower) in &self.links {
            key.extend([upper, lower]);
        }
        key.extend(self.bend.iter().map(|&b| u32::from(b)));
        key
    }

    /// The neighbours of each vertex at one side.
    pub(super) fn neighbours(&self, side: Side) -> &Csr {
        match side {
            Side::Above => &self.up,
            Side::Below => &self.down,
        }
    }

    /// The order in which the vertices are numbered.
    pub(super) fn as_numbered(&self) -> Vec<Vec<u32>> {
        self.starts.windows(2).map(|w| (w[0]..w[1]).collect()).collect()
    }
}

/// One of the two neighbouring ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

impl Side {
    pub(super) fn opposite(self) -> Side {
        match self {
            Side::Above => Side::Below,
            Side::Below => Side::Above,
        }
    }
}

/// The position in its rank of each of `vertices` vertices.
pub(super) fn positions(orders: &[Vec<u32>], vertices: usize) -> Vec<u32> {
    let mut pos = vec![0; vertices];
    orders.iter().for_each(|rank| set_positions(rank, &mut pos));
    pos
}

/// Sets the positions of the vertices of a rank.
pub(super) fn set_positions(rank: &[u32], pos: &mut [u32]) {
    for (i, &vertex) in rank.iter().enumerate() {
        pos[vertex as usize] = i as u32;
    }
}
