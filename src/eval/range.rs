//! Numbers at which runtimes part ways.
//!
//! A definition says what a sum of squares is, and not in how many bits it is accumulated. With
//! numbers of usual size that makes no difference beyond rounding; with huge or tiny ones a runtime
//! that accumulates in 32 bits overflows where one with 64 does not. So such operands are not
//! verified, and neither are those that are not finite where runtimes keep a running state.

use super::call::Call;
use super::elements::{Element, view};
use super::failure::{Computed, Failure};
use super::value::Value;
use crate::files::arrays::Array;
use crate::model::DType;
use half::bf16;

/// What a definition does with its operands.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Subtracts them; those of 32 bits in 64.
    Differences,
    /// Sums them.
    Sums,
    /// Multiplies them by each other.
    Squares,
    /// Takes the largest one; the search begins at negative infinity, or at the least finite number.
    Largest,
    /// Sums their squares, those of whole numbers in 32 bits.
    Norm,
    /// Adds the squares that come into a window, and takes those off that leave it.
    Slides,
    /// The same with a state that goes on from element to element.
    Runs,
}

const KINDS: &[(&str, &str, Kind)] = &[
    ("", "AveragePool", Kind::Sums),
    ("", "BatchNormalization", Kind::Runs),
    ("", "CumProd", Kind::Squares),
    ("", "CumSum", Kind::Sums),
    ("", "DFT", Kind::Squares),
    ("", "Einsum", Kind::Squares),
    ("", "GRU", Kind::Runs),
    ("", "GlobalAveragePool", Kind::Sums),
    ("", "GlobalLpPool", Kind::Squares),
    ("", "GlobalMaxPool", Kind::Largest),
    ("", "GroupNormalization", Kind::Runs),
    ("", "InstanceNormalization", Kind::Runs),
    ("", "LRN", Kind::Slides),
    ("", "LSTM", Kind::Runs),
    ("", "LayerNormalization", Kind::Runs),
    ("", "LinearAttention", Kind::Runs),
    ("", "LogSoftmax", Kind::Differences),
    ("", "LpNormalization", Kind::Squares),
    ("", "LpPool", Kind::Squares),
    ("", "MaxPool", Kind::Largest),
    ("", "MaxRoiPool", Kind::Runs),
    ("", "MeanVarianceNormalization", Kind::Runs),
    ("", "NegativeLogLikelihoodLoss", Kind::Squares),
    ("", "RMSNormalization", Kind::Runs),
    ("", "RNN", Kind::Runs),
    ("", "ReduceL1", Kind::Sums),
    ("", "ReduceL2", Kind::Squares),
    ("", "ReduceLogSum", Kind::Sums),
    ("", "ReduceMean", Kind::Sums),
    ("", "ReduceProd", Kind::Squares),
    ("", "ReduceSum", Kind::Sums),
    ("", "ReduceSumSquare", Kind::Squares),
    ("", "STFT", Kind::Squares),
    ("", "SoftmaxCrossEntropyLoss", Kind::Runs),
    ("ai.onnx.ml", "Normalizer", Kind::Norm),
    ("ai.onnx.ml", "SVMClassifier", Kind::Runs),
    ("ai.onnx.ml", "SVMRegressor", Kind::Runs),
];

/// Whether the operands of a call are in the range where all runtimes agree.
///
/// # Errors
/// [`Failure::Unsupported`] if one is not.
pub(super) fn check(call: &Call<'_>) -> Computed<()> {
    let Some(kind) = kind(call) else { return Ok(()) };
    for array in call.inputs.iter().flatten().filter_map(|value| value.array().ok()) {
        in_range(array, kind)?;
    }
    Ok(())
}

/// Whether the results of a call are: a state that is not finite goes on in several ways.
///
/// # Errors
/// [`Failure::Unsupported`] if one is not.
pub(super) fn check_results(call: &Call<'_>, results: &[Value]) -> Computed<()> {
    if kind(call) != Some(Kind::Runs) {
        return Ok(());
    }
    for array in results.iter().filter_map(|value| value.array().ok()) {
        in_range(array, Kind::Runs)?;
    }
    Ok(())
}

