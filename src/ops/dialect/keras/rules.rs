//! The types that Keras's layers give. Formulas are those of the layers' own
//! `compute_output_shape`.

use super::classes::today;
use super::settings::*;
use super::shapes::shape;
use crate::model::{AttributeValue, DType, Op};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};

/// The outputs of a layer; what is not known is left to the file.
pub(super) fn outputs(call: &Call<'_>) -> Outputs {
    let class = today(&call.op.op);
    match class {
        "LSTM" | "GRU" | "SimpleRNN" | "RNN" => recurrent(call, class),
        "Bidirectional" => bidirectional(call),
        "TimeDistributed" => wrapped(call),
        _ => {
            let dtype = dtype(call, class);
            let shape = shape(call, class);
            if shape.is_none() && dtype == DType::Undefined {
                Vec::new()
            } else {
                vec![Fact::tensor(dtype, shape)]
            }
        }
    }
}

/// Layers compute in the type of their policy, others in that of their operand.
fn dtype(call: &Call<'_>, class: &str) -> DType {
    let policy = match call.text("dtype") {
        Some("float32") | None => None,
        Some("float16" | "mixed_float16") => Some(DType::F16),
        Some("bfloat16" | "mixed_bfloat16") => Some(DType::BF16),
        Some("float64") => Some(DType::F64),
        Some("int32") => Some(DType::I32),
        Some("int64") => Some(DType::I64),
        Some(_) => Some(DType::Undefined),
    };
    let operand = call.dtype(0);
    match class {
        // What makes numbers of integers.
        "Embedding" | "Rescaling" | "Normalization" | "CategoryEncoding" => policy.unwrap_or(DType::F32),
        "Cast" => DType::Undefined,
        "Lambda" | "GetItem" => operand,
        _ => match (policy, operand) {
            (Some(policy), _) => policy,
            (None, DType::Undefined) => DType::Undefined,
            // A layer converts its operands to its own type.
            (None, DType::F16 | DType::BF16 | DType::F64) => DType::F32,
            (None, operand) => operand,
        },
    }
}

/// The sequence or its last step, and the state if that is asked for.
fn recurrent(call: &Call<'_>, class: &str) -> Outputs {
    let dtype = dtype(call, class);
    let Some(units) = int(call, "units") else { return Vec::new() };
    let Some(shape) = call.shape(0).filter(|s| s.len() == 3) else { return Vec::new() };
    let last = Fact::tensor(dtype, Some(vec![shape[0].clone(), known(units)]));
    let first = if is_on(call, "return_sequences", false) {
        Fact::tensor(dtype, Some(vec![shape[0].clone(), shape[1].clone(), known(units)]))
    } else {
        last.clone()
    };
    let mut outputs = vec![first];
    if is_on(call, "return_state", false) {
        outputs.extend(vec![last; if class == "LSTM" { 2 } else { 1 }]);
    }
    outputs
}

/// The call of what a wrapper wraps, with this first operand.
pub(super) fn inner<'a>(call: &'a Call<'a>, op: &'a Op, first: Option<Fact>) -> Call<'a> {
    Call {
        op,
        format: call.format,
        source: call.source,
        version: call.version,
        inputs: vec![first],
        outputs: call.outputs,
        outer: &[],
        conflicts: Default::default(),
    }
}

/// The layer inside a wrapper, by the settings that begin with `layer.`.
pub(super) fn layer_inside(op: &Op) -> Option<Op> {
    let class = match op.attribute("layer")? {
        AttributeValue::String(class) => class.as_str().to_owned(),
        _ => return None,
    };
    // A wrapper around a wrapper around a wrapper is not followed.
    if matches!(class.as_str(), "TimeDistributed" | "Bidirectional") {
        return None;
    }
    let own = op.attributes.iter().filter_map(|a| {
        let name = a.name.strip_prefix("layer.")?;
        Some(crate::model::Attribute { name: name.to_owned(), ..a.clone() })
    });
    Some(Op { op: class, attributes: own.collect(), input_slots: 1, ..Op::default() })
}

fn bidirectional(call: &Call<'_>) -> Outputs {
    let Some(op) = layer_inside(call.op) else { return Vec::new() };
    let one = outputs(&inner(call, &op, call.input(0).cloned()));
    let Some(first) = one.first() else { return Vec::new() };
    let merged = match text(call, "merge_mode") {
        Some("sum" | "mul" | "ave") => vec![first.clone()],
        Some("concat") | None if call.attribute("merge_mode").is_some() => {
            let mut both = first.clone();
            if let Some(last) = both.shape.as_mut().and_then(|s| s.last_mut()) {
                *last = times(last, 2);
            }
            vec![both]
        }
        _ => vec![first.clone(), first.clone()],
    };
    merged.into_iter().chain(one[1..].iter().cloned()).chain(one[1..].iter().cloned()).collect()
}

fn wrapped(call: &Call<'_>) -> Outputs {
    let (Some(op), Some(fact)) = (layer_inside(call.op), call.input(0)) else { return Vec::new() };
    let Some(shape) = fact.shape.as_ref().filter(|s| s.len() > 2) else { return Vec::new() };
    let (batch, steps) = (shape[0].clone(), shape[1].clone());
    let step: Vec<Size> = std::iter::once(batch).chain(shape[2..].iter().cloned()).collect();
    let mut given = outputs(&inner(call, &op, Some(Fact::tensor(fact.dtype, Some(step)))));
    for fact in &mut given {
        if let Some(shape) = &mut fact.shape {
            shape.insert(1.min(shape.len()), steps.clone());
        }
    }
    given
}
