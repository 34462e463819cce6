//! `DFT`: the discrete Fourier transform along an axis.

use super::fourier::{Complex, Direction, Fourier};
use crate::eval::elements::{count, dispatch, filled, of, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// What is transformed into what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// All frequencies, or the whole signal.
    Full(Direction),
    /// The first half of the frequencies of a real signal.
    HalfOfReal,
    /// A real signal from the first half of its frequencies.
    RealOfHalf,
}

/// The sizes of a call.
struct Sizes {
    sort: Sort,
    /// Elements before and behind the axis.
    outer: usize,
    inner: usize,
    /// The axis of the input, of the transform and of the output.
    input: usize,
    length: usize,
    output: usize,
    /// Numbers per element of the input and of the output.
    parts: [usize; 2],
}

/// `DFT`.
pub(super) fn dft(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (sizes, dims) = sizes(call, x)?;
    dispatch!(x.dtype, floats, T => {
        let elements: Vec<f64> = view::<T>(x)?.iter().map(|x| x.wide()).collect();
        if elements.iter().any(|x| !x.is_finite()) {
            return Failure::unsupported("the transform of an infinity differs between runtimes");
        }
        let result = run(&elements, &sizes, count(&dims)?)?;
        Ok(vec![of::<T>(dims, result.into_iter().map(T::narrow).collect()).into()])
    })
}

fn sizes(call: &Call<'_>, x: &Array) -> Result<(Sizes, Vec<i64>), Failure> {
    let flag = |name: &str| match call.int(name, 0)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Failure::invalid(format!("{name} is {other}")),
    };
    let parts = match x.dims[..] {
        [_, .., parts @ (1 | 2)] => parts as usize,
        _ => return Failure::invalid(format!("a signal of {:?}", x.dims)),
    };
    let sort = match (flag("inverse")?, flag("onesided")?, parts) {
        (false, false, _) => Sort::Full(Direction::Forward),
        (true, false, _) => Sort::Full(Direction::Inverse),
        (false, true, 1) => Sort::HalfOfReal,
        (true, true, 2) => Sort::RealOfHalf,
        _ => return Failure::unsupported("onesided of such a signal differs between runtimes"),
    };
    let axis = match call.opset {
        ..20 => call.int("axis", 1)?,
        _ => call.int_at(2)?.unwrap_or(-2),
    };
    let axis = Call::axis(axis, x.dims.len())?;
    if axis + 1 == x.dims.len() {
        return Failure::invalid("the last axis is none of the signal");
    }
    let input = x.dims[axis];
    let length = match (call.int_at(1)?, sort) {
        (Some(length), _) => length,
        (None, Sort::RealOfHalf) => input.saturating_sub(1).saturating_mul(2),
        (None, _) => input,
    };
    if length == 0 {
        return Failure::unsupported("a transform of length 0 differs between runtimes");
    }
    if !(1..1 << 32).contains(&length) {
        return Failure::invalid(format!("a transform of length {length}"));
    }
    let output = if sort == Sort::HalfOfReal { length / 2 + 1 } else { length };
    let mut dims = x.dims.clone();
    dims[axis] = output;
    let last = dims.len() - 1;
    dims[last] = if sort == Sort::RealOfHalf { 1 } else { 2 };
    let sizes = Sizes {
        sort,
        outer: count(&x.dims[..axis])?,
        inner: count(&x.dims[axis + 1..last])?,
        input: count(&[input])?,
        length: length as usize,
        output: output as usize,
        parts: [parts, dims[last] as usize],
    };
    Ok((sizes, dims))
}

fn run(elements: &[f64], sizes: &Sizes, total: usize) -> Result<Vec<f64>, Failure> {
    let direction = match sizes.sort {
        Sort::Full(direction) => direction,
        Sort::HalfOfReal => Direction::Forward,
        Sort::RealOfHalf => Direction::Inverse,
    };
    let mut result = filled(total, 0.0)?;
    if total == 0 {
        return Ok(result);
    }
    let fourier = Fourier::new(sizes.length, direction, sizes.outer.saturating_mul(sizes.inner))?;
    let mut signal: Vec<Complex> = filled(sizes.length, (0.0, 0.0))?;
    let [from, to] = sizes.parts;
    for outer in 0..sizes.outer {
        for inner in 0..sizes.inner {
            let kept = sizes.input.min(sizes.length);
            for (i, x) in signal[..kept].iter_mut().enumerate() {
                let at = ((outer * sizes.input + i) * sizes.inner + inner) * from;
                *x = (elements[at], if from == 2 { elements[at + 1] } else { 0.0 });
            }
            if sizes.sort == Sort::RealOfHalf {
                mirror(&mut signal);
            }
            for (i, x) in fourier.transform(&signal)?.into_iter().take(sizes.output).enumerate() {
                let at = ((outer * sizes.output + i) * sizes.inner + inner) * to;
                result[at] = x.0;
                if to == 2 {
                    result[at + 1] = x.1;
                }
            }
        }
    }
    Ok(result)
}

/// The second half of the frequencies of a real signal: those of the first, conjugate. What
/// has no pair is real.
fn mirror(frequencies: &mut [Complex]) {
    let length = frequencies.len();
    frequencies[0].1 = 0.0;
    if length.is_multiple_of(2) {
        frequencies[length / 2].1 = 0.0;
    }
    for k in length / 2 + 1..length {
        let (real, imaginary) = frequencies[length - k];
        frequencies[k] = (real, -imaginary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_half_of_frequencies_is_the_conjugate_first() {
        let mut frequencies = vec![(1.0, 9.0), (2.0, 3.0), (4.0, 9.0), (7.0, 7.0)];
        mirror(&mut frequencies);
        assert_eq!(frequencies, [(1.0, 0.0), (2.0, 3.0), (4.0, 0.0), (2.0, -3.0)]);
    }
}
