//! Values that may be absent. One that is there is that value itself.

use crate::eval::elements::of_bools;
use crate::eval::shape::moving::operand;
use crate::eval::{Call, Engine, Failure, Value};

/// `Optional`: of the operand, or of nothing.
pub(super) fn optional(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    match call.value(0) {
        Some(value) => Ok(vec![value.clone()]),
        None if call.has("type") => Ok(vec![Value::Nothing]),
        None => Failure::invalid("neither an element nor its type is given"),
    }
}

/// `OptionalGetElement`.
pub(super) fn get(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    match operand(call, 0)? {
        Value::Nothing => Failure::invalid("there is no element"),
        value => Ok(vec![value.clone()]),
    }
}

/// `OptionalHasElement`: no operand has none either.
pub(super) fn has(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let has = !matches!(call.value(0), None | Some(Value::Nothing));
    Ok(vec![of_bools(Vec::new(), [has]).into()])
}
