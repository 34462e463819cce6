//! Slices of arrays along an axis, and arrays put together from them.

use crate::eval::elements::{count, room, width};
use crate::eval::failure::Failure;
use crate::eval::value::Value;
use crate::files::arrays::Array;

/// The part of an array at one position of an axis, without that axis.
pub(super) fn part(array: &Array, axis: usize, at: usize) -> Result<Array, Failure> {
    let Some(&along) = array.dims.get(axis).filter(|&&n| at < n as usize) else {
        return Failure::invalid(format!("there is no position {at} on axis {axis}"));
    };
    let mut dims = array.dims.clone();
    dims.remove(axis);
    let inner = count(&array.dims[axis + 1..])? * width(array.dtype)?;
    let row = inner * along as usize;
    if axis == 0 || array.dims[..axis].iter().all(|&n| n == 1) {
        let content = array.content.slice(at * inner..(at + 1) * inner);
        return Ok(Array { dtype: array.dtype, dims, content });
    }
    let mut bytes = room(count(&dims)? * width(array.dtype)?)?;
    if row > 0 {
        array.content.chunks_exact(row).for_each(|row| bytes.extend_from_slice(&row[at * inner..][..inner]));
    }
    Ok(Array { dtype: array.dtype, dims, content: bytes.into() })
}

/// Arrays of one type and shape along a new axis.
pub(super) fn stacked(parts: &[Value], axis: usize) -> Result<Array, Failure> {
    let Some(first) = parts.first() else { return Failure::unsupported("nothing to put together") };
    let first = first.array()?;
    if axis > first.dims.len() {
        return Failure::invalid(format!("there is no axis {axis} among {}", first.dims.len() + 1));
    }
    let mut dims = first.dims.clone();
    dims.insert(axis, parts.len() as i64);
    let inner = count(&first.dims[axis..])? * width(first.dtype)?;
    let mut arrays = Vec::new();
    for part in parts {
        let part = part.array()?;
        if part.dtype != first.dtype || part.dims != first.dims {
            return Failure::invalid("the iterations give results of several shapes");
        }
        arrays.push(part);
    }
    let mut bytes = room(count(&dims)? * width(first.dtype)?)?;
    for outer in 0..count(&first.dims[..axis])? {
        for array in &arrays {
            bytes.extend_from_slice(&array.content[outer * inner..(outer + 1) * inner]);
        }
    }
    Ok(Array { dtype: first.dtype, dims, content: bytes.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::elements::of;

    #[test]
    fn parts_along_an_axis_put_together_again_are_the_array() {
        let array = of(vec![2, 3, 2], (0..12i32).collect());
        for axis in 0..3 {
            let along = array.dims[axis] as usize;
            let parts: Vec<Value> = (0..along).map(|at| part(&array, axis, at).unwrap().into()).collect();
            assert_eq!(stacked(&parts, axis).unwrap(), array);
        }
        assert!(part(&array, 1, 3).is_err());
    }
}
