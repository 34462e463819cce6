//! Reductions: one number of many.
//!
//! Sums and products of floats are computed as f64 and rounded once; those of integers wrap.

use super::axes::Axes;
use crate::eval::elements::{Element, bools, dispatch, of, of_bools, room, view};
use crate::eval::elementwise::Ordered;
use crate::eval::elementwise::number::Number;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// An array of the accumulators.
fn finish<A: Copy, T: Element>(axes: &Axes, all: Vec<A>, f: impl Fn(A) -> Option<T>) -> Results {
    let mut out = room(all.len())?;
    for a in all {
        let Some(x) = f(a) else {
            return Failure::unsupported(format!("a result is not a number that {} holds", T::DTYPE));
        };
        out.push(x);
    }
    Ok(vec![of(axes.dims.clone(), out).into()])
}

/// A sum of all elements, each by a function first: of floats by `real`, of integers by `whole`.
fn total(call: &Call<'_>, real: fn(f64) -> f64, whole: fn(i64) -> i64) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    dispatch!(array.dtype, numbers, T => {
        let elements = view::<T>(array)?;
        if T::FLOAT {
            let sums = axes.fold(&elements, axes.start(0.0)?, |sum, x| sum + real(x.to_f64()))?;
            finish(&axes, sums, T::of_f64)
        } else {
            let sums = axes.fold(&elements, axes.start(0)?, |sum: i64, x| sum.wrapping_add(whole(x.to_i64())))?;
            finish(&axes, sums, |sum| Some(T::of_i64(sum)))
        }
    })
}

pub(super) fn sum(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    total(call, |x| x, |n| n)
}

pub(super) fn sum_square(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    total(call, |x| x * x, |n| n.wrapping_mul(n))
}

pub(super) fn l1(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    match call.array(0)?.dtype {
        // Their highest bit is no sign.
        DType::U64 => total(call, |x| x, |n| n),
        _ => total(call, f64::abs, i64::wrapping_abs),
    }
}

/// A function of the sum of all elements, each by another function first.
fn of_total(call: &Call<'_>, each: fn(f64) -> f64, last: impl Fn(f64) -> f64) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    dispatch!(array.dtype, numbers, T => {
        let sums = axes.fold(&view::<T>(array)?, axes.start(0.0)?, |sum, x| sum + each(x.to_f64()))?;
        finish(&axes, sums, |sum| T::of_f64(last(sum)))
    })
}

pub(super) fn l2(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    of_total(call, |x| x * x, f64::sqrt)
}

pub(super) fn log_sum(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    of_floats(array)?;
    let negative =
        dispatch!(array.dtype, floats, T => Ok(view::<T>(array)?.iter().any(|x| x.to_f64() < 0.0)))?;
    if negative {
        return Failure::unsupported("the logarithm of a sum that may cancel differs between runtimes");
    }
    of_total(call, |x| x, libm::log)
}

pub(super) fn mean(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let share = Axes::of(call)?.share()?;
    if share == 0 {
        return Failure::unsupported("the mean of nothing is not specified");
    }
    of_total(call, |x| x, |sum| sum / share as f64)
}

/// A logarithm of integers is rounded, and where is not specified.
fn of_floats(array: &Array) -> Result<(), Failure> {
    match array.dtype.is_float() {
        true => Ok(()),
        false => Failure::unsupported("where a logarithm of integers is rounded differs between runtimes"),
    }
}

/// By way of the largest one, so that nothing overflows.
pub(super) fn log_sum_exp(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    of_floats(array)?;
    dispatch!(array.dtype, floats, T => {
        let elements = view::<T>(array)?;
        let largest = axes.fold(&elements, axes.start(f64::NEG_INFINITY)?, |most, x| most.larger(x.to_f64()))?;
        let start = largest.into_iter().map(|most| (if most.is_infinite() { 0.0 } else { most }, 0.0)).collect();
        let sums = axes.fold(&elements, start, |(most, sum), x| (most, sum + libm::exp(x.to_f64() - most)))?;
        finish(&axes, sums, |(most, sum)| T::of_f64(most + libm::log(sum)))
    })
}

pub(super) fn product(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    dispatch!(array.dtype, numbers, T => {
        let elements = view::<T>(array)?;
        if T::FLOAT {
            finish(&axes, axes.fold(&elements, axes.start(1.0)?, |all, x| all * x.to_f64())?, T::of_f64)
        } else {
            let all = axes.fold(&elements, axes.start(1)?, |all: i64, x| all.wrapping_mul(x.to_i64()))?;
            finish(&axes, all, |all| Some(T::of_i64(all)))
        }
    })
}

pub(super) fn max(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    if array.dtype == DType::Bool {
        return of_flags(array, &axes, 0, |all, x| all | x);
    }
    dispatch!(array.dtype, numbers, T => {
        finish(&axes, axes.fold(&view::<T>(array)?, axes.start(T::lowest())?, T::larger)?, Some)
    })
}

pub(super) fn min(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, axes) = (call.array(0)?, Axes::of(call)?);
    if array.dtype == DType::Bool {
        return of_flags(array, &axes, 1, |all, x| all & x);
    }
    dispatch!(array.dtype, numbers, T => {
        finish(&axes, axes.fold(&view::<T>(array)?, axes.start(T::highest())?, T::smaller)?, Some)
    })
}

fn of_flags(array: &Array, axes: &Axes, start: u8, f: fn(u8, u8) -> u8) -> Results {
    let all = axes.fold(bools(array)?, axes.start(start)?, |all, x| f(all, u8::from(x != 0)))?;
    Ok(vec![of_bools(axes.dims.clone(), all.into_iter().map(|x| x != 0)).into()])
}
