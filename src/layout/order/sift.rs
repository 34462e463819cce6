//! Polishes an order: each trunk, and each item, is tried at every position.
//!
//! Sweeps move one vertex of one rank at a time, and so never carry a long line
//! from one side of a block to the other: every single step is a loss. Here the
//! unit is a *strand*: an item, or a hyperedge's whole run of bends, which is
//! moved past its neighbours in all its ranks at once (C. Bachmaier, F. Brandenburg,
//! W. Brunner, F. Hübner, "Global k-level crossing reduction", JGAA 15(5), 2011).

use super::block::Block;
use super::sweep::{Lists, set_positions};

/// Moves strands wherever that removes crossings, until nothing does or the
/// budget is spent. Never makes an order worse.
pub(super) fn sift(block: &Block, orders: &mut [Vec<u32>]) {
    let mut budget: i64 = 4_000_000;
    let mut pos = vec![0; block.vertices()];
    orders.iter().for_each(|rank| set_positions(rank, &mut pos));
    let strands = strands(block);
    let mut lists = Lists::default();
    for _ in 0..12 {
        let mut gained = false;
        for strand in &strands {
            for leftwards in [true, false] {
                gained |= slide(block, orders, &mut pos, strand, leftwards, &mut lists, &mut budget);
            }
            if budget < 0 {
                return;
            }
        }
        if !gained {
            return;
        }
    }
}

/// Runs of bends joined by links, and single items; each from above to below.
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

/// Slides a strand to one side as far as it goes, keeps the best place on the way.
///
/// In each step the vertices of the strand each pass one neighbour, where they
/// have one; the crossings change by those between the two.
fn slide(
    block: &Block,
    orders: &mut [Vec<u32>],
    pos: &mut [u32],
    strand: &[u32],
    leftwards: bool,
    lists: &mut Lists,
    budget: &mut i64,
) -> bool {
    let mut moves: Vec<u32> = Vec::new();
    let mut gain = 0i64;
    let mut best = (0i64, 0usize);
    loop {
        let before = moves.len();
        for &vertex in strand {
            let rank = &mut orders[block.rank[vertex as usize] as usize];
            let i = pos[vertex as usize] as usize;
            if if leftwards { i == 0 } else { i + 1 == rank.len() } {
                continue;
            }
            let j = if leftwards { i - 1 } else { i + 1 };
            let other = rank[j];
            let (left, right) = if leftwards { (other, vertex) } else { (vertex, other) };
            let now = lists.cross(block, left, right, pos) as i64;
            gain += now - lists.cross_swapped() as i64;
            *budget -= 4 + (block.up.of(other).len() + block.down.of(other).len()) as i64;
            rank.swap(i, j);
            pos[vertex as usize] = j as u32;
            pos[other as usize] = i as u32;
            moves.push(vertex);
        }
        if moves.len() == before {
            break;
        }
        if gain > best.0 {
            best = (gain, moves.len());
        }
        if *budget < 0 {
            break;
        }
    }
    for &vertex in moves[best.1..].iter().rev() {
        let rank = &mut orders[block.rank[vertex as usize] as usize];
        let i = pos[vertex as usize] as usize;
        let j = if leftwards { i + 1 } else { i - 1 };
        let other = rank[j];
        rank.swap(i, j);
        pos[vertex as usize] = j as u32;
        pos[other as usize] = i as u32;
    }
    best.0 > 0
}
