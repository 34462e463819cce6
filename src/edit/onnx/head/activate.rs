//! The activation at the end of a head: softmax, sigmoid or none.

use super::change::Change;
use super::find::{Found, Kind, picks};
use super::options::{Activation, HeadOptions};
use super::tail::bypass;
use crate::edit::draft::{Draft, Step, StepId};
use crate::edit::retype::{Types, types_after};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Dim, NewValue, Shape, TensorType, ValueType};
use crate::text::printable;

/// Replaces the activation that is there with the wanted one.
///
/// The axis of the classes is the one that changes in a preview. An activation changes no
/// type, so those of the preview are the types of the whole edit.
///
/// # Errors
/// If the axis is ambiguous.
pub(super) fn set_activation(change: &mut Change, found: &Found, options: &HeadOptions) -> Result<()> {
    let Some(wanted) = options.activation else { return Ok(()) };
    let old = change.draft.ty(&change.draft.outputs[found.output]).cloned();
    let (there, steps) = activation(&change.draft, &found.tail);
    if wanted == there {
        if wanted != Activation::None {
            change.account.push(format!("{} is there already, and stays", wanted.name()));
        }
        return Ok(());
    }
    steps.iter().rev().for_each(|&id| bypass(&mut change.draft, id));
    if there != Activation::None {
        change.account.push(format!("{} of the old head is gone", there.name()));
    }
    if wanted == Activation::None {
        return Ok(());
    }
    let draft = &mut change.draft;
    let before = found.tail.iter().copied().find(|&id| picks(draft.step(id)));
    let value = match before {
        Some(id) => draft.step(id).inputs[0].clone(),
        None => draft.outputs[found.output].clone(),
    };
    // With the new classes, without an activation yet.
    let mut after = types_after(draft.model, &mut draft.clone().into_edit())?;
    let new = after.types.get(&value).and_then(ValueType::tensor).cloned();
    let shape = new.as_ref().and_then(|ty| ty.shape.as_ref());
    let old = draft.ty(&value).or(old.as_ref()).and_then(|ty| ty.shape.as_ref());
    let Some(axis) = class_axis(old, shape, found.kind, options.classes) else {
        let error = Error::new(
            ErrorKind::Unsupported,
            format!("the axis of `{}` that holds the classes is ambiguous", printable(&value)),
        );
        return Err(error.hint("leave `activation` out, or give the layer's own result as `at`"));
    };
    let made = activate(draft, Spot { value, before }, wanted, &axis);
    if let Some(ty) = new {
        declare_made(&mut after.types, made, ty, &axis);
    }
    change.after = Some(after);
    change.account.push(format!("{} over axis {} of {}", wanted.name(), axis.number, axis.rank));
    Ok(())
}

/// Adds the types of an activation's values to those of a preview.
fn declare_made(types: &mut Types, made: Made, ty: TensorType, axis: &ClassAxis) {
    for name in made.transposed {
        let mut ty = ty.clone();
        if let Some(shape) = &mut ty.shape {
            shape.0.swap(axis.number, axis.rank - 1);
        }
        types.insert(name, ValueType::Tensor(ty));
    }
    types.extend(made.alike.into_iter().map(|name| (name, ValueType::Tensor(ty.clone()))));
}

