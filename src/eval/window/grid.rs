//! `GridSample`: elements at places that a grid gives.
//!
//! Places between elements are weighted sums over all axes; those are for finite floats only,
//! since runtimes round sums of integers differently and differ on an infinity without weight.

use crate::eval::elements::{Element, count, dispatch, room, view, width};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// What lies outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

/// How elements between others come about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Nearest,
    Linear,
    Cubic,
}

/// How a grid is read.
#[derive(Clone, Copy)]
struct Reading {
    mode: Mode,
    padding: Padding,
    /// Whether -1 and 1 are the centers of the outermost elements, not their outer edges.
    align: bool,
}

/// The grid's places in one image, each with its elements and their weights.
struct Places {
    starts: Vec<usize>,
    parts: Vec<(usize, f64)>,
}

/// `GridSample`.
pub(super) fn sample(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, grid) = (call.array(0)?, call.array(1)?);
    let reading = reading(call)?;
    let rank = x.dims.len().saturating_sub(2);
    let fits = rank > 0 && grid.dims.len() == rank + 2 && grid.dims[rank + 1] == rank as i64;
    if !fits || grid.dims[0] != x.dims[0] {
        return Failure::invalid(format!("a grid of {:?} for an input of {:?}", grid.dims, x.dims));
    }
    let spatial: Vec<usize> = x.dims[2..].iter().map(|&d| d as usize).collect();
    let mut dims = vec![x.dims[0], x.dims[1]];
    dims.extend_from_slice(&grid.dims[1..=rank]);
    if count(&dims)? == 0 {
        return Ok(vec![Array { dtype: x.dtype, dims, content: Vec::new().into() }.into()]);
    }
    if count(&x.dims)? == 0 {
        return Failure::invalid("a grid over nothing");
    }
    let coordinates = coordinates(grid, &spatial, reading)?;
    let planes = [x.dims[0] as usize, x.dims[1] as usize, spatial.iter().product()];
    let images: Vec<Places> = coordinates
        .chunks_exact(coordinates.len() / planes[0])
        .map(|image| places(image, &spatial, reading))
        .collect::<Result<_, _>>()?;
    let content = if reading.mode == Mode::Nearest {
        match width(x.dtype)? {
            1 => picked::<u8>(x, planes, &images),
            2 => picked::<u16>(x, planes, &images),
            4 => picked::<u32>(x, planes, &images),
            8 => picked::<u64>(x, planes, &images),
            _ => return Failure::unsupported(format!("{} has no definition here", x.dtype)),
        }?
    } else {
        dispatch!(x.dtype, floats, T => summed::<T>(&view::<T>(x)?, planes, &images))?
    };
    Ok(vec![Array { dtype: x.dtype, dims, content }.into()])
}

fn reading(call: &Call<'_>) -> Result<Reading, Failure> {
    let mode = match call.text("mode", "linear")?.as_str() {
        "nearest" => Mode::Nearest,
        "linear" | "bilinear" => Mode::Linear,
        "cubic" | "bicubic" => Mode::Cubic,
        other => return Failure::invalid(format!("mode is {other}")),
    };
    let padding = match call.text("padding_mode", "zeros")?.as_str() {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => return Failure::invalid(format!("padding_mode is {other}")),
    };
    let align = match call.int("align_corners", 0)? {
        0 => false,
        1 => true,
        other => return Failure::invalid(format!("align_corners is {other}")),
    };
    Ok(Reading { mode, padding, align })
}

/// The places of a grid as coordinates, outermost axis first.
fn coordinates(grid: &Array, spatial: &[usize], reading: Reading) -> Result<Vec<f64>, Failure> {
    let rank = spatial.len();
    let place = |n: f64, length: f64| match reading.align {
        true => (n + 1.0) / 2.0 * (length - 1.0),
        false => ((n + 1.0) * length - 1.0) / 2.0,
    };
    let rough = |n: f32, length: f32| match reading.align {
        true => (n + 1.0) / 2.0 * (length - 1.0),
        false => ((n + 1.0) * length - 1.0) / 2.0,
    };
    let mut all = room(count(&grid.dims)?)?;
    dispatch!(grid.dtype, floats, T => {
        for place_of in view::<T>(grid)?.chunks_exact(rank) {
            for (&n, &length) in place_of.iter().rev().zip(spatial) {
                let fine = place(n.wide(), length as f64);
                let rough = f64::from(rough(n.wide() as f32, length as f32));
                if !fine.is_finite() {
                    return Failure::unsupported("a place that is not finite");
                }
                // Which element is nearest must not depend on how the place was rounded.
                if reading.mode == Mode::Nearest && even(fine) != even(rough) {
                    return Failure::unsupported("the nearest element differs between runtimes");
                }
                all.push(if reading.mode == Mode::Nearest { even(fine) } else { fine });
            }
        }
        Ok(all)
    })
}

/// The nearest whole number, the even one of two.
fn even(x: f64) -> f64 {
    libm::rint(x)
}

