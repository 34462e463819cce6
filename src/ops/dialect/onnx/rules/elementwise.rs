//! Element by element.

use super::rule::{Rule, dtype_named, like_first};
use crate::model::{AttributeValue, DType};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Elem, Fact, Size};
use crate::ops::facts::fold;
use crate::ops::shape::broadcast;

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "Abs" | "Ceil" | "Floor" | "Identity" | "Neg" | "Not" | "Reciprocal" | "Relu" | "Round" | "Sqrt" => {
            function
        }
        "Acos"
        | "Acosh"
        | "Asin"
        | "Asinh"
        | "Atan"
        | "Atanh"
        | "BitwiseNot"
        | "Celu"
        | "Cos"
        | "Cosh"
        | "CumProd"
        | "CumSum"
        | "Elu"
        | "Erf"
        | "Exp"
        | "Gelu"
        | "GroupNormalization"
        | "HardSigmoid"
        | "HardSwish"
        | "Hardmax"
        | "InstanceNormalization"
        | "LRN"
        | "LeakyRelu"
        | "Log"
        | "LogSoftmax"
        | "LpNormalization"
        | "MeanVarianceNormalization"
        | "Mish"
        | "PRelu"
        | "RMSNormalization"
        | "ReverseSequence"
        | "RotaryEmbedding"
        | "Scatter"
        | "ScatterElements"
        | "Selu"
        | "Shrink"
        | "Sigmoid"
        | "Sign"
        | "Sin"
        | "Sinh"
        | "Softmax"
        | "Softplus"
        | "Softsign"
        | "SwiGLU"
        | "Swish"
        | "Tan"
        | "Tanh"
        | "TensorScatter"
        | "ThresholdedRelu"
        | "Trilu" => like_first,
        "Clip" => clip,
        "IsInf" | "IsNaN" => |call| vec![Fact::tensor(DType::Bool, call.shape(0).map(<[Size]>::to_vec))],
        "Add" | "Sub" | "Mul" | "Div" | "Mod" | "Pow" | "Max" | "Min" => arithmetic,
        "BitShift" | "BitwiseAnd" | "BitwiseOr" | "BitwiseXor" | "Mean" | "Sum" => arithmetic,
        "And" | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Or" | "Xor" => comparison,
        "Where" => choice,
        "Cast" | "CastLike" | "BitCast" => cast,
        _ => return None,
    })
}

fn function(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let op = call.op.op.as_str();
    let content = input.content.as_deref();
    let content = content.map(|c| c.iter().map(|e| fold::function(op, input.dtype, e)).collect());
    vec![input.bare().with_content(content)]
}

/// The shape of several operands together; of old versions that of the first.
fn together(call: &Call<'_>) -> Option<Vec<Size>> {
    if call.version < 7 && call.inputs.len() == 2 {
        return call.shape(0).map(<[Size]>::to_vec);
    }
    let shapes: Vec<&[Size]> = (0..call.inputs.len()).map(|i| call.shape(i)).collect::<Option<_>>()?;
    broadcast(call, &shapes)
}

fn arithmetic(call: &Call<'_>) -> Outputs {
    let op = call.op.op.as_str();
    let dtype = (0..call.inputs.len()).map(|i| call.dtype(i));
    let dtype = if op == "Pow" {
        call.dtype(0)
    } else {
        dtype.max_by_key(|&d| d != DType::Undefined).unwrap_or_default()
    };
    let result = Fact::tensor(dtype, together(call));
    let operands: Option<Vec<&Fact>> = (0..call.inputs.len()).map(|i| call.input(i)).collect();
    // Of a mean of several the number of them would have to be known.
    let Some(operands) = operands.filter(|all| !all.is_empty() && op != "Mean") else { return vec![result] };
    let op = if op == "Sum" { "Add" } else { op };
    let dims = result.dims();
    let content = fold::zip(&operands, dims.as_deref(), |e| {
        e[1..].iter().fold(e[0].clone(), |sum, next| fold::arithmetic(op, dtype, &sum, next))
    });
    vec![result.with_content(content)]
}

/// `Clip`: bounds are attributes in old versions, and operands in new ones.
fn clip(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let bound = |name: &str, slot: usize| match call.attribute(name) {
        Some(AttributeValue::Float(x)) => Some(Some(Elem::Float(f64::from(*x)))),
        _ if !call.has(slot) => Some(None),
        _ => match call.input(slot)?.content.as_deref()? {
            [one] => Some(Some(one.clone())),
            _ => None,
        },
    };
    let (Some(least), Some(most)) = (bound("min", 1), bound("max", 2)) else { return vec![input.bare()] };
    let within = |elem: &Elem| {
        let apply = |op: &str, elem: Elem, bound: &Option<Elem>| match bound {
            Some(bound) => fold::arithmetic(op, input.dtype, &elem, bound),
            None => elem,
        };
        apply("Min", apply("Max", elem.clone(), &least), &most)
    };
    let content = input.content.as_deref().map(|c| c.iter().map(within).collect());
    vec![input.bare().with_content(content)]
}

fn comparison(call: &Call<'_>) -> Outputs {
    let op = call.op.op.as_str();
    let result = Fact::tensor(DType::Bool, together(call));
    let (Some(a), Some(b)) = (call.input(0), call.input(1)) else { return vec![result] };
    let dims = result.dims();
    let content = fold::zip(&[a, b], dims.as_deref(), |e| fold::comparison(op, e[0], e[1]));
    vec![result.with_content(content)]
}

fn choice(call: &Call<'_>) -> Outputs {
    let dtype = if call.dtype(1) == DType::Undefined { call.dtype(2) } else { call.dtype(1) };
    let result = Fact::tensor(dtype, together(call));
    let (Some(c), Some(a), Some(b)) = (call.input(0), call.input(1), call.input(2)) else {
        return vec![result];
    };
    let dims = result.dims();
    let content = fold::zip(&[c, a, b], dims.as_deref(), |e| match e[0].float() {
        Some(0.0) => e[2].clone(),
        Some(_) => e[1].clone(),
        None if e[1] == e[2] => e[1].clone(),
        None => Elem::Unknown,
    });
    vec![result.with_content(content)]
}

fn cast(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let to = match call.op.op.as_str() {
        "CastLike" => call.dtype(1),
        _ => dtype_named(call, "to").unwrap_or_default(),
    };
    let mut result = Fact::tensor(to, input.shape.clone());
    if call.op.op != "BitCast" && to != DType::Undefined && to != DType::String {
        let content = input.content.as_deref();
        result =
            result.with_content(content.map(|c| c.iter().map(|e| fold::cast(input.dtype, to, e)).collect()));
    }
    vec![result]
}
