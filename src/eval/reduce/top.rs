//! The largest or smallest numbers along an axis.

use std::cmp::Ordering;

use super::lanes::Lanes;
use crate::eval::elements::{count, dispatch, filled, of, room, view};
use crate::eval::elementwise::number::Number;
use crate::eval::{Call, Engine, Failure, Value};

type Results = Result<Vec<Value>, Failure>;

/// The `k` largest or smallest ones with their positions, the best one first, and of equal ones
/// the one that comes first. (Without `sorted` any order is right, and so is this one.)
pub(super) fn top(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let axis = Call::axis(call.int("axis", -1)?, array.dims.len())?;
    let k = if call.opset < 10 { call.maybe_int("k")? } else { call.int_at(1)? };
    let lanes = Lanes::along(&array.dims, axis)?;
    let k = match k.map(usize::try_from) {
        Some(Ok(k)) if k <= lanes.n => k,
        Some(_) => return Failure::invalid(format!("k is not among 0 to {}", lanes.n)),
        None => return Failure::invalid("k is missing"),
    };
    let largest = call.int("largest", 1)? != 0;
    let mut dims = array.dims.clone();
    dims[axis] = k as i64;
    dispatch!(array.dtype, numbers, T => {
        let elements = view::<T>(array)?;
        if elements.iter().any(|x| x.partial_cmp(x).is_none()) {
            return Failure::unsupported("where NaN is among sorted numbers differs between runtimes");
        }
        let (values, positions) = chosen(&elements, lanes, Lanes { n: k, ..lanes }, largest, count(&dims)?)?;
        Ok(vec![of(dims.clone(), values).into(), of(dims, positions).into()])
    })
}

fn chosen<T: Number>(
    elements: &[T],
    from: Lanes,
    to: Lanes,
    largest: bool,
    total: usize,
) -> Result<(Vec<T>, Vec<i64>), Failure> {
    let mut values = filled(total, T::default())?;
    let mut positions = filled(total, 0i64)?;
    let mut lane: Vec<(T, i64)> = room(from.n)?;
    let order = |a: &(T, i64), b: &(T, i64)| {
        let by_value = a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal);
        (if largest { by_value.reverse() } else { by_value }).then(a.1.cmp(&b.1))
    };
    for (start, target) in from.starts().zip(to.starts()) {
        lane.clear();
        lane.extend(from.of(start).enumerate().map(|(at, position)| (elements[position], at as i64)));
        if to.n > 0 && to.n < lane.len() {
            lane.select_nth_unstable_by(to.n - 1, order);
        }
        lane.truncate(to.n);
        lane.sort_unstable_by(order);
        for (position, (value, at)) in to.of(target).zip(&lane) {
            values[position] = *value;
            positions[position] = *at;
        }
    }
    Ok((values, positions))
}
