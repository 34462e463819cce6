//! Ordering by sweeps from several starts, then polishing.
//!
//! Barycenters from the rank above, then from the rank below, and so on, with
//! exchanges of neighbours after each sweep (Sugiyama, Tagawa, Toda 1981; Gansner
//! et al. 1993, section 3). The best of several starts is polished by sifting.

use super::block::{Block, Side, positions, set_positions};
use super::count::{Lists, crossings};
use super::sift;

/// Orders a block with few crossings.
pub(super) fn solve(block: &Block) -> Vec<Vec<u32>> {
    if block.height() < 2 {
        return block.as_numbered();
    }
    let mut best: Option<(u64, State<'_>)> = None;
    let small = block.size() < SMALL;
    for start in 0..starts(block) {
        let mut state = State::new(block, start_order(block, start));
        state.sweep();
        if small && state.crossings > 0 {
            state.sift();
        }
        if best.as_ref().is_none_or(|(least, _)| state.crossings < *least) {
            best = Some((state.crossings, state));
        }
        if best.as_ref().is_some_and(|(least, _)| *least == 0) {
            break;
        }
    }
    let (_, mut state) = best.expect("there is at least one start");
    if !small && state.crossings > 0 {
        state.sift();
    }
    state.orders
}

/// Blocks below this size are polished from every start.
const SMALL: usize = 600;

/// More starts for small blocks, where they cost nothing.
fn starts(block: &Block) -> usize {
    match block.size() {
        0..SMALL => 32,
        SMALL..2_000 => 12,
        2_000..20_000 => 6,
        _ => 3,
    }
}

/// Depth-first from above in operand order and from below, their mirror images, then
/// random orders.
fn start_order(block: &Block, start: usize) -> Vec<Vec<u32>> {
    match start {
        0 => depth_first(block, Side::Above),
        1 => depth_first(block, Side::Below),
        2 => mirrored(depth_first(block, Side::Above)),
        3 => mirrored(depth_first(block, Side::Below)),
        _ => shuffled(block, start as u64),
    }
}

/// The order in which a depth-first search from one side finds the vertices.
fn depth_first(block: &Block, from: Side) -> Vec<Vec<u32>> {
    let n = block.vertices() as u32;
    let mut orders = vec![Vec::new(); block.height()];
    let mut seen = vec![false; n as usize];
    let mut stack: Vec<u32> = Vec::new();
    let (back, next) = (block.neighbours(from), block.neighbours(from.opposite()));
    let mut roots: Vec<u32> = match from {
        Side::Above => (0..n).collect(),
        Side::Below => (0..n).rev().collect(),
    };
    // The search begins where nothing leads to.
    roots.sort_by_key(|&v| !back.of(v).is_empty());
    for root in roots {
        stack.push(root);
        while let Some(vertex) = stack.pop() {
            if std::mem::replace(&mut seen[vertex as usize], true) {
                continue;
            }
            orders[block.rank[vertex as usize] as usize].push(vertex);
            // Boxes first, so that lines which skip them stand at their right.
            for bends in [true, false] {
                let these = |&&v: &&u32| !seen[v as usize] && block.bend[v as usize] == bends;
                stack.extend(next.of(vertex).iter().rev().filter(these));
            }
        }
    }
    orders
}

fn mirrored(mut orders: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    orders.iter_mut().for_each(|rank| rank.reverse());
    orders
}

fn shuffled(block: &Block, seed: u64) -> Vec<Vec<u32>> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64.wrapping_mul(seed + 1);
    let mut orders = block.as_numbered();
    for rank in &mut orders {
        for i in (1..rank.len()).rev() {
            // xorshift64
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            rank.swap(i, (state % (i as u64 + 1)) as usize);
        }
    }
    orders
}

/// What becomes of vertices with equal barycenters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ties {
    /// They keep their order.
    Keep,
    /// They stand in the reverse order.
    Reverse,
}

