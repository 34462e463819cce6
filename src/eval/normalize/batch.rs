//! Normalisation of channels: by given statistics, and by those of each channel or group.

use crate::eval::elements::{count, room};
use crate::eval::elementwise::math::{Real, load, real, store};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

type Results = Result<Vec<Value>, Failure>;

/// The number of channels, and of elements behind each one.
fn channels(array: &Array) -> Result<(usize, usize), Failure> {
    count(&array.dims)?;
    match array.dims.as_slice() {
        [] => Failure::invalid("a scalar has no channels"),
        [_] => Ok((1, 1)),
        [_, c, rest @ ..] => Ok((count(&[*c])?, count(rest)?)),
    }
}

/// Inference: by given statistics.
pub(super) fn batch(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let training = match call.opset {
        14.. => call.int("training_mode", 0)? != 0,
        7..14 => call.outputs > 1,
        _ => call.int("is_test", 0)? == 0,
    };
    if training {
        return Failure::unsupported("it is in training mode");
    }
    let array = call.array(0)?;
    let (mut channels, mut each) = channels(array)?;
    if call.opset < 9 && call.int("spatial", 1)? == 0 {
        (channels, each) = (channels * each, 1);
    }
    let epsilon = f64::from(call.float("epsilon", 1e-5)?);
    let parameters = [1, 2, 3, 4].map(|slot| load::<f64>(call.array(slot)?).map(|list| list.into_owned()));
    let [scale, bias, mean, variance] = parameters;
    let (scale, bias, mean, variance) = (scale?, bias?, mean?, variance?);
    if [&scale, &bias, &mean, &variance].iter().any(|list| list.len() != channels) {
        return Failure::invalid(format!("the statistics are not of {channels} channels"));
    }
    let factors: Vec<(f64, f64, f64)> =
        (0..channels).map(|c| (mean[c], scale[c] / (variance[c] + epsilon).sqrt(), bias[c])).collect();
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let mut out = room(x.len())?;
        let rows = x.chunks(each.max(1)).zip(factors.iter().cycle());
        if each == 1 {
            out.extend(rows.map(|(row, &by)| scaled(row[0], by)));
        } else {
            rows.for_each(|(row, &by)| out.extend(row.iter().map(|&x| scaled(x, by))));
        }
        Ok(vec![store::<R>(array.dtype, array.dims.clone(), out)?.into()])
    })
}

/// Less the mean, times a factor, plus a bias.
fn scaled<R: Real>(x: R, (mean, factor, bias): (f64, f64, f64)) -> R {
    R::real((x.to_f64() - mean) * factor + bias)
}

/// By the statistics of each channel of each example.
pub(super) fn instance(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (channels, _) = channels(call.array(0)?)?;
    if call.array(0)?.dims.len() < 2 {
        return Failure::invalid("the operand has no channels");
    }
    grouped(call, channels, 1)
}

/// By the statistics of each group of channels of each example.
pub(super) fn group(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (channels, _) = channels(call.array(0)?)?;
    let groups = match call.maybe_int("num_groups")?.map(usize::try_from) {
        Some(Ok(groups)) if groups > 0 && channels % groups == 0 => groups,
        _ => return Failure::invalid(format!("num_groups does not divide {channels} channels")),
    };
    // Version 18 has a scale for each group, later ones for each channel.
    grouped(call, groups, if call.opset < 21 { 1 } else { channels / groups })
}

/// Groups of equally many channels, each normalised; `each` scales a group.
fn grouped(call: &Call<'_>, groups: usize, each: usize) -> Results {
    let array = call.array(0)?;
    let epsilon = f64::from(call.float("epsilon", 1e-5)?);
    let (scale, bias) = (load::<f64>(call.array(1)?)?, load::<f64>(call.array(2)?)?);
    if scale.len() != groups * each || bias.len() != scale.len() {
        return Failure::invalid(format!("the scale or bias are not of {} elements", groups * each));
    }
    let (channels, behind) = channels(array)?;
    let size = (channels * behind).checked_div(groups).unwrap_or(0).max(1);
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let mut out = room(x.len())?;
        for (number, lane) in x.chunks(size).enumerate() {
            let (mean, variance) = moments(lane);
            let factor = 1.0 / (variance + epsilon).sqrt();
            let first = number % groups.max(1) * each;
            for (at, part) in lane.chunks((size / each.max(1)).max(1)).enumerate() {
                let by = (mean, factor * scale[first + at], bias[first + at]);
                out.extend(part.iter().map(|&x| scaled(x, by)));
            }
        }
        Ok(vec![store::<R>(array.dtype, array.dims.clone(), out)?.into()])
    })
}

/// The mean and the variance of numbers.
pub(in crate::eval) fn moments<R: Real>(numbers: &[R]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().map(|x| x.to_f64()).sum::<f64>() / n;
    let squares = numbers.iter().map(|x| {
        let off = x.to_f64() - mean;
        off * off
    });
    (mean, squares.sum::<f64>() / n)
}
