//! Ensembles of decision trees.

use super::forest::{Forest, list, numbers_of};
use super::scores::{Labels, Transform, judged, largest, logistic};
use crate::eval::elements::{count, filled, room};
use crate::eval::wide::{narrow, numbers};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `TreeEnsembleRegressor`: the votes of all trees by target, with base values.
pub(super) fn regressor(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let forest = Forest::with_leaves_as_nodes(call, "target")?;
    let ensemble = Ensemble {
        aggregate: match call.text("aggregate_function", "SUM")?.as_str() {
            "AVERAGE" => Aggregate::Average,
            "SUM" => Aggregate::Sum,
            "MIN" => Aggregate::Min,
            "MAX" => Aggregate::Max,
            other => return Failure::invalid(format!("there is no aggregate_function `{other}`")),
        },
        transform: Transform::of(call)?,
        targets: targets(call)?,
        base: numbers_of(call, "base_values")?.unwrap_or_default(),
        forest,
    };
    if ensemble.targets > 1 && !ensemble.base.is_empty() {
        // A target that no leaf votes for has its base value in some, and 0 in others.
        return Failure::unsupported("base values of several targets differ between runtimes");
    }
    Ok(vec![ensemble.regress(call.array(0)?, DType::F32)?.into()])
}

/// `TreeEnsemble`: the votes of all trees by target.
pub(super) fn ensemble(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let transform = Transform::numbered(call.int("post_transform", 0)?)?;
    if matches!(transform, Transform::Softmax | Transform::Logistic) {
        return Failure::unsupported("runtimes number the post_transforms SOFTMAX and LOGISTIC differently");
    }
    let ensemble = Ensemble {
        aggregate: match call.int("aggregate_function", 1)? {
            0 => Aggregate::Average,
            1 => Aggregate::Sum,
            2 => Aggregate::Min,
            3 => Aggregate::Max,
            other => return Failure::invalid(format!("there is no aggregate_function {other}")),
        },
        transform,
        targets: targets(call)?,
        base: Vec::new(),
        forest: Forest::with_separate_leaves(call)?,
    };
    let x = call.array(0)?;
    Ok(vec![ensemble.regress(x, x.dtype)?.into()])
}

/// `TreeEnsembleClassifier`: the class with most votes, and the votes of all classes.
pub(super) fn classifier(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let forest = Forest::with_leaves_as_nodes(call, "class")?;
    let labels = Labels::of(call, "classlabels_int64s", "classlabels_strings")?;
    let classes = labels.len();
    if classes < 2 {
        return Failure::unsupported("a classifier of one class differs between runtimes");
    }
    let base = numbers_of(call, "base_values")?.unwrap_or_default();
    if !(base.is_empty() || base.len() == classes || (classes == 2 && base.len() == 1)) {
        return Failure::invalid(format!("{} base values of {classes} classes", base.len()));
    }
    let ids = list(call, "class_ids")?;
    if ids.iter().any(|&id| usize::try_from(id).map_or(true, |id| id >= classes)) {
        return Failure::invalid("a vote for a class that has no label");
    }
    let judge = Judge {
        classes,
        base,
        transform: Transform::of(call)?,
        first_only: ids.iter().all(|&id| id == 0),
        second_only: ids.iter().all(|&id| id == 1),
        plain_labels: match &labels {
            Labels::Numbers(list) => list.as_slice() == [0, 1],
            Labels::Texts(_) => true,
        },
        positive: forest.votes.iter().all(|vote| vote.weight >= 0.0),
        forest,
    };
    let samples = Samples::of(call.array(0)?)?;
    let mut places = room(samples.count)?;
    let mut scores = room(count(&[samples.count as i64, classes as i64])?)?;
    for row in samples.rows() {
        let (place, own) = judge.one(row)?;
        places.push(place);
        scores.extend(own);
    }
    let dims = vec![samples.count as i64, classes as i64];
    Ok(vec![labels.at(&places)?, narrow(DType::F32, dims, &scores)?.into()])
}

/// The features of samples.
pub(super) struct Samples {
    pub(super) count: usize,
    pub(super) features: usize,
    elements: Vec<f64>,
}

impl Samples {
    /// A matrix with a row for each sample, or a vector of one.
    pub(super) fn of(x: &Array) -> Result<Self, Failure> {
        let (samples, features) = match *x.dims.as_slice() {
            [features] => (1, features),
            [samples, features] => (samples, features),
            _ => return Failure::invalid(format!("samples of {} axes", x.dims.len())),
        };
        count(&[samples])?;
        count(&[samples, features])?;
        let mut elements = numbers(x)?;
        // Integers are read as f32.
        if matches!(x.dtype, DType::I32 | DType::I64) {
            elements.iter_mut().for_each(|x| *x = f64::from(*x as f32));
        }
        Ok(Samples { count: samples as usize, features: features as usize, elements })
    }

