//! Elements repeated.

use super::moving::{Strided, apply, operand, strides};
use crate::eval::elements::count;
use crate::eval::{Call, Engine, Failure, Value};

/// `Expand`: the shape and the operand's are broadcast with each other.
pub(super) fn expand(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let Some(wanted) = call.ints_at(1)? else { return Failure::invalid("no shape is given") };
    Ok(vec![broadcast(data, &wanted)?])
}

/// A tensor broadcast with a shape.
pub(in crate::eval) fn broadcast(data: &Value, wanted: &[i64]) -> Result<Value, Failure> {
    let dims = data.dims()?;
    let rank = dims.len().max(wanted.len());
    let own = [vec![1; rank - dims.len()], dims.to_vec()].concat();
    let wanted = [vec![1; rank - wanted.len()], wanted.to_vec()].concat();
    let mut steps = strides(&own);
    let mut made = own.clone();
    for axis in 0..rank {
        match (own[axis], wanted[axis]) {
            (old, new) if old == new || new == 1 => {}
            (1, new) => (made[axis], steps[axis]) = (new, 0),
            (old, new) => return Failure::invalid(format!("{old} elements as {new} at axis {axis}")),
        }
    }
    count(&made)?;
    apply(&Strided::new(0, &made, &steps), made, &[data])
}

/// `Tile`: of one axis in version 1, of all since version 6.
pub(super) fn tile(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let repeats =
        if call.opset < 6 { tile_1(call, dims.len())? } else { call.ints_at(1)?.unwrap_or_default() };
    if repeats.len() != dims.len() || repeats.iter().any(|&n| n < 0) {
        return Failure::invalid(format!("repeats {repeats:?} of {} axes", dims.len()));
    }
    let made: Vec<i64> = dims.iter().zip(&repeats).map(|(d, n)| d.saturating_mul(*n)).collect();
    count(&made)?;
    let sizes: Vec<i64> = repeats.iter().zip(dims).flat_map(|(&n, &d)| [n, d]).collect();
    let steps: Vec<isize> = strides(dims).iter().flat_map(|&step| [0, step]).collect();
    Ok(vec![apply(&Strided::new(0, &sizes, &steps), made, &[data])?])
}

/// The repeats of version 1, whose operands have the data's type.
fn tile_1(call: &Call<'_>, rank: usize) -> Result<Vec<i64>, Failure> {
    let number = |slot: usize| -> Result<i64, Failure> {
        match call.array(slot)?.numbers().as_deref() {
            Some(&[n]) if n.fract() == 0.0 && n.abs() < 1e15 => Ok(n as i64),
            _ => Failure::invalid(format!("operand {slot} is no whole number")),
        }
    };
    let mut repeats = vec![1; rank];
    repeats[Call::axis(number(2)?, rank)?] = number(1)?;
    Ok(repeats)
}
