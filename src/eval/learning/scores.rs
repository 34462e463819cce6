//! What becomes of scores: the transforms after a model, and labels.

use std::sync::Arc;

use crate::eval::elements::of;
use crate::eval::value::Strings;
use crate::eval::{Call, Failure, Value};

/// What is done with the scores of a sample at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transform {
    Keep,
    Softmax,
    Logistic,
    SoftmaxZero,
    Probit,
}

impl Transform {
    /// The attribute `post_transform`.
    pub(super) fn of(call: &Call<'_>) -> Result<Self, Failure> {
        Ok(match call.text("post_transform", "NONE")?.as_str() {
            "NONE" => Transform::Keep,
            "SOFTMAX" => Transform::Softmax,
            "LOGISTIC" => Transform::Logistic,
            "SOFTMAX_ZERO" => Transform::SoftmaxZero,
            "PROBIT" => Transform::Probit,
            other => return Failure::invalid(format!("there is no post_transform `{other}`")),
        })
    }

    /// The transform of a number.
    pub(super) fn numbered(number: i64) -> Result<Self, Failure> {
        use Transform::*;
        let all = [Keep, Softmax, Logistic, SoftmaxZero, Probit];
        match usize::try_from(number).ok().and_then(|n| all.get(n)) {
            Some(&transform) => Ok(transform),
            None => Failure::invalid(format!("there is no post_transform {number}")),
        }
    }

    /// Transforms the scores of a sample.
    pub(super) fn apply(self, scores: &mut [f64]) -> Result<(), Failure> {
        match self {
            Transform::Keep => {}
            Transform::Softmax => {
                let most = most(scores);
                scores.iter_mut().for_each(|x| *x = libm::exp(*x - most));
                share(scores)?;
            }
            Transform::Logistic => scores.iter_mut().for_each(|x| *x = logistic(*x)),
            Transform::SoftmaxZero => {
                let most = most(scores);
                let scale = libm::exp(-most);
                for x in scores.iter_mut() {
                    *x = if x.abs() > 1e-7 { libm::exp(*x - most) } else { *x * scale };
                }
                share(scores)?;
            }
            Transform::Probit => {
                return Failure::unsupported("PROBIT is another approximation in each runtime");
            }
        }
        Ok(())
    }
}

/// The place of the highest score, before the scores are transformed; and transforms them.
pub(super) fn judged(scores: &mut [f64], transform: Transform) -> Result<usize, Failure> {
    let place = largest(scores)?;
    transform.apply(scores)?;
    // Scores of zero fall behind negative ones.
    if transform == Transform::SoftmaxZero && largest(scores)? != place {
        return Failure::unsupported("the class with the highest score differs between runtimes");
    }
    Ok(place)
}

/// Divides scores by their sum.
fn share(scores: &mut [f64]) -> Result<(), Failure> {
    let sum: f64 = scores.iter().sum();
    if sum.abs() < 1e-6 || !sum.is_finite() {
        return Failure::unsupported("a softmax of scores without a sum differs between runtimes");
    }
    scores.iter_mut().for_each(|x| *x /= sum);
    Ok(())
}

fn most(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The logistic function.
pub(super) fn logistic(x: f64) -> f64 {
    let value = 1.0 / (1.0 + libm::exp(-x.abs()));
    if x < 0.0 { 1.0 - value } else { value }
}

/// The names of classes.
pub(super) enum Labels {
    Numbers(Vec<i64>),
    Texts(Vec<String>),
}

impl Labels {
    /// Those of two attributes, one of which is given.
    pub(super) fn of(call: &Call<'_>, numbers: &str, texts: &str) -> Result<Self, Failure> {
        let numbers = call.ints(numbers)?.filter(|list| !list.is_empty());
        let texts = call.texts(texts)?.filter(|list| !list.is_empty());
        match (numbers, texts) {
            (Some(numbers), None) => Ok(Labels::Numbers(numbers)),
            (None, Some(texts)) => Ok(Labels::Texts(texts)),
            (None, None) => Failure::invalid("no class has a label"),
            _ => Failure::invalid("classes have labels of numbers and of strings"),
        }
    }

    /// The number of classes.
    pub(super) fn len(&self) -> usize {
        match self {
            Labels::Numbers(list) => list.len(),
            Labels::Texts(list) => list.len(),
        }
    }

    /// A vector of the labels at these places.
    pub(super) fn at(&self, places: &[usize]) -> Result<Value, Failure> {
        let dims = vec![places.len() as i64];
        let outside = || Failure::Invalid(format!("a class that is none of the {} labels", self.len()));
        Ok(match self {
            Labels::Numbers(list) => {
                let labels: Option<Vec<i64>> = places.iter().map(|&at| list.get(at).copied()).collect();
                of(dims, labels.ok_or_else(outside)?).into()
            }
            Labels::Texts(list) => {
                let labels: Option<Vec<String>> = places.iter().map(|&at| list.get(at).cloned()).collect();
                Strings { dims, elements: Arc::new(labels.ok_or_else(outside)?) }.into()
            }
        })
    }
}

/// The place of the first of the largest numbers.
pub(super) fn largest(scores: &[f64]) -> Result<usize, Failure> {
    if scores.iter().any(|x| x.is_nan()) {
        return Failure::unsupported("the largest of scores with NaN differs between runtimes");
    }
    let mut best = 0;
    for (at, &x) in scores.iter().enumerate() {
        if x > scores[best] {
            best = at;
        }
    }
    if scores.is_empty() { Failure::invalid("the largest of no scores") } else { Ok(best) }
}
