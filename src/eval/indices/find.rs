//! Elements for which something holds.

use crate::eval::elements::{bools, count, of, room, width};
use crate::eval::shape::moving::{Blocks, apply, operand, product, strides};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `NonZero`: the positions of elements that are not zero, one row per axis.
pub(super) fn non_zero(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = call.array(0)?;
    if data.dims.is_empty() {
        return Failure::unsupported("the positions of a scalar differ between runtimes");
    }
    let found = marked(data)?;
    let mut made = room(found.len().saturating_mul(data.dims.len()))?;
    for (&step, &size) in strides(&data.dims).iter().zip(&data.dims) {
        made.extend(found.iter().map(|&at| (at as i64) / step as i64 % size));
    }
    Ok(vec![of(vec![data.dims.len() as i64, found.len() as i64], made).into()])
}

/// The places of elements that are not zero. NaN is not.
fn marked(data: &Array) -> Result<Vec<usize>, Failure> {
    let (total, width) = (count(&data.dims)?, width(data.dtype)?);
    if total.checked_mul(width) != Some(data.content.len()) {
        return Failure::invalid("a content is not as long as its shape says");
    }
    // The sign of zero does not count.
    let last = match data.dtype {
        DType::F32 | DType::F64 | DType::F16 | DType::BF16 => 0x7f,
        DType::Bool => 0xff,
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => 0xff,
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => 0xff,
        other => return Failure::unsupported(format!("what is zero among {other}")),
    };
    let some = |element: &[u8]| {
        let (end, head) = element.split_last().unwrap_or((&0, &[]));
        end & last != 0 || head.iter().any(|&byte| byte != 0)
    };
    let elements = data.content.chunks_exact(width).enumerate();
    Ok(elements.filter(|(_, element)| some(element)).map(|(at, _)| at).collect())
}

/// `Compress`: parts of an axis, or elements of the whole, where a condition is true.
pub(super) fn compress(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let chosen: Vec<usize> =
        bools(call.array(1)?)?.iter().enumerate().filter(|(_, on)| **on != 0).map(|(at, _)| at).collect();
    let (outer, size, rest) = match call.maybe_int("axis")? {
        None => (&dims[..0], count(dims)? as i64, &dims[..0]),
        Some(axis) => {
            let axis = Call::axis(axis, dims.len())?;
            (&dims[..axis], dims[axis], &dims[axis + 1..])
        }
    };
    if chosen.last().is_some_and(|&at| at as i64 >= size) {
        return Failure::invalid(format!("a condition beyond {size} elements"));
    }
    let made = [outer, &[chosen.len() as i64], rest].concat();
    let mut numbers = Vec::new();
    if count(&made)? > 0 {
        let turns = 0..product(outer);
        numbers = turns.flat_map(|turn| chosen.iter().map(move |&at| turn * size as usize + at)).collect();
    }
    Ok(vec![apply(&Blocks { block: product(rest), numbers }, made, &[data])?])
}
