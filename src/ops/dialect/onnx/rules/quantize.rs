//! Quantization and its inverse.

use super::rule::{Rule, dtype_named};
use crate::model::DType;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "QuantizeLinear" => quantize,
        "DequantizeLinear" => dequantize,
        "DynamicQuantizeLinear" => dynamic,
        _ => return None,
    })
}

fn shape(call: &Call<'_>) -> Option<Vec<Size>> {
    call.shape(0).map(<[Size]>::to_vec)
}

pub(super) fn quantize(call: &Call<'_>) -> Outputs {
    let dtype = match (dtype_named(call, "output_dtype"), call.has(2)) {
        (Some(dtype), _) => dtype,
        (None, true) => call.dtype(2),
        (None, false) => DType::U8,
    };
    vec![Fact::tensor(dtype, shape(call))]
}

pub(super) fn dequantize(call: &Call<'_>) -> Outputs {
    let dtype = match dtype_named(call, "output_dtype") {
        Some(dtype) => dtype,
        // Since version 19 as the scale is.
        None if call.version >= 19 => call.dtype(1),
        None => DType::F32,
    };
    vec![Fact::tensor(dtype, shape(call))]
}

fn dynamic(call: &Call<'_>) -> Outputs {
    let scalar = |dtype| Fact::tensor(dtype, Some(Vec::new()));
    vec![Fact::tensor(DType::U8, shape(call)), scalar(DType::F32), scalar(DType::U8)]
}
