//! Sums and products up to each element.

use super::lanes::Lanes;
use crate::eval::elements::{dispatch, filled, of, view};
use crate::eval::elementwise::number::Number;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

type Results = Result<Vec<Value>, Failure>;

pub(super) fn sum(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    dispatch!(array.dtype, numbers, T => {
        if T::FLOAT {
            accumulated::<T, f64>(call, 0.0, |sum, x| sum + x.to_f64(), T::of_f64)
        } else {
            accumulated::<T, i64>(call, 0, |sum, x| sum.wrapping_add(x.to_i64()), |sum| Some(T::of_i64(sum)))
        }
    })
}

pub(super) fn product(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    dispatch!(array.dtype, numbers, T => {
        if T::FLOAT {
            accumulated::<T, f64>(call, 1.0, |all, x| all * x.to_f64(), T::of_f64)
        } else {
            accumulated::<T, i64>(call, 1, |all, x| all.wrapping_mul(x.to_i64()), |all| Some(T::of_i64(all)))
        }
    })
}

fn accumulated<T: Number, A: Copy>(
    call: &Call<'_>,
    start: A,
    step: impl Fn(A, T) -> A,
    back: impl Fn(A) -> Option<T>,
) -> Results {
    let array: &Array = call.array(0)?;
    let Some(axis) = call.int_at(1)? else { return Failure::invalid("no axis is given") };
    let lanes = Lanes::along(&array.dims, Call::axis(axis, array.dims.len())?)?;
    let (exclusive, reverse) = (call.int("exclusive", 0)? != 0, call.int("reverse", 0)? != 0);
    let elements = view::<T>(array)?;
    let mut out = filled(elements.len(), T::default())?;
    for first in lanes.starts() {
        let mut all = start;
        let mut visit = |at: usize| {
            let before = all;
            all = step(all, elements[at]);
            out[at] = back(if exclusive { before } else { all }).unwrap_or_default();
        };
        if reverse {
            lanes.of(first).rev().for_each(&mut visit);
        } else {
            lanes.of(first).for_each(&mut visit);
        }
    }
    Ok(vec![of(array.dims.clone(), out).into()])
}
