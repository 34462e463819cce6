//! Softmax and its logarithm.

use crate::eval::elements::{filled, room};
use crate::eval::elementwise::math::{Real, load, real, store};
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};

type Results = Result<Vec<Value>, Failure>;

pub(super) fn softmax(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, lanes) = (call.array(0)?, lanes(call)?);
    real!(array.dtype, R => {
        let numbers = softmax_of::<R>(&load(array)?, lanes)?;
        Ok(vec![store(array.dtype, array.dims.clone(), numbers)?.into()])
    })
}

pub(super) fn log_softmax(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, lanes) = (call.array(0)?, lanes(call)?);
    real!(array.dtype, R => {
        let numbers = log_softmax_of::<R>(&load(array)?, lanes)?;
        Ok(vec![store(array.dtype, array.dims.clone(), numbers)?.into()])
    })
}

/// Before operator set 13 all axes from the given one on are one.
fn lanes(call: &Call<'_>) -> Result<Lanes, Failure> {
    let dims = &call.array(0)?.dims;
    if call.opset < 13 {
        return Lanes::from(dims, Call::axis(call.int("axis", 1)?, dims.len())?);
    }
    // A scalar has no axis; it is all there is.
    match (dims.len(), call.int("axis", -1)?) {
        (0, -1 | 0) => Lanes::from(dims, 0),
        (rank, axis) => Lanes::along(dims, Call::axis(axis, rank)?),
    }
}

/// The softmax of each lane.
pub(in crate::eval) fn softmax_of<R: Real>(x: &[R], lanes: Lanes) -> Result<Vec<R>, Failure> {
    if lanes.inner == 1 {
        return of_rows(x, lanes.n);
    }
    let (most, sums) = statistics(x, lanes)?;
    let mut out = room(x.len())?;
    let block = lanes.n.saturating_mul(lanes.inner).max(1);
    let all = most.chunks(lanes.inner.max(1)).zip(sums.chunks(lanes.inner.max(1)));
    for (rows, (most, sums)) in x.chunks(block).zip(all) {
        for row in rows.chunks(lanes.inner) {
            let pairs = row.iter().zip(most.iter().zip(sums));
            out.extend(pairs.map(|(&x, (&most, &sum))| R::real((x - most).exp().to_f64() / sum)));
        }
    }
    Ok(out)
}

/// The same where the lanes lie one behind the other.
fn of_rows<R: Real>(x: &[R], n: usize) -> Result<Vec<R>, Failure> {
    let mut out: Vec<R> = room(x.len())?;
    for row in x.chunks(n.max(1)) {
        let most = row.iter().fold(R::real(f64::NEG_INFINITY), |most, &x| if x > most { x } else { most });
        let from = out.len();
        out.extend(row.iter().map(|&x| (x - most).exp()));
        let sum: f64 = out[from..].iter().map(|x| x.to_f64()).sum();
        let scale = 1.0 / sum;
        out[from..].iter_mut().for_each(|x| *x = R::real(x.to_f64() * scale));
    }
    Ok(out)
}

/// The logarithm of the softmax of each lane.
pub(in crate::eval) fn log_softmax_of<R: Real>(x: &[R], lanes: Lanes) -> Result<Vec<R>, Failure> {
    let (most, sums) = statistics(x, lanes)?;
    let mut out = room(x.len())?;
    let block = lanes.n.saturating_mul(lanes.inner).max(1);
    let logs: Vec<f64> = sums.into_iter().map(libm::log).collect();
    let all = most.chunks(lanes.inner.max(1)).zip(logs.chunks(lanes.inner.max(1)));
    for (rows, (most, logs)) in x.chunks(block).zip(all) {
        for row in rows.chunks(lanes.inner) {
            let pairs = row.iter().zip(most.iter().zip(logs));
            out.extend(pairs.map(|(&x, (&most, &log))| R::real((x - most).to_f64() - log)));
        }
    }
    Ok(out)
}

/// The largest number of each lane, and the sum of the powers of e by what the others are below
/// it.
fn statistics<R: Real>(x: &[R], lanes: Lanes) -> Result<(Vec<R>, Vec<f64>), Failure> {
    let number = if x.is_empty() { 0 } else { x.len() / lanes.n.max(1) };
    let mut most = filled(number, R::real(f64::NEG_INFINITY))?;
    let mut sums = filled(number, 0.0)?;
    let (inner, block) = (lanes.inner.max(1), lanes.n.saturating_mul(lanes.inner).max(1));
    for (rows, (most, sums)) in x.chunks(block).zip(most.chunks_mut(inner).zip(sums.chunks_mut(inner))) {
        for row in rows.chunks(inner) {
            for (most, &x) in most.iter_mut().zip(row) {
                *most = if x > *most { x } else { *most };
            }
        }
        for row in rows.chunks(inner) {
            for ((sum, &most), &x) in sums.iter_mut().zip(most.iter()).zip(row) {
                *sum += (x - most).exp().to_f64();
            }
        }
    }
    Ok((most, sums))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_do_not_overflow_and_minus_infinity_is_nothing() {
        let lanes = Lanes { outer: 1, n: 3, inner: 1 };
        assert_eq!(softmax_of(&[1000.0f32, 1000.0, f32::NEG_INFINITY], lanes).unwrap(), [0.5, 0.5, 0.0]);
        assert!(softmax_of(&[f32::NEG_INFINITY; 3], lanes).unwrap().iter().all(|x| x.is_nan()));
        assert!(softmax_of(&[f32::NAN, 0.0, 0.0], lanes).unwrap().iter().all(|x| x.is_nan()));
    }

    #[test]
    fn lanes_across_rows_are_as_lanes_of_rows() {
        let across = softmax_of(&[1.0f32, 5.0, 2.0, 6.0], Lanes { outer: 1, n: 2, inner: 2 }).unwrap();
        let along = softmax_of(&[1.0f32, 2.0, 5.0, 6.0], Lanes { outer: 2, n: 2, inner: 1 }).unwrap();
        assert_eq!([across[0], across[2], across[1], across[3]], along[..]);
    }
}
