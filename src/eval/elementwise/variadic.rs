//! Extremes, sums and means of any number of operands.

use half::{bf16, f16};

use super::broadcast::{Plan, zip};
use super::math::map;
use super::number::Number;
use super::unary::one;
use crate::eval::elements::{Element, dispatch, of, view};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// NaN, where one of both is.
pub(in crate::eval) trait Ordered: Number {
    /// What no number is below.
    fn lowest() -> Self;

    /// What no number is above.
    fn highest() -> Self;

    fn larger(self, other: Self) -> Self;
    fn smaller(self, other: Self) -> Self;
}

macro_rules! ordered {
    ($($ty:ty: $lowest:ident $highest:ident, $x:ident $y:ident $other:expr);*) => {
        $(impl Ordered for $ty {
            fn lowest() -> Self {
                <$ty>::$lowest
            }

            fn highest() -> Self {
                <$ty>::$highest
            }

            fn larger(self, $y: Self) -> Self {
                let $x = self;
                if $x < $y || $other { $y } else { $x }
            }

            fn smaller(self, $y: Self) -> Self {
                let $x = self;
                if $x > $y || $other { $y } else { $x }
            }
        })*
    };
}
ordered!(f32: NEG_INFINITY INFINITY, x y y.is_nan(); f64: NEG_INFINITY INFINITY, x y y.is_nan(); f16: NEG_INFINITY INFINITY, x y y.is_nan(); bf16: NEG_INFINITY INFINITY, x y y.is_nan());
ordered!(i8: MIN MAX, x y false; i16: MIN MAX, x y false; i32: MIN MAX, x y false; i64: MIN MAX, x y false; u8: MIN MAX, x y false; u16: MIN MAX, x y false; u32: MIN MAX, x y false; u64: MIN MAX, x y false);

pub(super) fn max(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(dispatch!(call.array(0)?.dtype, numbers, T => fold::<T>(call, T::larger))?)
}

pub(super) fn min(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(dispatch!(call.array(0)?.dtype, numbers, T => fold::<T>(call, T::smaller))?)
}

/// All operands by a function of two, from the first to the last.
fn fold<T: Element>(call: &Call<'_>, f: impl Fn(T, T) -> T) -> Result<Array, Failure> {
    let mut result = call.array(0)?.clone();
    view::<T>(&result)?;
    for slot in 1..call.inputs.len() {
        let other = call.array(slot)?;
        if call.opset < 8 && result.dims != other.dims {
            return Failure::invalid("the operands are of different shapes");
        }
        let plan = Plan::of([&result.dims, &other.dims])?;
        let elements = zip(&plan, &view::<T>(&result)?, &view::<T>(other)?, &f)?;
        result = of(plan.dims, elements);
    }
    Ok(result)
}

pub(super) fn sum(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(total(call, 1)?)
}

pub(super) fn mean(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(total(call, call.inputs.len())?)
}

/// The sum of all operands, divided.
fn total(call: &Call<'_>, by: usize) -> Result<Array, Failure> {
    let first = call.array(0)?;
    macro_rules! through {
        ($ty:ty, $to:ty) => {{
            let convert = |array: &Array| map(array, |x: $ty| <$to as Number>::of(x).unwrap_or_default());
            let operands = (0..call.inputs.len()).map(|slot| Ok(Some(convert(call.array(slot)?)?.into())));
            let wide = Call { inputs: operands.collect::<Result<_, Failure>>()?, ..call.clone() };
            let sum = fold::<$to>(&wide, |x, y| x + y)?;
            map(&sum, |x: $to| <$ty as Number>::of(x / by as $to).unwrap_or_default())
        }};
    }
    match first.dtype {
        DType::F32 if by == 1 => fold::<f32>(call, |x, y| x + y),
        DType::F64 if by == 1 => fold::<f64>(call, |x, y| x + y),
        DType::F32 => map(&fold::<f32>(call, |x, y| x + y)?, |x: f32| x / by as f32),
        DType::F64 => map(&fold::<f64>(call, |x, y| x + y)?, |x: f64| x / by as f64),
        DType::F16 => through!(f16, f32),
        DType::BF16 => through!(bf16, f32),
        other => Failure::unsupported(format!("{other} has no definition here")),
    }
}

/// Limits; NaN stays NaN. Where a limit is not given, the specification's text has the largest
/// number, and its function has none: infinities differ.
pub(super) fn clip(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(dispatch!(array.dtype, numbers, T => {
        let (low, high) = limits::<T>(call)?;
        let open = |x: &T| (low.is_none() && *x == T::lowest()) || (high.is_none() && *x == T::highest());
        if T::FLOAT && (low.is_none() || high.is_none()) && view::<T>(array)?.iter().any(open) {
            return Failure::unsupported("what an infinity becomes without a limit differs between runtimes");
        }
        match (low, high) {
            (None, None) => Ok(array.clone()),
            (Some(low), None) => map(array, |x: T| if x < low { low } else { x }),
            (None, Some(high)) => map(array, |x: T| if x > high { high } else { x }),
            // Where the lower one is above the upper one, everything is the upper one.
            (Some(low), Some(high)) => map(array, |x: T| {
                let x = if x < low { low } else { x };
                if x > high { high } else { x }
            }),
        }
    })?)
}

/// The lower and the upper limit: attributes before operator set 11.
fn limits<T: Number>(call: &Call<'_>) -> Result<(Option<T>, Option<T>), Failure> {
    if call.opset < 11 {
        let limit = |name: &str| Ok(call.maybe_float(name)?.and_then(|x| T::of_f64(f64::from(x))));
        return Ok((limit("min")?, limit("max")?));
    }
    let limit = |slot: usize| {
        let Some(array) = call.maybe(slot)? else { return Ok(None) };
        match view::<T>(array)?.as_ref() {
            [limit] if limit.to_f64().is_nan() => Failure::unsupported("a limit is not a number"),
            [limit] => Ok(Some(*limit)),
            _ => Failure::invalid("a limit is not a scalar"),
        }
    };
    Ok((limit(1)?, limit(2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_is_the_larger_and_the_smaller_one() {
        for (x, y) in [(f32::NAN, 1.0), (1.0, f32::NAN)] {
            assert!(x.larger(y).is_nan() && x.smaller(y).is_nan());
        }
        assert_eq!((2i8.larger(-3), 2i8.smaller(-3)), (2, -3));
    }
}
