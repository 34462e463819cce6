//! Convolutions of bytes, summed up as 32-bit integers.

use super::patches::Patches;
use super::product::{centred, multiply};
use super::rounding::{list, requantized, single};
use crate::eval::elements::{count, filled, of, room, view};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

type Results = Result<Vec<Value>, Failure>;

/// The sums of a convolution, and their shape.
struct Sums {
    dims: Vec<i64>,
    sums: Vec<i32>,
    /// The number of channels.
    maps: usize,
    /// The number of positions.
    positions: usize,
}

pub(super) fn integers(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let sums = sums(call, (call.array(0)?, call.maybe(2)?), (call.array(1)?, call.maybe(3)?))?;
    Ok(vec![of(sums.dims, sums.sums).into()])
}

pub(super) fn quantized(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (x, w) = ((call.array(0)?, Some(call.array(2)?)), (call.array(3)?, Some(call.array(5)?)));
    let mut sums = sums(call, x, w)?;
    let each = sums.positions.max(1);
    if let Some(bias) = call.maybe(8)? {
        let bias = view::<i32>(bias)?;
        if bias.len() != sums.maps {
            return Failure::invalid(format!("the bias is not of {} channels", sums.maps));
        }
        for (row, bias) in sums.sums.chunks_mut(each).zip(bias.iter().cycle()) {
            row.iter_mut().for_each(|sum| *sum = sum.wrapping_add(*bias));
        }
    }
    let (scale, scales) = (single(call.array(1)?, "the operand's scale")?, list(call.array(4)?)?);
    if scales.len() != 1 && scales.len() != sums.maps {
        return Failure::invalid(format!("{} scales of {} channels", scales.len(), sums.maps));
    }
    let (by, to) = (single(call.array(6)?, "the result's scale")?, call.array(7)?);
    let zero = single(to, "the result's zero point")?;
    let factors: Vec<f32> = scales.iter().map(|own| scale * own / by).collect();
    let mut numbers: Vec<f32> = room(sums.sums.len())?;
    for (row, factor) in sums.sums.chunks(each).zip(factors.iter().cycle()) {
        numbers.extend(row.iter().map(|&sum| sum as f32 * factor));
    }
    Ok(vec![requantized(to.dtype, sums.dims, numbers.into_iter(), (1.0, zero))?.into()])
}

type WithZero<'a> = (&'a Array, Option<&'a Array>);

/// The sums of products of the operand and the kernel.
fn sums(call: &Call<'_>, (x, x_zero): WithZero<'_>, (w, w_zero): WithZero<'_>) -> Result<Sums, Failure> {
    let ([batch, channels, input @ ..], [maps, share, kernel @ ..]) = (x.dims.as_slice(), w.dims.as_slice())
    else {
        return Failure::invalid("an operand has no channels");
    };
    let [batch, channels, maps, share] = [*batch, *channels, *maps, *share].map(|n| count(&[n]));
    let (batch, channels, maps, share) = (batch?, channels?, maps?, share?);
    let groups = usize::try_from(call.int("group", 1)?).unwrap_or(0);
    if groups == 0 || share.checked_mul(groups) != Some(channels) || maps % groups != 0 {
        return Failure::invalid(format!("{groups} groups of {share} channels are not {channels} channels"));
    }
    if x_zero.is_some_and(|zero| count(&zero.dims) != Ok(1)) {
        return Failure::invalid("the operand's zero point is not a scalar");
    }
    let patches = Patches::of(call, input, kernel)?;
    let size = share.saturating_mul(count(kernel)?);
    let (x, w) = (centred(x, x_zero, 1, 1)?, centred(w, w_zero, maps, size)?);
    let mut dims = vec![batch as i64, maps as i64];
    dims.extend(patches.output());
    let mut sums = filled(count(&dims)?, 0i32)?;
    let (rows, length) = patches.rows()?;
    let positions = rows * length;
    let (own, each) = (maps / groups, share * count(input)?);
    for part in 0..if positions == 0 || own == 0 || each == 0 { 0 } else { batch * groups } {
        let x = &x[part * each..(part + 1) * each];
        let w = &w[part % groups * own * size..(part % groups + 1) * own * size];
        let out = &mut sums[part * own * positions..(part + 1) * own * positions];
        convolve(&patches, (x, share), (w, size), out)?;
    }
    Ok(Sums { dims, sums, maps, positions })
}

/// One group of one image.
fn convolve(
    patches: &Patches,
    (x, channels): (&[i16], usize),
    (w, size): (&[i16], usize),
    out: &mut [i32],
) -> Result<(), Failure> {
    /// About so many positions at once.
    const POSITIONS: usize = 2048;
    let (rows, length) = patches.rows()?;
    let at_once = (POSITIONS / length).max(1);
    let (mut matrix, mut sums) = (Vec::new(), Vec::new());
    for from in (0..rows).step_by(at_once) {
        let to = (from + at_once).min(rows);
        let n = (to - from) * length;
        matrix.try_reserve(size.saturating_mul(n)).map_err(|_| Failure::TooLarge("no memory".to_owned()))?;
        patches.fill(x, channels, from..to, &mut matrix);
        sums.clear();
        sums.resize(w.len() / size.max(1) * n, 0);
        multiply(w, &matrix, &mut sums, size, n);
        for (own, target) in sums.chunks(n).zip(out.chunks_mut(rows * length)) {
            target[from * length..to * length].copy_from_slice(own);
        }
    }
    Ok(())
}
