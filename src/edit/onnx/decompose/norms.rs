//! Logarithms of probabilities, losses, and deviations.

use super::parts::Parts;
use crate::edit::draft::Step;
use crate::model::{AttributeValue, DType, NewValue};

/// `LogSoftmax`: x - max - log(sum(exp(x - max))), as its definition of version 13 says.
pub(super) fn log_softmax<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let x = step.input(0)?;
    let rank = parts.rank(x)? as i64;
    let new = parts.opset() >= 13;
    let axis = step.int("axis", if new { -1 } else { 1 });
    // Before that, all axes from this one on counted as one.
    if !new && axis != -1 && axis != rank - 1 || !parts.dtype(x)?.is_float() || rank == 0 {
        return None;
    }
    Some(vec![log_probabilities(parts, x, axis)])
}

fn log_probabilities(parts: &mut Parts, x: &str, axis: i64) -> String {
    let most = parts.reduce("ReduceMax", x, &[axis], true);
    let shifted = parts.add("Sub", &[x, &most], &[]);
    let exp = parts.add("Exp", &[&shifted], &[]);
    let sum = parts.reduce("ReduceSum", &exp, &[axis], true);
    let log = parts.add("Log", &[&sum], &[]);
    parts.add("Sub", &[&shifted, &log], &[])
}

/// `MeanVarianceNormalization`: the deviation from the mean in parts of the standard deviation
/// and 1e-9, so that what is all the same becomes zero.
pub(super) fn mean_variance(parts: &mut Parts, step: &Step) -> Option<Vec<String>> {
    let x = step.input(0)?;
    let dtype = parts.dtype(x).filter(|dtype| matches!(dtype, DType::F32 | DType::F64))?;
    // In 16 bits that little is nothing.
    let axes = match step.attribute("axes") {
        None => vec![0, 2, 3],
        Some(AttributeValue::Ints(axes)) if !axes.is_empty() => axes.clone(),
        Some(_) => return None,
    };
    let mean = parts.reduce("ReduceMean", x, &axes, true);
    let off = parts.add("Sub", &[x, &mean], &[]);
    let square = parts.add("Mul", &[&off, &off], &[]);
    let variance = parts.reduce("ReduceMean", &square, &axes, true);
    let deviation = parts.add("Sqrt", &[&variance], &[]);
    let little = parts.number(1e-9, dtype);
    let divisor = parts.add("Add", &[&deviation, &little], &[]);
    Some(vec![parts.add("Div", &[&off, &divisor], &[])])
}

/// `SoftmaxCrossEntropyLoss`: the negative log likelihood of the log softmax over axis 1.
pub(super) fn cross_entropy<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let (scores, labels) = (step.input(0)?, step.input(1)?);
    let dtype = parts.dtype(scores).filter(|dtype| dtype.is_float())?;
    let reduction = Reduction::of(step)?;
    let log = log_probabilities(parts, scores, 1);
    let loss = likelihood(parts, step, (&log, labels), dtype, reduction);
    Some(vec![loss, log])
}

/// `NegativeLogLikelihoodLoss`: the targets' elements, gathered, weighted and reduced.
pub(super) fn negative_log_likelihood<'m>(parts: &mut Parts<'_, 'm>, step: &Step<'m>) -> Option<Vec<String>> {
    let (x, target) = (step.input(0)?, step.input(1)?);
    let dtype = parts.dtype(x).filter(|dtype| dtype.is_float())?;
    let reduction = Reduction::of(step)?;
    Some(vec![likelihood(parts, step, (x, target), dtype, reduction)])
}

#[derive(Clone, Copy, PartialEq)]
enum Reduction {
    None,
    Sum,
    Mean,
}

impl Reduction {
    fn of(step: &Step) -> Option<Self> {
        match step.attribute("reduction") {
            None => Some(Reduction::Mean),
            Some(AttributeValue::String(text)) => match text.as_str() {
                "none" => Some(Reduction::None),
                "sum" => Some(Reduction::Sum),
                "mean" => Some(Reduction::Mean),
                _ => None,
            },
            Some(_) => None,
        }
    }
}

/// The loss for log probabilities of `dtype` and targets.
fn likelihood(
    parts: &mut Parts,
    step: &Step,
    (x, target): (&str, &str),
    dtype: DType,
    reduction: Reduction,
) -> String {
    let ignored = step.attribute("ignore_index").map(|_| step.int("ignore_index", 0));
    let mut target = parts.cast(target, DType::I64);
    let mask = ignored.map(|ignored| {
        let ignored = parts.int(ignored);
        let mask = parts.add("Equal", &[&target, &ignored], &[]);
        let first = parts.int(0);
        target = parts.add("Where", &[&mask, &first, &target], &[]);
        mask
    });
    let index = parts.axes("Unsqueeze", &target, &[1]);
    let own = parts.add("GatherElements", &[x, &index], &[("axis", NewValue::Int(1))]);
    let own = parts.axes("Squeeze", &own, &[1]);
    let mut loss = parts.add("Neg", &[&own], &[]);
    let given =
        step.input(2).map(|weight| parts.add("Gather", &[weight, &target], &[("axis", NewValue::Int(0))]));
    let weight = match (given, &mask) {
        (given, Some(mask)) => {
            let (zero, one) = (parts.number(0.0, dtype), parts.number(1.0, dtype));
            // What is ignored may be infinite.
            loss = parts.add("Where", &[mask, &zero, &loss], &[]);
            Some(parts.add("Where", &[mask, &zero, given.as_ref().unwrap_or(&one)], &[]))
        }
        (given, None) => given,
    };
    if let Some(weight) = &weight {
        loss = parts.add("Mul", &[&loss, weight], &[]);
    }
    match (reduction, weight) {
        (Reduction::None, _) => loss,
        (Reduction::Mean, Some(weight)) => {
            let sum = parts.reduce("ReduceSum", &loss, &[], false);
            let all = parts.reduce("ReduceSum", &weight, &[], false);
            parts.add("Div", &[&sum, &all], &[])
        }
        (Reduction::Mean, None) => parts.reduce("ReduceMean", &loss, &[], false),
        (Reduction::Sum, _) => parts.reduce("ReduceSum", &loss, &[], false),
    }
}
