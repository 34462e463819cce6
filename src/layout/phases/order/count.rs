//! Counts crossings: of a whole order, and of two neighbours.

use super::block::Block;

/// A Fenwick tree over positions.
#[derive(Default)]
pub(super) struct Fenwick {
    sums: Vec<u32>,
}

impl Fenwick {
    fn reset(&mut self, n: usize) {
        self.sums.clear();
        self.sums.resize(n + 1, 0);
    }

    fn add(&mut self, at: u32) {
        let mut i = at as usize + 1;
        while i < self.sums.len() {
            self.sums[i] += 1;
            i += i & i.wrapping_neg();
        }
    }

    /// How many were added at positions up to `at`.
    fn up_to(&self, at: u32) -> u32 {
        let mut i = at as usize + 1;
        let mut sum = 0;
        while i > 0 {
            sum += self.sums[i];
            i -= i & i.wrapping_neg();
        }
        sum
    }
}

/// The number of pairs of links that cross below `rank`, for the order `upper` of
/// that rank and the positions `pos` of all vertices.
///
/// W. Barth, M. Jünger, P. Mutzel, "Simple and efficient bilayer cross counting",
/// GD 2002: O(links · log width).
pub(super) fn crossings_below(
    block: &Block,
    upper: &[u32],
    width: usize,
    pos: &[u32],
    tree: &mut Fenwick,
) -> u64 {
    tree.reset(width);
    let mut count = 0u64;
    let mut added = 0u32;
    let mut ends: Vec<u32> = Vec::new();
    for &vertex in upper {
        ends.clear();
        ends.extend(block.down.of(vertex).iter().map(|&v| pos[v as usize]));
        // Links of one vertex do not cross each other, so count before adding.
        for &at in &ends {
            count += u64::from(added - tree.up_to(at));
        }
        for &at in &ends {
            tree.add(at);
            added += 1;
        }
    }
    count
}

/// The number of crossings of a whole order.
pub(super) fn crossings(block: &Block, orders: &[Vec<u32>], pos: &[u32]) -> u64 {
    let mut tree = Fenwick::default();
    orders.windows(2).map(|w| crossings_below(block, &w[0], w[1].len(), pos, &mut tree)).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_pairs_in_opposite_order() {
        let block = Block::new(&[3, 3], vec![(0, 5), (1, 4), (2, 3), (2, 5)], vec![false; 6]);
        let orders = block.as_numbered();
        let pos = [0, 1, 2, 0, 1, 2];
        assert_eq!(crossings(&block, &orders, &pos), 3);
    }
}
