//! Pools: `MaxPool`, `AveragePool`, `LpPool`.
//!
//! Padding is no element of a window, except that `count_include_pad` counts it as zeros. Where
//! runtimes differ (a NaN under a maximum, dilations with `SAME_*`), there is no result.

use super::geometry::{AutoPad, Axis, Rounding, Window};
use super::slide::Slide;
use crate::eval::elements::{Element, dispatch, of, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// `MaxPool`: the greatest element, and where it is.
pub(super) fn max(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (axes, dims) = axes(call, x)?;
    dispatch!(x.dtype, [F32 f32, F64 f64, F16 half::f16, BF16 half::bf16, I8 i8, U8 u8], T => {
        let elements = view::<T>(x)?;
        no_nan(&elements)?;
        if call.outputs < 2 {
            let greatest = greatest(&axes, &elements)?;
            return Ok(vec![of(dims, greatest).into()]);
        }
        let (greatest, places) = places(call, &axes, &elements)?;
        Ok(vec![of(dims.clone(), greatest).into(), of(dims, places).into()])
    })
}

/// `AveragePool`: the mean.
pub(in crate::eval) fn average(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (axes, dims) = axes(call, x)?;
    let count = match call.int("count_include_pad", 0)? {
        0 => |axis: &Axis, at: usize| axis.inside(at).len(),
        1 => padded,
        other => return Failure::invalid(format!("count_include_pad is {other}")),
    };
    let slide = Slide::new(&axes)?;
    let counts = Counts::of(&axes, count);
    dispatch!(x.dtype, floats, T => {
        let finish = |sum: f64, [_, row, column]: [usize; 3]| T::narrow(sum / counts.at(row, column));
        let means = slide.fold(&view::<T>(x)?, 0.0, |sum, x: T, _| sum + x.wide(), finish)?;
        Ok(vec![of(dims, means).into()])
    })
}

/// `LpPool`: the p-norm.
pub(super) fn lp(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (axes, dims) = axes(call, x)?;
    if call.text("auto_pad", "NOTSET")?.starts_with("SAME")
        && axes.iter().any(|axis| axis.stride > axis.kernel)
    {
        return Failure::unsupported(
            "where windows begin that are smaller than their steps differs between runtimes",
        );
    }
    let norm = Norm::of(call)?;
    let slide = Slide::new(&axes)?;
    dispatch!(x.dtype, floats, T => {
        let fold = |sum, x: T, _| sum + norm.power(x.wide());
        let norms = slide.fold(&view::<T>(x)?, 0.0, fold, |sum, _| T::narrow(norm.root(sum)))?;
        Ok(vec![of(dims, norms).into()])
    })
}

/// Which norm the attribute `p` asks for.
pub(super) struct Norm(f64);

impl Norm {
    /// The call's one; before operator set 2 the attribute was a float.
    pub(super) fn of(call: &Call<'_>) -> Result<Norm, Failure> {
        let p = match call.opset {
            ..2 => f64::from(call.float("p", 2.0)?),
            _ => call.int("p", 2)? as f64,
        };
        if p >= 1.0 && p.is_finite() {
            Ok(Norm(p))
        } else {
            Failure::unsupported(format!("a norm of p = {p}"))
        }
    }

    /// What is summed.
    pub(super) fn power(&self, x: f64) -> f64 {
        match self.0 {
            1.0 => x.abs(),
            2.0 => x * x,
            p => libm::pow(x.abs(), p),
        }
    }

    /// What the sum becomes.
    pub(super) fn root(&self, sum: f64) -> f64 {
        match self.0 {
            1.0 => sum,
            2.0 => sum.sqrt(),
            p => libm::pow(sum, 1.0 / p),
        }
    }
}

/// Whether no element is NaN.
pub(super) fn no_nan<T: Element>(elements: &[T]) -> Result<(), Failure> {
    match elements.iter().any(|x| x.partial_cmp(x).is_none()) {
        true => Failure::unsupported("the maximum of a window with a NaN differs between runtimes"),
        false => Ok(()),
    }
}

/// The axes of a pool's windows over the spatial axes of `x`, and the dimensions of its output.
fn axes(call: &Call<'_>, x: &Array) -> Result<(Vec<Axis>, Vec<i64>), Failure> {
    let Some(kernel) = call.ints("kernel_shape")? else {
        return Failure::invalid("the attribute kernel_shape is missing");
    };
    if x.dims.len() < 3 {
        return Failure::invalid(format!("an input of {} axes has no spatial ones", x.dims.len()));
    }
    let rounding = match call.int("ceil_mode", 0)? {
        0 => Rounding::Floor,
        1 => Rounding::Ceil,
        other => return Failure::invalid(format!("ceil_mode is {other}")),
    };
    let window = Window::of(call, &kernel)?;
    if matches!(window.auto_pad(), AutoPad::SameUpper | AutoPad::SameLower) && window.is_dilated() {
        return Failure::unsupported("dilations with auto_pad SAME differ between runtimes");
    }
    let axes = window.over(&x.dims[2..], rounding)?;
    if window.auto_pad() == AutoPad::Valid && axes != window.over(&x.dims[2..], Rounding::Floor)? {
        return Failure::unsupported("ceil_mode with auto_pad VALID differs between runtimes");
    }
    let spatial = axes.iter().map(|axis| axis.output as i64);
    let dims = x.dims[..2].iter().copied().chain(spatial).collect();
    Ok((axes, dims))
}

/// The greatest element of each window.
fn greatest<T: Element>(axes: &[Axis], elements: &[T]) -> Result<Vec<T>, Failure> {
    let start = lowest(elements);
    let fold = |most: T, x: T, _| if x > most { x } else { most };
    Slide::new(axes)?.fold(elements, start, fold, |most, _| most)
}

/// The greatest element of each window, and where it is among all elements; the first of equal
/// ones.
fn places<T: Element>(call: &Call<'_>, axes: &[Axis], elements: &[T]) -> Result<(Vec<T>, Vec<i64>), Failure> {
    let columns_first = match call.int("storage_order", 0)? {
        0 => false,
        1 => true,
        other => return Failure::invalid(format!("storage_order is {other}")),
    };
    let plane: usize = axes.iter().map(|axis| axis.input).product();
    let fold = |most: (T, usize), x: T, at| if x > most.0 || most.1 == usize::MAX { (x, at) } else { most };
    let finish = |(most, at): (T, usize), [number, _, _]: [usize; 3]| {
        let at = if columns_first { transposed(at, axes) } else { at };
        (most, (number * plane + at) as i64)
    };
    let pairs = Slide::new(axes)?.fold(elements, (lowest(elements), usize::MAX), fold, finish)?;
    Ok(pairs.into_iter().unzip())
}

/// The position in a plane in row-major order as one in column-major order.
fn transposed(mut at: usize, axes: &[Axis]) -> usize {
    let mut weight: usize = axes.iter().map(|axis| axis.input).product();
    let mut place = 0;
    for axis in axes.iter().rev() {
        weight /= axis.input.max(1);
        place += (at % axis.input.max(1)) * weight;
        at /= axis.input.max(1);
    }
    place
}

/// An element that none is less than.
fn lowest<T: Element>(elements: &[T]) -> T {
    elements.iter().copied().reduce(|least, x| if x < least { x } else { least }).unwrap_or_default()
}

/// The positions of window `at` within the padded input.
fn padded(axis: &Axis, at: usize) -> usize {
    let room = axis.input + axis.before + axis.after;
    room.saturating_sub(at * axis.stride).div_ceil(axis.dilation).min(axis.kernel)
}

/// How many elements a mean is of, by the place of its window.
struct Counts {
    rows: Vec<f64>,
    columns: Vec<f64>,
}

impl Counts {
    fn of(axes: &[Axis], count: fn(&Axis, usize) -> usize) -> Counts {
        let along = |axis: &Axis| -> Vec<f64> { (0..axis.output).map(|at| count(axis, at) as f64).collect() };
        let mut rows = vec![1.0];
        for axis in &axes[..axes.len().saturating_sub(1)] {
            let own = along(axis);
            rows = rows.iter().flat_map(|&n| own.iter().map(move |&m| n * m)).collect();
        }
        Counts { rows, columns: axes.last().map(along).unwrap_or_default() }
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.rows[row] * self.columns[column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(input: usize, kernel: usize, stride: usize, output: usize) -> Axis {
        Axis { input, kernel, stride, dilation: 1, before: 0, after: 0, output }
    }

    #[test]
    fn the_first_of_equal_elements_is_the_greatest_one() {
        let slide = |elements: &[i8]| {
            let fold =
                |most: (i8, usize), x, at| if x > most.0 || most.1 == usize::MAX { (x, at) } else { most };
            Slide::new(&[axis(4, 2, 2, 2)]).unwrap().fold(elements, (-128, usize::MAX), fold, |most, _| most)
        };
        assert_eq!(slide(&[3, 3, -128, -128]), Ok(vec![(3, 0), (-128, 2)]));
    }

    #[test]
    fn column_major_positions_count_the_first_axis_fastest() {
        let axes = [axis(2, 1, 1, 2), axis(3, 1, 1, 3)];
        assert_eq!((0..6).map(|at| transposed(at, &axes)).collect::<Vec<_>>(), [0, 2, 4, 1, 3, 5]);
    }

    #[test]
    fn a_mean_with_padding_counts_no_elements_behind_it() {
        let axis = Axis { before: 1, ..axis(7, 3, 3, 3) };
        assert_eq!((0..3).map(|at| padded(&axis, at)).collect::<Vec<_>>(), [3, 3, 2]);
    }
}
