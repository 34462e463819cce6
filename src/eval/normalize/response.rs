//! Normalisation by neighbours, by a norm, and by mean and variance over chosen axes.

use crate::eval::elements::{count, filled, room};
use crate::eval::elementwise::broadcast::Plan;
use crate::eval::elementwise::math::{Real, load, real, store};
use crate::eval::elementwise::number::Number;
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};

type Results = Result<Vec<Value>, Failure>;

/// Divided by what the neighbouring channels sum up to.
pub(super) fn local_response(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let size = match call.maybe_int("size")?.map(usize::try_from) {
        Some(Ok(size)) if size > 0 => size,
        _ => return Failure::invalid("size is not positive"),
    };
    let lanes = Lanes::along(&array.dims, Call::axis(1, array.dims.len())?)?;
    let (alpha, beta) = (f64::from(call.float("alpha", 1e-4)?), f64::from(call.float("beta", 0.75)?));
    let (bias, scale) = (f64::from(call.float("bias", 1.0)?), alpha / size as f64);
    let (before, after) = ((size - 1) / 2, size / 2);
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let mut out = room(x.len())?;
        let mut sums = filled(lanes.inner, 0.0f64)?;
        let inner = lanes.inner.max(1);
        for block in x.chunks(lanes.n.saturating_mul(inner).max(1)) {
            for (channel, row) in block.chunks(inner).enumerate() {
                sums.fill(0.0);
                let (from, to) = (channel.saturating_sub(before), (channel.saturating_add(after)).min(lanes.n - 1));
                for other in block[from * inner..(to + 1) * inner].chunks(inner) {
                    sums.iter_mut().zip(other).for_each(|(sum, x)| *sum += x.to_f64() * x.to_f64());
                }
                let divided = |(x, sum): (&R, &f64)| R::real(x.to_f64() / power(bias + scale * sum, beta));
                out.extend(row.iter().zip(&sums).map(divided));
            }
        }
        Ok(vec![store::<R>(array.dtype, array.dims.clone(), out)?.into()])
    })
}

/// A power; the usual one by roots, which are many times faster.
fn power(x: f64, by: f64) -> f64 {
    if by == 0.75 {
        let root = x.sqrt();
        root * root.sqrt()
    } else {
        libm::pow(x, by)
    }
}

/// Divided by the norm of each lane; where that is zero, zero.
pub(super) fn lp(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let lanes = Lanes::along(&array.dims, Call::axis(call.int("axis", -1)?, array.dims.len())?)?;
    let p = call.int("p", 2)?;
    if !matches!(p, 1 | 2) {
        return Failure::invalid(format!("p is {p}"));
    }
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let mut out = filled(x.len(), R::real(0.0))?;
        for start in lanes.starts() {
            let numbers = lanes.of(start).map(|at| x[at].to_f64());
            let norm = match p {
                1 => numbers.map(f64::abs).sum::<f64>(),
                _ => numbers.map(|x| x * x).sum::<f64>().sqrt(),
            };
            if norm != 0.0 {
                lanes.of(start).for_each(|at| out[at] = R::real(x[at].to_f64() / norm));
            }
        }
        Ok(vec![store::<R>(array.dtype, array.dims.clone(), out)?.into()])
    })
}

/// Less the mean over the axes, divided by the deviation.
pub(super) fn mean_variance(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let mut kept = array.dims.clone();
    for axis in call.ints("axes")?.unwrap_or_else(|| vec![0, 2, 3]) {
        kept[Call::axis(axis, array.dims.len())?] = 1;
    }
    let (total, groups) = (count(&array.dims)?, count(&kept)?);
    let share = total as f64 / groups.max(1) as f64;
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let plan = Plan::of([&array.dims, &kept])?;
        let mut means = filled(groups, 0.0f64)?;
        plan.each(|[from, to]| means[to] += x[from].to_f64());
        means.iter_mut().for_each(|mean| *mean /= share);
        let mut deviations = filled(groups, 0.0f64)?;
        plan.each(|[from, to]| {
            let off = x[from].to_f64() - means[to];
            deviations[to] += off * off;
        });
        // The mean of squares less the square of the mean, as some have it, is then anything.
        let cancels = |(all, mean): (&f64, &f64)| all / share <= 1e-6 * mean * mean && *mean != 0.0;
        if deviations.iter().zip(&means).any(cancels) {
            return Failure::unsupported("what hardly varies beside its mean differs between runtimes");
        }
        // The specification's function adds a small number, for what does not vary.
        deviations.iter_mut().for_each(|all| *all = (*all / share).sqrt() + 1e-9);
        let mut out = room(total)?;
        plan.each(|[from, to]| out.push(R::real((x[from].to_f64() - means[to]) / deviations[to])));
        Ok(vec![store::<R>(array.dtype, array.dims.clone(), out)?.into()])
    })
}
