//! Polishes an order: each trunk, and each item, is tried at every position.
//!
//! Sweeps move one vertex of one rank at a time, and so never carry a long line
//! from one side of a block to the other: every single step is a loss. Here the
//! unit is a *strand*: an item, or a hyperedge's whole run of bends, which is
//! moved past its neighbours in all its ranks at once (C. Bachmaier, F. Brandenburg,
//! W. Brunner, F. Hübner, "Global k-level crossing reduction", JGAA 15(5), 2011).

use super::block::{Block, positions};
use super::count::Lists;

/// Moves strands wherever that removes crossings, until nothing does or the
/// budget is spent. Never makes an order worse.
pub(super) fn sift(block: &Block, orders: &mut [Vec<u32>]) {
    let pos = positions(orders, block.vertices());
    let mut sifter = Sifter { block, orders, pos, lists: Lists::default(), budget: 4_000_000 };
    let strands = strands(block);
    for _ in 0..12 {
        let mut gained = false;
        for strand in &strands {
            for way in [Way::Left, Way::Right] {
                gained |= sifter.slide(strand, way);
            }
            if sifter.budget < 0 {
                return;
            }
        }
        if !gained {
            return;
        }
    }
}

/// Runs of bends joined by links, and single items; each from top to bottom.
fn strands(block: &Block) -> Vec<Vec<u32>> {
    let n = block.vertices() as u32;
    let mut strands = Vec::new();
    for vertex in 0..n {
        if !block.bend[vertex as usize] {
            strands.push(vec![vertex]);
            continue;
        }
        let above = block.up.of(vertex).iter().any(|&u| block.bend[u as usize]);
        if above {
            continue;
        }
        let mut strand = vec![vertex];
        let mut at = vertex;
        while let Some(&next) = block.down.of(at).iter().find(|&&l| block.bend[l as usize]) {
            strand.push(next);
            at = next;
        }
        strands.push(strand);
    }
    strands
}

/// To which side a strand slides.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Left,
    Right,
}

impl Way {
    fn back(self) -> Way {
        match self {
            Way::Left => Way::Right,
            Way::Right => Way::Left,
        }
    }
}

struct Sifter<'a> {
    block: &'a Block,
    orders: &'a mut [Vec<u32>],
    pos: Vec<u32>,
    lists: Lists,
    /// What may still be spent, in neighbours that are looked at.
    budget: i64,
}

impl Sifter<'_> {
    /// Slides a strand to one side as far as it goes, keeps the best place on the way;
    /// whether that removed crossings.
    ///
    /// In each step the vertices of the strand each pass one neighbour, where they
    /// have one; the crossings change by those between the two.
    fn slide(&mut self, strand: &[u32], way: Way) -> bool {
        let mut moves: Vec<u32> = Vec::new();
        let mut gain = 0i64;
        let mut best = (0i64, 0usize);
        loop {
            let before = moves.len();
            for &vertex in strand {
                if let Some(other) = self.neighbour(vertex, way) {
                    gain += self.gain(vertex, other, way);
                    self.swap(vertex, other);
                    moves.push(vertex);
                }
            }
            if moves.len() == before {
                break;
            }
            if gain > best.0 {
                best = (gain, moves.len());
            }
            if self.budget < 0 {
                break;
            }
        }
        for &vertex in moves[best.1..].iter().rev() {
            let other = self.neighbour(vertex, way.back()).expect("the vertex came from there");
            self.swap(vertex, other);
        }
        best.0 > 0
    }

    /// The vertex beside another in its rank, if there is one.
    fn neighbour(&self, vertex: u32, way: Way) -> Option<u32> {
        let rank = &self.orders[self.block.rank[vertex as usize] as usize];
        let at = self.pos[vertex as usize] as usize;
        let beside = match way {
            Way::Left => at.checked_sub(1)?,
            Way::Right => at + 1,
        };
        rank.get(beside).copied()
    }

    /// How many crossings go if `vertex` passes `other`, its neighbour.
    fn gain(&mut self, vertex: u32, other: u32, way: Way) -> i64 {
        let (left, right) = match way {
            Way::Left => (other, vertex),
            Way::Right => (vertex, other),
        };
        let now = self.lists.cross(self.block, left, right, &self.pos) as i64;
        self.budget -= 4 + (self.block.up.of(other).len() + self.block.down.of(other).len()) as i64;
        now - self.lists.cross_swapped() as i64
    }

    /// Exchanges two neighbours of a rank.
    fn swap(&mut self, a: u32, b: u32) {
        let (i, j) = (self.pos[a as usize], self.pos[b as usize]);
        self.orders[self.block.rank[a as usize] as usize].swap(i as usize, j as usize);
        self.pos[a as usize] = j;
        self.pos[b as usize] = i;
    }
}
