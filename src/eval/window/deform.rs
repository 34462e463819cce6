//! `DeformConv`: a convolution whose window has an offset at each of its positions.

use super::geometry::{Axis, Rounding, Window};
use crate::eval::elements::{count, dispatch, filled, of, room, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// More products than a call may take.
const MOST_PRODUCTS: u128 = 1 << 36;

/// The sizes of a call.
struct Sizes {
    batch: usize,
    channels: usize,
    filters: usize,
    groups: usize,
    offset_groups: usize,
    /// The positions of the window.
    kernel: usize,
    axes: Vec<Axis>,
}

/// The operands as numbers of 64 bits.
struct Operands {
    x: Vec<f64>,
    weights: Vec<f64>,
    offsets: Vec<f64>,
    bias: Option<Vec<f64>>,
    mask: Option<Vec<f64>>,
}

/// `DeformConv`.
pub(super) fn convolve(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, w) = (call.array(0)?, call.array(1)?);
    let sizes = sizes(call, x, w)?;
    let outputs: Vec<i64> = sizes.axes.iter().map(|axis| axis.output as i64).collect();
    let rows = sizes.offset_groups * sizes.kernel;
    let dims = |rows: usize| {
        let outer = [sizes.batch as i64, rows as i64];
        outer.into_iter().chain(outputs.iter().copied()).collect::<Vec<i64>>()
    };
    let offsets = numbers(call.array(2)?, &dims(rows * sizes.axes.len()))?;
    let bias = call.maybe(3)?.map(|bias| numbers(bias, &[sizes.filters as i64])).transpose()?;
    let mask = call.maybe(4)?.map(|mask| numbers(mask, &dims(rows))).transpose()?;
    let operands = Operands { x: numbers(x, &x.dims)?, weights: numbers(w, &w.dims)?, offsets, bias, mask };
    let result = run(&sizes, &operands)?;
    let dims = dims(sizes.filters);
    dispatch!(x.dtype, floats, T => Ok(vec![of::<T>(dims, result.into_iter().map(T::narrow).collect()).into()]))
}

fn sizes(call: &Call<'_>, x: &Array, w: &Array) -> Result<Sizes, Failure> {
    if x.dims.len() < 3 || w.dims.len() != x.dims.len() {
        return Failure::invalid(format!("weights {:?} of an input {:?}", w.dims, x.dims));
    }
    let group = |name: &str, of: i64| match call.int(name, 1)? {
        n if n >= 1 && of % n == 0 => Ok(n),
        other => Failure::invalid(format!("{name} {other} of {of} channels")),
    };
    let (groups, offset_groups) = (group("group", x.dims[1])?, group("offset_group", x.dims[1])?);
    let kernel = call.ints("kernel_shape")?.unwrap_or_else(|| w.dims[2..].to_vec());
    if w.dims[1].checked_mul(groups) != Some(x.dims[1]) || w.dims[0] % groups != 0 || kernel != w.dims[2..] {
        return Failure::invalid(format!("weights {:?} of an input {:?} in {groups} groups", w.dims, x.dims));
    }
    let axes = Window::of(call, &kernel)?.over(&x.dims[2..], Rounding::Floor)?;
    let size = |n: i64| usize::try_from(n).map_err(|_| Failure::Invalid(format!("a size of {n}")));
    let sizes = Sizes {
        batch: size(x.dims[0])?,
        channels: size(x.dims[1])?,
        filters: size(w.dims[0])?,
        groups: size(groups)?,
        offset_groups: size(offset_groups)?,
        kernel: count(&kernel)?,
        axes,
    };
    let outputs: u128 = sizes.axes.iter().map(|axis| axis.output as u128).product();
    let products = outputs * count(&w.dims)? as u128 * sizes.batch as u128;
    if products > MOST_PRODUCTS {
        return Err(Failure::TooLarge(format!("{products} products")));
    }
    Ok(sizes)
}

/// An operand as numbers of 64 bits, if it has these dimensions.
fn numbers(array: &Array, dims: &[i64]) -> Result<Vec<f64>, Failure> {
    if array.dims != dims {
        return Failure::invalid(format!("an operand is {:?}, and should be {dims:?}", array.dims));
    }
    dispatch!(array.dtype, floats, T => {
        let list: Vec<f64> = view::<T>(array)?.iter().map(|x| x.wide()).collect();
        match list.iter().all(|x| x.is_finite()) {
            true => Ok(list),
            false => Failure::unsupported("a weighted infinity differs between runtimes"),
        }
    })
}

