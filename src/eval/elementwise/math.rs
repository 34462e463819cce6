//! Functions of real numbers, the same bits on every machine.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::number::Number;
use crate::eval::Failure;
use crate::eval::elements::{of, room, view};
use crate::files::arrays::Array;

/// f32 and f64: what is computed with. Halves are computed as f32.
pub(in crate::eval) trait Real:
    Number
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// A number of an attribute or a formula.
    fn real(x: f64) -> Self;

    fn nan(self) -> bool;
    fn acos(self) -> Self;
    fn acosh(self) -> Self;
    fn asin(self) -> Self;
    fn asinh(self) -> Self;
    fn atan(self) -> Self;
    fn atanh(self) -> Self;
    fn ceil(self) -> Self;
    fn cos(self) -> Self;
    fn cosh(self) -> Self;
    fn erf(self) -> Self;
    fn exp(self) -> Self;
    fn expm1(self) -> Self;
    fn fabs(self) -> Self;
    fn floor(self) -> Self;
    fn fmod(self, by: Self) -> Self;
    fn log(self) -> Self;
    fn log1p(self) -> Self;
    fn pow(self, by: Self) -> Self;
    fn rint(self) -> Self;
    fn sin(self) -> Self;
    fn sinh(self) -> Self;
    fn sqrt(self) -> Self;
    fn tan(self) -> Self;
    fn tanh(self) -> Self;
}

macro_rules! real {
    ($ty:ty, $($name:ident $by:ident),*) => {
        impl Real for $ty {
            fn real(x: f64) -> Self {
                x as $ty
            }

            fn nan(self) -> bool {
                self.is_nan()
            }

            fn ceil(self) -> Self {
                <$ty>::ceil(self)
            }

            fn fabs(self) -> Self {
                <$ty>::abs(self)
            }

            fn floor(self) -> Self {
                <$ty>::floor(self)
            }

            fn fmod(self, by: Self) -> Self {
                self % by
            }

            fn pow(self, by: Self) -> Self {
                libm::pow(f64::from(self), f64::from(by)) as $ty
            }

            fn rint(self) -> Self {
                self.round_ties_even()
            }

            fn sqrt(self) -> Self {
                <$ty>::sqrt(self)
            }

            $(fn $name(self) -> Self {
                libm::$by(self)
            })*
        }
    };
}
real!(f32, acos acosf, acosh acoshf, asin asinf, asinh asinhf, atan atanf, atanh atanhf, cos cosf, cosh coshf,
    erf erff, exp expf, expm1 expm1f, log logf, log1p log1pf, sin sinf, sinh sinhf, tan tanf, tanh tanhf);
real!(f64, acos acos, acosh acosh, asin asin, asinh asinh, atan atan, atanh atanh, cos cos, cosh cosh,
    erf erf, exp exp, expm1 expm1, log log, log1p log1p, sin sin, sinh sinh, tan tan, tanh tanh);

/// Each element by a function.
pub(in crate::eval) fn map<A: super::super::elements::Element, B: super::super::elements::Element>(
    array: &Array,
    f: impl Fn(A) -> B,
) -> Result<Array, Failure> {
    let elements = view::<A>(array)?;
    let mut out = room(elements.len())?;
    out.extend(elements.iter().map(|&x| f(x)));
    Ok(of(array.dims.clone(), out))
}

/// Each element of an array of floats by a function that is generic in [`Real`].
macro_rules! floats {
    ($array:expr, $f:expr) => {
        match $array.dtype {
            crate::model::DType::F32 => $crate::eval::elementwise::math::map::<f32, f32>($array, $f),
            crate::model::DType::F64 => $crate::eval::elementwise::math::map::<f64, f64>($array, $f),
            crate::model::DType::F16 => $crate::eval::elementwise::math::map($array, |x: half::f16| {
                let f = $f;
                half::f16::from_f32(f(x.to_f32()))
            }),
            crate::model::DType::BF16 => $crate::eval::elementwise::math::map($array, |x: half::bf16| {
                let f = $f;
                half::bf16::from_f32(f(x.to_f32()))
            }),
            other => $crate::eval::Failure::unsupported(format!("{other} has no definition here")),
        }
    };
}
pub(in crate::eval) use floats;
