//! The shapes that Keras's layers give, family by family.

use super::classes::category;
use super::settings::*;
use crate::ops::facts::call::Call;
use crate::ops::facts::fact::{Size, known, product};
use crate::ops::shape::{broadcast, matmul, reduced, reshape, transposed};

/// What gives the shape of a layer's result, from the call and the class.
type Rule = fn(&Call<'_>, &str) -> Option<Vec<Size>>;

/// The shape that a layer gives.
pub(super) fn shape(call: &Call<'_>, class: &str) -> Option<Vec<Size>> {
    let rule = spatial(class).or_else(|| rearranging(class)).or_else(|| joining(class));
    match rule.or_else(|| reducing(class)) {
        Some(rule) => rule(call, class),
        None if depends_on_code(class) => None,
        None => category(class).and_then(|_| same(call, class)),
    }
}

/// Layers on images, of one to three spatial axes.
fn spatial(class: &str) -> Option<Rule> {
    Some(match class {
        "Conv1D" | "Conv2D" | "Conv3D" | "SeparableConv1D" | "SeparableConv2D" => {
            |call, class| convolution(call, spatial_rank(class), known(int(call, "filters")?))
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => |call, class| {
            let (_, _, channels) = image(call, spatial_rank(class))?;
            let many = int(call, "depth_multiplier").unwrap_or(1);
            convolution(call, spatial_rank(class), times(&channels, many))
        },
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            |call, class| transposed_convolution(call, spatial_rank(class))
        }
        "MaxPooling1D" | "MaxPooling2D" | "MaxPooling3D" | "AveragePooling1D" | "AveragePooling2D"
        | "AveragePooling3D" => |call, class| {
            let (batch, spatial, channels) = image(call, spatial_rank(class))?;
            Some(shape_of(call, batch, window(call, spatial_rank(class))?.output(&spatial), channels))
        },
        "Resizing" | "CenterCrop" => |call, _| {
            let (batch, _, channels) = image(call, 2)?;
            let spatial = vec![known(int(call, "height")?), known(int(call, "width")?)];
            Some(shape_of(call, batch, spatial, channels))
        },
        _ if class.starts_with("Global") => |call, class| {
            let (batch, spatial, channels) = image(call, spatial_rank(class))?;
            if is_on(call, "keepdims", false) {
                Some(shape_of(call, batch, vec![known(1); spatial.len()], channels))
            } else {
                Some(vec![batch, channels])
            }
        },
        _ if class.starts_with("ZeroPadding") => {
            |call, class| resized(call, spatial_rank(class), "padding", 1)
        }
        _ if class.starts_with("Cropping") => {
            |call, class| resized(call, spatial_rank(class), "cropping", -1)
        }
        _ if class.starts_with("UpSampling") => |call, class| {
            let rank = spatial_rank(class);
            let (batch, spatial, channels) = image(call, rank)?;
            let by = ints(call, "size", rank).unwrap_or_else(|| vec![2; rank]);
            let by = spatial.iter().zip(by).map(|(size, by)| times(size, by)).collect();
            Some(shape_of(call, batch, by, channels))
        },
        _ => return None,
    })
}

/// Layers that give the same elements in another shape.
fn rearranging(class: &str) -> Option<Rule> {
    Some(match class {
        "Flatten" => |call, _| {
            let shape = call.shape(0)?;
            // Of a list of numbers each is a row.
            Some(vec![shape.first()?.clone(), product(&shape[1..])])
        },
        "Reshape" => |call, _| {
            let wanted = ints(call, "target_shape", 1).or_else(|| ints(call, "newshape", 1))?;
            let is_layer = call.attribute("target_shape").is_some();
            let wanted: Vec<Size> = wanted.into_iter().map(known).collect();
            if !is_layer {
                return Some(reshape(call, call.shape(0), &wanted, true));
            }
            let inner = reshape(call, call.shape(0).and_then(|s| s.get(1..)), &wanted, true);
            Some(std::iter::once(call.shape(0)?.first()?.clone()).chain(inner).collect())
        },
        "Permute" => |call, _| {
            let order: Vec<i64> = std::iter::once(0).chain(ints(call, "dims", 1)?).collect();
            transposed(call, call.shape(0)?, &order)
        },
        "RepeatVector" => |call, _| {
            let shape = call.shape(0)?;
            Some(vec![shape.first()?.clone(), known(int(call, "n")?), shape.get(1)?.clone()])
        },
        _ => return None,
    })
}

/// Layers on several operands.
fn joining(class: &str) -> Option<Rule> {
    Some(match class {
        "Concatenate" => |call, _| concatenated(call),
        "Merge" => |call, _| {
            if call.text("mode") == Some("concat") { concatenated(call) } else { elementwise(call) }
        },
        "Add" | "Subtract" | "Multiply" | "Average" | "Maximum" | "Minimum" | "Divide" | "TrueDivide"
        | "Power" | "FloorDivide" | "Where" => |call, _| elementwise(call),
        "Dot" => |call, _| dot(call),
        "Matmul" => |call, _| matmul(call, call.shape(0)?, call.shape(1)?),
        "MultiHeadAttention" | "GroupedQueryAttention" => |call, _| attention_heads(call),
        "Attention" | "AdditiveAttention" => |call, _| with_last(call, call.shape(1)?.last()?.clone()),
        _ => return None,
    })
}

/// Layers that change one axis, or leave axes out.
fn reducing(class: &str) -> Option<Rule> {
    Some(match class {
        "Dense" => |call, _| with_last(call, known(int(call, "units")?)),
        "Embedding" => |call, _| {
            let mut shape = call.shape(0)?.to_vec();
            // Keras 1 and 2 may have it, and then the input is of it.
            shape.push(known(int(call, "output_dim")?));
            Some(shape)
        },
        "Sum" | "Mean" | "Max" | "Min" | "Prod" | "Std" | "Var" => |call, _| {
            let axes = ints(call, "axis", 1).unwrap_or_default();
            reduced(call, call.shape(0)?, &axes, is_on(call, "keepdims", false))
        },
        // Layers of Keras Applications.
        "LayerScale" | "CustomScaleLayer" => same,
        _ => return None,
    })
}

/// Whether the shape depends on code, or on settings that are not known.
fn depends_on_code(class: &str) -> bool {
    let named = matches!(
        class,
        "Lambda"
            | "EinsumDense"
            | "GetItem"
            | "CategoryEncoding"
            | "OneHot"
            | "Cast"
            | "Take"
            | "Stack"
            | "Split"
            | "Transpose"
            | "ExpandDims"
            | "Squeeze"
            | "Einsum"
            | "BroadcastTo"
            | "Pad"
            | "Tile"
            | "Repeat"
            | "TextVectorization"
            | "Hashing"
            | "Discretization"
            | "StringLookup"
            | "IntegerLookup"
            | "Layer"
            | "Shape"
            | "Arange"
    );
    named || class.contains("ConvLSTM") || class.starts_with("LocallyConnected")
}

/// The first operand's shape.
fn same(call: &Call<'_>, _: &str) -> Option<Vec<Size>> {
    Some(call.shape(0)?.to_vec())
}

/// What all operands broadcast to.
fn elementwise(call: &Call<'_>) -> Option<Vec<Size>> {
    let shapes: Vec<&[Size]> = (0..call.inputs.len()).map(|i| call.shape(i)).collect::<Option<_>>()?;
    broadcast(call, &shapes)
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
        let reach = window.kernel[axis].as_ref()?.known()?.checked_sub(1)?;
        let kernel = reach.checked_mul(window.dilations[axis])?.checked_add(1)?;
        let Some(extra) = &extra else {
            let more = if same { 0 } else { kernel.checked_sub(stride)?.max(0) };
            return plus(&times(&spatial[axis], stride), more);
        };
        let pad = if same { kernel / 2 } else { 0 };
        let more = (kernel - 2 * pad).checked_add(*extra.get(axis)?)?;
        plus(&times(&plus(&spatial[axis], -1), stride), more)
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
