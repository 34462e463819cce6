//! Operators of quantised numbers: taken as real ones, computed, and quantised again.

use super::rounding::{list, requantized, single};
use crate::eval::elements::{count, of, room};
use crate::eval::elementwise::broadcast::{Plan, zip};
use crate::eval::elementwise::sigmoid_of;
use crate::eval::normalize::softmax::softmax_of;
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// The scale and the zero point at two slots; without a zero point it is zero.
fn parameters(call: &Call<'_>, scale: usize) -> Result<(f32, f32), Failure> {
    let zero = match call.maybe(scale + 1)? {
        Some(zero) => single(zero, "a zero point")?,
        None => 0.0,
    };
    Ok((single(call.array(scale)?, "a scale")?, zero))
}

/// The real numbers of an operand, with its scale behind it.
fn real(call: &Call<'_>, slot: usize) -> Result<Vec<f32>, Failure> {
    let array = call.array(slot)?;
    let (scale, zero) = parameters(call, slot + 1)?;
    let table: Vec<f32> = (0..=255u8)
        .map(|byte| {
            let number = if array.dtype == DType::I8 { f32::from(byte as i8) } else { f32::from(byte) };
            (number - zero) * scale
        })
        .collect();
    match array.dtype {
        DType::I8 | DType::U8 => {
            if array.content.len() != count(&array.dims)? {
                return Failure::invalid("a content is not as long as its shape says");
            }
            let mut out = room(array.content.len())?;
            out.extend(array.content.iter().map(|&byte| table[usize::from(byte)]));
            Ok(out)
        }
        _ => Ok(list(array)?.into_iter().map(|x| (x - zero) * scale).collect()),
    }
}

fn two(call: &Call<'_>, f: impl Fn(f32, f32) -> f32) -> Results {
    let (a, b) = (call.array(0)?, call.array(3)?);
    let plan = Plan::of([&a.dims, &b.dims])?;
    let numbers = zip(&plan, &real(call, 0)?, &real(call, 3)?, f)?;
    let to = parameters(call, 6)?;
    Ok(vec![requantized(a.dtype, plan.dims, numbers.into_iter(), to)?.into()])
}

pub(super) fn add(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    two(call, |x, y| x + y)
}

pub(super) fn mul(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    two(call, |x, y| x * y)
}

fn one(call: &Call<'_>, f: impl Fn(f32) -> f32) -> Results {
    let array = call.array(0)?;
    let numbers = real(call, 0)?.into_iter().map(f);
    Ok(vec![requantized(array.dtype, array.dims.clone(), numbers, parameters(call, 3)?)?.into()])
}

pub(super) fn sigmoid(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    one(call, sigmoid_of)
}

pub(super) fn leaky_relu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let alpha = call.float("alpha", 0.01)?;
    one(call, |x| if x < 0.0 { x * alpha } else { x })
}

/// Of the operator set that an attribute names.
pub(super) fn softmax(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let (axis, rank) = (Call::axis(call.int("axis", -1)?, array.dims.len())?, array.dims.len());
    let lanes = match call.maybe_int("opset")? {
        Some(13..) => Lanes::along(&array.dims, axis)?,
        Some(_) => Lanes::from(&array.dims, axis)?,
        None if axis + 1 == rank => Lanes::along(&array.dims, axis)?,
        None => return Failure::invalid("it does not say of which operator set it is"),
    };
    let numbers = softmax_of(&real(call, 0)?, lanes)?;
    Ok(vec![requantized(array.dtype, array.dims.clone(), numbers.into_iter(), parameters(call, 3)?)?.into()])
}

/// By the operator of the default domain.
pub(super) fn average_pool(call: &Call<'_>, engine: &mut dyn Engine) -> Results {
    if call.int("channels_last", 0)? != 0 {
        return Failure::unsupported("the channels come last");
    }
    let array = call.array(0)?;
    let numbers = of(array.dims.clone(), real(call, 0)?);
    let mut pool = call.like("AveragePool", vec![Some(numbers.into())]);
    pool.attributes = call.attributes.iter().filter(|a| a.name != "channels_last").cloned().collect();
    pool.opset = 22;
    let results = crate::eval::window::pool::average(&pool, engine)?;
    let Some(pooled) = results.first() else { return Failure::invalid("a pool has no result") };
    let pooled = pooled.array()?;
    let numbers = list(pooled)?;
    Ok(vec![requantized(array.dtype, pooled.dims.clone(), numbers.into_iter(), parameters(call, 3)?)?.into()])
}

pub(super) fn global_average_pool(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let rank = array.dims.len();
    if rank < 3 {
        return Failure::invalid("there are no axes to pool");
    }
    let (lanes, mut dims, kept) = match call.int("channels_last", 0)? {
        0 => (Lanes::from(&array.dims, 2)?, array.dims.clone(), 2..rank),
        _ => {
            let merged: Vec<i64> =
                vec![array.dims[0], count(&array.dims[1..rank - 1])? as i64, array.dims[rank - 1]];
            (Lanes::along(&merged, 1)?, array.dims.clone(), 1..rank - 1)
        }
    };
    dims[kept].fill(1);
    let numbers = real(call, 0)?;
    let mean = |start: usize| lanes.of(start).map(|at| f64::from(numbers[at])).sum::<f64>() / lanes.n as f64;
    let means: Vec<f32> = lanes.starts().map(|start| mean(start) as f32).collect();
    Ok(vec![requantized(array.dtype, dims, means.into_iter(), parameters(call, 3)?)?.into()])
}

/// Each operand with a scale of its own, one behind the other along an axis.
pub(super) fn concat(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let to = parameters(call, 0)?;
    let slots: Vec<usize> = (2..call.inputs.len()).step_by(3).collect();
    let Some(&first) = slots.first() else { return Failure::invalid("there is no operand") };
    let Some(axis) = call.maybe_int("axis")? else { return Failure::invalid("no axis is given") };
    let first = call.array(first)?;
    let axis = Call::axis(axis, first.dims.len())?;
    let mut dims = first.dims.clone();
    dims[axis] = 0;
    let mut parts: Vec<(Array, usize)> = Vec::new();
    for slot in slots {
        let array = call.array(slot)?;
        let others = |dims: &[i64]| [&dims[..axis], &dims[axis + 1..]].concat();
        if array.dims.len() != dims.len()
            || others(&array.dims) != others(&dims)
            || array.dtype != first.dtype
        {
            return Failure::invalid("the operands are of different shapes or types");
        }
        dims[axis] = dims[axis].saturating_add(array.dims[axis]);
        let own = if parameters(call, slot + 1)? == to {
            array.clone()
        } else {
            requantized(first.dtype, array.dims.clone(), real(call, slot)?.into_iter(), to)?
        };
        let row = Lanes::from(&array.dims, axis)?.n;
        parts.push((own, row));
    }
    let mut content: Vec<u8> = room(count(&dims)?)?;
    for block in 0..count(&dims[..axis])? {
        for (array, row) in &parts {
            let Some(bytes) = array.content.get(block * row..(block + 1) * row) else {
                return Failure::invalid("an operand is not of bytes");
            };
            content.extend_from_slice(bytes);
        }
    }
    Ok(vec![Array { dtype: first.dtype, dims, content: content.into() }.into()])
}
