//! Sequences of tensors.

use std::sync::Arc;

use crate::eval::elements::scalar;
use crate::eval::shape::moving::{operand, reshaped};
use crate::eval::shape::parts::{cut, joined};
use crate::eval::{Call, Engine, Failure, Value};

/// More elements than a sequence may have that a tensor is split into.
const MOST_PARTS: i64 = 1 << 20;

/// `SequenceEmpty`.
pub(super) fn empty(_: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    Ok(vec![sequence(Vec::new())])
}

/// `SequenceConstruct`.
pub(super) fn construct(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let mut list = Vec::new();
    for slot in 0..call.inputs.len() {
        push(&mut list, slot, operand(call, slot)?)?;
    }
    Ok(vec![sequence(list)])
}

/// `SequenceAt`.
pub(super) fn at(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let list = elements(call)?;
    let Some(position) = call.int_at(1)? else { return Failure::invalid("no position is given") };
    Ok(vec![list[place(position, list.len())?].clone()])
}

/// `SequenceErase`: the last element if no position is given.
pub(super) fn erase(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let mut list = elements(call)?.clone();
    let at = place(call.int_at(1)?.unwrap_or(-1), list.len())?;
    list.remove(at);
    Ok(vec![sequence(list)])
}

/// `SequenceInsert`: at the end if no position is given.
pub(super) fn insert(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let mut list = elements(call)?.clone();
    let n = list.len();
    let at = match call.int_at(2)? {
        Some(position) if position == n as i64 => n,
        Some(position) => place(position, n)?,
        None => n,
    };
    push(&mut list, at, operand(call, 1)?)?;
    Ok(vec![sequence(list)])
}

/// `SequenceLength`.
pub(super) fn length(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    Ok(vec![scalar(elements(call)?.len() as i64).into()])
}

/// `SplitToSequence`: into parts of one, of a size, or of sizes.
pub(super) fn split(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let axis = Call::axis(call.int("axis", 0)?, dims.len())?;
    let total = dims[axis];
    let sizes = match (call.ints_at(1)?, call.maybe(1)?.map(|array| array.dims.len())) {
        (Some(sizes), Some(1)) => sizes,
        (Some(size), _) => chunks(total, size.first().copied().unwrap_or(0))?,
        (None, _) => chunks(total, 1)?,
    };
    let mut parts = cut(data, axis, &sizes)?;
    if call.value(1).is_none() && call.int("keepdims", 1)? == 0 {
        let mut kept = dims.to_vec();
        kept.remove(axis);
        parts = parts.iter().map(|part| reshaped(part, kept.clone())).collect::<Result<_, _>>()?;
    }
    Ok(vec![sequence(parts)])
}

/// Parts of one size, the last one what remains.
fn chunks(total: i64, size: i64) -> Result<Vec<i64>, Failure> {
    if size < 1 {
        return Failure::invalid(format!("parts of {size}"));
    }
    if total / size > MOST_PARTS {
        return Err(Failure::TooLarge(format!("{total} elements in parts of {size}")));
    }
    let rest = Some(total % size).filter(|&rest| rest > 0);
    Ok(std::iter::repeat_n(size, (total / size) as usize).chain(rest).collect())
}

/// `ConcatFromSequence`: along an axis, or a new one.
pub(super) fn concat(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let list = elements(call)?;
    let Some(axis) = call.maybe_int("axis")? else { return Failure::invalid("no axis is given") };
    match call.int("new_axis", 0)? {
        0 => Ok(vec![joined(&list.iter().collect::<Vec<_>>(), axis)?]),
        1 => {
            let stacked = |part: &Value| {
                let mut dims = part.dims()?.to_vec();
                dims.insert(Call::axis(axis, dims.len() + 1)?, 1);
                reshaped(part, dims)
            };
            let parts: Vec<Value> = list.iter().map(stacked).collect::<Result<_, _>>()?;
            Ok(vec![joined(&parts.iter().collect::<Vec<_>>(), axis)?])
        }
        other => Failure::invalid(format!("new_axis is {other}")),
    }
}

fn sequence(list: Vec<Value>) -> Value {
    Value::List(Arc::new(list))
}

/// The sequence that is the first operand.
fn elements<'a>(call: &'a Call<'_>) -> Result<&'a Vec<Value>, Failure> {
    match operand(call, 0)? {
        Value::List(list) => Ok(list),
        other => Failure::invalid(format!("{} is no sequence", other.sort())),
    }
}

fn place(position: i64, n: usize) -> Result<usize, Failure> {
    let at = if position < 0 { position.saturating_add(n as i64) } else { position };
    match usize::try_from(at) {
        Ok(at) if at < n => Ok(at),
        _ => Failure::invalid(format!("position {position} in a sequence of {n}")),
    }
}

/// An element more; all are of one type.
fn push(list: &mut Vec<Value>, at: usize, element: &Value) -> Result<(), Failure> {
    element.dims()?;
    if let Some(other) = list.first().filter(|other| other.dtype() != element.dtype()) {
        return Failure::invalid(format!("{} and {} in one sequence", other.sort(), element.sort()));
    }
    list.insert(at.min(list.len()), element.clone());
    Ok(())
}
