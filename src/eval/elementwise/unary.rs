//! Functions of one number.

use super::math::{Real, floats, map};
use crate::eval::elements::{bools, dispatch, of_bools, view};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// The only result.
pub(super) fn one(array: Array) -> Results {
    Ok(vec![array.into()])
}

macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident => $f:expr),* $(,)?) => {
        $($(#[$doc])*
        pub(super) fn $name(call: &Call<'_>, _: &mut dyn Engine) -> Results {
            let array = call.array(0)?;
            one(floats!(array, $f)?)
        })*
    };
}
functions! {
    acos => Real::acos,
    acosh => acosh_of,
    asin => Real::asin,
    asinh => Real::asinh,
    atan => Real::atan,
    atanh => Real::atanh,
    ceil => Real::ceil,
    cos => Real::cos,
    cosh => Real::cosh,
    erf => Real::erf,
    exp => Real::exp,
    floor => Real::floor,
    log => Real::log,
    reciprocal => reciprocal_of,
    /// Halves go to the even neighbour.
    round => Real::rint,
    sin => Real::sin,
    sinh => Real::sinh,
    sqrt => Real::sqrt,
    tan => Real::tan,
    tanh => Real::tanh,
}

/// The library's function of f32 gives numbers for some that are below 1.
fn acosh_of<T: Real>(x: T) -> T {
    if x < T::real(1.0) { T::real(f64::NAN) } else { x.acosh() }
}

fn reciprocal_of<T: Real>(x: T) -> T {
    T::real(1.0) / x
}

/// The amount; the least integer has none, and stays as it is.
pub(super) fn abs(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(match array.dtype {
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => array.clone(),
        dtype if dtype.is_float() => floats!(array, Real::fabs)?,
        dtype => dispatch!(dtype, [I8 i8, I16 i16, I32 i32, I64 i64], T => map(array, T::wrapping_abs))?,
    })
}

pub(super) fn neg(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    fn negative<T: Real>(x: T) -> T {
        -x
    }
    let array = call.array(0)?;
    one(match array.dtype {
        dtype if dtype.is_float() => floats!(array, negative)?,
        dtype => dispatch!(dtype, [I8 i8, I16 i16, I32 i32, I64 i64], T => map(array, T::wrapping_neg))?,
    })
}

pub(super) fn sign(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    fn sign_of<T: Real>(x: T) -> T {
        let zero = T::real(0.0);
        if x > zero {
            T::real(1.0)
        } else if x < zero {
            T::real(-1.0)
        } else {
            x
        }
    }
    let array = call.array(0)?;
    one(match array.dtype {
        dtype if dtype.is_float() => {
            refuse_nan(array)?;
            floats!(array, sign_of)?
        }
        dtype => dispatch!(dtype, integers, T => {
            map(array, |x: T| T::from(x > 0).wrapping_sub(T::from(negative(x))))
        })?,
    })
}

fn refuse_nan(array: &Array) -> Result<(), Failure> {
    dispatch!(array.dtype, floats, T => match view::<T>(array)?.iter().any(|x| x.is_nan()) {
        true => Failure::unsupported("the sign of NaN differs between runtimes"),
        false => Ok(()),
    })
}

fn negative<T: Default + PartialOrd>(x: T) -> bool {
    x < T::default()
}

pub(super) fn not(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(of_bools(array.dims.clone(), bools(array)?.iter().map(|&x| x == 0)))
}

pub(super) fn bitwise_not(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(dispatch!(array.dtype, integers, T => map(array, |x: T| !x))?)
}

pub(super) fn is_nan(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(dispatch!(array.dtype, floats, T => {
        Ok(of_bools(array.dims.clone(), view::<T>(array)?.iter().map(|x| x.is_nan())))
    })?)
}

pub(super) fn is_inf(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let (below, above) = (call.int("detect_negative", 1)? != 0, call.int("detect_positive", 1)? != 0);
    one(dispatch!(array.dtype, floats, T => {
        let test = |x: &T| (below && *x == T::NEG_INFINITY) || (above && *x == T::INFINITY);
        Ok(of_bools(array.dims.clone(), view::<T>(array)?.iter().map(test)))
    })?)
}
