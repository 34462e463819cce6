//! What stands behind the layer that makes the classes: shapes, quantization, activation.

use super::find::{Found, Kind, constant};
use super::options::Activation;
use crate::edit::draft::{Draft, Step, StepId, tensor};
use crate::error::{Error, ErrorKind, Result};
use crate::formats::onnx;
use crate::model::{DType, Dim, NewValue, Shape, Source, Tensor, TensorData};

/// Lets what follows a step take the step's own input.
pub(super) fn bypass(draft: &mut Draft, id: StepId) {
    let (Some(input), output) =
        (draft.step(id).input(0).map(str::to_owned), draft.step(id).output().to_owned())
    else {
        return;
    };
    if !draft.outputs.contains(&output) && !draft.is_captured(&output) {
        draft.replace_uses(&output, &input);
        draft.remove(id);
        return;
    }
    // The output keeps its name: what stands before the step makes it now.
    let maker =
        draft.definer(&input).filter(|_| !draft.outputs.contains(&input) && !draft.is_captured(&input));
    match maker.filter(|&maker| draft.step(maker).output() == input) {
        Some(maker) => {
            draft.remove(id);
            draft.set_output(maker, &output);
            for (user, slot) in draft.users(&input) {
                draft.set_input(user, slot, &output);
            }
        }
        None => {
            let name = draft.fresh(&format!("{output}/Identity"));
            let step = Step::new("Identity", name, vec![input], output);
            draft.insert(step, id, true);
            draft.remove(id);
        }
    }
}

/// Takes the quantization of the old result away: its scale says nothing of the new one.
/// Gives the number of steps that went.
pub(super) fn unquantize(draft: &mut Draft, found: &mut Found) -> usize {
    let is = |draft: &Draft, id: &StepId| {
        ["QuantizeLinear", "DequantizeLinear"].contains(&draft.step(*id).op.as_str())
    };
    let gone: Vec<StepId> = found.tail.iter().copied().filter(|id| is(draft, id)).collect();
    found.tail.retain(|id| !gone.contains(id));
    gone.iter().for_each(|&id| bypass(draft, id));
    gone.len()
}

/// Shapes behind the layer that name the old number of classes name the new one.
///
/// # Errors
/// If something else behind the layer is made for the old number of classes.
pub(super) fn reshape(draft: &mut Draft, found: &Found, classes: i64) -> Result<()> {
    let bias = found.bias.as_ref().map(|b| b.step);
    for &id in &found.tail {
        if Some(id) == bias || classes == found.classes {
            continue;
        }
        let step = draft.step(id);
        let op = step.op.clone();
        let slots: &[usize] = match op.as_str() {
            "Reshape" => &[1],
            "Add" | "Sub" | "Mul" | "Div" => &[0, 1],
            _ => continue,
        };
        for &slot in slots {
            let Some(value) = draft.step(id).input(slot).map(str::to_owned) else { continue };
            let Some(weight) = constant(draft, &value) else { continue };
            if op != "Reshape" {
                if found.classes > 1 && weight.tensor.dims.contains(&found.classes) {
                    let shown = draft.step(id).shown();
                    let error = Error::new(
                        ErrorKind::Unsupported,
                        format!("{shown} behind the head has a number for each old class"),
                    );
                    return Err(error.hint("give --at a value before it, or fold it into the head's weights"));
                }
                continue;
            }
            let bytes = onnx::decode(weight.tensor, &draft.model.source)?;
            let owned = Tensor { data: TensorData::Owned(bytes), ..weight.tensor.clone() };
            let list = owned.numbers(&Source::default(), 64).unwrap_or_default();
            let mut list: Vec<i64> = list.into_iter().map(|n| n as i64).collect();
            let Some(at) = list.iter().rposition(|&n| n == found.classes) else { continue };
            list[at] = classes;
            let content = list.iter().flat_map(|n| n.to_le_bytes()).collect();
            let new = tensor(&value, DType::I64, vec![list.len() as i64], content);
            let name = draft.store(&value, Some(id), new);
            draft.set_input(id, slot, &name);
        }
    }
    Ok(())
}

