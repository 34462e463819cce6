//! The types that Keras's layers give. Formulas are those of the layers' own
//! `compute_output_shape`.

use super::classes::{category, today};
use super::settings::*;
use crate::model::{AttributeValue, DType, Op};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known, product};
use crate::ops::shape::{broadcast, matmul, reduced, reshape, transposed};

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

fn shape(call: &Call<'_>, class: &str) -> Option<Vec<Size>> {
    let rank = spatial_rank(class);
    match class {
        "Dense" => with_last(call, known(int(call, "units")?)),
        "Embedding" => {
            let mut shape = call.shape(0)?.to_vec();
            // Keras 1 and 2 may have it, and then the input is of it.
            shape.push(known(int(call, "output_dim")?));
            Some(shape)
        }
        "Conv1D" | "Conv2D" | "Conv3D" | "SeparableConv1D" | "SeparableConv2D" => {
            convolution(call, rank, known(int(call, "filters")?))
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => {
            let (_, _, channels) = image(call, rank)?;
            convolution(call, rank, times(&channels, int(call, "depth_multiplier").unwrap_or(1)))
        }
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => transposed_convolution(call, rank),
        "MaxPooling1D" | "MaxPooling2D" | "MaxPooling3D" | "AveragePooling1D" | "AveragePooling2D"
        | "AveragePooling3D" => {
            let (batch, spatial, channels) = image(call, rank)?;
            Some(shape_of(call, batch, window(call, rank)?.output(&spatial), channels))
        }
        _ if class.starts_with("Global") => {
            let (batch, spatial, channels) = image(call, rank)?;
            if is_on(call, "keepdims", false) {
                Some(shape_of(call, batch, vec![known(1); spatial.len()], channels))
            } else {
                Some(vec![batch, channels])
            }
        }
        "Flatten" => {
            let shape = call.shape(0)?;
            // Of a list of numbers each is a row.
            Some(vec![shape.first()?.clone(), product(&shape[1..])])
        }
        "Reshape" => {
            let wanted = ints(call, "target_shape", 1).or_else(|| ints(call, "newshape", 1))?;
            let is_layer = call.attribute("target_shape").is_some();
            let wanted: Vec<Size> = wanted.into_iter().map(known).collect();
            if !is_layer {
                return Some(reshape(call, call.shape(0), &wanted, true));
            }
            let inner = reshape(call, call.shape(0).and_then(|s| s.get(1..)), &wanted, true);
            Some(std::iter::once(call.shape(0)?.first()?.clone()).chain(inner).collect())
        }
        "Permute" => {
            let order: Vec<i64> = std::iter::once(0).chain(ints(call, "dims", 1)?).collect();
            transposed(call, call.shape(0)?, &order)
        }
        "RepeatVector" => {
            let shape = call.shape(0)?;
            Some(vec![shape.first()?.clone(), known(int(call, "n")?), shape.get(1)?.clone()])
        }
        _ if class.starts_with("ZeroPadding") => resized(call, rank, "padding", 1),
        _ if class.starts_with("Cropping") => resized(call, rank, "cropping", -1),
        _ if class.starts_with("UpSampling") => {
            let (batch, spatial, channels) = image(call, rank)?;
            let by = ints(call, "size", rank).unwrap_or_else(|| vec![2; rank]);
            let by = spatial.iter().zip(by).map(|(size, by)| times(size, by)).collect();
            Some(shape_of(call, batch, by, channels))
        }
        "Resizing" | "CenterCrop" => {
            let (batch, _, channels) = image(call, 2)?;
            let spatial = vec![known(int(call, "height")?), known(int(call, "width")?)];
            Some(shape_of(call, batch, spatial, channels))
        }
        "Concatenate" | "Merge" if class == "Concatenate" || call.text("mode") == Some("concat") => {
            concatenated(call)
        }
        // Layers of Keras Applications.
        "LayerScale" | "CustomScaleLayer" => Some(call.shape(0)?.to_vec()),
        "Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum" | "Merge" | "Divide"
        | "TrueDivide" | "Power" | "FloorDivide" | "Where" => {
            let shapes: Vec<&[Size]> =
                (0..call.inputs.len()).map(|i| call.shape(i)).collect::<Option<_>>()?;
            broadcast(call, &shapes)
        }
        "Dot" => dot(call),
        "Matmul" => matmul(call, call.shape(0)?, call.shape(1)?),
        "MultiHeadAttention" | "GroupedQueryAttention" => attention_heads(call),
        "Attention" | "AdditiveAttention" => {
            let mut shape = call.shape(0)?.to_vec();
            *shape.last_mut()? = call.shape(1)?.last()?.clone();
            Some(shape)
        }
        "Sum" | "Mean" | "Max" | "Min" | "Prod" | "Std" | "Var" => {
            let axes = ints(call, "axis", 1).unwrap_or_default();
            reduced(call, call.shape(0)?, &axes, is_on(call, "keepdims", false))
        }
        // The code, or what was asked of it, is not known.
        "Lambda" | "EinsumDense" | "GetItem" | "CategoryEncoding" | "OneHot" | "Cast" | "Take" | "Stack"
        | "Split" | "Transpose" | "ExpandDims" | "Squeeze" | "Einsum" | "BroadcastTo" | "Pad" | "Tile"
        | "Repeat" | "TextVectorization" | "Hashing" | "Discretization" | "StringLookup"
        | "IntegerLookup" | "Layer" | "Shape" | "Arange" => None,
        _ if class.contains("ConvLSTM") || class.starts_with("LocallyConnected") => None,
        _ if category(class).is_some() => Some(call.shape(0)?.to_vec()),
        _ => None,
    }
}

/// The first operand's shape with another last dimension.
fn with_last(call: &Call<'_>, last: Size) -> Option<Vec<Size>> {
    let mut shape = call.shape(0)?.to_vec();
    *shape.last_mut()? = last;
    Some(shape)
}

fn convolution(call: &Call<'_>, rank: usize, filters: Size) -> Option<Vec<Size>> {
    let (batch, spatial, _) = image(call, rank)?;
    Some(shape_of(call, batch, window(call, rank)?.output(&spatial), filters))
}

/// Keras gives `in * stride + max(kernel - stride, 0)` where the padding is `valid`.
fn transposed_convolution(call: &Call<'_>, rank: usize) -> Option<Vec<Size>> {
    let (batch, spatial, _) = image(call, rank)?;
    let window = window(call, rank)?;
    let extra = ints(call, "output_padding", rank);
    let same = text(call, "padding") == Some("same");
    let along = |axis: usize| -> Size {
        let stride = window.strides[axis];
        let kernel =
            window.kernel[axis].as_ref()?.known()?.checked_sub(1)?.checked_mul(window.dilations[axis])? + 1;
        let Some(extra) = &extra else {
            let more = if same { 0 } else { (kernel - stride).max(0) };
            return plus(&times(&spatial[axis], stride), more);
        };
        let pad = if same { kernel / 2 } else { 0 };
        plus(&times(&plus(&spatial[axis], -1), stride), kernel - 2 * pad + extra.get(axis)?)
    };
    let sizes = (0..rank).map(along).collect();
    Some(shape_of(call, batch, sizes, known(int(call, "filters")?)))
}

/// Rows added before and after each spatial axis, or taken away.
fn resized(call: &Call<'_>, rank: usize, name: &str, sign: i64) -> Option<Vec<Size>> {
    let (batch, spatial, channels) = image(call, rank)?;
    let given = ints(call, name, 2 * rank)?;
    let both = |axis: usize| -> Option<i64> {
        match given.len() {
            n if n == 2 * rank => given[2 * axis].checked_add(given[2 * axis + 1]),
            n if n == rank => given[axis].checked_mul(2),
            _ => None,
        }
    };
    let sizes = (0..rank).map(|axis| plus(&spatial[axis], both(axis)?.checked_mul(sign)?)).collect();
    Some(shape_of(call, batch, sizes, channels))
}

fn concatenated(call: &Call<'_>) -> Option<Vec<Size>> {
    let mut shape = call.shape(0)?.to_vec();
    let axis = int(call, "axis").or_else(|| int(call, "concat_axis")).unwrap_or(-1);
    let axis = call.axis(axis, shape.len())?;
    for i in 1..call.inputs.len() {
        let other = call.shape(i)?;
        let sum = shape[axis].as_ref().zip(other.get(axis)?.as_ref()).and_then(|(a, b)| a.plus(b));
        shape[axis] = sum;
        for (at, size) in shape.iter_mut().enumerate().filter(|(at, _)| *at != axis) {
            if size.as_ref().and_then(|e| e.known()).is_none()
                && let Some(other) = other.get(at)
            {
                size.clone_from(other);
            }
        }
    }
    Some(shape)
}

/// The products of two operands along one axis of each; the batch stays.
fn dot(call: &Call<'_>) -> Option<Vec<Size>> {
    let (a, b) = (call.shape(0)?, call.shape(1)?);
    let axes = ints(call, "axes", 2)?;
    let (x, y) = (call.axis(*axes.first()?, a.len())?, call.axis(*axes.get(1)?, b.len())?);
    let mut shape: Vec<Size> =
        a.iter().enumerate().filter(|(i, _)| *i != x).map(|(_, s)| s.clone()).collect();
    shape.extend(b.iter().enumerate().filter(|(i, _)| *i != y && *i != 0).map(|(_, s)| s.clone()));
    if shape.len() == 1 {
        shape.push(known(1));
    }
    Some(shape)
}

fn attention_heads(call: &Call<'_>) -> Option<Vec<Size>> {
    match ints(call, "output_shape", 1) {
        Some(own) => {
            let mut shape = call.shape(0)?.to_vec();
            shape.pop();
            shape.extend(own.into_iter().map(known));
            Some(shape)
        }
        None => Some(call.shape(0)?.to_vec()),
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
