//! The same elements in another order.

use super::moving::{Blocks, Strided, apply, operand, product, strides};
use crate::eval::elements::{count, room};
use crate::eval::{Call, Engine, Failure, Value};

/// `Transpose`: the axes reversed, or as `perm` says.
pub(super) fn transpose(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let rank = data.dims()?.len();
    let order = match call.ints("perm")? {
        None => (0..rank).rev().collect(),
        Some(perm) => permutation(&perm, rank)?,
    };
    Ok(vec![permuted(data, data.dims()?, &order)?])
}

fn permutation(perm: &[i64], rank: usize) -> Result<Vec<usize>, Failure> {
    let mut seen = vec![false; rank];
    let mut order = Vec::new();
    for &axis in perm {
        let at = Call::axis(axis, rank)?;
        if std::mem::replace(&mut seen[at], true) {
            return Failure::invalid(format!("axis {axis} twice in a permutation"));
        }
        order.push(at);
    }
    if order.len() != rank {
        return Failure::invalid(format!("a permutation of {} axes for {rank}", order.len()));
    }
    Ok(order)
}

/// The elements of `data`, seen under `dims`, with its axes in another order.
pub(in crate::eval) fn permuted(data: &Value, dims: &[i64], order: &[usize]) -> Result<Value, Failure> {
    let steps = strides(dims);
    let sizes: Vec<i64> = order.iter().map(|&axis| dims[axis]).collect();
    let steps: Vec<isize> = order.iter().map(|&axis| steps[axis]).collect();
    apply(&Strided::new(0, &sizes, &steps), sizes, &[data])
}

/// The four dimensions of an image, the side of blocks, and whether depth comes first.
fn blocks(call: &Call<'_>) -> Result<([i64; 4], i64, Depth), Failure> {
    let &[n, c, h, w] = operand(call, 0)?.dims()? else {
        return Failure::invalid("an operand that is no image of four axes");
    };
    let Some(side) = call.maybe_int("blocksize")?.filter(|side| (1..=1 << 15).contains(side)) else {
        return Failure::invalid("no blocksize, or one that is not positive");
    };
    let depth = match call.text("mode", "DCR")?.as_str() {
        "DCR" => Depth::First,
        "CRD" => Depth::Last,
        other => return Failure::invalid(format!("the mode {other:?}")),
    };
    Ok(([n, c, h, w], side, depth))
}

/// Where the place within a block is among channels.
enum Depth {
    First,
    Last,
}

/// `DepthToSpace`.
pub(super) fn depth_to_space(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let ([n, c, h, w], side, depth) = blocks(call)?;
    if c % (side * side) != 0 {
        return Failure::invalid(format!("{c} channels in blocks of {side}×{side}"));
    }
    let few = c / (side * side);
    let made = match depth {
        Depth::First => permuted(operand(call, 0)?, &[n, side, side, few, h, w], &[0, 3, 4, 1, 5, 2]),
        Depth::Last => permuted(operand(call, 0)?, &[n, few, side, side, h, w], &[0, 1, 4, 2, 5, 3]),
    }?;
    let dims = vec![n, few, h.saturating_mul(side), w.saturating_mul(side)];
    Ok(vec![super::moving::reshaped(&made, dims)?])
}

/// `SpaceToDepth`; the mode is of version 28.
pub(super) fn space_to_depth(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let ([n, c, h, w], side, depth) = blocks(call)?;
    if h % side != 0 || w % side != 0 {
        return Failure::invalid(format!("an image of {h}×{w} in blocks of {side}×{side}"));
    }
    let dims = [n, c, h / side, side, w / side, side];
    let order = match depth {
        Depth::First => [0, 3, 5, 1, 2, 4],
        Depth::Last => [0, 1, 3, 5, 2, 4],
    };
    let made = permuted(operand(call, 0)?, &dims, &order)?;
    let dims = vec![n, c.saturating_mul(side * side), h / side, w / side];
    Ok(vec![super::moving::reshaped(&made, dims)?])
}

/// `ReverseSequence`: the first elements of each line of time backwards.
pub(super) fn reverse_sequence(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let (batch, time) = (call.int("batch_axis", 1)?, call.int("time_axis", 0)?);
    if dims.len() < 2 || !matches!((batch, time), (0, 1) | (1, 0)) {
        return Failure::invalid(format!("batch axis {batch} and time axis {time} of {} axes", dims.len()));
    }
    let (lines, steps) = (dims[batch as usize], dims[time as usize]);
    let lengths = call.ints_at(1)?.unwrap_or_default();
    if lengths.len() as i64 != lines || lengths.iter().any(|n| !(0..=steps).contains(n)) {
        return Failure::invalid(format!("lengths that are not those of {lines} lines of {steps} steps"));
    }
    let block = product(&dims[2..]);
    let mut numbers = Vec::new();
    if count(dims)? > 0 {
        numbers = room(product(&dims[..2]))?;
        for place in 0..dims[0] * dims[1] {
            let (row, column) = (place / dims[1], place % dims[1]);
            let (line, step) = if batch == 0 { (row, column) } else { (column, row) };
            let length = lengths[line as usize];
            let from = if step < length { length - 1 - step } else { step };
            let number = if batch == 0 { line * dims[1] + from } else { from * dims[1] + line };
            numbers.push(number as usize);
        }
    }
    Ok(vec![apply(&Blocks { block, numbers }, dims.to_vec(), &[data])?])
}
