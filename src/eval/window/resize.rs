//! `Resize` and `Upsample`.
//!
//! Sums of elements are for floats only: runtimes round those of integers differently, and give
//! an infinity no weight or make it NaN.

use super::coordinates::{Along, Nearest, Transform};
use super::interpolate::{self, Filter, Mode};
use crate::eval::elements::{Element, count, dispatch, room, view, width};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `Resize`.
pub(super) fn resize(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    if call.opset < 11 {
        return upsample(call, engine);
    }
    let x = call.array(0)?;
    let transform = transform(call)?;
    let axes = axes(call, x, transform)?;
    let mode = mode(call)?;
    run(x, &axes, (transform, mode), call.float("extrapolation_value", 0.0)?)
}

/// `Upsample`, and `Resize` of operator set 10.
pub(super) fn upsample(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let scales = match call.opset {
        ..9 => call.floats("scales")?,
        _ => call.maybe(1)?.map(|scales| view::<f32>(scales).map(|list| list.into_owned())).transpose()?,
    };
    let Some(scales) = scales.filter(|list| list.len() == x.dims.len()) else {
        return Failure::invalid(format!("not one scale for each of {} axes", x.dims.len()));
    };
    if call.op == "Upsample" && scales.iter().any(|&s| s < 1.0) {
        return Failure::invalid(format!("scales {scales:?} of an Upsample"));
    }
    let mode = match call.text("mode", "nearest")?.as_str() {
        "nearest" => Mode::Nearest(Nearest::Unsaid),
        "linear" | "bilinear" => {
            Mode::Weighted(Filter { cubic: None, antialias: false, exclude_outside: false })
        }
        other => return Failure::invalid(format!("mode is {other}")),
    };
    let along = |(axis, &scale): (usize, &f32)| by_scale(axis, x.dims[axis], scale);
    let axes = scales.iter().enumerate().map(along).collect::<Result<Vec<Along>, _>>()?;
    run(x, &axes, (Transform::Asymmetric, mode), 0.0)
}

/// The resized tensor.
fn run(
    x: &Array,
    axes: &[Along],
    (transform, mode): (Transform, Mode),
    fill: f32,
) -> Result<Vec<Value>, Failure> {
    let mut dims: Vec<usize> = x.dims.iter().map(|&d| usize::try_from(d).unwrap_or(0)).collect();
    let mut result_dims = x.dims.clone();
    axes.iter().for_each(|along| result_dims[along.axis] = along.output as i64);
    let changed: Vec<Along> = axes.iter().filter(|along| !along.is_identity(transform)).copied().collect();
    if count(&x.dims)? == 0 || count(&result_dims)? == 0 {
        if count(&result_dims)? != 0 {
            return Failure::invalid("nothing is resized to something");
        }
        return Ok(vec![Array { dtype: x.dtype, dims: result_dims, content: Vec::new().into() }.into()]);
    }
    let content = match mode {
        Mode::Nearest(mode) => {
            let fill = || bits(x.dtype, fill);
            let how = (transform, mode);
            match width(x.dtype)? {
                1 => moved::<u8>(x, &mut dims, &changed, how, || fill().map(|bits| bits as u8)),
                2 => moved::<u16>(x, &mut dims, &changed, how, || fill().map(|bits| bits as u16)),
                4 => moved::<u32>(x, &mut dims, &changed, how, || fill().map(|bits| bits as u32)),
                8 => moved::<u64>(x, &mut dims, &changed, how, fill),
                _ => Failure::unsupported(format!("{} has no definition here", x.dtype)),
            }
        }
        Mode::Weighted(filter) => dispatch!(x.dtype, floats, T => {
            let mut wide = room(count(&x.dims)?)?;
            wide.extend(view::<T>(x)?.iter().map(|x| x.wide()));
            if wide.iter().any(|x: &f64| !x.is_finite()) {
                return Failure::unsupported("a weighted infinity differs between runtimes");
            }
            let sums = interpolate::weighted(wide, &mut dims, &changed, (transform, filter), f64::from(fill))?;
            Ok(T::write(sums.into_iter().map(T::narrow).collect()))
        }),
    };
    Ok(vec![Array { dtype: x.dtype, dims: result_dims, content: content? }.into()])
}

