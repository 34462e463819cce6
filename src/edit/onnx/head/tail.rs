//! What follows the layer that makes the classes: shapes and quantization.

use super::find::{Found, constant};
use crate::edit::draft::{Draft, Step, StepId, tensor};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{DType, Source, Tensor, TensorData};

/// Bypasses a step: what follows it takes its input.
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

/// Removes the quantization of the old result: its scale does not apply to the new one.
/// Returns the number of steps removed.
pub(super) fn unquantize(draft: &mut Draft, found: &mut Found) -> usize {
    let is = |draft: &Draft, id: &StepId| {
        ["QuantizeLinear", "DequantizeLinear"].contains(&draft.step(*id).op.as_str())
    };
    let gone: Vec<StepId> = found.tail.iter().copied().filter(|id| is(draft, id)).collect();
    found.tail.retain(|id| !gone.contains(id));
    gone.iter().for_each(|&id| bypass(draft, id));
    gone.len()
}

/// Shapes after the layer that name the old number of classes name the new one.
///
/// # Errors
/// If something else after the layer is made for the old number of classes.
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
                        format!("{shown} after the head has a number for each old class"),
                    );
                    return Err(
                        error.hint("give a value before it as `at`, or fold it into the head's weights")
                    );
                }
                continue;
            }
            let bytes = draft.model.content(weight.tensor)?;
            let owned = Tensor { data: TensorData::Owned(bytes), ..weight.tensor.clone() };
            let list = owned.numbers(&Source::default(), 64).unwrap_or_default();
            let mut list: Vec<i64> = list.into_iter().map(|n| n as i64).collect();
            let Some(at) = list.iter().rposition(|&n| n == found.classes) else {
                divides(draft.step(id), &list, found.classes)?;
                continue;
            };
            list[at] = classes;
            let content = list.iter().flat_map(|n| n.to_le_bytes()).collect();
            let new = tensor(&value, DType::I64, vec![list.len() as i64], content);
            let name = draft.store(&value, Some(id), new);
            draft.set_input(id, slot, &name);
        }
    }
    Ok(())
}

/// Makes sure that a `Reshape` does not cut the classes into parts.
///
/// # Errors
/// If it may, as those of detectors do: into classes of several boxes, or of several layers.
fn divides(step: &Step, shape: &[i64], classes: i64) -> Result<()> {
    let Some(part) = shape.iter().find(|&&n| n > 1 && classes % n == 0) else { return Ok(()) };
    let fact = format!("{} cuts the {classes} results of the layer into parts of {part}", step.shown());
    let error = Error::new(ErrorKind::Unsupported, fact);
    Err(error.hint("the layer makes more than classes; `at` can name a value of features instead"))
}