struct State<'a> {
    block: &'a Block,
    orders: Vec<Vec<u32>>,
    pos: Vec<u32>,
    crossings: u64,
}

impl<'a> State<'a> {
    fn new(block: &'a Block, orders: Vec<Vec<u32>>) -> Self {
        let pos = positions(&orders, block.vertices());
        let crossings = crossings(block, &orders, &pos);
        State { block, orders, pos, crossings }
    }

    /// Sweeps until several in a row have gained nothing; keeps the best.
    fn sweep(&mut self) {
        const PATIENCE: u32 = 4;
        // Linear in all, however slowly a large block gets better.
        let limit = (2_000_000 / self.block.size().max(1)).clamp(4, 60);
        let mut best = self.orders.clone();
        let mut least = self.crossings;
        let mut idle = 0;
        for round in 0..limit {
            if least == 0 || idle == PATIENCE {
                break;
            }
            let height = self.orders.len();
            let ties = if round % 4 < 2 { Ties::Keep } else { Ties::Reverse };
            if round % 2 == 0 {
                (1..height).for_each(|r| self.by_barycenter(r, Side::Above, ties));
            } else {
                (0..height - 1).rev().for_each(|r| self.by_barycenter(r, Side::Below, ties));
            }
            self.exchange_neighbours();
            self.crossings = crossings(self.block, &self.orders, &self.pos);
            if self.crossings < least {
                least = self.crossings;
                best.clone_from(&self.orders);
                idle = 0;
            } else {
                idle += 1;
            }
        }
        self.orders = best;
        self.orders.iter().for_each(|rank| set_positions(rank, &mut self.pos));
        self.crossings = least;
    }

    /// Moves whole strands, and counts anew.
    fn sift(&mut self) {
        sift::sift(self.block, &mut self.orders);
        self.orders.iter().for_each(|rank| set_positions(rank, &mut self.pos));
        self.crossings = crossings(self.block, &self.orders, &self.pos);
    }

    /// Sorts a rank by the mean position of its neighbours at one side.
    fn by_barycenter(&mut self, r: usize, side: Side, ties: Ties) {
        let csr = self.block.neighbours(side);
        let rank = &mut self.orders[r];
        let mut keyed: Vec<(f64, u32)> = Vec::with_capacity(rank.len());
        // A vertex without neighbours stays beside its left one.
        let mut last = -1.0;
        for &vertex in rank.iter() {
            let neighbours = csr.of(vertex);
            if !neighbours.is_empty() {
                let sum: u64 = neighbours.iter().map(|&v| u64::from(self.pos[v as usize])).sum();
                last = sum as f64 / neighbours.len() as f64;
            }
            keyed.push((last, vertex));
        }
        if ties == Ties::Reverse {
            keyed.reverse();
        }
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        rank.clear();
        rank.extend(keyed.into_iter().map(|(_, v)| v));
        set_positions(rank, &mut self.pos);
    }

    /// Exchanges neighbours wherever that removes crossings, until nothing does.
    fn exchange_neighbours(&mut self) {
        let height = self.orders.len();
        let mut dirty = vec![true; height];
        let mut lists = Lists::default();
        for _ in 0..16 {
            let mut any = false;
            for r in 0..height {
                if !std::mem::take(&mut dirty[r]) {
                    continue;
                }
                let mut changed = false;
                for i in 1..self.orders[r].len() {
                    let (a, b) = (self.orders[r][i - 1], self.orders[r][i]);
                    let now = lists.cross(self.block, a, b, &self.pos);
                    if now == 0 {
                        continue;
                    }
                    if lists.cross_swapped() < now {
                        self.orders[r].swap(i - 1, i);
                        self.pos[a as usize] = i as u32;
                        self.pos[b as usize] = i as u32 - 1;
                        changed = true;
                    }
                }
                if changed {
                    any = true;
                    dirty[r.saturating_sub(1)..(r + 2).min(height)].fill(true);
                }
            }
            if !any {
                break;
            }
        }
    }
}
