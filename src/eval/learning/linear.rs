//! Linear models.

use super::scores::{Labels, Transform, judged, logistic};
use super::trees::Samples;
use crate::eval::elements::{count, room};
use crate::eval::wide::narrow;
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

/// `LinearClassifier`: the class with the highest score, and the scores of all.
pub(super) fn classifier(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let samples = Samples::of(call.array(0)?)?;
    let labels = Labels::of(call, "classlabels_ints", "classlabels_strings")?;
    let transform = Transform::of(call)?;
    let weights = call.floats("coefficients")?.unwrap_or_default();
    let rows = weights.len() / samples.features.max(1);
    if labels.len() < 2 || (rows != labels.len() && !(rows == 1 && labels.len() == 2)) {
        return Failure::unsupported(format!("scores of {rows} for {} labels", labels.len()));
    }
    let model = Model::of(call, weights, rows, samples.features)?;
    let mut places = room(samples.count)?;
    let dims = vec![samples.count as i64, labels.len() as i64];
    let mut all = room(count(&dims)?)?;
    for sample in samples.rows() {
        let mut scores = model.scores(sample);
        if let &[score] = scores.as_slice() {
            if transform != Transform::Logistic {
                return Failure::unsupported("the only score of two classes differs between runtimes");
            }
            places.push(usize::from(score > 0.0));
            scores = vec![logistic(-score), logistic(score)];
        } else {
            places.push(judged(&mut scores, transform)?);
        }
        all.extend(scores);
    }
    Ok(vec![labels.at(&places)?, narrow(DType::F32, dims, &all)?.into()])
}

/// `LinearRegressor`: a weighted sum of the features for each target.
pub(super) fn regressor(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let samples = Samples::of(call.array(0)?)?;
    let transform = Transform::of(call)?;
    let targets = match usize::try_from(call.int("targets", 1)?) {
        Ok(n) if n > 0 => n,
        _ => return Failure::invalid("targets is not positive"),
    };
    if targets == 1 && transform != Transform::Keep {
        return Failure::unsupported("the post_transform of a single target differs between runtimes");
    }
    let weights = call.floats("coefficients")?.unwrap_or_default();
    let model = Model::of(call, weights, targets, samples.features)?;
    let dims = vec![samples.count as i64, targets as i64];
    let mut all = room(count(&dims)?)?;
    for sample in samples.rows() {
        let mut scores = model.scores(sample);
        transform.apply(&mut scores)?;
        all.extend(scores);
    }
    Ok(vec![narrow(DType::F32, dims, &all)?.into()])
}

/// The weights of each score.
struct Model {
    weights: Vec<f32>,
    intercepts: Vec<f32>,
    features: usize,
}

impl Model {
    fn of(call: &Call<'_>, weights: Vec<f32>, rows: usize, features: usize) -> Result<Self, Failure> {
        let intercepts = match call.floats("intercepts")?.unwrap_or_default() {
            list if list.is_empty() => crate::eval::elements::filled(rows, 0.0)?,
            list => list,
        };
        if intercepts.len() != rows || Some(weights.len()) != rows.checked_mul(features) || features == 0 {
            return Failure::invalid(format!(
                "{} coefficients and {} intercepts for {rows} scores of {features} features",
                weights.len(),
                intercepts.len()
            ));
        }
        Ok(Model { weights, intercepts, features })
    }

    fn scores(&self, sample: &[f64]) -> Vec<f64> {
        let rows = self.weights.chunks_exact(self.features).zip(&self.intercepts);
        rows.map(|(weights, &intercept)| {
            let products = weights.iter().zip(sample).map(|(&weight, x)| f64::from(weight) * x);
            f64::from(intercept) + products.sum::<f64>()
        })
        .collect()
    }
}