/// The activation that is there, and the steps that are it.
pub(super) fn activation(draft: &Draft, tail: &[StepId]) -> (Activation, Vec<StepId>) {
    let mut found = (Activation::None, Vec::new());
    for &id in tail {
        let kind = match draft.step(id).op.as_str() {
            "Softmax" => Activation::Softmax,
            "LogSoftmax" => Activation::LogSoftmax,
            "Sigmoid" => Activation::Sigmoid,
            "Log" if found.0 == Activation::Softmax => Activation::LogSoftmax,
            _ => continue,
        };
        found.0 = kind;
        found.1.push(id);
    }
    found
}

/// The axis of the classes in the shape of a value: the one that changes with their number.
pub(super) fn class_axis(
    old: Option<&Shape>,
    new: Option<&Shape>,
    kind: Kind,
    classes: i64,
) -> Option<(usize, usize)> {
    let new = new?;
    let rank = new.0.len();
    let is = |axis: &usize| new.0.get(*axis) == Some(&Dim::Known(classes));
    let changed = old.filter(|old| old.0.len() == rank).and_then(|old| {
        let mut differ = (0..rank).filter(|&i| old.0[i] != new.0[i]).filter(is);
        differ.next().filter(|_| differ.next().is_none())
    });
    let usual = if kind == Kind::Conv { 1 } else { rank.checked_sub(1)? };
    let axis = changed.or(Some(usual).filter(is)).or_else(|| (0..rank).rev().find(is))?;
    Some((axis, rank))
}

/// Puts an activation over `axis` of `rank` behind a value, which keeps its name where it is
/// the graph's output.
pub(super) fn activate(
    draft: &mut Draft,
    value: &str,
    before: Option<StepId>,
    wanted: Activation,
    (axis, rank): (usize, usize),
    flat: bool,
) {
    let Some(op) = wanted.op() else { return };
    let Some(maker) = draft.definer(value) else { return };
    let input = match before {
        // The one step that takes it gets the result.
        Some(_) => value.to_owned(),
        None => {
            let logits = draft.fresh(&format!("{value}/logits"));
            let users = draft.users(value);
            draft.set_output(maker, &logits);
            for (user, slot) in users {
                draft.set_input(user, slot, &logits);
            }
            logits
        }
    };
    let result = match before {
        Some(_) => draft.fresh(&format!("{value}/probabilities")),
        None => value.to_owned(),
    };
    // Before version 13 all axes from this one on are one.
    let old = draft.opset() < 13 && op != "Sigmoid";
    let turns = old && axis + 1 != rank && !flat;
    let name = draft.fresh(&format!("{value}/{op}"));
    let last = rank - 1;
    let place = before.unwrap_or(maker);
    let after = before.is_none();
    let perm: Vec<i64> = (0..rank)
        .map(|i| if i == axis { last } else if i == last { axis } else { i } as i64)
        .collect();
    let number = |axis: usize| NewValue::Int(axis as i64);
    if turns {
        let (a, b) =
            (draft.fresh(&format!("{value}/turned")), draft.fresh(&format!("{value}/probabilities")));
        let names = [draft.fresh(&format!("{name}/turn")), draft.fresh(&format!("{name}/back"))];
        let turn = |name: &str, from: &str, to: &str| {
            Step::new("Transpose", name.to_owned(), vec![from.to_owned()], to.to_owned())
                .with("perm", NewValue::Ints(perm.clone()))
        };
        let first = draft.insert(turn(&names[0], &input, &a), place, after);
        let softmax = Step::new(op, name, vec![a.clone()], b.clone()).with("axis", number(last));
        let second = draft.insert(softmax, first, true);
        draft.insert(turn(&names[1], &b, &result), second, true);
    } else {
        let mut step = Step::new(op, name, vec![input], result.clone());
        if op != "Sigmoid" {
            let last_axis = !old && axis == last;
            step = step.with("axis", if last_axis { NewValue::Int(-1) } else { number(axis) });
        }
        draft.insert(step, place, after);
    }
    if let Some(user) = before {
        draft.set_input(user, 0, &result);
    }
}
