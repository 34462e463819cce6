//! What makes tensors, and describes them.

use super::layout::of_rank;
use super::rule::{Rule, dtype_named, like_first};
use crate::model::{AttributeValue, DType, Expr};
use crate::ops::dialect::onnx::constant::constant as stored_constant;
use crate::ops::dialect::onnx::dtypes::dtype;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Elem, Fact, Size, known, product};
use crate::ops::facts::fold;

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "AffineGrid" => affine_grid,
        "Bernoulli" | "EyeLike" | "RandomNormalLike" | "RandomUniformLike" => |call| {
            let mut outputs = like_first(call);
            if let Some(fact) = outputs.first_mut() {
                fact.dtype = dtype_named(call, "dtype").unwrap_or(fact.dtype);
            }
            outputs
        },
        "BlackmanWindow" | "HammingWindow" | "HannWindow" => {
            |call| vec![Fact::tensor(datatype(call, DType::F32), Some(vec![call.input(0).and_then(size_of)]))]
        }
        "Constant" => constant,
        "ConstantOfShape" => constant_of_shape,
        "ImageDecoder" => |call| {
            let channels = if call.text("pixel_format") == Some("Grayscale") { 1 } else { 3 };
            vec![Fact::tensor(DType::U8, Some(vec![None, None, known(channels)]))]
        },
        "MelWeightMatrix" => |call| {
            let bins = call.input(0).and_then(size_of);
            let spectrum = call.input(1).and_then(size_of);
            let half = spectrum.and_then(|n| n.quotient(&Expr::from(2))?.plus(&Expr::from(1)));
            vec![Fact::tensor(datatype(call, DType::F32), Some(vec![half, bins]))]
        },
        "Multinomial" => |call| {
            let batch = call.shape(0).and_then(|s| s.first()).cloned().flatten();
            let dtype = dtype_named(call, "dtype").unwrap_or(DType::I32);
            vec![Fact::tensor(dtype, Some(vec![batch, known(call.int("sample_size", 1))]))]
        },
        "RandomNormal" | "RandomUniform" => |call| {
            let shape = call.ints("shape").map(|s| s.iter().map(|&n| known(n)).collect());
            vec![Fact::tensor(dtype_named(call, "dtype").unwrap_or(DType::F32), shape)]
        },
        "Range" => range,
        "Shape" => shape,
        "Size" => |call| {
            let count = call.shape(0).and_then(product).map(Elem::Int);
            vec![Fact::tensor(DType::I64, Some(Vec::new())).with_content(count.map(|c| vec![c]))]
        },
        _ => return None,
    })
}

/// The number in a scalar.
fn size_of(fact: &Fact) -> Size {
    fact.sizes()?.first().cloned().flatten()
}

fn datatype(call: &Call<'_>, default: DType) -> DType {
    match call.attribute("output_datatype") {
        Some(value) => dtype("dtype", value).unwrap_or_default(),
        None => default,
    }
}

fn constant(call: &Call<'_>) -> Outputs {
    // In a function the value may be an attribute of the call.
    let referred = call.op.attributes.iter().any(|a| matches!(a.value, AttributeValue::Reference(_)));
    if referred {
        let text = |shape| vec![Fact::tensor(DType::String, Some(shape))];
        let elem = |n: Option<Elem>, dtype| {
            vec![Fact::tensor(dtype, Some(Vec::new())).with_content(n.map(|n| vec![n]))]
        };
        for attribute in &call.op.attributes {
            match (attribute.name.as_str(), call.attribute(&attribute.name)) {
                ("value_int", Some(AttributeValue::Int(n))) => {
                    return elem(Some(Elem::Int(Expr::from(*n))), DType::I64);
                }
                ("value_float", Some(AttributeValue::Float(x))) => {
                    return elem(Some(Elem::Float(f64::from(*x))), DType::F32);
                }
                ("value_ints", Some(AttributeValue::Ints(v))) => {
                    return vec![Fact::list(DType::I64, v.iter().map(|&n| known(n)).collect())];
                }
                ("value_floats", Some(AttributeValue::Floats(v))) => {
                    return vec![Fact::tensor(DType::F32, Some(vec![known(v.len() as i64)]))];
                }
                ("value_string", Some(_)) => return text(Vec::new()),
                ("value_strings", Some(AttributeValue::Strings(v))) => {
                    return text(vec![known(v.len() as i64)]);
                }
                ("value", Some(AttributeValue::Tensor(tensor))) => {
                    return vec![Fact::of_constant(tensor, call.source)];
                }
                _ => {}
            }
        }
        return Vec::new();
    }
    let tensor = stored_constant(call.op);
    tensor.map_or_else(Vec::new, |tensor| vec![Fact::of_constant(&tensor, call.source)])
}

