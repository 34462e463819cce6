//! Pools over regions of interest: `RoiAlign`, `MaxRoiPool`.
//!
//! How many samples a region has, and whether one lies outside, hangs on the last bit of its
//! coordinates, so these are computed in the arithmetic of the element type, step by step.

use super::pool::no_nan;
use crate::eval::elements::{count, dispatch, of, room, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// More samples than all regions may have together.
const MOST_SAMPLES: f64 = 1e10;

/// What a region is pooled by.
struct Pooling {
    scale: f64,
    /// Taken off each coordinate.
    shift: f64,
    /// Samples per bin and axis; as many as elements without it.
    samples: Option<usize>,
    /// Bins along both axes.
    output: [usize; 2],
    /// The image's height and width.
    image: [usize; 2],
    /// Rounds to the arithmetic of the element type.
    round: fn(f64) -> f64,
}

/// One sample: elements of the image and their weights.
type Sample = [(usize, f64); 4];

/// `RoiAlign`.
pub(super) fn align(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, rois, batch) = (call.array(0)?, call.array(1)?, call.ints_at(2)?.unwrap_or_default());
    let pooling = pooling(call, x)?;
    let fits = rois.dims.len() == 2 && rois.dims[1] == 4 && rois.dims[0] == batch.len() as i64;
    if !fits || batch.iter().any(|n| !(0..x.dims[0]).contains(n)) {
        return Failure::invalid(format!("regions {:?} of images {batch:?}", rois.dims));
    }
    let [height, width] = pooling.output;
    let dims = vec![rois.dims[0], x.dims[1], height as i64, width as i64];
    let channels = x.dims[1] as usize;
    let plane = pooling.image[0] * pooling.image[1];
    dispatch!(x.dtype, [F32 f32, F64 f64], T => {
        let (elements, rois) = (view::<T>(x)?, view::<T>(rois)?);
        if elements.iter().any(|x| !x.wide().is_finite()) {
            return Failure::unsupported("a weighted infinity differs between runtimes");
        }
        let mut result = room(count(&dims)?)?;
        for (roi, &number) in rois.chunks_exact(4).zip(&batch) {
            let bins = pooling.bins([roi[0].wide(), roi[1].wide(), roi[2].wide(), roi[3].wide()])?;
            for channel in 0..channels {
                let from = (number as usize * channels + channel) * plane;
                let plane = &elements[from..from + plane];
                let of = |&(at, weight): &(usize, f64)| plane[at].wide() * weight;
                result.extend(bins.iter().map(|(samples, total)| {
                    T::narrow(samples.iter().flatten().map(of).sum::<f64>() / total)
                }));
            }
        }
        Ok(vec![of(dims, result).into()])
    })
}

fn pooling(call: &Call<'_>, x: &Array) -> Result<Pooling, Failure> {
    let size = |name: &str, default| match call.int(name, default)? {
        n @ 0..65_536 => Ok(n as usize),
        other => Failure::invalid(format!("{name} is {other}")),
    };
    let mode = match call.opset {
        ..16 => "output_half_pixel".to_owned(),
        _ => call.text("coordinate_transformation_mode", "half_pixel")?,
    };
    let shift = match mode.as_str() {
        "half_pixel" => 0.5,
        "output_half_pixel" => 0.0,
        other => return Failure::invalid(format!("coordinate_transformation_mode is {other}")),
    };
    match call.text("mode", "avg")?.as_str() {
        "avg" => {}
        "max" => return Failure::unsupported("the greatest sample differs between runtimes"),
        other => return Failure::invalid(format!("mode is {other}")),
    }
    let [_, _, h, w] = x.dims[..] else {
        return Failure::invalid(format!("an input of {} axes, not 4", x.dims.len()));
    };
    let samples = size("sampling_ratio", 0)?;
    let output = [size("output_height", 1)?, size("output_width", 1)?];
    if h <= 0 || w <= 0 || output.contains(&0) {
        return Failure::invalid("regions of nothing");
    }
    let round: fn(f64) -> f64 =
        if x.dtype == crate::model::DType::F64 { |x| x } else { |x| f64::from(x as f32) };
    Ok(Pooling {
        scale: f64::from(call.float("spatial_scale", 1.0)?),
        shift,
        samples: (samples > 0).then_some(samples),
        output,
        image: [h as usize, w as usize],
        round,
    })
}

impl Pooling {
    /// The samples of each bin of a region, and what their sum is divided by.
    fn bins(&self, [x1, y1, x2, y2]: [f64; 4]) -> Result<Vec<(Vec<Sample>, f64)>, Failure> {
        let (rows, columns) = (self.axis(0, y1, y2)?, self.axis(1, x1, x2)?);
        let all = rows.iter().map(Vec::len).sum::<usize>() as f64
            * columns.iter().map(Vec::len).sum::<usize>() as f64;
        if all > MOST_SAMPLES {
            return Err(Failure::TooLarge(format!("{all} samples of a region")));
        }
        let mut bins = room(rows.len() * columns.len())?;
        for row in &rows {
            for column in &columns {
                let mut samples = room(row.len() * column.len())?;
                for &y in row {
                    samples.extend(column.iter().filter_map(|&x| self.sample(y, x)));
                }
                bins.push((samples, (row.len() * column.len()).max(1) as f64));
            }
        }
        Ok(bins)
    }

