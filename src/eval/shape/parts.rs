//! Tensors joined and cut.

use super::moving::{Strided, Turns, apply, operand, product, strides};
use crate::eval::elements::count;
use crate::eval::{Call, Engine, Failure, Value};

/// `Concat`.
pub(super) fn concat(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let parts: Vec<&Value> =
        (0..call.inputs.len()).map(|slot| operand(call, slot)).collect::<Result<_, _>>()?;
    let axis = match call.maybe_int("axis")? {
        Some(axis) => axis,
        None if call.opset < 4 => 1,
        None => return Failure::invalid("no axis is given"),
    };
    Ok(vec![joined(&parts, axis)?])
}

/// Tensors joined along an axis.
pub(in crate::eval) fn joined(parts: &[&Value], axis: i64) -> Result<Value, Failure> {
    let Some(first) = parts.first() else { return Failure::invalid("nothing is joined") };
    let mut dims = first.dims()?.to_vec();
    let axis = Call::axis(axis, dims.len())?;
    let mut lengths = Vec::new();
    let mut total = 0i64;
    for part in parts {
        let own = part.dims()?;
        let fits = |(at, (d, own)): (usize, (&i64, &i64))| at == axis || d == own;
        if own.len() != dims.len() || !dims.iter().zip(own).enumerate().all(fits) {
            return Failure::invalid(format!("{} and {} joined at axis {axis}", first.sort(), part.sort()));
        }
        total = total.saturating_add(own[axis]);
        lengths.push(product(&own[axis..]));
    }
    dims[axis] = total;
    let turns = product(&dims[..axis]);
    apply(&Turns { turns, lengths }, dims, parts)
}

/// `Split` into as many parts as there are outputs, or into parts of given sizes.
pub(super) fn split(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let axis = Call::axis(call.int("axis", 0)?, dims.len())?;
    let given = match call.opset {
        13.. => call.ints_at(1)?,
        2.. => call.ints("split")?,
        _ => match call.ints("split")? {
            None => split_1(call)?,
            given => given,
        },
    };
    let sizes = match given {
        Some(sizes) => sizes,
        None => even(call, dims[axis])?,
    };
    if sizes.len() != call.outputs {
        return Failure::invalid(format!("{} parts for {} outputs", sizes.len(), call.outputs));
    }
    cut(data, axis, &sizes)
}

/// The second operand of version 1: of the data's type, so any number.
fn split_1(call: &Call<'_>) -> Result<Option<Vec<i64>>, Failure> {
    match call.value(1) {
        None => Ok(None),
        Some(_) => Failure::unsupported("the sizes of parts as an operand of version 1"),
    }
}

/// Parts of one size; since version 18 the last one may be smaller.
fn even(call: &Call<'_>, total: i64) -> Result<Vec<i64>, Failure> {
    let parts = match call.maybe_int("num_outputs")? {
        Some(parts) if call.opset >= 18 => parts,
        _ => call.outputs as i64,
    };
    if parts < 1 || parts < call.outputs as i64 || parts > 1 << 20 {
        return Failure::invalid(format!("{parts} parts for {} outputs", call.outputs));
    }
    if call.opset < 18 && total % parts != 0 {
        return Failure::invalid(format!("{total} elements in {parts} equal parts"));
    }
    let size = total / parts + i64::from(total % parts != 0);
    let mut sizes = vec![size; parts as usize];
    if let Some(last) = sizes.last_mut() {
        *last = total - size * (parts - 1);
    }
    Ok(sizes)
}

/// Parts of these sizes along an axis, which together are the whole.
pub(in crate::eval) fn cut(data: &Value, axis: usize, sizes: &[i64]) -> Result<Vec<Value>, Failure> {
    let dims = data.dims()?;
    let total = sizes.iter().try_fold(0i64, |n, &size| n.checked_add(size));
    if sizes.iter().any(|&size| size < 0) || total != Some(dims[axis]) {
        return Failure::invalid(format!("parts of {sizes:?} of {} elements", dims[axis]));
    }
    let steps = strides(dims);
    let mut at = 0usize;
    let mut parts = Vec::new();
    for &size in sizes {
        let mut own = dims.to_vec();
        own[axis] = size;
        parts.push(apply(&Strided::new(at, &own, &steps), own, &[data])?);
        at = at.saturating_add((size as usize).saturating_mul(steps[axis].unsigned_abs()));
    }
    Ok(parts)
}

