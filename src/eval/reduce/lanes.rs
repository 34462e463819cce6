//! The lanes along an axis: elements that differ only in their position there.

use crate::eval::Failure;
use crate::eval::elements::count;

/// The lanes along an axis of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) struct Lanes {
    /// The number of blocks that follow each other.
    pub(in crate::eval) outer: usize,
    /// The length of a lane.
    pub(in crate::eval) n: usize,
    /// The number of lanes in a block, and the distance between neighbours in a lane.
    pub(in crate::eval) inner: usize,
}

impl Lanes {
    /// Along one axis.
    pub(in crate::eval) fn along(dims: &[i64], axis: usize) -> Result<Lanes, Failure> {
        Lanes::between(dims, axis, axis + 1)
    }

    /// Along the axes from `axis` to the last one together.
    pub(in crate::eval) fn from(dims: &[i64], axis: usize) -> Result<Lanes, Failure> {
        Lanes::between(dims, axis, dims.len())
    }

    fn between(dims: &[i64], from: usize, to: usize) -> Result<Lanes, Failure> {
        count(dims)?;
        Ok(Lanes { outer: count(&dims[..from])?, n: count(&dims[from..to])?, inner: count(&dims[to..])? })
    }

    /// Calls `each` with the position of the first element of each lane, in order.
    pub(in crate::eval) fn starts(self) -> impl Iterator<Item = usize> {
        let block = self.n.saturating_mul(self.inner);
        let outer = if block == 0 && self.inner == 0 { 0 } else { self.outer };
        (0..outer).flat_map(move |o| (0..self.inner).map(move |i| o * block + i))
    }

    /// The positions of a lane's elements.
    pub(in crate::eval) fn of(
        self,
        start: usize,
    ) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        (0..self.n).map(move |at| start + at * self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_element_is_in_one_lane() {
        let lanes = Lanes::along(&[2, 3, 2], 1).unwrap();
        let all: Vec<Vec<usize>> = lanes.starts().map(|start| lanes.of(start).collect()).collect();
        assert_eq!(all, [[0, 2, 4], [1, 3, 5], [6, 8, 10], [7, 9, 11]]);
    }
}
