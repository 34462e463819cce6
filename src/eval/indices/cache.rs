//! Caches of keys and values that grow in place.

use super::gather::ints;
use crate::eval::elements::{count, filled, room};
use crate::eval::shape::moving::{Blocks, Patched, apply, operand, product};
use crate::eval::{Call, Engine, Failure, Value};

/// `TensorScatter`: new steps of each sample of a batch, from its own step on.
pub(super) fn tensor_scatter(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (data, updates) = (operand(call, 0)?, operand(call, 1)?);
    let (dims, own) = (data.dims()?, updates.dims()?);
    let axis = Call::axis(call.int("axis", -2)?, dims.len())?;
    let fits = |(at, (own, d)): (usize, (&i64, &i64))| if at == axis { own <= d } else { own == d };
    if axis == 0 || own.len() != dims.len() || !own.iter().zip(dims).enumerate().all(fits) {
        return Failure::invalid(format!("{} into {} at axis {axis}", updates.sort(), data.sort()));
    }
    let starts = if call.value(2).is_some() { ints(call, 2)? } else { filled(dims[0].max(0) as usize, 0)? };
    if starts.len() as i64 != dims[0] {
        return Failure::invalid(format!("{} steps to start at for {} samples", starts.len(), dims[0]));
    }
    let mut numbers = Vec::new();
    if count(own)? > 0 {
        let (steps, most, turns) = (own[axis], dims[axis], product(&dims[..axis]));
        let each = turns / starts.len();
        numbers = room(turns.saturating_mul(steps as usize))?;
        for turn in 0..turns {
            let start = starts[turn / each];
            let place = place_of(call, start, steps, most)?;
            numbers.extend((0..steps).map(|step| turn * most as usize + place(start, step, most)));
        }
    }
    let blocks = Blocks { block: product(&dims[axis + 1..]), numbers };
    Ok(vec![apply(&Patched(blocks), dims.to_vec(), &[data, updates])?])
}

/// Where a step goes that comes some steps after the start.
type Place = fn(i64, i64, i64) -> usize;

fn place_of(call: &Call<'_>, start: i64, steps: i64, most: i64) -> Result<Place, Failure> {
    let fits = start >= 0 && start.checked_add(steps).is_some_and(|end| end <= most);
    match call.text("mode", "linear")?.as_str() {
        "linear" if fits => Ok(|start, step, _| (start + step) as usize),
        "linear" => Failure::invalid(format!("{steps} steps from step {start} of {most}")),
        "circular" if start < 0 => Failure::unsupported(format!("a start at step {start}")),
        "circular" => Ok(|start, step, most| ((start % most + step) % most) as usize),
        other => Failure::invalid(format!("the mode {other:?}")),
    }
}
