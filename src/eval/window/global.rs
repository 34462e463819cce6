//! Pools over all spatial elements of a channel: `GlobalAveragePool`, `GlobalMaxPool`,
//! `GlobalLpPool`.

use super::pool::{Norm, no_nan};
use crate::eval::elements::{count, dispatch, of, view};
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// `GlobalAveragePool`: the mean of each channel.
pub(super) fn average(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (plane, dims) = planes(x)?;
    dispatch!(x.dtype, floats, T => {
        let mean = |plane: &[T]| T::narrow(plane.iter().map(|x| x.wide()).sum::<f64>() / plane.len() as f64);
        let means = view::<T>(x)?.chunks_exact(plane).map(mean).collect();
        Ok(vec![of(dims, means).into()])
    })
}

/// `GlobalMaxPool`: the greatest element of each channel.
pub(super) fn max(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (plane, dims) = planes(x)?;
    dispatch!(x.dtype, floats, T => {
        let elements = view::<T>(x)?;
        no_nan(&elements)?;
        let most = |plane: &[T]| plane.iter().copied().fold(plane[0], |most, x| if x > most { x } else { most });
        Ok(vec![of(dims, elements.chunks_exact(plane).map(most).collect()).into()])
    })
}

/// `GlobalLpPool`: the p-norm of each channel.
pub(super) fn lp(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let (plane, dims) = planes(x)?;
    let norm = Norm::of(call)?;
    dispatch!(x.dtype, floats, T => {
        let own = |plane: &[T]| T::narrow(norm.root(plane.iter().map(|x| norm.power(x.wide())).sum()));
        let norms = view::<T>(x)?.chunks_exact(plane).map(own).collect();
        Ok(vec![of(dims, norms).into()])
    })
}

/// The number of elements of a channel (at least one), and the dimensions of the output.
fn planes(x: &Array) -> Result<(usize, Vec<i64>), Failure> {
    let Some((outer, spatial)) = x.dims.split_at_checked(2).filter(|(_, spatial)| !spatial.is_empty()) else {
        return Failure::invalid(format!("an input of {} axes has no spatial ones", x.dims.len()));
    };
    let plane = count(spatial)?;
    if plane == 0 {
        return Failure::unsupported("a pool over nothing differs between runtimes");
    }
    Ok((plane, outer.iter().copied().chain(spatial.iter().map(|_| 1)).collect()))
}
