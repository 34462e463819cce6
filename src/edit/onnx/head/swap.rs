//! New weights for the head that is there.

use super::find::{Found, Kind, Weight, behind};
use super::options::{Activation, HeadOptions};
use super::tail::{activate, activation, bypass, class_axis, reshape, unquantize};
use super::weights::{Matrix, Supply, float_type, old_bias, old_rows};
use super::{Candidate, counted_classes};
use crate::edit::draft::{Builder, Draft, Place, Step, StepId, tensor};
use crate::edit::retype::{foreseen, forget};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, NewTensor, NewValue};
use crate::text::counted;
use crate::text::printable;

/// The edit that puts another head in the place of one.
pub(super) fn swap(mut draft: Draft, candidate: &Candidate, options: &HeadOptions) -> Result<Edit> {
    let mut found = behind(&mut draft, candidate.output)?
        .ok_or_else(|| Error::new(ErrorKind::Usage, "the head is no longer there"))?;
    let classes = options.classes;
    if options.pool.is_some() {
        let error = Error::new(
            ErrorKind::Usage,
            format!("--pool is for a new head on features; here is one already: {candidate}"),
        );
        return Err(error.hint("leave --pool out, or give --at the value to pool"));
    }
    if options.keep && classes < found.classes {
        let error = Error::new(
            ErrorKind::Usage,
            format!("--keep keeps {}, and {classes} are asked for", counted_classes(found.classes)),
        );
        return Err(error.hint("leave --keep out to make fewer"));
    }
    let mut account = vec![format!("head: {candidate}")];
    let dtype = float_type(&found.weight);
    let kept = if options.keep {
        Some((old_rows(draft.model, &found)?, old_bias(draft.model, &found)?))
    } else {
        None
    };
    reshape(&mut draft, &found, classes)?;
    let first = found.features.clone();
    let width = found.width;
    let mut supply = Supply::of(options, dtype);
    // What goes before the layer.
    let mut builder = Builder { draft: &mut draft, place: Place::Before(found.step), dtype };
    let mut features = first.clone();
    if let Some((scale, zero)) = &found.quantized {
        let inputs = [Some(features), Some(scale.clone()), zero.clone()].into_iter().flatten().collect();
        features = builder.add("DequantizeLinear", "head/features", inputs, &[]);
    }
    let (features, width) = builder.in_front(found.kind, (features, width), options, &mut supply)?;
    // The layer.
    let behind_width: Vec<i64> = match found.kind {
        Kind::Conv => found.weight.tensor.dims[2..].to_vec(),
        _ => Vec::new(),
    };
    let full = width * behind_width.iter().product::<i64>();
    let (mut weight, given) = supply.layer("head", (classes, full), 0)?;
    let mut bias = given.or_else(|| found.bias.as_ref().map(|_| Matrix::zeros(classes as usize, 1, dtype)));
    if let Some((rows, old)) = &kept {
        weight.keep(rows);
        if let (Some(bias), Some(old)) = (&mut bias, old) {
            bias.keep(old);
        }
    }
    if found.stays {
        in_place(&mut draft, &found, &features, &first, &weight, &behind_width, bias.as_ref());
    } else {
        anew(&mut draft, &mut found, &features, &weight, &behind_width, bias.as_ref());
    }
    let unquantized = unquantize(&mut draft, &mut found);
    let keeps = match &kept {
        Some(_) if found.weight.scale.is_some() => {
            format!("; the first {} are the old ones, as numbers", found.classes)
        }
        Some(_) => format!("; the first {} are the old ones, bit for bit", found.classes),
        None => String::new(),
    };
    account.push(format!("new: {} of {width} features, {}{keeps}", counted_classes(classes), supply.told()));
    if !options.hidden.is_empty() {
        let units: Vec<String> = options.hidden.iter().map(|h| h.units.to_string()).collect();
        account.push(format!("hidden: layers of {} units", units.join(", ")));
    }
    if unquantized > 0 || !found.stays || found.weight.scale.is_some() {
        account.push(format!(
            "the new head is not quantized ({} of the old result went)",
            counted(unquantized, "step")
        ));
    }
    let old_axis = draft.ty(&draft.outputs[found.output]).cloned();
    activated(&mut draft, &found, options, old_axis.as_ref(), &mut account)?;
    finish(draft, found.output, options, account)
}

/// Takes the last names into account, sweeps, and tells what went.
pub(super) fn finish(
    mut draft: Draft,
    output: usize,
    options: &HeadOptions,
    mut account: Vec<String>,
) -> Result<Edit> {
    if let Some(name) = &options.output_name {
        name_output(&mut draft, output, name)?;
    }
    draft.sweep();
    let removed: Vec<String> = draft.removed().map(Step::shown).collect();
    let quoted = |name: &str| format!("`{}`", printable(name));
    let refilled = draft.refilled();
    if !refilled.is_empty() {
        let names: Vec<String> = refilled.iter().map(|(name, ..)| quoted(name)).collect();
        let (before, after) = refilled.iter().fold((0, 0), |(a, b), (_, x, y)| (a + x, b + y));
        account.push(format!("weights in place: {} ({before} bytes before, {after} now)", shortened(&names)));
    }
    let dropped = draft.dropped();
    if !dropped.is_empty() {
        let names: Vec<String> = dropped.iter().map(|(name, _)| quoted(name)).collect();
        let bytes: u64 = dropped.iter().map(|(_, bytes)| bytes).sum();
        account.push(format!("weights gone: {} ({bytes} bytes)", shortened(&names)));
    }
    if !removed.is_empty() {
        account.push(format!("nodes gone: {}", shortened(&removed)));
    }
    let mut edit = draft.into_edit();
    let added: Vec<String> =
        edit.added.iter().map(|n| format!("{} `{}`", n.op, printable(&n.name))).collect();
    if !added.is_empty() {
        account.push(format!("nodes new: {}", shortened(&added)));
    }
    edit.account = account;
    Ok(edit)
}

