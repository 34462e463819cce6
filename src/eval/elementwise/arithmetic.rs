//! Arithmetic of two operands.

use half::{bf16, f16};

use super::broadcast::{Plan, pair, zip};
use super::math::Real;
use super::number::Number;
use super::unary::one;
use crate::eval::elements::{Element, dispatch, of, view};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// Two operands of one type by a function.
pub(super) fn both<T: Element, C: Element>(call: &Call<'_>, f: impl Fn(T, T) -> C) -> Result<Array, Failure> {
    let (a, b) = pair(call)?;
    let plan = Plan::of([&a, &b])?;
    let result = zip(&plan, &view::<T>(call.array(0)?)?, &view::<T>(call.array(1)?)?, f)?;
    Ok(of(plan.dims, result))
}

/// Two operands of one type by a function that may have no result.
fn some<T: Element>(call: &Call<'_>, why: &str, f: impl Fn(T, T) -> Option<T>) -> Result<Array, Failure> {
    let missing = std::cell::Cell::new(false);
    let array = both(call, |x: T, y: T| {
        f(x, y).unwrap_or_else(|| {
            missing.set(true);
            T::default()
        })
    })?;
    if missing.get() { Failure::unsupported(why) } else { Ok(array) }
}

/// Two operands of floats by a function that is generic in [`Real`]; else by one of integers.
macro_rules! arithmetic {
    ($call:expr, $real:expr, $t:ident => $integers:expr) => {{
        let call = $call;
        let dtype = call.array(0)?.dtype;
        match dtype {
            DType::F32 => both(call, |x: f32, y: f32| ($real)(x, y)),
            DType::F64 => both(call, |x: f64, y: f64| ($real)(x, y)),
            DType::F16 => both(call, |x: f16, y: f16| {
                let f = $real;
                f16::from_f32(f(x.to_f32(), y.to_f32()))
            }),
            DType::BF16 => both(call, |x: bf16, y: bf16| {
                let f = $real;
                bf16::from_f32(f(x.to_f32(), y.to_f32()))
            }),
            _ => dispatch!(dtype, integers, $t => $integers),
        }
    }};
}

pub(super) fn add(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(arithmetic!(call, std::ops::Add::add, T => both(call, T::wrapping_add))?)
}

pub(super) fn sub(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(arithmetic!(call, std::ops::Sub::sub, T => both(call, T::wrapping_sub))?)
}

pub(super) fn mul(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(arithmetic!(call, std::ops::Mul::mul, T => both(call, T::wrapping_mul))?)
}

/// Quotients of integers are rounded to zero.
pub(super) fn div(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    fn quotient<T: Default + PartialEq>(x: T, y: T, divide: fn(T, T) -> T) -> Option<T> {
        (y != T::default()).then(|| divide(x, y))
    }
    one(arithmetic!(call, std::ops::Div::div, T => {
        some(call, ZERO, |x: T, y: T| quotient(x, y, T::wrapping_div))
    })?)
}

const ZERO: &str = "an integer is divided by zero";

pub(super) fn modulo(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    match call.int("fmod", 0)? {
        0 => one(floored(call)?),
        1 => one(arithmetic!(call, Real::fmod, T => {
            some(call, ZERO, |x: T, y: T| (y != 0).then(|| x.wrapping_rem(y)))
        })?),
        other => Failure::invalid(format!("fmod is {other}")),
    }
}

/// The remainder with the divisor's sign.
fn floored(call: &Call<'_>) -> Result<Array, Failure> {
    fn real<T: Real>(x: T, y: T) -> T {
        let zero = T::real(0.0);
        let rest = x.fmod(y);
        if rest == zero {
            // Of the divisor's sign.
            if y < zero { -zero } else { zero }
        } else if (rest < zero) != (y < zero) {
            rest + y
        } else {
            rest
        }
    }
    if call.array(0)?.dtype.is_float() && call.opset < 28 {
        return Failure::invalid("floats have only the remainder of fmod=1");
    }
    arithmetic!(call, real, T => some(call, ZERO, |x: T, y: T| {
        if y == 0 {
            return None;
        }
        let rest = x.wrapping_rem(y);
        let other_sign = rest != 0 && (below_zero(rest) != below_zero(y));
        Some(if other_sign { rest.wrapping_add(y) } else { rest })
    }))
}

/// By how many bits; negative numbers are more than there are.
fn shift<T: TryInto<u32>>(by: T) -> u32 {
    by.try_into().unwrap_or(u32::MAX)
}

fn below_zero<T: Default + PartialOrd>(x: T) -> bool {
    x < T::default()
}

