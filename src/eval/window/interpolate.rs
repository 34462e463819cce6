//! Resizes one axis after the other, by elements or by weighted sums of them.

use super::coordinates::{Along, Nearest, Transform};
use crate::eval::Failure;
use crate::eval::elements::room;

/// How elements between those of the original come about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mode {
    /// The nearest element.
    Nearest(Nearest),
    /// Sums of weighted elements.
    Weighted(Filter),
}

/// Weights by distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    /// The coefficient of cubic weights; linear ones without it.
    pub(super) cubic: Option<f64>,
    /// Whether the weights are stretched where the axis shrinks.
    pub(super) antialias: bool,
    /// Whether elements outside have no weight, and the others more.
    pub(super) exclude_outside: bool,
}

/// Weighted elements for each element of a resized axis.
struct Weights {
    /// Where those of each one begin in `parts`; equal where another value stands for it.
    starts: Vec<usize>,
    /// Elements and weights.
    parts: Vec<(usize, f64)>,
}

/// The elements of a tensor of these dimensions with axes resized to their nearest elements;
/// `dims` become those of the result.
pub(super) fn nearest<T: Copy>(
    data: &[T],
    dims: &mut [usize],
    axes: &[Along],
    (transform, mode): (Transform, Nearest),
    fill: impl Fn() -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut data = data.to_vec();
    for along in axes {
        let places = (0..along.output).map(|at| along.nearest(at, transform, mode));
        let places: Vec<Option<usize>> = places.collect::<Result<_, _>>()?;
        let other = if places.contains(&None) { Some(fill()?) } else { None };
        let inner: usize = dims[along.axis + 1..].iter().product();
        let mut result = room(data.len().checked_div(along.input).unwrap_or(0).saturating_mul(along.output))?;
        for block in data.chunks_exact((along.input * inner).max(1)) {
            match other {
                None if inner == 1 => result.extend(places.iter().flatten().map(|&at| block[at])),
                _ => places.iter().for_each(|place| match (place, other) {
                    (&Some(at), _) => result.extend_from_slice(&block[at * inner..(at + 1) * inner]),
                    (None, Some(other)) => result.extend(std::iter::repeat_n(other, inner)),
                    (None, None) => {}
                }),
            }
        }
        dims[along.axis] = along.output;
        data = result;
    }
    Ok(data)
}

/// The elements of a tensor of these dimensions with axes resized by weighted sums; `dims`
/// become those of the result.
pub(super) fn weighted(
    mut data: Vec<f64>,
    dims: &mut [usize],
    axes: &[Along],
    (transform, filter): (Transform, Filter),
    fill: f64,
) -> Result<Vec<f64>, Failure> {
    for along in axes {
        let weights = weights(along, transform, filter)?;
        let inner: usize = dims[along.axis + 1..].iter().product();
        let mut result = room(data.len().checked_div(along.input).unwrap_or(0).saturating_mul(along.output))?;
        for block in data.chunks_exact((along.input * inner).max(1)) {
            for bounds in weights.starts.windows(2) {
                sum(&mut result, block, &weights.parts[bounds[0]..bounds[1]], (inner, fill));
            }
        }
        dims[along.axis] = along.output;
        data = result;
    }
    Ok(data)
}

/// Adds a weighted sum of rows of `inner` elements.
fn sum(result: &mut Vec<f64>, block: &[f64], parts: &[(usize, f64)], (inner, fill): (usize, f64)) {
    let from = result.len();
    if parts.is_empty() {
        result.resize(from + inner, fill);
        return;
    }
    if inner == 1 {
        if let [(a, v), (b, w)] = *parts {
            return result.push(block[a] * v + block[b] * w);
        }
        result.push(parts.iter().map(|&(at, weight)| block[at] * weight).sum());
        return;
    }
    result.resize(from + inner, 0.0);
    for &(at, weight) in parts {
        let row = &block[at * inner..(at + 1) * inner];
        result[from..].iter_mut().zip(row).for_each(|(sum, x)| *sum += x * weight);
    }
}

/// The weights of all elements of a resized axis.
fn weights(along: &Along, transform: Transform, filter: Filter) -> Result<Weights, Failure> {
    let stretch = if filter.antialias { along.fine.min(1.0) } else { 1.0 };
    let reach = if filter.cubic.is_some() { 2.0 } else { 1.0 } / stretch;
    if !(reach.is_finite() && reach < 1e6) {
        return Err(Failure::TooLarge(format!("weights of {reach} elements on each side")));
    }
    let (mut starts, mut parts) = (vec![0], Vec::new());
    let last = along.input as i64 - 1;
    for at in 0..along.output {
        if let Some(x) = along.coordinate(at, transform)? {
            let x = x.clamp(-1e9, 1e9);
            let near = ((x - reach).floor() as i64)..=((x + reach).ceil() as i64);
            let all = near.map(|i| (i, filter.weight((i as f64 - x) * stretch)));
            let kept = all.filter(|&(i, w)| w != 0.0 && (!filter.exclude_outside || (0..=last).contains(&i)));
            let kept: Vec<(i64, f64)> = kept.collect();
            let total: f64 = kept.iter().map(|&(_, w)| w).sum();
            if kept.is_empty() || total.abs() < 1e-9 {
                return Failure::unsupported("a sum of elements without weight");
            }
            parts.extend(kept.into_iter().map(|(i, w)| (i.clamp(0, last) as usize, w / total)));
        }
        starts.push(parts.len());
    }
    Ok(Weights { starts, parts })
}

impl Filter {
    /// The weight at a distance.
    fn weight(&self, distance: f64) -> f64 {
        let x = distance.abs();
        let Some(a) = self.cubic else { return (1.0 - x).max(0.0) };
        match x {
            _ if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            _ if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            _ => 0.0,
        }
    }
}