/// The content with axes resized to nearest elements, as elements of this width.
fn moved<T: Element>(
    x: &Array,
    dims: &mut [usize],
    axes: &[Along],
    how: (Transform, Nearest),
    fill: impl Fn() -> Result<T, Failure>,
) -> Result<bytes::Bytes, Failure> {
    let same = Array { dtype: T::DTYPE, ..x.clone() };
    interpolate::nearest(&view::<T>(&same)?, dims, axes, how, fill).map(T::write)
}

/// The bits of a number in an element type.
fn bits(dtype: DType, number: f32) -> Result<u64, Failure> {
    match dtype {
        DType::F32 => Ok(number.to_bits().into()),
        DType::F64 => Ok(f64::from(number).to_bits()),
        DType::F16 => Ok(half::f16::from_f32(number).to_bits().into()),
        DType::BF16 => Ok(half::bf16::from_f32(number).to_bits().into()),
        _ => Failure::unsupported(format!("extrapolation of {dtype}")),
    }
}

fn transform(call: &Call<'_>) -> Result<Transform, Failure> {
    Ok(match call.text("coordinate_transformation_mode", "half_pixel")?.as_str() {
        "align_corners" => Transform::AlignCorners,
        "asymmetric" => Transform::Asymmetric,
        "half_pixel" => Transform::HalfPixel,
        "half_pixel_symmetric" if call.opset >= 19 => Transform::HalfPixelSymmetric,
        "pytorch_half_pixel" => Transform::PytorchHalfPixel,
        "tf_crop_and_resize" => Transform::TfCropAndResize,
        "tf_half_pixel_for_nn" if call.opset < 13 => Transform::TfHalfPixelForNn,
        other => return Failure::unsupported(format!("coordinate_transformation_mode is {other}")),
    })
}

fn mode(call: &Call<'_>) -> Result<Mode, Failure> {
    let flag = |name: &str| match call.int(name, 0)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Failure::invalid(format!("{name} is {other}")),
    };
    let (antialias, exclude_outside) = (flag("antialias")?, flag("exclude_outside")?);
    let cubic = match call.text("mode", "nearest")?.as_str() {
        "nearest" if antialias || exclude_outside => {
            return Failure::unsupported("antialias or exclude_outside of nearest elements");
        }
        "nearest" => {
            let nearest = match call.text("nearest_mode", "round_prefer_floor")?.as_str() {
                "round_prefer_floor" => Nearest::RoundPreferFloor,
                "round_prefer_ceil" => Nearest::RoundPreferCeil,
                "floor" => Nearest::Floor,
                "ceil" => Nearest::Ceil,
                other => return Failure::invalid(format!("nearest_mode is {other}")),
            };
            return Ok(Mode::Nearest(nearest));
        }
        "linear" if exclude_outside => {
            return Failure::unsupported("exclude_outside of linear weights differs between runtimes");
        }
        "linear" => None,
        "cubic" => Some(f64::from(call.float("cubic_coeff_a", -0.75)?)),
        other => return Failure::invalid(format!("mode is {other}")),
    };
    Ok(Mode::Weighted(Filter { cubic, antialias, exclude_outside }))
}

/// The axes that are resized.
fn axes(call: &Call<'_>, x: &Array, transform: Transform) -> Result<Vec<Along>, Failure> {
    let rank = x.dims.len();
    let axes: Vec<usize> = match call.ints("axes")? {
        Some(list) => list.iter().map(|&axis| Call::axis(axis, rank)).collect::<Result<_, _>>()?,
        None => (0..rank).collect(),
    };
    if (0..rank).any(|axis| axes.iter().filter(|&&a| a == axis).count() > 1) {
        return Failure::invalid(format!("axes {axes:?} with a repetition"));
    }
    let scales = call.maybe(2)?.map(view::<f32>).transpose()?.filter(|list| !list.is_empty());
    let sizes = call.ints_at(3)?.filter(|list| !list.is_empty());
    let mut resized = match (scales, sizes) {
        (Some(scales), None) if scales.len() == axes.len() => axes
            .iter()
            .zip(scales.iter())
            .map(|(&axis, &scale)| by_scale(axis, x.dims[axis], scale))
            .collect(),
        (None, Some(sizes)) if sizes.len() == axes.len() => by_sizes(call, x, &axes, &sizes),
        _ => Failure::invalid(format!("not one scale or size for each of {} axes", axes.len())),
    }?;
    if transform == Transform::TfCropAndResize {
        crop(call, &mut resized)?;
    }
    Ok(resized)
}

