//! `MelWeightMatrix`: triangles of equal width on the mel scale.

use super::windows::stored;
use crate::eval::elements::{count, dispatch, filled, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};

/// `MelWeightMatrix`.
pub(super) fn matrix(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let int = |slot| call.int_at(slot)?.ok_or_else(|| Failure::Invalid(format!("operand {slot} is missing")));
    let (bins, length, rate) = (int(0)?, int(1)?, int(2)?);
    let (low, high) = (number(call, 3)?, number(call, 4)?);
    let sizes = [bins, length, rate].iter().all(|n| (1..1 << 24).contains(n));
    if !sizes || !(0.0..=1e9).contains(&low) || !(low..=1e9).contains(&high) {
        return Failure::unsupported(format!("{bins} bands from {low} to {high} of {length} at {rate}"));
    }
    let rows = length / 2 + 1;
    let points = points([bins, length, rate], low, high)?;
    let (width, total) = (bins as usize, count(&[rows, bins])?);
    let mut weights = filled(total, 0.0)?;
    for (band, edges) in points.windows(3).enumerate() {
        let [left, center, right] = [edges[0], edges[1], edges[2]];
        // The least row that lies outside.
        if right.max(center + 1) > rows {
            return Failure::invalid(format!("a band ends at frequency {right} of {rows}"));
        }
        let mut set = |row: i64, weight: f64| weights[row as usize * width + band] = weight;
        if left == center {
            set(center, 1.0);
        }
        (left..=center).filter(|_| left < center).for_each(|row| set(row, share(row - left, center - left)));
        (center..right).for_each(|row| set(row, share(right - row, right - center)));
    }
    Ok(vec![stored(call, vec![rows, bins], &weights)?.into()])
}

fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

/// The edges of the bands as numbers of frequencies.
fn points([bins, length, rate]: [i64; 3], low: f64, high: f64) -> Result<Vec<i64>, Failure> {
    let mel = |hertz: f64| 2595.0 * libm::log10(1.0 + hertz / 700.0);
    let step = (mel(high) - mel(low)) / (bins + 2) as f64;
    let point = |band: i64| {
        let hertz = 700.0 * (libm::exp10((mel(low) + band as f64 * step) / 2595.0) - 1.0);
        let point = (length + 1) as f64 * hertz / rate as f64;
        let near = (point - libm::rint(point)).abs() < 1e-5 * (1.0 + point);
        match near && !(low == 0.0 && band == 0) {
            true => Failure::unsupported("an edge on a frequency differs between runtimes"),
            false => Ok((point + if low == 0.0 && band == 0 { 0.5 } else { 0.0 }).floor() as i64),
        }
    };
    (0..bins + 2).map(point).collect()
}

/// The only number at a slot.
fn number(call: &Call<'_>, slot: usize) -> Result<f64, Failure> {
    let array = call.array(slot)?;
    dispatch!(array.dtype, floats, T => match view::<T>(array)?.as_ref() {
        [x] => Ok(x.wide()),
        list => Failure::invalid(format!("operand {slot} has {} elements, not one", list.len())),
    })
}
