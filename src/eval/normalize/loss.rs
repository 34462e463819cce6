//! Losses of classes.

use super::softmax::log_softmax_of;
use crate::eval::elements::room;
use crate::eval::elementwise::math::{Real, load, real, store};
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

pub(super) fn negative_log_likelihood(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    real!(array.dtype, R => Ok(vec![loss::<R>(call, &load(array)?)?]))
}

/// The loss, and the logarithms of the classes' probabilities.
pub(super) fn softmax_cross_entropy(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let lanes = Lanes::along(&array.dims, Call::axis(1, array.dims.len())?)?;
    real!(array.dtype, R => {
        let logs = log_softmax_of::<R>(&load(array)?, lanes)?;
        let loss = loss(call, &logs)?;
        Ok(vec![loss, store(array.dtype, array.dims.clone(), logs)?.into()])
    })
}

/// The loss where these are the logarithms of probabilities.
fn loss<R: Real>(call: &Call<'_>, logs: &[R]) -> Result<Value, Failure> {
    let array = call.array(0)?;
    if matches!(array.dtype, DType::F16 | DType::BF16) {
        return Failure::unsupported("where a loss of 16 bits is rounded differs between runtimes");
    }
    let lanes = Lanes::along(&array.dims, Call::axis(1, array.dims.len())?)?;
    let targets = call.ints_at(1)?.unwrap_or_default();
    let mut dims = array.dims.clone();
    dims.remove(1);
    if call.array(1)?.dims != dims {
        return Failure::invalid("the targets are not one for each of the classes' lanes");
    }
    let weights = call.maybe(2)?.map(load::<f64>).transpose()?;
    if weights.as_ref().is_some_and(|list| list.len() != lanes.n) {
        return Failure::invalid(format!("the weights are not of {} classes", lanes.n));
    }
    let ignored = call.maybe_int("ignore_index")?;
    let mut losses: Vec<R> = room(targets.len())?;
    let (mut sum, mut weight) = (0.0, 0.0);
    for (start, &target) in lanes.starts().zip(&targets) {
        if Some(target) == ignored {
            losses.push(R::real(0.0));
            continue;
        }
        let Some(class) = usize::try_from(target).ok().filter(|&class| class < lanes.n) else {
            return Failure::invalid(format!("the target {target} is none of {} classes", lanes.n));
        };
        let own = weights.as_ref().map_or(1.0, |list| list[class]);
        let loss = -logs[start + class * lanes.inner].to_f64() * own;
        losses.push(R::real(loss));
        sum += loss;
        weight += own;
    }
    let scalar = |x: f64| store(array.dtype, Vec::new(), vec![x]);
    Ok(match call.text("reduction", "mean")?.as_str() {
        "none" => store(array.dtype, dims, losses)?,
        "sum" => scalar(sum)?,
        "mean" => scalar(sum / weight)?,
        other => return Failure::invalid(format!("reduction is {other}")),
    }
    .into())
}
