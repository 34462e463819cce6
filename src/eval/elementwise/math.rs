//! Functions of real numbers, the same bits on every machine.

use std::borrow::Cow;
use std::ops::{Add, Div, Mul, Neg, Sub};

use half::{bf16, f16};

use super::number::Number;
use crate::eval::Failure;
use crate::eval::elements::{Element, of, room, view};
use crate::files::arrays::Array;
use crate::model::DType;

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
    fn rint(self) -> Self;
    fn sin(self) -> Self;
    fn sinh(self) -> Self;
    fn sqrt(self) -> Self;
    fn tan(self) -> Self;
    fn tanh(self) -> Self;
}

macro_rules! functions {
    ($ty:ty, $($name:ident $by:ident),*) => {
        impl Real for $ty {
            fn real(x: f64) -> Self {
                x as $ty
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
functions!(f32, acos acosf, acosh acoshf, asin asinf, asinh asinhf, atan atanf, atanh atanhf, cos cosf, cosh coshf,
    erf erff, exp expf, expm1 expm1f, log logf, log1p log1pf, sin sinf, sinh sinhf, tan tanf, tanh tanhf);
functions!(f64, acos acos, acosh acosh, asin asin, asinh asinh, atan atan, atanh atanh, cos cos, cosh cosh,
    erf erf, exp exp, expm1 expm1, log log, log1p log1p, sin sin, sinh sinh, tan tan, tanh tanh);

/// Each element by a function.
pub(in crate::eval) fn map<A: Element, B: Element>(
    array: &Array,
    f: impl Fn(A) -> B,
) -> Result<Array, Failure> {
    let elements = view::<A>(array)?;
    let mut out = room(elements.len())?;
    out.extend(elements.iter().map(|&x| f(x)));
    Ok(of(array.dims.clone(), out))
}

/// The numbers of an array of floats; without a copy where they are of this type.
pub(in crate::eval) fn load<R: Real>(array: &Array) -> Result<Cow<'_, [R]>, Failure> {
    fn converted<S: Number, R: Real>(array: &Array) -> Result<Cow<'_, [R]>, Failure> {
        let elements = view::<S>(array)?;
        let mut out = room(elements.len())?;
        out.extend(elements.iter().map(|&x| R::of(x).unwrap_or_default()));
        Ok(Cow::Owned(out))
    }
    match array.dtype {
        dtype if dtype == R::DTYPE => view(array),
        DType::F32 => converted::<f32, R>(array),
        DType::F64 => converted::<f64, R>(array),
        DType::F16 => converted::<f16, R>(array),
        DType::BF16 => converted::<bf16, R>(array),
        other => Failure::unsupported(format!("{other} has no definition here")),
    }
}

/// An array of floats of these numbers, rounded.
pub(in crate::eval) fn store<R: Real>(
    dtype: DType,
    dims: Vec<i64>,
    numbers: Vec<R>,
) -> Result<Array, Failure> {
    fn converted<R: Real, T: Number>(numbers: &[R]) -> Result<Vec<T>, Failure> {
        let mut out = room(numbers.len())?;
        out.extend(numbers.iter().map(|&x| T::of(x).unwrap_or_default()));
        Ok(out)
    }
    Ok(match dtype {
        dtype if dtype == R::DTYPE => of(dims, numbers),
        DType::F32 => of(dims, converted::<R, f32>(&numbers)?),
        DType::F64 => of(dims, converted::<R, f64>(&numbers)?),
        DType::F16 => of(dims, converted::<R, f16>(&numbers)?),
        DType::BF16 => of(dims, converted::<R, bf16>(&numbers)?),
        other => return Failure::unsupported(format!("{other} has no definition here")),
    })
}

/// Runs `$body` with `$r` as f64 for that type, as f32 for the other floats.
macro_rules! real {
    ($dtype:expr, $r:ident => $body:expr) => {
        match $dtype {
            crate::model::DType::F64 => {
                type $r = f64;
                $body
            }
            crate::model::DType::F32 | crate::model::DType::F16 | crate::model::DType::BF16 => {
                type $r = f32;
                $body
            }
            other => $crate::eval::Failure::unsupported(format!("{other} has no definition here")),
        }
    };
}
pub(in crate::eval) use real;

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
