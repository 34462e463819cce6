//! Elements taken from places. Negative indices count from the end; others outside are errors.

use crate::eval::elements::{count, room};
use crate::eval::shape::moving::{Blocks, apply, odometer, operand, product, strides};
use crate::eval::{Call, Engine, Failure, Value};

/// `Gather`: parts of an axis by number.
pub(super) fn gather(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let axis = Call::axis(call.int("axis", 0)?, dims.len())?;
    let indices = ints(call, 1)?;
    let made = [&dims[..axis], &call.array(1)?.dims, &dims[axis + 1..]].concat();
    let block = product(&dims[axis + 1..]);
    let places: Vec<usize> =
        indices.iter().map(|&index| place(index, dims[axis])).collect::<Result<_, _>>()?;
    let mut numbers = Vec::new();
    if count(&made)? > 0 {
        let (outer, size) = (product(&dims[..axis]), dims[axis] as usize);
        if outer == 1 {
            numbers = places;
        } else {
            numbers = room(outer.saturating_mul(places.len()))?;
            numbers.extend((0..outer).flat_map(|turn| places.iter().map(move |&place| turn * size + place)));
        }
    }
    Ok(vec![apply(&Blocks { block, numbers }, made, &[data])?])
}

/// `GatherElements`: each element by its own number along an axis.
pub(super) fn gather_elements(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let made = call.array(1)?.dims.clone();
    let numbers = along(call, data.dims()?)?;
    Ok(vec![apply(&Blocks { block: 1, numbers }, made, &[data])?])
}

/// `GatherND`: blocks by the position of their first axes, in batches since version 12.
pub(super) fn gather_nd(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let (dims, indices) = (data.dims()?, &call.array(1)?.dims);
    let batch = call.int("batch_dims", 0)?;
    let Some(batch) = usize::try_from(batch).ok().filter(|&b| b < indices.len() && b < dims.len()) else {
        return Failure::invalid(format!("{batch} axes of batches"));
    };
    if dims[..batch] != indices[..batch] {
        return Failure::invalid("the data and its indices have other batches");
    }
    let (numbers, depth) = positions(call, dims, batch)?;
    let rest = &dims[batch + depth..];
    let made = [&indices[..indices.len() - 1], rest].concat();
    Ok(vec![apply(&Blocks { block: product(rest), numbers }, made, &[data])?])
}

/// The integers at a slot, which must be there.
pub(super) fn ints(call: &Call<'_>, slot: usize) -> Result<Vec<i64>, Failure> {
    call.ints_at(slot)?.ok_or_else(|| Failure::Invalid("no indices are given".to_owned()))
}

/// An index as a place among `size` ones.
pub(super) fn place(index: i64, size: i64) -> Result<usize, Failure> {
    let at = if index < 0 { index.saturating_add(size) } else { index };
    if (0..size).contains(&at) {
        return Ok(at as usize);
    }
    Failure::invalid(format!("index {index} of {size} elements"))
}

/// By element of the indices at slot 1, the place in data of dimensions `dims` that it means: its
/// own position, but along the attribute `axis`, where the index itself counts.
pub(super) fn along(call: &Call<'_>, dims: &[i64]) -> Result<Vec<usize>, Failure> {
    let own = &call.array(1)?.dims;
    let axis = Call::axis(call.int("axis", 0)?, dims.len())?;
    let fits = |(at, (own, d)): (usize, (&i64, &i64))| at == axis || own <= d;
    if own.len() != dims.len() || !own.iter().zip(dims).enumerate().all(fits) {
        return Failure::invalid("the indices have other dimensions than the data");
    }
    let mut steps = strides(dims);
    let step = steps[axis].unsigned_abs();
    steps[axis] = 0;
    let axes: Vec<(usize, isize)> = own.iter().zip(&steps).map(|(&d, &step)| (d as usize, step)).collect();
    let indices = ints(call, 1)?;
    let mut places = room(indices.len())?;
    let mut wrong = None;
    let mut list = indices.iter();
    if count(own)? > 0 {
        odometer(&axes, 0, |at| match list.next().map(|&index| place(index, dims[axis])) {
            Some(Ok(index)) => places.push(at.saturating_add(index.saturating_mul(step))),
            Some(Err(failure)) => wrong = Some(failure),
            None => {}
        });
    }
    wrong.map_or(Ok(places), Err)
}

/// The numbers of the blocks of data of dimensions `dims` that the positions at slot 1 mean, and
/// how many axes a position has. The first `batch` axes are those of batches.
pub(super) fn positions(call: &Call<'_>, dims: &[i64], batch: usize) -> Result<(Vec<usize>, usize), Failure> {
    let own = &call.array(1)?.dims;
    let Some(depth) = own.last().and_then(|&n| usize::try_from(n).ok()).filter(|&n| n > 0) else {
        return Failure::invalid("indices with no position");
    };
    let Some(axes) = dims.get(batch..batch.saturating_add(depth)) else {
        return Failure::invalid(format!("positions on {depth} axes of {}", dims.len() - batch));
    };
    let indices = ints(call, 1)?;
    let (blocks, tuples) = (product(axes), indices.len() / depth);
    let each = tuples / product(&own[..batch]).max(1);
    let mut numbers = room(tuples)?;
    for (tuple, position) in indices.chunks_exact(depth).enumerate() {
        let mut number = 0usize;
        for (&index, &size) in position.iter().zip(axes) {
            number = number.saturating_mul(size as usize).saturating_add(place(index, size)?);
        }
        numbers.push((tuple / each.max(1)).saturating_mul(blocks).saturating_add(number));
    }
    Ok((numbers, depth))
}