    /// The samples one by one.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.count).map(|at| &self.elements[at * self.features..(at + 1) * self.features])
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aggregate {
    Average,
    Sum,
    Min,
    Max,
}

struct Ensemble {
    forest: Forest,
    aggregate: Aggregate,
    transform: Transform,
    targets: usize,
    base: Vec<f64>,
}

impl Ensemble {
    fn regress(&self, x: &Array, dtype: DType) -> Result<Array, Failure> {
        if !(self.base.is_empty() || self.base.len() == self.targets) {
            return Failure::invalid(format!("{} base values of {} targets", self.base.len(), self.targets));
        }
        if self.forest.votes.iter().any(|vote| vote.target >= self.targets) {
            return Failure::invalid("a vote for a target that is not there");
        }
        if self.targets == 1 && self.transform != Transform::Keep {
            return Failure::unsupported("the post_transform of a single target differs between runtimes");
        }
        let samples = Samples::of(x)?;
        let dims = vec![samples.count as i64, self.targets as i64];
        let mut results = room(count(&dims)?)?;
        for row in samples.rows() {
            results.extend(self.one(row)?);
        }
        narrow(dtype, dims, &results)
    }

    fn one(&self, sample: &[f64]) -> Result<Vec<f64>, Failure> {
        let mut results: Vec<Option<f64>> = filled(self.targets, None)?;
        for leaf in self.forest.leaves(sample) {
            for vote in leaf? {
                let result = &mut results[vote.target];
                *result = Some(match (*result, self.aggregate) {
                    (None, _) => vote.weight,
                    (Some(old), Aggregate::Min) => old.min(vote.weight),
                    (Some(old), Aggregate::Max) => old.max(vote.weight),
                    (Some(old), _) => old + vote.weight,
                });
            }
        }
        if matches!(self.aggregate, Aggregate::Min | Aggregate::Max) && results.contains(&None) {
            return Failure::unsupported("the least or greatest of no votes differs between runtimes");
        }
        let share = if self.aggregate == Aggregate::Average { self.forest.trees() as f64 } else { 1.0 };
        let base = self.base.iter().copied().chain(std::iter::repeat(0.0));
        let mut results: Vec<f64> = results
            .into_iter()
            .zip(base)
            .map(|(result, base)| result.unwrap_or(0.0) / share + base)
            .collect();
        self.transform.apply(&mut results)?;
        Ok(results)
    }
}

fn targets(call: &Call<'_>) -> Result<usize, Failure> {
    match usize::try_from(call.int("n_targets", 0)?) {
        Ok(n) if n > 0 => Ok(n),
        _ => Failure::invalid("n_targets is not positive"),
    }
}

/// A classifier.
struct Judge {
    forest: Forest,
    classes: usize,
    base: Vec<f64>,
    transform: Transform,
    /// All votes are for the first class.
    first_only: bool,
    /// All votes are for the second class.
    second_only: bool,
    /// The labels are strings, or 0 and 1.
    plain_labels: bool,
    /// No vote is negative.
    positive: bool,
}

impl Judge {
    /// The place of a sample's class, and the scores of all.
    fn one(&self, sample: &[f64]) -> Result<(usize, Vec<f64>), Failure> {
        let mut votes: Vec<Option<f64>> = filled(self.classes, None)?;
        for leaf in self.forest.leaves(sample) {
            for vote in leaf? {
                let sum = &mut votes[vote.target];
                *sum = Some(sum.unwrap_or(0.0) + vote.weight);
            }
        }
        if self.classes > 2 { self.many(votes) } else { self.two(votes) }
    }

    fn many(&self, votes: Vec<Option<f64>>) -> Result<(usize, Vec<f64>), Failure> {
        let base = self.base.iter().copied().chain(std::iter::repeat(0.0));
        let mut scores: Vec<f64> =
            votes.iter().zip(base).map(|(sum, base)| sum.unwrap_or(0.0) + base).collect();
        let place = judged(&mut scores, self.transform)?;
        if votes[place].is_none() && self.base.is_empty() && votes.iter().any(Option::is_some) {
            return Failure::unsupported(
                "a class without votes has most of them, which differs between runtimes",
            );
        }
        Ok((place, scores))
    }