fn kind(call: &Call<'_>) -> Option<Kind> {
    let at = KINDS.binary_search_by_key(&(call.domain, call.op), |(domain, op, _)| (domain, op));
    at.ok().map(|at| KINDS[at].2)
}

fn in_range(array: &Array, kind: Kind) -> Computed<()> {
    // Numbers of 16 bits are computed in 32, where their squares fit.
    let (least, most) = match (array.dtype, kind) {
        (DType::I64 | DType::I32, Kind::Norm) => (0.0, 1e6),
        (DType::F64, Kind::Sums | Kind::Differences) => (0.0, 1e305),
        // Pruned networks have tiny weights; beside them others count.
        (DType::F64, Kind::Runs) => (0.0, 1e150),
        (DType::F64, _) => (1e-150, 1e150),
        (_, Kind::Differences) => return Ok(()),
        (_, Kind::Largest) => (0.0, f64::MAX),
        (_, Kind::Slides) => (1e-18, 1e6),
        (_, Kind::Sums) => (0.0, 1e36),
        (_, Kind::Runs) => (0.0, 1e18),
        _ => (1e-18, 1e18),
    };
    let fact = match array.dtype {
        DType::I64 if kind == Kind::Norm => found(view::<i64>(array)?.iter().map(|&x| x as f64), least, most),
        DType::I32 if kind == Kind::Norm => found(view::<i32>(array)?.iter().map(|&x| x.into()), least, most),
        DType::F64 => found(view::<f64>(array)?.iter().copied(), least, most),
        DType::F32 => found(view::<f32>(array)?.iter().map(|&x| f64::from(x)), least, most),
        DType::BF16 => found(bf16::read(&array.content).iter().map(|&x| f64::from(x)), least, most),
        DType::F16 if [Kind::Runs, Kind::Slides, Kind::Largest].contains(&kind) => {
            found(half::f16::read(&array.content).iter().map(|&x| f64::from(x)), 0.0, f64::MAX)
        }
        _ => return Ok(()),
    };
    match fact {
        Some(x) if x.is_finite() => {
            Failure::unsupported(format!("an operand is {x:e}: runtimes differ on sums of such numbers"))
        }
        Some(f64::NEG_INFINITY) if kind == Kind::Largest => {
            Failure::unsupported("an operand is -inf: runtimes differ on the largest of nothing else")
        }
        Some(x) if [Kind::Runs, Kind::Slides, Kind::Norm].contains(&kind) => {
            Failure::unsupported(format!("{x} goes through it, which runtimes carry on in several ways"))
        }
        _ => Ok(()),
    }
}

/// A number that is out of range: larger than `most`, not finite, or below `least` and not zero.
fn found(numbers: impl Iterator<Item = f64>, least: f64, most: f64) -> Option<f64> {
    let (mut odd, mut infinite, mut huge) = (None, None, None);
    for x in numbers {
        match x.abs() {
            size if size == f64::INFINITY => {
                infinite = infinite.or(Some(x)).filter(|&old| old < 0.0).or(Some(x))
            }
            size if !size.is_finite() => odd = odd.or(Some(x)),
            size if size > most || (size > 0.0 && size < least) => huge = huge.or(Some(x)),
            _ => {}
        }
    }
    huge.or(infinite).or(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(KINDS.is_sorted_by_key(|(domain, op, _)| (domain, op)));
    }

    #[test]
    fn huge_and_tiny_numbers_are_found_and_usual_ones_are_not() {
        let search = |list: &[f64]| found(list.iter().copied(), 1e-18, 1e18);
        assert_eq!(search(&[0.0, -3.0, 1e-3]), None);
        assert_eq!(search(&[0.0, -3.0, 1e-30]), Some(1e-30));
        assert_eq!(search(&[f64::INFINITY, f64::NEG_INFINITY]), Some(f64::NEG_INFINITY));
        assert_eq!(search(&[1.0, -1e20]), Some(-1e20));
        assert_eq!(search(&[0.0, 1e-20]), Some(1e-20));
        assert_eq!(search(&[1.0, f64::INFINITY]), Some(f64::INFINITY));
        assert_eq!(search(&[0.0]), None);
    }
}
