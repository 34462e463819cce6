//! Which scale belongs to which element.

use crate::eval::elements::count;
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Failure};
use crate::files::arrays::Array;

/// Which scale belongs to which element of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scales {
    /// One for all.
    One,
    /// One for each position along an axis.
    Axis(Lanes),
    /// One for each block of positions along an axis, in each lane.
    Blocks { lanes: Lanes, block: usize, blocks: usize },
}

/// A row of elements, and where its scales begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The first element.
    pub(super) at: usize,
    /// The number of elements.
    pub(super) n: usize,
    /// The scale of the first element.
    pub(super) scale: usize,
    /// 1 where each element has the next scale, 0 where all have the same.
    pub(super) step: usize,
}

impl Scales {
    /// As a call of `QuantizeLinear` or `DequantizeLinear` says.
    pub(super) fn of(call: &Call<'_>, x: &Array, scale: &Array) -> Result<Scales, Failure> {
        let (block, scales) = (call.int("block_size", 0)?, count(&scale.dims)?);
        let rank = x.dims.len();
        if scales == 1 && (scale.dims.len() < 2 && block == 0) {
            return Ok(Scales::One);
        }
        let axis = Call::axis(call.int("axis", 1)?, rank)?;
        let lanes = Lanes::along(&x.dims, axis)?;
        if block == 0 {
            return match scale.dims.as_slice() {
                [n] if *n == x.dims[axis] => Ok(Scales::Axis(lanes)),
                _ => {
                    Failure::invalid(format!("the scales are not one for each of {} positions", x.dims[axis]))
                }
            };
        }
        let Some(block) = usize::try_from(block).ok().filter(|&block| block > 0) else {
            return Failure::invalid(format!("block_size is {block}"));
        };
        let blocks = lanes.n.div_ceil(block);
        let mut wanted = x.dims.clone();
        wanted[axis] = blocks as i64;
        if scale.dims != wanted {
            return Failure::invalid("the scales are not one for each block");
        }
        Ok(Scales::Blocks { lanes, block, blocks })
    }

    /// Calls `each` for rows that cover all elements in order.
    pub(super) fn rows(self, total: usize, mut each: impl FnMut(Row)) {
        match self {
            _ if total == 0 => {}
            Scales::One => each(Row { at: 0, n: total, scale: 0, step: 0 }),
            Scales::Axis(Lanes { n, inner: 1, .. }) => {
                (0..total / n).for_each(|o| each(Row { at: o * n, n, scale: 0, step: 1 }));
            }
            Scales::Axis(Lanes { n, inner, .. }) => {
                let rows =
                    (0..total / inner).map(|row| Row { at: row * inner, n: inner, scale: row % n, step: 0 });
                rows.for_each(each);
            }
            Scales::Blocks { lanes: Lanes { n, inner, .. }, block, blocks } => {
                for row in 0..total / inner {
                    let scale = (row / n * blocks + row % n / block) * inner;
                    each(Row { at: row * inner, n: inner, scale, step: 1 });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_block_has_its_scale() {
        let lanes = Lanes::along(&[2, 3], 1).unwrap();
        let mut seen = Vec::new();
        Scales::Blocks { lanes, block: 2, blocks: 2 }.rows(6, |row| seen.push(row.scale));
        assert_eq!(seen, [0, 0, 1, 2, 2, 3]);
    }
}