    /// Two classes. Runtimes differ in much here; what they share has a result.
    fn two(&self, votes: Vec<Option<f64>>) -> Result<(usize, Vec<f64>), Failure> {
        if self.first_only && self.base.len() < 2 {
            let score = votes[0].unwrap_or(0.0) + self.base.first().copied().unwrap_or(0.0);
            return self.margin(score);
        }
        if !self.base.is_empty() {
            return Failure::unsupported("base values of two classes differ between runtimes");
        }
        if votes[0].is_some() && votes[1].is_none() {
            return Failure::unsupported("votes for the first of two classes only differ between runtimes");
        }
        let mut scores: Vec<f64> = votes.iter().map(|sum| sum.unwrap_or(0.0)).collect();
        let place = largest(&scores)?;
        // onnxruntime looks at the second score only, and knows no labels but 0 and 1.
        let limit = if self.second_only && self.positive { 0.5 } else { 0.0 };
        if place != usize::from(scores[1] > limit) || !(self.second_only || self.plain_labels) {
            return Failure::unsupported(
                "the label of two classes that both have votes differs between runtimes",
            );
        }
        self.transform.apply(&mut scores)?;
        Ok((place, scores))
    }

    /// The only score of two classes: the probability or the margin of the second.
    fn margin(&self, score: f64) -> Result<(usize, Vec<f64>), Failure> {
        let differs = || Failure::unsupported("the only score of two classes differs between runtimes");
        match self.transform {
            Transform::Keep if self.positive => Ok((usize::from(score > 0.5), vec![1.0 - score, score])),
            Transform::Logistic if !(self.positive && score > 0.0 && score <= 0.5) => {
                Ok((usize::from(score > 0.0), vec![logistic(-score), logistic(score)]))
            }
            _ => differs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::elements::{of, view};
    use crate::model::{AttributeValue, Graph, Model, Source};

    /// The results for `x` of a stump: `x <= 0.5` votes for the first class with `weights.0`,
    /// else with `weights.1`.
    fn stump(x: f32, weights: (f32, f32), transform: &str) -> Result<(i64, Vec<f32>), Failure> {
        let model = Model::of("onnx", Source::default(), Graph::default());
        let ints = |list: &[i64]| AttributeValue::Ints(list.to_vec());
        let modes = ["BRANCH_LEQ", "LEAF", "LEAF"].map(|mode| mode.into()).to_vec();
        let call = Call {
            model: &model,
            op: "TreeEnsembleClassifier",
            domain: "ai.onnx.ml",
            opset: 3,
            attributes: Vec::new(),
            inputs: vec![Some(of(vec![1, 1], vec![x]).into())],
            outputs: 2,
        };
        let call = call
            .with("nodes_treeids", ints(&[0, 0, 0]))
            .with("nodes_nodeids", ints(&[0, 1, 2]))
            .with("nodes_featureids", ints(&[0, 0, 0]))
            .with("nodes_truenodeids", ints(&[1, 0, 0]))
            .with("nodes_falsenodeids", ints(&[2, 0, 0]))
            .with("nodes_modes", AttributeValue::Strings(modes))
            .with("nodes_values", AttributeValue::Floats(vec![0.5, 0.0, 0.0]))
            .with("class_treeids", ints(&[0, 0]))
            .with("class_nodeids", ints(&[1, 2]))
            .with("class_ids", ints(&[0, 0]))
            .with("class_weights", AttributeValue::Floats(vec![weights.0, weights.1]))
            .with("classlabels_int64s", ints(&[7, 9]))
            .with("post_transform", AttributeValue::String(transform.into()));
        struct None;
        impl Engine for None {
            fn call(&mut self, _: &Call<'_>) -> Result<Vec<Array>, Failure> {
                Failure::unsupported("none")
            }
        }
        let results = classifier(&call, &mut None)?;
        let label = view::<i64>(results[0].array()?)?[0];
        Ok((label, view::<f32>(results[1].array()?)?.to_vec()))
    }

    #[test]
    fn one_score_without_a_negative_one_is_the_probability_of_the_second_class() {
        assert_eq!(stump(0.5, (0.75, 0.25), "NONE"), Ok((9, vec![0.25, 0.75])));
        assert_eq!(stump(0.6, (0.75, 0.25), "NONE"), Ok((7, vec![0.75, 0.25])));
    }

    #[test]
    fn one_score_with_a_transform_is_a_margin() {
        let (label, scores) = stump(0.0, (-1.0, 1.0), "LOGISTIC").unwrap();
        assert_eq!(label, 7);
        assert!((scores[0] - 0.731_058_6).abs() < 1e-6 && (scores[0] + scores[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_runtimes_do_differently_has_no_result() {
        assert!(matches!(stump(0.0, (-1.0, 1.0), "NONE"), Err(Failure::Unsupported(_))));
        assert!(matches!(stump(0.0, (0.25, 1.0), "LOGISTIC"), Err(Failure::Unsupported(_))));
    }

    #[test]
    fn nan_takes_the_false_branch_unless_the_node_says_otherwise() {
        assert_eq!(stump(f32::NAN, (0.75, 0.25), "NONE"), Ok((7, vec![0.75, 0.25])));
    }
}
