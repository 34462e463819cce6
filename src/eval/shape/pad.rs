//! Elements added around, or taken away.

use super::moving::{Plan, apply, operand, product, zeros};
use crate::eval::elements::{count, scalar};
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

/// A run of an axis: consecutive elements of the source, or as many fillers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    from: Option<usize>,
    n: usize,
}

/// By axis, what comes out; the last axis as runs, those before it element by element.
struct Padded {
    outer: Vec<Vec<Option<usize>>>,
    /// By outer axis, how many elements of the source lie in one step.
    steps: Vec<usize>,
    inner: Vec<Run>,
}

impl Padded {
    /// What comes out of a source of dimensions `dims` by the runs of each axis.
    fn new(dims: &[i64], runs: Vec<Vec<Run>>) -> Padded {
        let whole = |axis: usize| runs[axis] == [Run { from: Some(0), n: dims[axis] as usize }];
        // Axes at the end that stay as they are make one block with the one before them.
        let last = (0..dims.len()).rev().find(|&axis| !whole(axis)).unwrap_or(0);
        let block = product(dims.get(last + 1..).unwrap_or(&[]));
        let scaled = |run: &Run| Run { from: run.from.map(|at| at * block), n: run.n * block };
        let inner = match runs.get(last) {
            Some(runs) => runs.iter().map(scaled).collect(),
            None => vec![Run { from: Some(0), n: 1 }],
        };
        let each = |run: &Run| {
            let from = run.from;
            (0..run.n).map(move |i| from.map(|at| at + i))
        };
        let outer = runs.iter().take(last).map(|runs| runs.iter().flat_map(each).collect()).collect();
        let steps = (0..last).map(|axis| product(&dims[axis + 1..])).collect();
        Padded { outer, steps, inner }
    }
}

impl Plan for Padded {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        let [data, filler] = from else { return };
        let mut position = vec![0usize; self.outer.len()];
        loop {
            let places = self.outer.iter().zip(&position).zip(&self.steps);
            let base: Option<usize> = places.map(|((axis, &at), step)| axis[at].map(|at| at * step)).sum();
            for run in &self.inner {
                match (base, run.from) {
                    (Some(base), Some(at)) => {
                        to.extend_from_slice(data.get(base + at..base + at + run.n).unwrap_or(&[]));
                    }
                    _ => to.extend(
                        filler.first().into_iter().flat_map(|one| std::iter::repeat_n(one, run.n)).cloned(),
                    ),
                }
            }
            let Some(axis) = (0..position.len()).rev().find(|&i| position[i] + 1 < self.outer[i].len())
            else {
                return;
            };
            position[axis] += 1;
            position[axis + 1..].fill(0);
        }
    }
}

/// `Pad`: pads are an attribute before version 11.
pub(super) fn pad(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let pads = match call.opset {
        11.. => call.ints_at(1)?,
        2.. => call.ints("pads")?,
        _ => call.ints("paddings")?,
    };
    let Some(pads) = pads else { return Failure::invalid("no pads are given") };
    let axes = if call.opset < 18 { None } else { call.ints_at(3)? };
    let axes = axes.unwrap_or_else(|| (0..dims.len() as i64).collect());
    if pads.len() != 2 * axes.len() {
        return Failure::invalid(format!("{} pads for {} axes", pads.len(), axes.len()));
    }
    let mut by_axis = vec![(0i64, 0i64); dims.len()];
    let mut seen = vec![false; dims.len()];
    for (i, &axis) in axes.iter().enumerate() {
        let at = Call::axis(axis, dims.len())?;
        if std::mem::replace(&mut seen[at], true) {
            return Failure::invalid(format!("axis {axis} is given twice"));
        }
        by_axis[at] = (pads[i], pads[axes.len() + i]);
    }
    let mode = call.text("mode", "constant")?;
    if mode == "wrap" && call.opset < 19 {
        return Failure::invalid("the mode wrap is of version 19");
    }
    let filler = filler(call, data.dtype())?;
    Ok(vec![padded(data, &by_axis, &mode, &filler)?])
}

/// What is put around in the mode `constant`.
fn filler(call: &Call<'_>, dtype: DType) -> Result<Value, Failure> {
    if call.opset >= 11 {
        return match call.value(2) {
            None => zeros(dtype, Vec::new()),
            Some(one) if count(one.dims()?)? == 1 => Ok(one.clone()),
            Some(other) => Failure::invalid(format!("{} as a constant", other.sort())),
        };
    }
    let value = call.float("value", 0.0)?;
    match dtype {
        DType::F32 => Ok(scalar(value).into()),
        DType::F64 => Ok(scalar(f64::from(value)).into()),
        DType::F16 => Ok(scalar(half::f16::from_f32(value)).into()),
        other => Failure::invalid(format!("{other} is padded since version 11")),
    }
}

