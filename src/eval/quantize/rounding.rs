//! Real numbers as integers of a few bits: rounded half to even, and kept inside.

use crate::eval::Failure;
use crate::eval::elements::{Element, dispatch, of, view};
use crate::eval::elementwise::number::Number;
use crate::files::arrays::Array;
use crate::model::DType;

/// An integer type that numbers are quantised to.
pub(super) trait Narrow: Number {
    /// The least and the greatest one.
    const RANGE: (f32, f32);

    /// What fits.
    fn narrow(x: f32) -> Self;
}

macro_rules! narrow {
    ($($ty:ty),*) => {
        $(impl Narrow for $ty {
            const RANGE: (f32, f32) = (<$ty>::MIN as f32, <$ty>::MAX as f32);

            fn narrow(x: f32) -> Self {
                x as i32 as $ty
            }
        })*
    };
}
narrow!(i8, u8, i16, u16);

/// To this all integers are apart by one, so that adding it rounds.
const ROUNDS: f32 = 12_582_912.0;

/// The nearest integer, the even one of two; of what is far outside of 16 bits, another one that
/// is also far outside.
pub(super) fn nearest(x: f32) -> f32 {
    const FAR: f32 = 1_048_576.0;
    (x.clamp(-FAR, FAR) + ROUNDS) - ROUNDS
}

/// The nearest integer plus a zero point, kept inside the type. NaN gives anything.
pub(super) fn quantized<T: Narrow>(x: f32, zero: f32) -> T {
    let (least, greatest) = T::RANGE;
    T::narrow((nearest(x) + zero).clamp(least, greatest))
}

/// The only element of an operand, as an f32.
pub(super) fn single(array: &Array, what: &str) -> Result<f32, Failure> {
    match list(array)?.as_slice() {
        [x] => Ok(*x),
        list => Failure::invalid(format!("{what} has {} elements, not one", list.len())),
    }
}

/// The elements of an operand as f32s.
pub(super) fn list(array: &Array) -> Result<Vec<f32>, Failure> {
    dispatch!(array.dtype, numbers, T => Ok(view::<T>(array)?.iter().map(|x| x.to_f32()).collect()))
}

/// Each number divided by a scale and quantised to `dtype`.
pub(super) fn requantized(
    dtype: DType,
    dims: Vec<i64>,
    numbers: impl Iterator<Item = f32>,
    (scale, zero): (f32, f32),
) -> Result<Array, Failure> {
    fn all<T: Narrow + Element>(
        dims: Vec<i64>,
        numbers: impl Iterator<Item = f32>,
        (scale, zero): (f32, f32),
    ) -> Result<Array, Failure> {
        let mut out = crate::eval::elements::room(numbers.size_hint().0)?;
        let mut nan = false;
        out.extend(numbers.map(|x| {
            let x = x / scale;
            nan |= x.is_nan();
            quantized::<T>(x, zero)
        }));
        if nan {
            return Failure::unsupported("NaN is quantised");
        }
        Ok(of(dims, out))
    }
    dispatch!(dtype, [I8 i8, U8 u8, I16 i16, U16 u16], T => all::<T>(dims, numbers, (scale, zero)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour_and_what_is_outside_to_the_end() {
        let all = [0.5, 1.5, 2.5, -0.5, -1.5, 300.0, -1e30, f32::INFINITY];
        let quantized: Vec<i8> = all.iter().map(|&x| quantized(x, 0.0)).collect();
        assert_eq!(quantized, [0, 2, 2, 0, -2, 127, -128, 127]);
        assert_eq!(super::quantized::<u16>(65_534.5, 0.0), 65_534);
        assert_eq!(super::quantized::<u8>(0.5, 1.0), 1);
    }
}
