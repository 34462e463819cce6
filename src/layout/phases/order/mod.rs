//! Orders the vertices of each rank so that few links cross.
//!
//! Before: vertices stand in the order of their numbers. After: in an order with
//! few crossings; found by sweeps and local search, so not always the fewest.
//!
//! No link can cross another at a rank that holds one vertex, so the ranks
//! between two such are a *block* that can be solved alone. Networks are made of
//! equal blocks: each kind is solved once, which also makes equal blocks look
//! equal. Blocks are independent, so they are solved in parallel.

mod block;
mod count;
mod sift;
mod sweep;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::layout::ranked::Ranked;
use block::{Block, positions};

/// Orders all ranks.
pub(super) fn order_ranks(ranked: &mut Ranked) {
    let blocks = blocks(ranked);
    // Equal blocks have equal keys, whatever their vertices' numbers.
    let mut kinds: Vec<&Block> = Vec::new();
    let mut kind_of: Vec<usize> = Vec::with_capacity(blocks.len());
    let mut number: HashMap<Vec<u32>, usize> = HashMap::new();
    for (block, _) in &blocks {
        let kind = *number.entry(block.key()).or_insert(kinds.len());
        if kind == kinds.len() {
            kinds.push(block);
        }
        kind_of.push(kind);
    }
    let solved = solve_all(&kinds);
    for ((_, vertices), kind) in blocks.iter().zip(kind_of) {
        set_order(ranked, vertices, &solved[kind]);
    }
}

/// Changes the order of the ranks only where that removes crossings.
pub(super) fn improve_order(ranked: &mut Ranked) {
    for (block, vertices) in blocks(ranked) {
        let mut orders = block.as_numbered();
        sift::sift(&block, &mut orders);
        set_order(ranked, &vertices, &orders);
    }
}

/// Gives the ranks of a block the orders that were found in its local numbers.
fn set_order(ranked: &mut Ranked, vertices: &[u32], orders: &[Vec<u32>]) {
    for rank in orders {
        let r = ranked.rank[vertices[rank[0] as usize] as usize] as usize;
        ranked.order[r] = rank.iter().map(|&local| vertices[local as usize]).collect();
    }
}

/// The number of crossings of links.
pub(super) fn crossings(ranked: &Ranked) -> u64 {
    let of_block = |(block, _): &(Block, Vec<u32>)| {
        let orders = block.as_numbered();
        count::crossings(block, &orders, &positions(&orders, block.vertices()))
    };
    blocks(ranked).iter().map(of_block).sum()
}

/// Solves each kind of block, with the threads there are. The result does not
/// depend on their number.
fn solve_all(kinds: &[&Block]) -> Vec<Vec<Vec<u32>>> {
    let work: usize = kinds.iter().map(|b| b.size()).sum();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(kinds.len());
    if threads < 2 || work < 400 {
        return kinds.iter().map(|b| sweep::solve(b)).collect();
    }
    let next = AtomicUsize::new(0);
    let solve_some = || {
        let mut solved = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(block) = kinds.get(i) else { return solved };
            solved.push((i, sweep::solve(block)));
        }
    };
    let mut all: Vec<Vec<Vec<u32>>> = vec![Vec::new(); kinds.len()];
    std::thread::scope(|scope| {
        // This thread does what is left for it: all, where others cannot be had.
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, solve_some).ok();
        let others: Vec<_> = (1..threads).filter_map(spawn).collect();
        let own = solve_some();
        let found = others.into_iter().flat_map(|other| other.join().expect("ordering does not panic"));
        for (i, orders) in found.chain(own) {
            all[i] = orders;
        }
    });
    all
}

/// The blocks, with the vertices that their local numbers stand for; ranks of one vertex
/// that join nothing need no block.
fn blocks(ranked: &Ranked) -> Vec<(Block, Vec<u32>)> {
    let mut blocks = Vec::new();
    let mut local = vec![0u32; ranked.rank.len()];
    let height = ranked.order.len();
    let mut first = 0;
    while first < height {
        let mut last = first + 1;
        while last < height && ranked.order[last].len() > 1 {
            last += 1;
        }
        // Ranks first..=last, where the last one belongs to the next block too.
        let end = (last + 1).min(height);
        if last - first > 1 || ranked.order[first].len() > 1 {
            blocks.push(block(ranked, first, end, &mut local));
        }
        first = last;
    }
    blocks
}

fn block(ranked: &Ranked, first: usize, end: usize, local: &mut [u32]) -> (Block, Vec<u32>) {
    let mut vertices = Vec::new();
    let mut widths = Vec::with_capacity(end - first);
    for rank in &ranked.order[first..end] {
        for &vertex in rank {
            local[vertex as usize] = vertices.len() as u32;
            vertices.push(vertex);
        }
        widths.push(rank.len() as u32);
    }
    let inside =
        vertices.len() - if end - first > 1 { *widths.last().expect("two ranks") as usize } else { 0 };
    let links = vertices[..inside].iter().flat_map(|&v| ranked.down.of(v)).map(|&l| {
        let link = &ranked.links[l as usize];
        (local[link.upper as usize], local[link.lower as usize])
    });
    (Block::new(&widths, links.collect(), vertices.iter().map(|&v| ranked.is_bend(v)).collect()), vertices)
}
