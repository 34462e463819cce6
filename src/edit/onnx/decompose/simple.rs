//! What a few elementwise nodes say.

use super::parts::Parts;
use crate::edit::draft::Step;
use crate::model::{AttributeValue, DType, NewValue};

/// `CastLike`: a cast to the type of the second operand. To floats of eight bits and to what is
/// smaller it is left, since that has more rules.
pub(super) fn cast_like<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    use DType::*;
    let (value, like) = (step.input(0)?, step.input(1)?);
    let to = parts.dtype(like)?;
    let plain = [F16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool];
    plain.contains(&to).then(|| vec![parts.cast(value, to)])
}

/// `Swish`: x * sigmoid(alpha * x), and `SwiGLU`: that by the second operand.
pub(super) fn swish<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let x = step.input(0)?;
    let dtype = parts.dtype(x).filter(|dtype| dtype.is_float())?;
    let alpha = match step.attribute("alpha") {
        Some(AttributeValue::Float(alpha)) => f64::from(*alpha),
        None => 1.0,
        Some(_) => return None,
    };
    let alpha = parts.number(alpha, dtype);
    let scaled = parts.add("Mul", &[x, &alpha], &[]);
    let gate = parts.add("Sigmoid", &[&scaled], &[]);
    let swish = parts.add("Mul", &[x, &gate], &[]);
    Some(vec![match step.input(1) {
        Some(other) => parts.add("Mul", &[&swish, other], &[]),
        None => swish,
    }])
}

/// `ReduceMax` and `ReduceMin` of floats: engines that begin with the least finite number know
/// no negative infinity, so where there is nothing finite, it is put in. Of nothing at all it is
/// infinite, too.
pub(super) fn reduce_most<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let x = step.input(0)?;
    let dtype = parts.dtype(x)?;
    let sign = if step.op == "ReduceMax" { -1.0 } else { 1.0 };
    let most = match dtype {
        DType::F16 => 65504.0,
        DType::F32 => f64::from(f32::MAX),
        DType::F64 => f64::MAX,
        _ => return None,
    };
    if parts.opset() < 9 {
        return None;
    }
    let attributes = ["axes", "keepdims", "noop_with_empty_axes"];
    let operands: Vec<&str> = step.inputs.iter().map(String::as_str).collect();
    let reduced = parts.add_like(&step.op, &operands, step, &attributes, &[]);
    let last = parts.number(sign * most, dtype);
    let beyond = parts.add(if sign < 0.0 { "Less" } else { "Greater" }, &[x, &last], &[]);
    let finite = parts.add("Not", &[&beyond], &[]);
    let finite = parts.cast(&finite, DType::F32);
    let operands: Vec<&str> = [finite.as_str()].into_iter().chain(operands.into_iter().skip(1)).collect();
    let any = parts.add_like("ReduceMax", &operands, step, &attributes, &[]);
    let zero = parts.number(0.0, DType::F32);
    let any = parts.add("Greater", &[&any, &zero], &[]);
    let infinite = parts.number(sign * f64::INFINITY, dtype);
    Some(vec![parts.add("Where", &[&any, &reduced, &infinite], &[])])
}

/// `LpPool`: the root of a sum of powers; the sum is a convolution of ones.
pub(super) fn lp_pool<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let x = step.input(0)?;
    let (dtype, channels) = (parts.dtype(x)?, parts.dim(x, 1)?);
    let Some(AttributeValue::Ints(kernel)) = step.attribute("kernel_shape") else { return None };
    let power = step.int("p", 2);
    let list = |name: &str| match step.attribute(name) {
        Some(AttributeValue::Ints(list)) => list.clone(),
        _ => Vec::new(),
    };
    let (holes, pads) = (list("dilations"), list("pads"));
    for (i, &k) in kernel.iter().enumerate() {
        let pad = pads.get(i).unwrap_or(&0).checked_add(*pads.get(i + kernel.len()).unwrap_or(&0))?;
        let window = k.checked_sub(1)?.checked_mul(*holes.get(i).unwrap_or(&1))?.checked_add(1)?;
        // Runtimes differ on a window that is larger than the input.
        if parts.dim(x, 2 + i)?.checked_add(pad)? < window {
            return None;
        }
    }
    let size =
        kernel.iter().try_fold(channels, |n, &k| n.checked_mul(k)).filter(|n| (1..=1 << 20).contains(n))?;
    if !matches!(dtype, DType::F16 | DType::F32 | DType::F64)
        || power < 1
        || step.int("ceil_mode", 0) != 0
        || kernel.iter().any(|&k| k < 1)
    {
        return None;
    }
    let ones = parts.ones([&[channels, 1], kernel.as_slice()].concat(), size, dtype);
    let root = parts.number(1.0 / power as f64, dtype);
    let power = parts.number(power as f64, dtype);
    let absolute = parts.add("Abs", &[x], &[]);
    let raised = parts.add("Pow", &[&absolute, &power], &[]);
    let windows = ["auto_pad", "dilations", "kernel_shape", "pads", "strides"];
    let sum =
        parts.add_like("Conv", &[&raised, &ones], step, &windows, &[("group", NewValue::Int(channels))]);
    Some(vec![parts.add("Pow", &[&sum, &root], &[])])
}