    /// The coordinates of the samples of each bin along an axis.
    fn axis(&self, axis: usize, start: f64, end: f64) -> Result<Vec<Vec<f64>>, Failure> {
        let round = self.round;
        let place = |x: f64| round(round(x * self.scale) - self.shift);
        let (start, end) = (place(start), place(end));
        if !start.is_finite() || !end.is_finite() {
            return Failure::unsupported("a region that is not finite");
        }
        let length = round(end - start);
        let length = if self.shift == 0.0 { length.max(1.0) } else { length };
        let bin = round(length / self.output[axis] as f64);
        let samples = match self.samples {
            Some(samples) => samples,
            None if bin.ceil() < 1e6 => bin.ceil().max(0.0) as usize,
            None => return Err(Failure::TooLarge(format!("a region of {length} elements"))),
        };
        let coordinate = |at: usize, sample: usize| {
            let within = round(round((sample as f64 + 0.5) * bin) / samples as f64);
            round(round(start + round(at as f64 * bin)) + within)
        };
        let bin = |at: usize| (0..samples).map(|sample| coordinate(at, sample)).collect();
        Ok((0..self.output[axis]).map(bin).collect())
    }

    /// The elements around a place; none outside.
    fn sample(&self, y: f64, x: f64) -> Option<Sample> {
        let [height, width] = self.image;
        if y < -1.0 || y > height as f64 || x < -1.0 || x > width as f64 {
            return None;
        }
        let around = |x: f64, length: usize| {
            let x = x.max(0.0);
            let low = x as usize;
            if low + 1 >= length { (length - 1, length - 1, 0.0) } else { (low, low + 1, x - low as f64) }
        };
        let ((top, bottom, ty), (left, right, tx)) = (around(y, height), around(x, width));
        Some([
            (top * width + left, (1.0 - ty) * (1.0 - tx)),
            (top * width + right, (1.0 - ty) * tx),
            (bottom * width + left, ty * (1.0 - tx)),
            (bottom * width + right, ty * tx),
        ])
    }
}

/// `MaxRoiPool`.
pub(super) fn max(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, rois) = (call.array(0)?, call.array(1)?);
    let shape = call.ints("pooled_shape")?.unwrap_or_default();
    let ([_, channels, h, w], [rows, columns]) = (&x.dims[..], &shape[..]) else {
        return Failure::invalid(format!("pooled_shape {shape:?} of {} axes", x.dims.len()));
    };
    if !(1..65_536).contains(rows) || !(1..65_536).contains(columns) || *h <= 0 || *w <= 0 {
        return Failure::invalid(format!("pooled_shape {shape:?}"));
    }
    if rois.dims.len() != 2 || rois.dims[1] != 5 {
        return Failure::invalid(format!("regions {:?}", rois.dims));
    }
    let scale = call.float("spatial_scale", 1.0)?;
    let dims = vec![rois.dims[0], *channels, *rows, *columns];
    let (channels, h, w) = (*channels as usize, *h as usize, *w as usize);
    dispatch!(x.dtype, [F32 f32], T => {
        let (elements, rois) = (view::<T>(x)?, view::<T>(rois)?);
        no_nan(&elements)?;
        let mut result = room(count(&dims)?)?;
        for roi in rois.chunks_exact(5) {
            let number = roi[0] as usize;
            if !(roi[0] >= 0.0 && roi[0] < x.dims[0] as f32) || roi.iter().any(|x| !x.is_finite()) {
                return Failure::invalid(format!("a region {roi:?}"));
            }
            let along = |start, end, bins, length| ranges([start, end], scale, bins, length);
            let (rows, columns) = (along(roi[2], roi[4], *rows, h), along(roi[1], roi[3], *columns, w));
            for channel in 0..channels {
                let plane = &elements[(number * channels + channel) * h * w..][..h * w];
                let most = |row: &std::ops::Range<usize>, column: &std::ops::Range<usize>| {
                    let all = row.clone().flat_map(|y| &plane[y * w..][column.clone()]).copied();
                    all.reduce(T::max).unwrap_or_default()
                };
                result.extend(rows.iter().flat_map(|row| columns.iter().map(move |column| most(row, column))));
            }
        }
        Ok(vec![of(dims, result).into()])
    })
}

/// The elements of each bin of a region along an axis.
fn ranges([start, end]: [f32; 2], scale: f32, bins: i64, length: usize) -> Vec<std::ops::Range<usize>> {
    // Halves away from zero; saturating like all casts.
    let place = |x: f32| libm::roundf(x * scale) as i64;
    let start = place(start);
    let size = (place(end).saturating_sub(start).saturating_add(1)).max(1);
    let bin = size as f32 / bins as f32;
    let clipped = |x: f32| (x as i64).saturating_add(start).clamp(0, length as i64) as usize;
    let range = |at: i64| {
        let from = clipped((at as f32 * bin).floor());
        from..clipped(((at + 1) as f32 * bin).ceil()).max(from)
    };
    (0..bins).map(range).collect()
}