fn constant_of_shape(call: &Call<'_>) -> Outputs {
    let value = match call.attribute("value") {
        Some(AttributeValue::Tensor(tensor)) => Fact::of_constant(tensor, call.source),
        _ => Fact::tensor(DType::F32, Some(Vec::new())).with_content(Some(vec![Elem::Float(0.0)])),
    };
    let shape = call.input(0).and_then(Fact::sizes);
    let shape = shape.or_else(|| super::layout::list_length(call, 0).and_then(of_rank));
    let result = Fact::tensor(value.dtype, shape);
    let elem = value.content.as_deref().and_then(|c| c.first()).cloned();
    let content = result.dims().and_then(|dims| fold::count(&dims)).zip(elem).map(|(n, elem)| vec![elem; n]);
    vec![result.with_content(content)]
}

fn range(call: &Call<'_>) -> Outputs {
    let dtype = call.dtype(0);
    let get =
        |slot: usize| call.input(slot).and_then(|f| f.content.as_deref()).and_then(|c| c.first()).cloned();
    let (start, limit, step) = (get(0), get(1), get(2));
    let sizes = |e: &Option<Elem>| e.as_ref().and_then(Elem::size);
    let mut content = None;
    let count: Size = match (sizes(&start), sizes(&limit), sizes(&step).as_ref().and_then(Expr::known)) {
        (Some(start), Some(limit), Some(step)) if step != 0 => {
            let length = limit.minus(&start);
            let count = match length.as_ref().and_then(Expr::known) {
                Some(n) => {
                    let count = i128::from(n).checked_div(i128::from(step)).unwrap_or(0)
                        + i128::from(n % step != 0 && (n < 0) == (step < 0));
                    i64::try_from(count.max(0)).ok().map(Expr::from)
                }
                None if step > 0 => length.and_then(|n| n.quotient_up(&Expr::from(step))),
                None => None,
            };
            let number = count.as_ref().and_then(Expr::known).and_then(|n| fold::count(&[n]));
            content = number.and_then(|n| {
                let at = |i: usize| start.plus(&Expr::from(step.checked_mul(i as i64)?)).map(Elem::Int);
                (0..n).map(at).collect::<Option<Vec<_>>>()
            });
            count
        }
        _ => {
            let float = |e: &Option<Elem>| e.as_ref().and_then(Elem::float);
            let numbers = float(&start).zip(float(&limit)).zip(float(&step));
            numbers.filter(|&(_, step)| step != 0.0).and_then(|((start, limit), step)| {
                let count = ((limit - start) / step).ceil().max(0.0);
                (count < 1e15).then(|| Expr::from(count as i64))
            })
        }
    };
    vec![Fact::tensor(dtype, Some(vec![count])).with_content(content)]
}

fn shape(call: &Call<'_>) -> Outputs {
    let Some(shape) = call.shape(0) else { return vec![Fact::tensor(DType::I64, Some(vec![None]))] };
    let rank = shape.len() as i64;
    let at =
        |bound: i64| (if bound < 0 { bound.saturating_add(rank) } else { bound }).clamp(0, rank) as usize;
    let (start, end) = (at(call.int("start", 0)), at(call.int("end", rank)));
    vec![Fact::list(DType::I64, shape.get(start..end).unwrap_or_default().to_vec())]
}

fn affine_grid(call: &Call<'_>) -> Outputs {
    let sizes = call.input(1).and_then(Fact::sizes);
    let rank = sizes.as_ref().map(Vec::len).or_else(|| super::layout::list_length(call, 1));
    let shape = rank.filter(|rank| matches!(rank, 4 | 5)).map(|rank| {
        let sizes = sizes.unwrap_or_else(|| vec![None; rank]);
        [vec![sizes[0].clone()], sizes[2..].to_vec(), vec![known(rank as i64 - 2)]].concat()
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}
