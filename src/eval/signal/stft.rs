//! `STFT`: Fourier transforms of the frames of a signal.

use super::fourier::{Complex, Direction, Fourier};
use crate::eval::elements::{count, dispatch, filled, of, room, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};

/// How a signal is cut.
struct Frames {
    signals: usize,
    /// Numbers of a signal and per element of it.
    samples: usize,
    parts: usize,
    step: usize,
    length: usize,
    frames: usize,
    /// The frequencies that are kept.
    bins: usize,
}

/// `STFT`.
pub(super) fn stft(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let frames = frames(call)?;
    let dims = vec![x.dims[0], frames.frames as i64, frames.bins as i64, 2];
    dispatch!(x.dtype, floats, T => {
        let signal: Vec<f64> = view::<T>(x)?.iter().map(|x| x.wide()).collect();
        let window = match call.maybe(2)? {
            Some(window) => view::<T>(window)?.iter().map(|x| x.wide()).collect(),
            None => filled(frames.length, 1.0)?,
        };
        if signal.iter().chain(&window).any(|x| !x.is_finite()) {
            return Failure::unsupported("the transform of an infinity differs between runtimes");
        }
        let mut result = room(count(&dims)?)?;
        frames.run(&signal, &window, |x| result.extend([T::narrow(x.0), T::narrow(x.1)]))?;
        Ok(vec![of(dims, result).into()])
    })
}

fn frames(call: &Call<'_>) -> Result<Frames, Failure> {
    let x = call.array(0)?;
    let [_, samples, parts @ (1 | 2)] = x.dims[..] else {
        return Failure::unsupported(format!("a signal of {:?}", x.dims));
    };
    let onesided = match call.int("onesided", 1)? {
        0 => false,
        1 if parts == 1 => true,
        1 => return Failure::unsupported("onesided of a complex signal differs between runtimes"),
        other => return Failure::invalid(format!("onesided is {other}")),
    };
    let window = match call.maybe(2)?.map(|window| &window.dims[..]) {
        None => None,
        Some([length]) => Some(*length),
        Some(dims) => return Failure::invalid(format!("a window of {dims:?}")),
    };
    let length = match (call.int_at(3)?, window) {
        (Some(length), Some(window)) if length != window => {
            return Failure::invalid(format!("frames of {length} elements and a window of {window}"));
        }
        (Some(length), _) | (None, Some(length)) => length,
        (None, None) => samples,
    };
    let step = call.int_at(1)?.unwrap_or(0);
    if step < 1 || length < 1 || length > samples {
        return Failure::invalid(format!("frames of {length} elements every {step} of {samples}"));
    }
    Ok(Frames {
        signals: count(&x.dims[..1])?,
        samples: count(&[samples])?,
        parts: parts as usize,
        step: usize::try_from(step).unwrap_or(usize::MAX),
        length: count(&[length])?,
        frames: count(&[(samples - length) / step + 1])?,
        bins: count(&[if onesided { length / 2 + 1 } else { length }])?,
    })
}

impl Frames {
    /// Gives the frequencies of all frames, one after the other.
    fn run(&self, signal: &[f64], window: &[f64], mut give: impl FnMut(Complex)) -> Result<(), Failure> {
        let all = self.signals.saturating_mul(self.frames);
        let fourier = Fourier::new(self.length, Direction::Forward, all)?;
        let mut frame: Vec<Complex> = filled(self.length, (0.0, 0.0))?;
        for own in signal.chunks_exact(self.samples * self.parts) {
            for number in 0..self.frames {
                let own = &own[number * self.step * self.parts..];
                for ((x, part), w) in frame.iter_mut().zip(own.chunks_exact(self.parts)).zip(window) {
                    *x = (part[0] * w, part.get(1).map_or(0.0, |imaginary| imaginary * w));
                }
                fourier.transform(&frame)?.into_iter().take(self.bins).for_each(&mut give);
            }
        }
        Ok(())
    }
}