/// Powers; the result is of the base's type.
pub(super) fn pow(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (base, by) = (call.array(0)?.dtype, call.array(1)?.dtype);
    let (a, b) = pair(call)?;
    let plan = Plan::of([&a, &b])?;
    one(dispatch!(base, numbers, T => dispatch!(by, numbers, E => {
        power::<T, E>(call.array(0)?, call.array(1)?, plan)
    }))?)
}

fn power<T: Number, E: Number>(base: &Array, by: &Array, plan: Plan<2>) -> Result<Array, Failure> {
    let (bases, powers) = (view::<T>(base)?, view::<E>(by)?);
    let wrong = std::cell::Cell::new(false);
    let or_wrong = |x: Option<T>| {
        x.unwrap_or_else(|| {
            wrong.set(true);
            T::default()
        })
    };
    let square = T::FLOAT && matches!(powers.as_ref(), [two] if two.to_f64() == 2.0);
    let result = if square {
        zip(&plan, &bases, &powers, |x, _| or_wrong(T::of_f64(x.to_f64() * x.to_f64())))
    } else if T::FLOAT || E::FLOAT {
        zip(&plan, &bases, &powers, |x, y| or_wrong(T::of_f64(libm::pow(x.to_f64(), y.to_f64()))))
    } else {
        zip(&plan, &bases, &powers, |x, y| or_wrong(whole(x.to_i64(), y.to_i64()).and_then(back)))
    }?;
    match wrong.get() {
        true => Failure::unsupported(format!("a power is not a number that {} holds", T::DTYPE)),
        false => Ok(of(plan.dims, result)),
    }
}

/// An integer's power that is an integer.
fn whole(base: i64, by: i64) -> Option<i64> {
    match (base, by) {
        (1, _) => Some(1),
        (-1, _) => Some(if by % 2 == 0 { 1 } else { -1 }),
        (0, 1..) => Some(0),
        (_, 0..) => base.checked_pow(u32::try_from(by).ok()?),
        // A fraction, rounded to zero; zero has no such power.
        _ => (base != 0).then_some(0),
    }
}

/// An integer as another type, if it fits.
fn back<T: Number>(n: i64) -> Option<T> {
    let own = T::of_i64(n);
    (own.to_i64() == n && (own < T::default()) == (n < 0)).then_some(own)
}

/// Below zero, times a slope.
pub(super) fn prelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    fn real<T: Real>(x: T, slope: T) -> T {
        if x < T::real(0.0) { x * slope } else { x }
    }
    let (x, slope) = (call.array(0)?, call.array(1)?);
    let call = &match call.opset {
        // The slope is of the channels, which come second.
        ..7 if slope.dims.len() == 1 && x.dims.len() > 2 && slope.dims != [1] => {
            let mut slope = slope.clone();
            slope.dims.extend(std::iter::repeat_n(1, x.dims.len() - 2));
            Call { opset: 7, inputs: vec![Some(x.clone().into()), Some(slope.into())], ..call.clone() }
        }
        ..7 => Call { opset: 7, ..call.clone() },
        _ => call.clone(),
    };
    let result = arithmetic!(call, real, T => both(call, |x: T, slope: T| {
        if below_zero(x) { x.wrapping_mul(slope) } else { x }
    }))?;
    if result.dims != call.array(0)?.dims {
        return Failure::invalid("the slopes do not broadcast to the operand");
    }
    one(result)
}

/// What is shifted out is lost.
pub(super) fn bit_shift(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let left = match call.maybe_text("direction")?.as_deref() {
        Some("LEFT") => true,
        Some("RIGHT") => false,
        _ => return Failure::invalid("the direction is neither LEFT nor RIGHT"),
    };
    one(dispatch!(call.array(0)?.dtype, integers, T => both(call, |x: T, y: T| {
        let by = shift(y);
        match left {
            true => x.checked_shl(by).unwrap_or(0),
            // What a sign alone leaves.
            false => x.checked_shr(by).unwrap_or(if below_zero(x) { !0 } else { 0 }),
        }
    }))?)
}

macro_rules! bitwise {
    ($($name:ident $f:expr),*) => {
        $(pub(super) fn $name(call: &Call<'_>, _: &mut dyn Engine) -> Results {
            one(dispatch!(call.array(0)?.dtype, integers, T => both::<T, T>(call, $f))?)
        })*
    };
}
bitwise!(bitwise_and | x, y | x & y, bitwise_or | x, y | x | y, bitwise_xor | x, y | x ^ y);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_integers_are_exact_or_nothing() {
        assert_eq!(whole(3, 39), Some(4_052_555_153_018_976_267));
        assert_eq!(whole(3, 40), None);
        assert_eq!(
            (whole(2, -1), whole(-1, -3), whole(0, -1), whole(0, 0)),
            (Some(0), Some(-1), None, Some(1))
        );
        assert_eq!((back::<u8>(256), back::<i8>(-128), back::<u64>(-1)), (None, Some(-128), None));
    }
}
