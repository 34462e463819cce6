//! `CausalConvWithState`: each channel's convolution with what came before.

use crate::eval::elements::{count, room};
use crate::eval::recurrent::sigmoid;
use crate::eval::wide::{narrow, rounded, wide};
use crate::eval::{Call, Engine, Failure, Value};

/// `CausalConvWithState`.
pub(super) fn causal(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, weights) = (call.array(0)?, call.array(1)?);
    let (&[batch, channels, length], &[own, 1, taps]) = (x.dims.as_slice(), weights.dims.as_slice()) else {
        return Failure::invalid("the input or the weights have not 3 axes");
    };
    if own != channels || taps < 1 {
        return Failure::invalid(format!("{own} kernels of {taps} for {channels} channels"));
    }
    let swish = match call.text("activation", "none")?.as_str() {
        "none" => false,
        "silu" | "swish" => true,
        other => return Failure::invalid(format!("there is no activation `{other}`")),
    };
    let (bias, past) = (call.maybe(2)?, call.maybe(3)?);
    let state = vec![batch, channels, taps - 1];
    if bias.is_some_and(|bias| bias.dims != [channels]) || past.is_some_and(|past| past.dims != state) {
        return Failure::invalid("the bias or the state has another size");
    }
    let (elements, kernels) = (wide(x)?, wide(weights)?);
    let bias = bias.map(wide).transpose()?;
    let past = past.map(wide).transpose()?;
    let (mut out, mut states) = (room(count(&x.dims)?)?, room(count(&state)?)?);
    let (channels, length, taps) = (channels as usize, length as usize, taps as usize);
    count(&[batch, channels as i64])?;
    for row in 0..batch as usize * channels {
        let channel = row % channels;
        let mut all = match &past {
            Some(past) => past[row * (taps - 1)..(row + 1) * (taps - 1)].to_vec(),
            None => vec![0.0; taps - 1],
        };
        all.extend_from_slice(&elements[row * length..(row + 1) * length]);
        let kernel = &kernels[channel * taps..(channel + 1) * taps];
        for seen in all.windows(taps) {
            let sum: f64 = seen.iter().zip(kernel).map(|(x, weight)| x * weight).sum();
            let y = rounded(x.dtype, sum + bias.as_ref().map_or(0.0, |bias| bias[channel]));
            out.push(if swish { y * sigmoid(y) } else { y });
        }
        states.extend_from_slice(&all[length..]);
    }
    Ok(vec![narrow(x.dtype, x.dims.clone(), &out)?.into(), narrow(x.dtype, state, &states)?.into()])
}
