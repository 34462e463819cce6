//! Normalisation of the last axes.

use super::batch::moments;
use crate::eval::elements::{count, room};
use crate::eval::elementwise::broadcast::{Plan, zip, zip3};
use crate::eval::elementwise::math::{Real, load, real, store};
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// The mean is taken off: the results, the means and the inverse deviations.
pub(super) fn layer(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let stash = stash(call)?;
    let axis = Call::axis(call.int("axis", -1)?, array.dims.len())?;
    let lanes = Lanes::from(&array.dims, axis)?;
    let epsilon = f64::from(call.float("epsilon", 1e-5)?);
    let mut few = array.dims.clone();
    few[axis..].fill(1);
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let (normal, statistics) = normalised(&x, lanes, epsilon, Centre::Mean)?;
        let result = affine(array.dtype, &array.dims, normal, (call.array(1)?, call.maybe(2)?))?;
        let mut results = vec![result.into()];
        if call.outputs > 1 {
            if count(&few)? != statistics.len() {
                return Failure::unsupported("the statistics of nothing are not specified");
            }
            let (means, inverses) = statistics.into_iter().unzip();
            results.push(store::<f64>(stash, few.clone(), means)?.into());
            results.push(store::<f64>(stash, few, inverses)?.into());
        }
        Ok(results)
    })
}

/// The mean stays.
pub(super) fn rms(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, scale) = (call.array(0)?, call.array(1)?);
    stash(call)?;
    let lanes = Lanes::from(&array.dims, Call::axis(call.int("axis", -1)?, array.dims.len())?)?;
    let epsilon = f64::from(call.float("epsilon", 1e-5)?);
    // The result is of the scale's type.
    real!(array.dtype, R => {
        let (normal, _) = normalised::<R>(&load(array)?, lanes, epsilon, Centre::Zero)?;
        Ok(vec![affine(scale.dtype, &array.dims, normal, (scale, None))?.into()])
    })
}

/// The type that statistics are of.
fn stash(call: &Call<'_>) -> Result<DType, Failure> {
    match call.int("stash_type", 1)? {
        1 => Ok(DType::F32),
        16 => Failure::unsupported("statistics are computed as bf16"),
        other => Failure::unsupported(format!("statistics are computed as the type {other}")),
    }
}

/// What deviations are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::eval) enum Centre {
    Mean,
    Zero,
}

/// Elements, and of each lane the centre and the inverse deviation.
type Normalised<R> = (Vec<R>, Vec<(f64, f64)>);

/// Each lane divided by its deviation; and the centres and inverse deviations.
pub(in crate::eval) fn normalised<R: Real>(
    x: &[R],
    lanes: Lanes,
    epsilon: f64,
    centre: Centre,
) -> Result<Normalised<R>, Failure> {
    let mut out = room(x.len())?;
    let mut statistics = room(lanes.outer)?;
    for lane in x.chunks(lanes.n.max(1)) {
        let (mean, variance) = match centre {
            Centre::Mean => moments(lane),
            Centre::Zero => {
                (0.0, lane.iter().map(|x| x.to_f64() * x.to_f64()).sum::<f64>() / lane.len() as f64)
            }
        };
        let inverse = 1.0 / (variance + epsilon).sqrt();
        out.extend(lane.iter().map(|x| R::real((x.to_f64() - mean) * inverse)));
        statistics.push((mean, inverse));
    }
    Ok((out, statistics))
}

/// Times a scale, plus a bias; both broadcast to the numbers.
pub(in crate::eval) fn affine<R: Real>(
    dtype: DType,
    dims: &[i64],
    numbers: Vec<R>,
    (scale, bias): (&Array, Option<&Array>),
) -> Result<Array, Failure> {
    let scales = load::<R>(scale)?;
    let (dims_of_result, result) = match bias {
        None => {
            let plan = Plan::of([dims, &scale.dims])?;
            let result = zip(&plan, &numbers, &scales, |x, scale| x * scale)?;
            (plan.dims, result)
        }
        Some(bias) => {
            let plan = Plan::of([dims, &scale.dims, &bias.dims])?;
            let biases = load::<R>(bias)?;
            let result = zip3(&plan, (&numbers, &scales, &biases), |x, scale, bias| x * scale + bias)?;
            (plan.dims, result)
        }
    };
    if dims_of_result != dims {
        return Failure::invalid("the scale or bias does not broadcast to the operand");
    }
    store(dtype, dims_of_result, result)
}
