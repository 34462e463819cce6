//! Resizing and sampling of images.

use super::layout::of_rank;
use super::rule::Rule;
use crate::model::{AttributeValue, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "GridSample" => grid_sample,
        "Resize" => resize,
        "Upsample" => upsample,
        _ => return None,
    })
}

fn grid_sample(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).zip(call.shape(1)).filter(|(x, grid)| x.len() == grid.len() && x.len() >= 3);
    let shape =
        shape.map(|(x, grid)| [vec![x[0].clone(), x[1].clone()], grid[1..grid.len() - 1].to_vec()].concat());
    vec![Fact::tensor(call.dtype(0), shape.or_else(|| of_rank(call.rank(0)?)))]
}

/// A size times a scale, rounded down.
fn scaled(size: &Size, scale: f64) -> Size {
    let size = size.as_ref()?;
    match size.known() {
        // In f32, as the scales are.
        Some(n) => Some(Expr::from((n as f32 * scale as f32).floor() as i64)),
        None if scale.fract() == 0.0 && scale.abs() < 1e9 => size.times(&Expr::from(scale as i64)),
        None if (1.0 / scale).fract() == 0.0 && scale > 1e-9 => {
            size.quotient(&Expr::from((1.0 / scale) as i64))
        }
        None => None,
    }
}

fn resize(call: &Call<'_>) -> Outputs {
    let Some(shape) = call.shape(0) else { return vec![Fact::tensor(call.dtype(0), None)] };
    let rank = shape.len();
    let (scales_slot, sizes_slot) = if call.version < 11 { (1, usize::MAX) } else { (2, 3) };
    let all: Vec<i64> = (0..rank as i64).collect();
    let axes: Option<Vec<usize>> =
        call.ints("axes").unwrap_or(&all).iter().map(|&axis| call.axis(axis, rank)).collect();
    let Some(axes) = axes else { return vec![Fact::tensor(call.dtype(0), of_rank(rank))] };
    let given = |slot: usize| call.input(slot).is_some_and(|f| f.count() != Some(0));
    let resized = if given(sizes_slot) {
        to_sizes(call, shape, &axes, sizes_slot)
    } else {
        by_scales(call, shape, &axes, scales_slot)
    };
    // Other axes stay as they are.
    let mut result = shape.to_vec();
    for (&axis, size) in axes.iter().zip(resized.unwrap_or_else(|| vec![None; axes.len()])) {
        result[axis] = size;
    }
    vec![Fact::tensor(call.dtype(0), Some(result))]
}

/// The sizes of the axes that are resized, where the operand in `slot` gives them.
fn to_sizes(call: &Call<'_>, shape: &[Size], axes: &[usize], slot: usize) -> Option<Vec<Size>> {
    let sizes = call.input(slot).and_then(Fact::sizes).filter(|s| s.len() == axes.len())?;
    let policy = match call.text("keep_aspect_ratio_policy") {
        None | Some("stretch") => return Some(sizes),
        Some(policy) => policy,
    };
    // The smaller, or the larger, of the scales holds for all axes.
    let ratio = |(&axis, size): (&usize, &Size)| {
        Some(size.as_ref()?.known()? as f64 / shape[axis].as_ref()?.known()? as f64)
    };
    let ratios: Vec<f64> = axes.iter().zip(&sizes).map(ratio).collect::<Option<_>>()?;
    let scale = if policy == "not_larger" {
        ratios.iter().copied().fold(f64::INFINITY, f64::min)
    } else {
        ratios.iter().copied().fold(0.0, f64::max)
    };
    let size = |&axis: &usize| {
        let size = shape[axis].as_ref().and_then(Expr::known).unwrap_or(0) as f64;
        Some(Expr::from((size * scale + 0.5).floor() as i64))
    };
    Some(axes.iter().map(size).collect())
}

/// The sizes of the axes that are resized, by the scales in `slot`.
fn by_scales(call: &Call<'_>, shape: &[Size], axes: &[usize], slot: usize) -> Option<Vec<Size>> {
    let scales = call.input(slot).and_then(Fact::floats).filter(|s| s.len() == axes.len())?;
    if call.text("coordinate_transformation_mode") != Some("tf_crop_and_resize") {
        return Some(axes.iter().zip(scales).map(|(&axis, scale)| scaled(&shape[axis], scale)).collect());
    }
    let Some(region) = call.input(1).and_then(Fact::floats) else { return Some(vec![None; axes.len()]) };
    let cropped = axes.iter().zip(scales).enumerate().map(|(i, (&axis, scale))| {
        let part = region.get(i + axes.len()).zip(region.get(i)).map(|(end, start)| end - start);
        let size = shape[axis].as_ref().and_then(Expr::known);
        size.zip(part).map(|(n, part)| Expr::from((n as f64 * part * scale).floor() as i64))
    });
    Some(cropped.collect())
}

fn upsample(call: &Call<'_>) -> Outputs {
    let Some(shape) = call.shape(0) else { return vec![Fact::tensor(call.dtype(0), None)] };
    let scales: Option<Vec<f64>> = match call.attribute("scales") {
        Some(AttributeValue::Floats(v)) => Some(v.iter().map(|&x| f64::from(x)).collect()),
        _ => call.input(1).and_then(Fact::floats),
    };
    let scales = scales.filter(|s| s.len() == shape.len());
    let result =
        scales.map(|scales| shape.iter().zip(scales).map(|(size, scale)| scaled(size, scale)).collect());
    vec![Fact::tensor(call.dtype(0), result.or_else(|| of_rank(shape.len())))]
}
