//! The same elements under another shape: no content is copied.

use super::moving::{operand, product, reshaped};
use crate::eval::elements::{count, of, scalar};
use crate::eval::{Call, Engine, Failure, Value};

/// `Identity`: of tensors, sequences and optionals alike.
pub(super) fn identity(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    Ok(vec![operand(call, 0)?.clone()])
}

/// `Shape`, since version 15 of some axes only.
pub(super) fn shape(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let dims = operand(call, 0)?.dims()?;
    let rank = dims.len() as i64;
    let place = |at: i64| (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize;
    let (start, end) = (place(call.int("start", 0)?), place(call.int("end", rank)?));
    let part = dims.get(start..end).unwrap_or(&[]).to_vec();
    Ok(vec![of(vec![part.len() as i64], part).into()])
}

/// `Size`.
pub(super) fn size(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    Ok(vec![scalar(count(operand(call, 0)?.dims()?)? as i64).into()])
}

/// `Reshape`: 0 keeps a dimension (unless `allowzero`), -1 is what remains.
pub(super) fn reshape(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let wanted = if call.opset < 5 { call.ints("shape")? } else { call.ints_at(1)? };
    let Some(mut dims) = wanted else { return Failure::invalid("no shape is given") };
    let keep = call.int("allowzero", 0)? == 0;
    let old = data.dims()?;
    if keep {
        for (axis, dim) in dims.iter_mut().enumerate().filter(|(_, dim)| **dim == 0) {
            let kept = old.get(axis).copied();
            *dim = kept.ok_or_else(|| Failure::Invalid(format!("no axis {axis} whose size is kept")))?;
        }
    }
    if let Some(axis) = dims.iter().position(|&dim| dim == -1) {
        let others = [&dims[..axis], &dims[axis + 1..]].concat();
        let (total, known) = (count(old)?, count(&others)?);
        if known == 0 || total % known != 0 {
            return Failure::invalid(format!("{total} elements in parts of {known}"));
        }
        dims[axis] = (total / known) as i64;
    }
    Ok(vec![reshaped(data, dims)?])
}

/// `Flatten`: the axes before `axis` as one, the others as one.
pub(super) fn flatten(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let rank = dims.len() as i64;
    let axis = call.int("axis", 1)?;
    let at = if axis < 0 { axis.saturating_add(rank) } else { axis };
    if !(0..=rank).contains(&at) {
        return Failure::invalid(format!("axis {axis} of {rank} axes"));
    }
    let (before, after) = dims.split_at(at as usize);
    Ok(vec![reshaped(data, vec![product(before) as i64, product(after) as i64])?])
}

/// The axes of `Squeeze` and `Unsqueeze`: an operand since version 13, an attribute before.
fn axes(call: &Call<'_>) -> Result<Option<Vec<i64>>, Failure> {
    if call.opset < 13 { call.ints("axes") } else { call.ints_at(1) }
}

/// `Squeeze`.
pub(super) fn squeeze(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let mut gone = vec![false; dims.len()];
    match axes(call)? {
        None => gone = dims.iter().map(|&d| d == 1).collect(),
        Some(axes) if axes.is_empty() && dims.contains(&1) => {
            return Failure::unsupported("what an empty list of axes means differs between runtimes");
        }
        Some(axes) => {
            for axis in axes {
                let at = Call::axis(axis, dims.len())?;
                if dims[at] != 1 {
                    return Failure::invalid(format!("axis {axis} has {} elements, not one", dims[at]));
                }
                gone[at] = true;
            }
        }
    }
    let kept = dims.iter().zip(gone).filter(|(_, gone)| !gone).map(|(&d, _)| d).collect();
    Ok(vec![reshaped(data, kept)?])
}

/// `Unsqueeze`: the axes are those of the result.
pub(super) fn unsqueeze(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let Some(axes) = axes(call)? else { return Failure::invalid("no axes are given") };
    let rank = data.dims()?.len() + axes.len();
    let mut new = vec![false; rank];
    for axis in axes {
        let at = Call::axis(axis, rank)?;
        if new[at] {
            return Failure::invalid(format!("axis {axis} is given twice"));
        }
        new[at] = true;
    }
    let mut old = data.dims()?.iter();
    let dims = new.iter().map(|&new| if new { 1 } else { old.next().copied().unwrap_or(1) }).collect();
    Ok(vec![reshaped(data, dims)?])
}
