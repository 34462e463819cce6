//! Ordering by sweeps from several starts, then polishing.
//!
//! Barycenters from the rank above, then from the rank below, and so on, with
//! exchanges of neighbours after each sweep (Sugiyama, Tagawa, Toda 1981; Gansner
//! et al. 1993, section 3). The best of several starts is polished by sifting.

use super::block::Block;
use super::count::crossings;
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

/// Depth-first from above in operand order, its mirror image, depth-first from
/// below, then random orders.
fn start_order(block: &Block, start: usize) -> Vec<Vec<u32>> {
    match start {
        0 => depth_first(block, false, false),
        1 => depth_first(block, true, false),
        2 => depth_first(block, false, true),
        3 => depth_first(block, true, true),
        _ => shuffled(block, start as u64),
    }
}

fn depth_first(block: &Block, from_below: bool, mirrored: bool) -> Vec<Vec<u32>> {
    let n = block.vertices() as u32;
    let mut orders = vec![Vec::new(); block.height()];
    let mut seen = vec![false; n as usize];
    let mut stack: Vec<u32> = Vec::new();
    let next = if from_below { &block.up } else { &block.down };
    let mut roots: Vec<u32> = (0..n).collect();
    if from_below {
        roots.reverse();
    }
    // Where there is something to come from, it is come from there.
    let back = if from_below { &block.down } else { &block.up };
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
    if mirrored {
        orders.iter_mut().for_each(|rank| rank.reverse());
    }
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

struct State<'a> {
    block: &'a Block,
    orders: Vec<Vec<u32>>,
    pos: Vec<u32>,
    crossings: u64,
}

impl<'a> State<'a> {
    fn new(block: &'a Block, orders: Vec<Vec<u32>>) -> Self {
        let mut pos = vec![0; block.vertices()];
        orders.iter().for_each(|rank| set_positions(rank, &mut pos));
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
            if round % 2 == 0 {
                (1..height).for_each(|r| self.by_barycenter(r, true, round % 4 < 2));
            } else {
                (0..height - 1).rev().for_each(|r| self.by_barycenter(r, false, round % 4 < 2));
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

    /// Sorts a rank by the mean position of its neighbours above, or below.
    /// Vertices with equal means keep their order, or swap it.
    fn by_barycenter(&mut self, r: usize, from_above: bool, keep_ties: bool) {
        let csr = if from_above { &self.block.up } else { &self.block.down };
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
        if !keep_ties {
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

pub(super) fn set_positions(rank: &[u32], pos: &mut [u32]) {
    for (i, &vertex) in rank.iter().enumerate() {
        pos[vertex as usize] = i as u32;
    }
}

/// The positions of the neighbours of two vertices of one rank.
#[derive(Default)]
pub(super) struct Lists {
    lists: [Vec<u32>; 4],
}

impl Lists {
    /// Crossings between the links of `a` and of `b` when `a` stands left of `b`.
    pub(super) fn cross(&mut self, block: &Block, a: u32, b: u32, pos: &[u32]) -> u64 {
        let [a_up, b_up, a_down, b_down] = &mut self.lists;
        for (list, neighbours) in [
            (a_up, block.up.of(a)),
            (b_up, block.up.of(b)),
            (a_down, block.down.of(a)),
            (b_down, block.down.of(b)),
        ] {
            list.clear();
            list.extend(neighbours.iter().map(|&v| pos[v as usize]));
            list.sort_unstable();
        }
        inversions(&self.lists[0], &self.lists[1]) + inversions(&self.lists[2], &self.lists[3])
    }

    /// The same for the two of the last call the other way round.
    pub(super) fn cross_swapped(&self) -> u64 {
        inversions(&self.lists[1], &self.lists[0]) + inversions(&self.lists[3], &self.lists[2])
    }
}

/// Pairs of one element of each sorted list, the left one's greater.
fn inversions(left: &[u32], right: &[u32]) -> u64 {
    let mut count = 0;
    let mut smaller = 0;
    for &at in left {
        while smaller < right.len() && right[smaller] < at {
            smaller += 1;
        }
        count += smaller as u64;
    }
    count
}