fn shortened(names: &[String]) -> String {
    const MOST: usize = 8;
    let mut text = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}

/// Gives the graph's output another name.
fn name_output(draft: &mut Draft, output: usize, name: &str) -> Result<()> {
    let old = draft.outputs[output].clone();
    if old == name {
        return Ok(());
    }
    let usage = |message: String| Err(Error::new(ErrorKind::Usage, message));
    if name.is_empty() || !draft.is_free(name) {
        return usage(format!("the output cannot be named `{}`: something else is", printable(name)));
    }
    if draft.is_captured(&old) {
        return usage(format!(
            "the output `{}` is used in a subgraph, so it keeps its name",
            printable(&old)
        ));
    }
    let Some(maker) = draft.definer(&old) else {
        return usage("an input that is an output keeps its name".into());
    };
    draft.set_output(maker, name);
    draft.replace_uses(&old, name);
    Ok(())
}

/// Other weights for a layer that stays.
fn in_place(
    draft: &mut Draft,
    found: &Found,
    features: &str,
    first: &str,
    weight: &Matrix,
    behind: &[i64],
    bias: Option<&Matrix>,
) {
    let step = found.step;
    let label = draft.step(step).name.clone();
    let label = if label.is_empty() { "head".to_owned() } else { label };
    if features != first {
        let slot = draft.step(step).inputs.iter().position(|i| i == first).unwrap_or(0);
        draft.set_input(step, slot, features);
    }
    put(draft, (step, &found.weight), &format!("{label}.weight"), |name, turned| {
        weight.stored(name, found.classes_first != turned, behind)
    });
    let Some(matrix) = bias else { return };
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
/// makes it is told its name and whether a `Transpose` follows.
fn put(
    draft: &mut Draft,
    (step, old): (StepId, &Weight),
    base: &str,
    make: impl Fn(&str, bool) -> NewTensor,
) {
    let stored = draft.stored(&old.name).is_some();
    let wanted = if stored && (old.scale.is_none()) { old.name.as_str() } else { base };
    let (taker, slot, turned) = match old.taker {
        Some((taker, slot)) => (taker, slot, old.transposed),
        None => (step, old.slot, false),
    };
    let name = draft.store(wanted, Some(taker), make(wanted, turned));
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
fn anew(
    draft: &mut Draft,
    found: &mut Found,
    features: &str,
    weight: &Matrix,
    behind: &[i64],
    bias: Option<&Matrix>,
) {
    // What made numbers of the integers goes; its result is now that of the layer.
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
    let weight_name = draft.store(&wanted, None, weight.stored(&wanted, rows_first, behind));
    let name = draft.fresh(&format!("{label}/float"));
    let mut step = Step::new(op, name, vec![features.to_owned(), weight_name], result);
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
    if let Some(matrix) = bias {
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

/// The activation that is wanted, in place of the one that is there.
fn activated(
    draft: &mut Draft,
    found: &Found,
    options: &HeadOptions,
    old: Option<&crate::model::TensorType>,
    account: &mut Vec<String>,
) -> Result<()> {
    let (there, steps) = activation(draft, &found.tail);
    let wanted = match options.activation {
        None => return Ok(()),
        Some(wanted) if wanted == there => {
            if wanted != Activation::None {
                account.push(format!("{:?} is there already, and stays", wanted));
            }
            return Ok(());
        }
        Some(wanted) => wanted,
    };
    steps.iter().rev().for_each(|&id| bypass(draft, id));
    if there != Activation::None {
        account.push(format!("{there:?} of the old head is gone"));
    }
    if wanted == Activation::None {
        return Ok(());
    }
    let picks = |id: &&crate::edit::draft::StepId| ["ArgMax", "TopK"].contains(&draft.step(**id).op.as_str());
    let before = found.tail.iter().find(picks).copied();
    let value = match before {
        Some(id) => draft.step(id).inputs[0].clone(),
        None => draft.outputs[found.output].clone(),
    };
    // The shape with the new classes, without an activation yet.
    let mut edit = draft.clone().into_edit();
    forget(draft.model, &mut edit)?;
    let shown = foreseen(draft.model, &edit)?;
    let new = shown.graph.values().iter().find(|v| v.name == value);
    let new = new.and_then(|v| v.ty.as_ref()?.tensor()?.shape.clone());
    let before_type = draft.ty(&value).or(old).and_then(|ty| ty.shape.as_ref());
    let Some((axis, rank)) = class_axis(before_type, new.as_ref(), found.kind, options.classes) else {
        let error = Error::new(
            ErrorKind::Unsupported,
            format!("which axis of `{}` the classes are cannot be told", printable(&value)),
        );
        return Err(error.hint("leave --activation out, or give --at the layer's own result"));
    };
    let flat =
        new.as_ref().is_some_and(|s| s.0[axis + 1..].iter().all(|d| *d == crate::model::Dim::Known(1)));
    activate(draft, &value, before, wanted, (axis, rank), flat);
    account.push(format!("{wanted:?} over axis {axis} of {rank}"));
    Ok(())
}