/// A tensor with elements around it, or fewer.
fn padded(data: &Value, pads: &[(i64, i64)], mode: &str, filler: &Value) -> Result<Value, Failure> {
    let dims = data.dims()?;
    let size = |(&d, &(before, after)): (&i64, &(i64, i64))| d.saturating_add(before).saturating_add(after);
    let made: Vec<i64> = dims.iter().zip(pads).map(size).collect();
    if count(&made)? == 0 {
        return zeros(data.dtype(), made);
    }
    let mut runs = Vec::new();
    for (&d, &(before, after)) in dims.iter().zip(pads) {
        runs.push(if (before, after) == (0, 0) {
            vec![Run { from: Some(0), n: d as usize }]
        } else {
            axis(d, before, after, mode)?
        });
    }
    apply(&Padded::new(dims, runs), made, &[data, filler])
}

/// The runs of one axis of `d` elements. What is taken away is gone before anything is added.
fn axis(d: i64, before: i64, after: i64, mode: &str) -> Result<Vec<Run>, Failure> {
    let (cut, end) = (before.saturating_neg().max(0), d.saturating_sub(after.saturating_neg().max(0)));
    let kept = end.saturating_sub(cut);
    let (before, after) = (before.max(0), after.max(0));
    if mode == "constant" {
        return Ok(constant(cut, kept, before, after));
    }
    if kept < 1 {
        return Failure::invalid("nothing is left whose elements could be put around it");
    }
    let place: fn(i64, i64) -> i64 = match mode {
        "edge" => |at, kept| at.clamp(0, kept - 1),
        "wrap" => |at, kept| at.rem_euclid(kept),
        "reflect" => |at, kept| if at < 0 { -at } else { 2 * (kept - 1) - at },
        other => return Failure::invalid(format!("the mode {other:?}")),
    };
    if mode == "reflect" && before.max(after) >= kept {
        return Failure::unsupported("a reflection of more elements than there are differs between runtimes");
    }
    let one = |at: i64| Run { from: Some((cut + place(at, kept)) as usize), n: 1 };
    let mut runs: Vec<Run> = (-before..0).map(one).collect();
    runs.push(Run { from: Some(cut as usize), n: kept as usize });
    runs.extend((kept..kept + after).map(one));
    Ok(runs)
}

/// Fillers around what is kept. Where more is taken away at one end than there is, fillers of the
/// other end are taken.
fn constant(cut: i64, kept: i64, before: i64, after: i64) -> Vec<Run> {
    let filler = |n: i64| Run { from: None, n: n.max(0) as usize };
    if kept < 0 {
        return vec![filler(before.saturating_add(after).saturating_add(kept))];
    }
    vec![filler(before), Run { from: Some(cut as usize), n: kept as usize }, filler(after)]
}

/// `CenterCropPad`: the middle of an axis, or the axis in the middle of zeros.
pub(super) fn center_crop_pad(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let wanted = call.ints_at(1)?.unwrap_or_default();
    let axes = call.ints("axes")?.unwrap_or_else(|| (0..dims.len() as i64).collect());
    if wanted.len() != axes.len() || wanted.iter().any(|&n| n < 0) {
        return Failure::invalid(format!("a shape of {wanted:?} for {} axes", axes.len()));
    }
    let mut pads = vec![(0, 0); dims.len()];
    for (&axis, &new) in axes.iter().zip(&wanted) {
        let axis = Call::axis(axis, dims.len())?;
        let more = new - dims[axis];
        // Towards zero: of an odd number, the greater half is at the end.
        pads[axis] = (more / 2, more - more / 2);
    }
    Ok(vec![padded(data, &pads, "constant", &zeros(data.dtype(), Vec::new())?)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::elements::of;

    fn pad_of(pads: (i64, i64), mode: &str) -> Result<Value, Failure> {
        let data: Value = of(vec![4], vec![1i32, 2, 3, 4]).into();
        padded(&data, &[pads], mode, &scalar(0i32).into())
    }

    #[test]
    fn negative_pads_take_away_and_the_others_add() {
        let made = |list: &[i32]| Ok(of(vec![list.len() as i64], list.to_vec()).into());
        assert_eq!(pad_of((-1, 2), "constant"), made(&[2, 3, 4, 0, 0]));
        assert_eq!(pad_of((2, -3), "edge"), made(&[1, 1, 1]));
        assert_eq!(pad_of((3, 1), "reflect"), made(&[4, 3, 2, 1, 2, 3, 4, 3]));
        assert_eq!(pad_of((1, 2), "wrap"), made(&[4, 1, 2, 3, 4, 1, 2]));
    }

    #[test]
    fn a_reflection_of_more_than_there_is_has_no_number() {
        assert!(matches!(pad_of((4, 0), "reflect"), Err(Failure::Unsupported(_))));
    }
}