/// An axis of `input` elements resized by a scale.
fn by_scale(axis: usize, input: i64, scale: f32) -> Result<Along, Failure> {
    if !(scale > 0.0 && scale.is_finite()) {
        return Failure::invalid(format!("a scale of {scale}"));
    }
    let width = input as f64 * f64::from(scale);
    if width.floor() != f64::from(input as f32 * scale).floor() {
        return Failure::unsupported(format!(
            "the length of {input} elements by {scale} differs between runtimes"
        ));
    }
    along((axis, input), width.floor(), width, (f64::from(scale), scale))
}

fn along(
    (axis, input): (usize, i64),
    output: f64,
    width: f64,
    (fine, rough): (f64, f32),
) -> Result<Along, Failure> {
    // Above this, whole numbers of 32 bits have gaps.
    let size = |n: f64| match (0.0..16_777_216.0).contains(&n) {
        true => Ok(n as usize),
        false => Err(Failure::TooLarge(format!("an axis of {n} elements"))),
    };
    let (input, output) = (size(input as f64)?, size(output)?);
    Ok(Along { axis, input, output, width, fine, rough, part: (0.0, 1.0) })
}

/// Axes resized to sizes, by the policy on the aspect ratio.
fn by_sizes(call: &Call<'_>, x: &Array, axes: &[usize], sizes: &[i64]) -> Result<Vec<Along>, Failure> {
    if sizes.iter().any(|&size| size < 0) || axes.iter().any(|&axis| x.dims[axis] == 0) {
        return Failure::invalid(format!("sizes {sizes:?}"));
    }
    let pairs = || axes.iter().map(|&axis| x.dims[axis]).zip(sizes.iter().copied());
    let fine = pairs().map(|(input, size)| size as f64 / input as f64);
    let rough = pairs().map(|(input, size)| size as f32 / input as f32);
    let from_the_end = call.ints("axes")?.is_some_and(|list| list.iter().any(|&axis| axis < 0));
    let common = match call.text("keep_aspect_ratio_policy", "stretch")?.as_str() {
        "stretch" => None,
        _ if from_the_end => {
            return Failure::unsupported("an aspect ratio of axes from the end differs between runtimes");
        }
        "not_larger" => {
            Some((fine.clone().fold(f64::INFINITY, f64::min), rough.clone().fold(f32::INFINITY, f32::min)))
        }
        "not_smaller" => Some((fine.clone().fold(0.0, f64::max), rough.clone().fold(0.0, f32::max))),
        other => return Failure::invalid(format!("keep_aspect_ratio_policy is {other}")),
    };
    let own = fine.zip(rough).zip(axes).zip(sizes).map(|((own, &axis), &size)| {
        let input = x.dims[axis];
        let Some(scale) = common else {
            return along((axis, input), size as f64, size as f64, own);
        };
        let (fine, rough) = (scale.0 * input as f64, scale.1 * input as f32);
        if (fine + 0.5).floor() != f64::from((rough + 0.5).floor()) {
            return Failure::unsupported("a size by the aspect ratio differs between runtimes");
        }
        along((axis, input), (fine + 0.5).floor(), fine, scale)
    });
    own.collect()
}

/// Takes the parts of axes from the operand `roi`.
fn crop(call: &Call<'_>, axes: &mut [Along]) -> Result<(), Failure> {
    let Some(roi) = call.maybe(1)? else {
        return Failure::invalid("tf_crop_and_resize without roi");
    };
    let roi: Vec<f64> =
        dispatch!(roi.dtype, floats, T => Ok(view::<T>(roi)?.iter().map(|x| x.wide()).collect()))?;
    if roi.len() != 2 * axes.len() || roi.iter().any(|x| !x.is_finite()) {
        return Failure::invalid(format!("a roi of {} numbers for {} axes", roi.len(), axes.len()));
    }
    let by_scales = call.maybe(2)?.is_some_and(|scales| !scales.dims.contains(&0));
    let ends = roi.len() / 2;
    for (i, along) in axes.iter_mut().enumerate() {
        along.part = (roi[i], roi[ends + i]);
        let whole = along.part == (0.0, 1.0);
        if along.input == along.output && !whole {
            return Failure::unsupported("a crop of an axis that keeps its length differs between runtimes");
        }
        if by_scales && !whole {
            return Failure::unsupported("the length of a cropped axis by a scale differs between runtimes");
        }
    }
    Ok(())
}
