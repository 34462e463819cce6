//! Where the largest and the smallest numbers are.

use super::lanes::Lanes;
use crate::eval::elements::{dispatch, filled, of, room, view};
use crate::eval::elementwise::number::Number;
use crate::eval::{Call, Engine, Failure, Value};

type Results = Result<Vec<Value>, Failure>;

pub(super) fn arg_max(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    dispatch!(call.array(0)?.dtype, numbers, T => positions::<T>(call, |x, best| x > best))
}

pub(super) fn arg_min(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    dispatch!(call.array(0)?.dtype, numbers, T => positions::<T>(call, |x, best| x < best))
}

fn positions<T: Number>(call: &Call<'_>, better: impl Fn(T, T) -> bool) -> Results {
    let array = call.array(0)?;
    let axis = Call::axis(call.int("axis", 0)?, array.dims.len())?;
    let last = call.int("select_last_index", 0)? != 0;
    let lanes = Lanes::along(&array.dims, axis)?;
    let elements = view::<T>(array)?;
    let mut dims = array.dims.clone();
    match call.int("keepdims", 1)? {
        0 => drop(dims.remove(axis)),
        _ => dims[axis] = 1,
    }
    let mut out: Vec<i64> = room(lanes.outer.saturating_mul(lanes.inner))?;
    for start in lanes.starts() {
        out.push(best(&elements, lanes, start, last, &better)? as i64);
    }
    Ok(vec![of(dims, out).into()])
}

/// The position in a lane of its best element.
fn best<T: Number>(
    elements: &[T],
    lanes: Lanes,
    start: usize,
    last: bool,
    better: &impl Fn(T, T) -> bool,
) -> Result<usize, Failure> {
    let mut found: Option<(usize, T)> = None;
    for (at, position) in lanes.of(start).enumerate() {
        let x = elements[position];
        // NaN alone is not comparable with itself.
        if x.partial_cmp(&x).is_none() {
            return Failure::unsupported("where NaN counts as the best number differs between runtimes");
        }
        if found.is_none_or(|(_, own)| better(x, own) || (last && x == own)) {
            found = Some((at, x));
        }
    }
    match found {
        Some((at, _)) => Ok(at),
        None => Failure::invalid("there is nothing along the axis"),
    }
}

/// 1 at the first of the largest numbers, 0 elsewhere. Before operator set 13 all axes from the
/// given one on are one.
pub(super) fn hardmax(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let rank = array.dims.len();
    let lanes = if call.opset < 13 {
        Lanes::from(&array.dims, Call::axis(call.int("axis", 1)?, rank)?)?
    } else {
        Lanes::along(&array.dims, Call::axis(call.int("axis", -1)?, rank)?)?
    };
    dispatch!(array.dtype, floats, T => {
        let elements = view::<T>(array)?;
        let mut out = filled(elements.len(), T::default())?;
        if !elements.is_empty() {
            for start in lanes.starts() {
                let at = best(&elements, lanes, start, false, &|x: T, best: T| x > best)?;
                out[start + at * lanes.inner] = T::of_i64(1);
            }
        }
        Ok(vec![of(array.dims.clone(), out).into()])
    })
}