/// `Slice`: starts, ends, axes and steps, as attributes before version 10.
pub(super) fn slice(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let mut dims = data.dims()?.to_vec();
    let list = |name: &str, slot| if call.opset < 10 { call.ints(name) } else { call.ints_at(slot) };
    let (Some(starts), Some(ends)) = (list("starts", 1)?, list("ends", 2)?) else {
        return Failure::invalid("no starts or no ends are given");
    };
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let by = if call.opset < 10 { None } else { call.ints_at(4)? };
    let by = by.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), by.len()].iter().any(|&n| n != starts.len()) {
        return Failure::invalid("not as many starts as ends, axes and steps");
    }
    let mut steps = strides(&dims);
    let mut at = 0usize;
    let mut seen = vec![false; dims.len()];
    for i in 0..starts.len() {
        let axis = Call::axis(axes[i], dims.len())?;
        if std::mem::replace(&mut seen[axis], true) {
            return Failure::invalid(format!("axis {} is given twice", axes[i]));
        }
        if by[i] < 0 && call.opset < 11 && starts[i] < -dims[axis] {
            return Failure::unsupported("a start before the first element, backwards");
        }
        if by[i] < 0 && [i64::MAX, i64::from(i32::MAX)].contains(&ends[i]) {
            return Failure::unsupported("a slice backwards to INT_MAX differs between runtimes");
        }
        let (start, n) = range(dims[axis], starts[i], ends[i], by[i])?;
        at = at.saturating_add((start as usize).saturating_mul(steps[axis].unsigned_abs()));
        steps[axis] = steps[axis].saturating_mul(isize::try_from(by[i]).unwrap_or(isize::MAX));
        dims[axis] = n;
    }
    count(&dims)?;
    Ok(vec![apply(&Strided::new(at, &dims, &steps), dims, &[data])?])
}

/// The first element of a slice of an axis of `size`, and how many elements it has.
fn range(size: i64, start: i64, end: i64, step: i64) -> Result<(i64, i64), Failure> {
    if step == 0 {
        return Failure::invalid("a step of 0");
    }
    let from_end = |at: i64| if at < 0 { at.saturating_add(size) } else { at };
    // The lowest and highest place that there is for a start, and for an end.
    let (start, end) = if step > 0 {
        (from_end(start).clamp(0, size), from_end(end).clamp(0, size))
    } else {
        (from_end(start).clamp(0, (size - 1).max(0)), from_end(end).clamp(-1, (size - 1).max(-1)))
    };
    let way = if step > 0 { end - start } else { start - end };
    let step = step.unsigned_abs();
    let n = if way <= 0 || size == 0 { 0 } else { (way as u64).div_ceil(step) as i64 };
    Ok((start, n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_backwards_is_held_within_the_axis_as_the_specification_says() {
        assert_eq!(range(5, -1, i64::MIN, -1), Ok((4, 5)));
        assert_eq!(range(5, -100, i64::MIN, -1), Ok((0, 1)));
        assert_eq!(range(5, 100, 0, -2), Ok((4, 2)));
        assert_eq!(range(5, 3, -1, -1), Ok((3, 0)));
        assert_eq!(range(0, -1, i64::MIN, -1), Ok((0, 0)));
    }

    #[test]
    fn a_slice_forwards_is_held_within_the_axis() {
        assert_eq!(range(5, -100, i64::MAX, 2), Ok((0, 3)));
        assert_eq!(range(5, 4, 2, 1), Ok((4, 0)));
        assert_eq!(range(5, 7, i64::MAX, i64::MAX), Ok((5, 0)));
    }
}