/// The activation that is there, and the steps that make it up.
fn activation(draft: &Draft, tail: &[StepId]) -> (Activation, Vec<StepId>) {
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

/// Where in a value's shape the classes are.
pub(super) struct ClassAxis {
    pub(super) number: usize,
    pub(super) rank: usize,
    /// Whether all later dimensions are 1.
    pub(super) only_ones_follow: bool,
}

/// The axis of the classes in the shape of a value: the one that changes with their number.
fn class_axis(old: Option<&Shape>, new: Option<&Shape>, kind: Kind, classes: i64) -> Option<ClassAxis> {
    let new = new?;
    let rank = new.0.len();
    let is = |axis: &usize| new.0.get(*axis) == Some(&Dim::Known(classes));
    let changed = old.filter(|old| old.0.len() == rank).and_then(|old| {
        let mut differ = (0..rank).filter(|&i| old.0[i] != new.0[i]).filter(is);
        differ.next().filter(|_| differ.next().is_none())
    });
    let usual = if kind == Kind::Conv { 1 } else { rank.checked_sub(1)? };
    let number = changed.or(Some(usual).filter(is)).or_else(|| (0..rank).rev().find(is))?;
    let only_ones_follow = new.0[number + 1..].iter().all(|dim| *dim == Dim::Known(1));
    Some(ClassAxis { number, rank, only_ones_follow })
}

/// Where an activation goes.
pub(super) struct Spot {
    /// The value it is put on, which keeps its name where it is the graph's output.
    pub(super) value: String,
    /// The one step that takes the result, in place of all that take the value.
    pub(super) before: Option<StepId>,
}

/// The values that an activation adds.
#[derive(Default)]
pub(super) struct Made {
    /// Those of the type of the value that it is put on.
    alike: Vec<String>,
    /// Those with the classes' axis and the last one exchanged.
    transposed: Vec<String>,
}

/// Puts an activation over the axis of the classes on a value.
pub(super) fn activate(draft: &mut Draft, spot: Spot, wanted: Activation, axis: &ClassAxis) -> Made {
    let Spot { value, before } = spot;
    let mut made = Made::default();
    let Some(op) = wanted.op() else { return made };
    let Some(maker) = draft.definer(&value) else { return made };
    let (input, result) = match before {
        Some(_) => (value.clone(), draft.fresh(&format!("{value}/probabilities"))),
        None => (moved_away(draft, maker, &value), value.clone()),
    };
    made.alike.extend([input.clone(), result.clone()].into_iter().filter(|name| *name != value));
    // Before version 13 all axes from this one on are one.
    let old = draft.opset() < 13 && op != "Sigmoid";
    let last = axis.rank - 1;
    let name = draft.fresh(&format!("{value}/{op}"));
    let (place, after) = (before.unwrap_or(maker), before.is_none());
    let number = |axis: usize| NewValue::Int(axis as i64);
    if old && axis.number != last && !axis.only_ones_follow {
        let (from, to) =
            (draft.fresh(&format!("{value}/turned")), draft.fresh(&format!("{value}/probabilities")));
        let names = [draft.fresh(&format!("{name}/turn")), draft.fresh(&format!("{name}/back"))];
        let perm: Vec<i64> = axis.exchanged().map(|axis| axis as i64).collect();
        let transpose = |name: &str, from: &str, to: &str| {
            Step::new("Transpose", name.to_owned(), vec![from.to_owned()], to.to_owned())
                .with("perm", NewValue::Ints(perm.clone()))
        };
        let first = draft.insert(transpose(&names[0], &input, &from), place, after);
        let softmax = Step::new(op, name, vec![from.clone()], to.clone()).with("axis", number(last));
        let second = draft.insert(softmax, first, true);
        draft.insert(transpose(&names[1], &to, &result), second, true);
        made.transposed.extend([from, to]);
    } else {
        let mut step = Step::new(op, name, vec![input], result.clone());
        if op != "Sigmoid" {
            let is_last = !old && axis.number == last;
            step = step.with("axis", if is_last { NewValue::Int(-1) } else { number(axis.number) });
        }
        draft.insert(step, place, after);
    }
    if let Some(user) = before {
        draft.set_input(user, 0, &result);
    }
    made
}

/// Renames the output of a step, for its users too; the old name is then free.
fn moved_away(draft: &mut Draft, maker: StepId, value: &str) -> String {
    let logits = draft.fresh(&format!("{value}/logits"));
    let users = draft.users(value);
    draft.set_output(maker, &logits);
    for (user, slot) in users {
        draft.set_input(user, slot, &logits);
    }
    logits
}

impl ClassAxis {
    /// The axes in order, with this one and the last exchanged.
    fn exchanged(&self) -> impl Iterator<Item = usize> {
        let (number, last) = (self.number, self.rank - 1);
        (0..=last).map(move |axis| match axis {
            _ if axis == number => last,
            _ if axis == last => number,
            _ => axis,
        })
    }
}
