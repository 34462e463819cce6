//! What becomes of an element and its update.

use half::{bf16, f16};

use crate::eval::elements::{Element, count, dispatch, of, view};
use crate::eval::shape::moving::Blocks;
use crate::eval::{Call, Failure};
use crate::files::arrays::Array;

/// What becomes of an element and its update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reduction {
    None,
    Add,
    Mul,
    Max,
    Min,
}

impl Reduction {
    /// The attribute `reduction`: add and mul since version 16, max and min since 18.
    pub(super) fn of(call: &Call<'_>) -> Result<Reduction, Failure> {
        Ok(match (call.text("reduction", "none")?.as_str(), call.opset) {
            ("none", _) => Reduction::None,
            ("add", 16..) => Reduction::Add,
            ("mul", 16..) => Reduction::Mul,
            ("max", 18..) => Reduction::Max,
            ("min", 18..) => Reduction::Min,
            (other, opset) => return Failure::invalid(format!("the reduction {other:?} of version {opset}")),
        })
    }
}

/// A number of an operator's sums and products.
trait Number: Element {
    fn sum(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
}

macro_rules! numbers {
    ($($ty:ty: $a:ident, $b:ident => $sum:expr, $times:expr;)*) => {
        $(impl Number for $ty {
            fn sum(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $sum
            }

            fn times(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $times
            }
        })*
    };
}
numbers! {
    f32: a, b => a + b, a * b;
    f64: a, b => a + b, a * b;
    f16: a, b => f16::from_f32(a.to_f32() + b.to_f32()), f16::from_f32(a.to_f32() * b.to_f32());
    bf16: a, b => bf16::from_f32(a.to_f32() + b.to_f32()), bf16::from_f32(a.to_f32() * b.to_f32());
    i8: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    i16: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    i32: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    i64: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    u8: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    u16: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    u32: a, b => a.wrapping_add(b), a.wrapping_mul(b);
    u64: a, b => a.wrapping_add(b), a.wrapping_mul(b);
}

/// Data with blocks of updates reduced into it, in order.
pub(super) fn reduced(
    data: &Array,
    updates: &Array,
    blocks: &Blocks,
    how: Reduction,
) -> Result<Array, Failure> {
    dispatch!(data.dtype, numbers, T => typed::<T>(data, updates, blocks, how))
}

fn typed<T: Number>(
    data: &Array,
    updates: &Array,
    blocks: &Blocks,
    how: Reduction,
) -> Result<Array, Failure> {
    let (old, new) = (view::<T>(data)?, view::<T>(updates)?);
    let numbers = |x: &T| x.partial_cmp(x).is_some();
    if matches!(how, Reduction::Max | Reduction::Min) && !(old.iter().all(numbers) && new.iter().all(numbers))
    {
        return Failure::unsupported("the greater of a number and NaN differs between runtimes");
    }
    let reduce: fn(T, T) -> T = match how {
        Reduction::None => |_, b| b,
        Reduction::Add => T::sum,
        Reduction::Mul => T::times,
        Reduction::Max => |a, b| if b > a { b } else { a },
        Reduction::Min => |a, b| if b < a { b } else { a },
    };
    let mut made = old.into_owned();
    debug_assert_eq!(Ok(made.len()), count(&data.dims));
    for (&number, new) in blocks.numbers.iter().zip(new.chunks_exact(blocks.block.max(1))) {
        let at = number.saturating_mul(blocks.block);
        let Some(place) = made.get_mut(at..at.saturating_add(blocks.block)) else {
            return Failure::invalid("an update outside of the data");
        };
        for (old, &new) in place.iter_mut().zip(new) {
            *old = reduce(*old, new);
        }
    }
    Ok(of(data.dims.clone(), made))
}
