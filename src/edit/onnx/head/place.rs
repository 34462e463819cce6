//! The layer of the new head: a new one that replaces the old, or the old one with other weights.

use super::find::{Found, Kind, Weight};
use super::weights::Matrix;
use crate::edit::draft::{Draft, Step, StepId, tensor};
use crate::model::{NewTensor, NewValue};

/// What the layer becomes.
pub(super) struct Layer {
    /// The value that it takes.
    pub(super) features: String,
    pub(super) weight: Matrix,
    pub(super) bias: Option<Matrix>,
    /// The dimensions of a convolution's kernel; none for other layers.
    pub(super) kernel_dims: Vec<i64>,
}

/// Other weights for a layer that stays.
pub(super) fn in_place(draft: &mut Draft, found: &Found, layer: &Layer) {
    let step = found.step;
    let label = draft.step(step).name.clone();
    let label = if label.is_empty() { "head".to_owned() } else { label };
    if layer.features != found.features {
        let slot = draft.step(step).inputs.iter().position(|i| *i == found.features).unwrap_or(0);
        draft.set_input(step, slot, &layer.features);
    }
    put(draft, (step, &found.weight), &format!("{label}.weight"), |name, transposed| {
        layer.weight.stored(name, found.classes_first != transposed, &layer.kernel_dims)
    });
    let Some(matrix) = &layer.bias else { return };
    match &found.bias {
        Some(old) => {
            // A row stays a row.
            let classes = matrix.rows as i64;
            let mut dims: Vec<i64> = old.weight.tensor.dims.clone();
            match dims.last_mut() {
                Some(last) => *last = classes,
                None => dims.push(classes),
            }
            put(draft, (old.step, &old.weight), &format!("{label}.bias"), |name, _| {
                tensor(name, matrix.dtype, dims.clone(), matrix.content.clone())
            });
        }
        None => add_bias(draft, found, &label, matrix),
    }
}

/// Puts a new constant on the way of an old one, or straight to the step that needs it. What
/// makes it gets its name, and whether a `Transpose` follows.
fn put(
    draft: &mut Draft,
    (step, old): (StepId, &Weight),
    base: &str,
    make: impl Fn(&str, bool) -> NewTensor,
) {
    let stored = draft.stored(&old.name).is_some();
    let wanted = if stored && (old.scale.is_none()) { old.name.as_str() } else { base };
    let (taker, slot, transposed) = match old.taker {
        Some((taker, slot)) => (taker, slot, old.transposed),
        None => (step, old.slot, false),
    };
    let name = draft.store(wanted, Some(taker), make(wanted, transposed));
    draft.set_input(taker, slot, &name);
}

/// A bias for a layer that has none.
fn add_bias(draft: &mut Draft, found: &Found, label: &str, matrix: &Matrix) {
    let wanted = format!("{label}.bias");
    let new = tensor(&wanted, matrix.dtype, vec![matrix.rows as i64], matrix.content.clone());
    let new = draft.store(&wanted, None, new);
    if found.kind != Kind::MatMul {
        draft.set_input(found.step, 2, &new);
        return;
    }
    let result = draft.step(found.step).output().to_owned();
    let product = draft.fresh(&format!("{result}/product"));
    draft.set_output(found.step, &product);
    let name = draft.fresh(&format!("{label}/bias"));
    draft.insert(Step::new("Add", name, vec![product, new], result), found.step, true);
}

/// A new layer in place of one that works on integers.
pub(super) fn anew(draft: &mut Draft, found: &mut Found, layer: &Layer) {
    // The dequantization is removed; its result is now that of the layer.
    let last = found.rescale.last().copied().unwrap_or(found.step);
    let result = draft.step(last).output().to_owned();
    let old = draft.step(found.step).clone();
    let label = if old.name.is_empty() { "head".to_owned() } else { old.name.clone() };
    let (op, rows_first) = match found.kind {
        Kind::Gemm => ("Gemm", true),
        Kind::Conv => ("Conv", true),
        Kind::MatMul => ("MatMul", false),
    };
    let wanted = format!("{label}.weight");
    let weight_name =
        draft.store(&wanted, None, layer.weight.stored(&wanted, rows_first, &layer.kernel_dims));
    let name = draft.fresh(&format!("{label}/float"));
    let mut step = Step::new(op, name, vec![layer.features.clone(), weight_name], result);
    match found.kind {
        Kind::Gemm => step = step.with("transB", NewValue::Int(1)),
        Kind::Conv => {
            step = step.with_stored(&old, &["auto_pad", "dilations", "kernel_shape", "pads", "strides"])
        }
        Kind::MatMul => {}
    }
    let own_bias = found.bias.as_ref().is_some_and(|b| b.step == found.step);
    for &id in found.rescale.iter().rev() {
        draft.remove(id);
    }
    draft.remove(found.step);
    let new = draft.insert(step, last, true);
    if let Some(matrix) = &layer.bias {
        match found.bias.clone().filter(|_| !own_bias) {
            Some(outer) => {
                put(draft, (outer.step, &outer.weight), &format!("{label}.bias"), |name, _| {
                    tensor(name, matrix.dtype, vec![matrix.rows as i64], matrix.content.clone())
                });
            }
            None => {
                found.step = new;
                add_bias(draft, found, &label, matrix);
            }
        }
    }
    found.step = new;
}
