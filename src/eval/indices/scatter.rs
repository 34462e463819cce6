//! Elements put to places.

use super::gather::{along, positions};
use super::reduction::{Reduction, reduced};
use crate::eval::elements::{count, filled};
use crate::eval::shape::moving::{Blocks, Patched, apply, operand, product};
use crate::eval::{Call, Engine, Failure, Value};

/// `ScatterElements`, and `Scatter`, its name before version 11.
pub(super) fn scatter_elements(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (data, updates) = (operand(call, 0)?, operand(call, 2)?);
    if updates.dims()? != call.array(1)?.dims {
        return Failure::invalid(format!("{} as updates at other indices", updates.sort()));
    }
    let numbers = along(call, data.dims()?)?;
    // Of two updates of one place, the later one holds: runtimes agree.
    Ok(vec![put(call, data, updates, Blocks { block: 1, numbers })?])
}

/// `ScatterND`.
pub(super) fn scatter_nd(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (data, updates) = (operand(call, 0)?, operand(call, 2)?);
    let (dims, indices) = (data.dims()?, &call.array(1)?.dims);
    let (numbers, depth) = positions(call, dims, 0)?;
    let wanted = [&indices[..indices.len() - 1], &dims[depth..]].concat();
    if updates.dims()? != wanted {
        return Failure::invalid(format!("{} as updates at other indices", updates.sort()));
    }
    let blocks = Blocks { block: product(&dims[depth..]), numbers };
    if Reduction::of(call)? == Reduction::None && count(dims)? > 0 {
        // Runtimes write blocks side by side, in no certain order.
        let mut seen = filled(product(&dims[..depth]), false)?;
        if blocks.numbers.iter().any(|&at| seen.get_mut(at).is_some_and(|seen| std::mem::replace(seen, true)))
            && !alike(updates, &blocks)?
        {
            return Failure::unsupported("two updates of one place: which one holds is not defined");
        }
    }
    Ok(vec![put(call, data, updates, blocks)?])
}

/// Data with updates in it, by the attribute `reduction`.
fn put(call: &Call<'_>, data: &Value, updates: &Value, blocks: Blocks) -> Result<Value, Failure> {
    match Reduction::of(call)? {
        Reduction::None => apply(&Patched(blocks), data.dims()?.to_vec(), &[data, updates]),
        how => Ok(reduced(data.array()?, updates.array()?, &blocks, how)?.into()),
    }
}

/// Whether updates of the same place are the same.
fn alike(updates: &Value, blocks: &Blocks) -> Result<bool, Failure> {
    let mut order: Vec<usize> = (0..blocks.numbers.len()).collect();
    order.sort_by_key(|&at| blocks.numbers[at]);
    let pairs = order.windows(2).filter(|pair| blocks.numbers[pair[0]] == blocks.numbers[pair[1]]);
    let dims = vec![blocks.block as i64];
    count(&dims)?;
    for pair in pairs {
        let part = |at| apply(&Blocks { block: blocks.block, numbers: vec![at] }, dims.clone(), &[updates]);
        if part(pair[0])? != part(pair[1])? {
            return Ok(false);
        }
    }
    Ok(true)
}