/// The elements and weights of each place of an image.
fn places(image: &[f64], spatial: &[usize], reading: Reading) -> Result<Places, Failure> {
    let rank = spatial.len();
    let mut places = Places { starts: vec![0], parts: Vec::new() };
    for place in image.chunks_exact(rank) {
        let mut parts = vec![(0usize, 1.0)];
        for (&x, &length) in place.iter().zip(spatial) {
            let own = along(x, length, reading)?;
            let with = |&(at, weight): &(usize, f64)| {
                own.iter().map(move |&(i, w)| (at * length + i, weight * w)).collect::<Vec<_>>()
            };
            parts = parts.iter().flat_map(with).collect();
        }
        places.parts.extend(parts);
        places.starts.push(places.parts.len());
    }
    Ok(places)
}

/// The elements of an axis around a coordinate, and their weights.
fn along(x: f64, length: usize, reading: Reading) -> Result<Vec<(usize, f64)>, Failure> {
    let last = length as f64 - 1.0;
    let (least, most) = if reading.align { (0.0, last) } else { (-0.5, last + 0.5) };
    let inside = |x: f64| match reading.padding {
        _ if (0.0..=last).contains(&x) => Ok(Some(x)),
        Padding::Zeros => Ok(None),
        Padding::Border => Ok(Some(x.clamp(0.0, last))),
        Padding::Reflection if most <= least => {
            Failure::unsupported("reflection within one element differs between runtimes")
        }
        Padding::Reflection => Ok(Some(reflected(x, least, most))),
    };
    let x = match x < least || x > most {
        true if reading.mode == Mode::Cubic && reading.padding == Padding::Border => {
            return Failure::unsupported("cubic weights of places outside differ between runtimes");
        }
        true => inside(x)?.unwrap_or(x),
        false => x,
    };
    let near = x.clamp(-1e9, 1e9).floor();
    let t = x.clamp(-1e9, 1e9) - near;
    let weights = match reading.mode {
        Mode::Nearest => vec![(near, 1.0)],
        Mode::Linear => vec![(near, 1.0 - t), (near + 1.0, t)],
        Mode::Cubic => {
            let weights = [cubic(t + 1.0), cubic(t), cubic(1.0 - t), cubic(2.0 - t)];
            weights.into_iter().enumerate().map(|(i, w)| (near - 1.0 + i as f64, w)).collect()
        }
    };
    let mut kept = Vec::with_capacity(weights.len());
    for (at, weight) in weights {
        if let Some(at) = if weight == 0.0 { None } else { inside(at)? } {
            kept.push((at.clamp(0.0, last) as usize, weight));
        }
    }
    Ok(kept)
}

/// A coordinate reflected by the borders until it lies between them.
fn reflected(x: f64, least: f64, most: f64) -> f64 {
    let range = most - least;
    let over = if x < least { least - x } else { (x - most).max(0.0) };
    let times = (over / range).floor();
    let rest = over - times * range;
    let from_least = (x < least) == (times % 2.0 == 0.0);
    match (over > 0.0, from_least) {
        (false, _) => x,
        (true, true) => least + rest,
        (true, false) => most - rest,
    }
}

/// Cubic weights by distance, with the coefficient of PyTorch.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.75;
    match x {
        _ if x <= 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        _ => ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A,
    }
}

/// The elements at places; zero where there is none.
fn picked<T: Element>(
    x: &Array,
    [batch, channels, plane]: [usize; 3],
    images: &[Places],
) -> Result<bytes::Bytes, Failure> {
    let same = Array { dtype: T::DTYPE, ..x.clone() };
    let elements = view::<T>(&same)?;
    let mut result = room(batch * channels * (images[0].starts.len() - 1))?;
    for (number, plane) in elements.chunks_exact(plane).enumerate() {
        let places = &images[number / channels];
        let pick = |bounds: &[usize]| match places.parts[bounds[0]..bounds[1]] {
            [(at, _), ..] => plane[at],
            [] => T::default(),
        };
        result.extend(places.starts.windows(2).map(pick));
    }
    Ok(T::write(result))
}

/// The weighted sums of elements at places.
fn summed<T: Float>(
    elements: &[T],
    [batch, channels, plane]: [usize; 3],
    images: &[Places],
) -> Result<bytes::Bytes, Failure> {
    if elements.iter().any(|x| !x.wide().is_finite()) {
        return Failure::unsupported("a weighted infinity differs between runtimes");
    }
    let mut result = room(batch * channels * (images[0].starts.len() - 1))?;
    for (number, plane) in elements.chunks_exact(plane).enumerate() {
        let places = &images[number / channels];
        let sum = |bounds: &[usize]| {
            let parts = &places.parts[bounds[0]..bounds[1]];
            T::narrow(parts.iter().map(|&(at, weight)| plane[at].wide() * weight).sum())
        };
        result.extend(places.starts.windows(2).map(sum));
    }
    Ok(T::write(result))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coordinate_is_reflected_until_it_is_inside() {
        // The example of the specification.
        assert_eq!(reflected(-3.5, -1.0, 1.0), 0.5);
        assert_eq!(reflected(-1.0, -0.5, 3.5), 0.0);
        assert_eq!(reflected(4.0, -0.5, 3.5), 3.0);
    }

    #[test]
    fn half_way_between_two_the_even_element_is_nearest() {
        assert_eq!((even(0.5), even(1.5), even(-0.5)), (0.0, 2.0, -0.0));
    }
}
