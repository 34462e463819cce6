//! Numbers of all element types, and how one becomes another.

use half::{bf16, f16};

use crate::eval::elements::Element;

/// An element that is a number.
pub(in crate::eval) trait Number: Element {
    /// Whether it is a float.
    const FLOAT: bool;

    /// As an f64; 64-bit integers are rounded.
    fn to_f64(self) -> f64;

    /// As an f32, rounded once.
    fn to_f32(self) -> f32;

    /// As 64 bits, of an integer; `u64` keeps its bits.
    fn to_i64(self) -> i64;

    /// The number of a float, rounded; `None` if an integer cannot hold it.
    fn of_f64(x: f64) -> Option<Self>;

    /// The number of an integer of 64 bits; integers keep the low bits.
    fn of_i64(n: i64) -> Self;

    /// The same number, or the nearest; `None` where an integer cannot hold it.
    fn of<S: Number>(from: S) -> Option<Self>;
}

macro_rules! integers {
    ($($ty:ty),*) => {
        $(impl Number for $ty {
            const FLOAT: bool = false;

            fn to_f64(self) -> f64 {
                self as f64
            }

            fn to_f32(self) -> f32 {
                self as f32
            }

            fn to_i64(self) -> i64 {
                self as i64
            }

            fn of_f64(x: f64) -> Option<Self> {
                // The bounds are exact: 2^63 and 2^64 are f64s, and what is below them fits.
                let inside = x > <$ty>::MIN as f64 - 1.0 && x < <$ty>::MAX as f64 + 1.0;
                (inside || x == <$ty>::MIN as f64).then_some(x as $ty)
            }

            fn of_i64(n: i64) -> Self {
                n as $ty
            }

            fn of<S: Number>(from: S) -> Option<Self> {
                if S::FLOAT { Self::of_f64(from.to_f64()) } else { Some(from.to_i64() as $ty) }
            }
        })*
    };
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

macro_rules! floats {
    ($($ty:ty, $x:ident => $to_f64:expr, $to_f32:expr, $of_f64:expr, $of:ident => $of_number:expr);* $(;)?) => {
        $(impl Number for $ty {
            const FLOAT: bool = true;

            fn to_f64(self) -> f64 {
                let $x = self;
                $to_f64
            }

            fn to_f32(self) -> f32 {
                let $x = self;
                $to_f32
            }

            fn to_i64(self) -> i64 {
                let $x = self;
                $to_f64 as i64
            }

            fn of_f64($x: f64) -> Option<Self> {
                Some($of_f64)
            }

            fn of_i64(n: i64) -> Self {
                let $of = n;
                $of_number
            }

            fn of<S: Number>($of: S) -> Option<Self> {
                Some($of_number)
            }
        })*
    };
}
floats! {
    f64, x => x, x as f32, x, s => s.to_f64();
    f32, x => f64::from(x), x, x as f32, s => s.to_f32();
    f16, x => x.to_f64(), x.to_f32(), f16::from_f64(x), s => f16::from_f64(s.to_f64());
    bf16, x => x.to_f64(), x.to_f32(), bf16::from_f32(x as f32), s => bf16::from_f32(s.to_f32());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_that_an_integer_cannot_hold_is_no_integer() {
        assert_eq!(i8::of_f64(127.9), Some(127));
        assert_eq!(i8::of_f64(-128.9), Some(-128));
        assert_eq!(i8::of_f64(128.0), None);
        assert_eq!(u8::of_f64(-0.5), Some(0));
        assert_eq!(i64::of_f64(9_223_372_036_854_775_808.0), None);
        assert_eq!(i64::of_f64(-9_223_372_036_854_775_808.0), Some(i64::MIN));
        assert_eq!(u64::of_f64(f64::NAN), None);
        assert_eq!(i32::of_f64(f64::INFINITY), None);
    }

    #[test]
    fn integers_keep_their_low_bits() {
        assert_eq!(u8::of(-1i32), Some(255));
        assert_eq!(i64::of(u64::MAX), Some(-1));
        assert_eq!(f32::of(16_777_217i64), Some(16_777_216.0));
    }
}
