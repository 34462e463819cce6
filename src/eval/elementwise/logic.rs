//! Comparisons, bools, and choices by them.

use super::broadcast::{Plan, pair, zip, zip3};
use super::unary::one;
use crate::eval::elements::{bools, dispatch, of, of_bools, room, view};
use crate::eval::value::Strings;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// Bools of one byte each as an array.
fn bytes(dims: Vec<i64>, content: Vec<u8>) -> Array {
    Array { dtype: DType::Bool, dims, content: content.into() }
}

macro_rules! comparisons {
    ($($name:ident $op:tt),*) => {
        $(pub(super) fn $name(call: &Call<'_>, _: &mut dyn Engine) -> Results {
            let (a, b) = pair(call)?;
            let plan = Plan::of([&a, &b])?;
            let (a, b) = (call.array(0)?, call.array(1)?);
            let result = dispatch!(a.dtype, numbers, T => {
                zip(&plan, &view::<T>(a)?, &view::<T>(b)?, |x, y| u8::from(x $op y))
            })?;
            one(bytes(plan.dims, result))
        })*
    };
}
comparisons!(less <, less_or_equal <=, greater >, greater_or_equal >=);

macro_rules! of_two_bools {
    ($($name:ident $op:tt),*) => {
        $(pub(super) fn $name(call: &Call<'_>, _: &mut dyn Engine) -> Results {
            let (a, b) = pair(call)?;
            let plan = Plan::of([&a, &b])?;
            let (a, b) = (bools(call.array(0)?)?, bools(call.array(1)?)?);
            let result = zip(&plan, a, b, |x: u8, y: u8| u8::from((x != 0) $op (y != 0)))?;
            one(bytes(plan.dims, result))
        })*
    };
}
of_two_bools!(and &, or |, xor ^, equal_bools ==);

/// Numbers, bools and strings.
pub(super) fn equal(call: &Call<'_>, engine: &mut dyn Engine) -> Results {
    let (Some(first), Some(second)) = (call.value(0), call.value(1)) else {
        return Failure::invalid("an operand is missing");
    };
    if first.dtype() == DType::Bool {
        return equal_bools(call, engine);
    }
    let (a, b) = pair(call)?;
    let plan = Plan::of([&a, &b])?;
    let result = match (first, second) {
        (Value::Strings(a), Value::Strings(b)) => {
            let mut result = room(plan.total)?;
            plan.each(|[i, j]| result.push(u8::from(a.elements.get(i) == b.elements.get(j))));
            result
        }
        _ => {
            let (a, b) = (first.array()?, second.array()?);
            dispatch!(a.dtype, numbers, T => {
                zip(&plan, &view::<T>(a)?, &view::<T>(b)?, |x, y| u8::from(x == y))
            })?
        }
    };
    one(bytes(plan.dims, result))
}

/// From the one where a condition holds, else from the other.
pub(super) fn choose(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let condition = call.array(0)?;
    let on = bools(condition)?;
    let (Some(yes), Some(no)) = (call.value(1), call.value(2)) else {
        return Failure::invalid("an operand is missing");
    };
    let plan = Plan::of([&condition.dims, yes.dims()?, no.dims()?])?;
    if yes.dtype() != no.dtype() {
        return Failure::invalid(format!("the operands are {} and {}", yes.dtype(), no.dtype()));
    }
    if let (Value::Strings(yes), Value::Strings(no)) = (yes, no) {
        let mut elements = room(plan.total)?;
        plan.each(|[c, i, j]| {
            elements.push(if on[c] != 0 { yes.elements.get(i) } else { no.elements.get(j) });
        });
        let elements: Option<Vec<String>> = elements.into_iter().map(|text| text.cloned()).collect();
        let Some(elements) = elements else {
            return Failure::invalid("a list of strings is shorter than its shape says");
        };
        return Ok(vec![Strings { dims: plan.dims, elements: elements.into() }.into()]);
    }
    let (yes, no) = (yes.array()?, no.array()?);
    macro_rules! chosen {
        ($ty:ty) => {{
            let pair = (view::<$ty>(yes)?, view::<$ty>(no)?);
            of(plan.dims.clone(), zip3(&plan, (on, &pair.0, &pair.1), |c, x, y| if c != 0 { x } else { y })?)
        }};
    }
    one(match yes.dtype {
        DType::Bool => {
            let pair = (bools(yes)?, bools(no)?);
            let result = zip3(&plan, (on, pair.0, pair.1), |c, x, y| if c != 0 { x } else { y })?;
            of_bools(plan.dims, result.into_iter().map(|x| x != 0))
        }
        dtype => dispatch!(dtype, numbers, T => Ok(chosen!(T)))?,
    })
}