fn run(sizes: &Sizes, operands: &Operands) -> Result<Vec<f64>, Failure> {
    let outputs: usize = sizes.axes.iter().map(|axis| axis.output).product();
    let plane: usize = sizes.axes.iter().map(|axis| axis.input).product();
    let mut result = filled(sizes.batch.saturating_mul(sizes.filters).saturating_mul(outputs), 0.0)?;
    let per_group = sizes.filters / sizes.groups;
    let channels = sizes.channels / sizes.groups;
    let per_offset = sizes.channels / sizes.offset_groups;
    for image in 0..sizes.batch {
        for (group, position) in
            (0..sizes.offset_groups * sizes.kernel).map(|i| (i / sizes.kernel, i % sizes.kernel))
        {
            let places = places(sizes, operands, [image, group, position])?;
            for channel in group * per_offset..(group + 1) * per_offset {
                let x = &operands.x[(image * sizes.channels + channel) * plane..][..plane];
                let samples: Vec<f64> = places.iter().map(|parts| sum(parts, x)).collect();
                let first = channel / channels * per_group;
                for filter in first..first + per_group {
                    let at = (filter * channels + channel % channels) * sizes.kernel + position;
                    let weight = operands.weights[at];
                    let row = &mut result[(image * sizes.filters + filter) * outputs..][..outputs];
                    row.iter_mut().zip(&samples).for_each(|(sum, x)| *sum += weight * x);
                }
            }
        }
    }
    if let Some(bias) = &operands.bias {
        for (number, row) in result.chunks_exact_mut(outputs.max(1)).enumerate() {
            row.iter_mut().for_each(|sum| *sum += bias[number % sizes.filters]);
        }
    }
    Ok(result)
}

fn sum(parts: &[(usize, f64)], x: &[f64]) -> f64 {
    parts.iter().map(|&(at, weight)| x[at] * weight).sum()
}

/// The elements under one position of each window, with their weights.
fn places(
    sizes: &Sizes,
    operands: &Operands,
    [image, group, position]: [usize; 3],
) -> Result<Vec<Vec<(usize, f64)>>, Failure> {
    let rank = sizes.axes.len();
    let outputs: usize = sizes.axes.iter().map(|axis| axis.output).product();
    let row = (image * sizes.offset_groups + group) * sizes.kernel + position;
    let offsets = &operands.offsets[row * rank * outputs..][..rank * outputs];
    let mask = operands.mask.as_ref().map(|mask| &mask[row * outputs..][..outputs]);
    let mut all = room(outputs)?;
    let mut coordinates = vec![0.0; rank];
    for number in 0..outputs {
        let (mut window, mut tap) = (number, position);
        for (i, axis) in sizes.axes.iter().enumerate().rev() {
            let base = (window % axis.output * axis.stride + tap % axis.kernel * axis.dilation) as f64;
            (window, tap) = (window / axis.output, tap / axis.kernel);
            coordinates[i] = base - axis.before as f64 + offsets[i * outputs + number];
        }
        let mut parts = vec![(0, mask.map_or(1.0, |mask| mask[number]))];
        for (axis, &place) in sizes.axes.iter().zip(&coordinates) {
            parts = around(&parts, place, axis.input);
        }
        all.push(parts);
    }
    Ok(all)
}

/// Places among those of the leading axes, with the elements of one axis more around a place.
fn around(parts: &[(usize, f64)], place: f64, length: usize) -> Vec<(usize, f64)> {
    let low = place.floor();
    let both = [(low, 1.0 - (place - low)), (low + 1.0, place - low)];
    let inside = both.into_iter().filter(|&(at, _)| at >= 0.0 && at < length as f64);
    let own: Vec<(usize, f64)> = inside.map(|(at, weight)| (at as usize, weight)).collect();
    parts
        .iter()
        .flat_map(|&(at, weight)| own.iter().map(move |&(i, w)| (at * length + i, weight * w)))
        .collect()
}
