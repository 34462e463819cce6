//! Whether an output that no head was found for is one of features, or of classes all the same.
//!
//! A model without a head ends in an activation, a normalisation or a pool. One that ends in
//! something else may have a head that is not known here (an `Einsum`, an `If`, sums of layers):
//! a layer on top of its classes would be a second head, and look fine.

use super::find::{Kind, constant, layer};
use crate::edit::draft::{Draft, Step};
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable;

/// Steps that are followed, at most.
const MOST_STEPS: usize = 64;

/// What features end in.
const FEATURES: &[&str] = &[
    "Attention",
    "Celu",
    "Clip",
    "Elu",
    "FastGelu",
    "GRU",
    "Gelu",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "InstanceNormalization",
    "LRN",
    "LSTM",
    "LayerNormalization",
    "LeakyRelu",
    "Mish",
    "Mul",
    "MultiHeadAttention",
    "PRelu",
    "RMSNormalization",
    "RNN",
    "Relu",
    "Selu",
    "SimplifiedLayerNormalization",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
    "Softplus",
    "Swish",
    "Tanh",
    "QuickGelu",
    "BiasGelu",
];

/// What gives probabilities, or the number of a class.
const PROBABILITIES: &[&str] = &["ArgMax", "Hardmax", "LogSoftmax", "Sigmoid", "Softmax", "TopK"];

/// What hands on what it takes, in another form.
const FORMS: &[&str] = &[
    "Cast",
    "DequantizeLinear",
    "Dropout",
    "Flatten",
    "Gather",
    "Identity",
    "QuantizeLinear",
    "Reshape",
    "Slice",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
];

/// Makes sure that an output is one of features.
///
/// # Errors
/// If it may be one of classes, of a head that is not recognised.
pub(super) fn holds_features(draft: &Draft, output: &str) -> Result<()> {
    let Some(why) = unseen(draft, output) else { return Ok(()) };
    let fact = format!("no head is recognised, and `{}` may already be of classes: {why}", printable(output));
    let error = Error::new(ErrorKind::Unsupported, fact);
    Err(error.hint("`at` names the value that the new head is put on: features, and not classes"))
}

/// Why an output may be of classes.
fn unseen(draft: &Draft, output: &str) -> Option<String> {
    let mut value = output.to_owned();
    let (mut pooled, mut after) = (false, None);
    for _ in 0..MOST_STEPS {
        let id = draft.definer(&value)?;
        let step = draft.step(id);
        let op = step.op.as_str();
        let ends = || Some(format!("it ends in {}", step.shown()));
        if draft.is_call(id) || PROBABILITIES.contains(&op) {
            return ends();
        }
        let input = |slot: usize| step.input(slot).map(str::to_owned);
        value = match op {
            _ if FORMS.contains(&op) => input(0)?,
            "Add" | "Sub" | "Mul" | "Div" if of_constant(draft, step).is_some() => of_constant(draft, step)?,
            _ if FEATURES.contains(&op) => return None,
            _ if op.contains("Pool") || op.starts_with("Reduce") => {
                pooled = true;
                input(0)?
            }
            "BatchNormalization" | "LpNormalization" | "Div" => {
                after = after.or_else(|| Some(step.shown()));
                input(0)?
            }
            // Of a sum with what was there before, one side at most is a layer.
            "Add" | "Sum" => {
                return if step.inputs.iter().all(|i| is_of_layer(draft, i)) { ends() } else { None };
            }
            "Concat" if step.inputs.iter().any(|i| is_of_layer(draft, i)) => return ends(),
            "Concat" => input(0)?,
            "Conv" if after.is_none() || !pooled => return None,
            _ => match (layer(draft, id), after) {
                (Some(found), Some(after)) if found.kind != Kind::Conv || pooled => {
                    return Some(format!("{after} stands behind {}", step.shown()));
                }
                (Some(found), _) if found.kind == Kind::Conv => return None,
                _ => return ends(),
            },
        };
    }
    Some("the way back from it is long".to_owned())
}

/// The other operand, where one is a constant.
fn of_constant(draft: &Draft, step: &Step) -> Option<String> {
    let (a, b) = (step.input(0)?, step.input(1)?);
    match (constant(draft, a).is_some(), constant(draft, b).is_some()) {
        (false, true) => Some(a.to_owned()),
        (true, false) => Some(b.to_owned()),
        _ => None,
    }
}

/// Whether a value is the result of a layer, or a sum of such.
fn is_of_layer(draft: &Draft, value: &str) -> bool {
    let mut todo = vec![value.to_owned()];
    let mut seen = 0;
    while let Some(value) = todo.pop() {
        seen += 1;
        let Some(id) = draft.definer(&value).filter(|_| seen <= MOST_STEPS) else { return false };
        let step = draft.step(id);
        match step.op.as_str() {
            "Gemm" | "MatMul" | "Einsum" | "FusedMatMul" => {}
            op if FORMS.contains(&op) => todo.extend(step.input(0).map(str::to_owned)),
            "Add" | "Sum" => match of_constant(draft, step) {
                Some(product) => todo.push(product),
                None => todo.extend(step.inputs.iter().cloned()),
            },
            _ => return false,
        }
    }
    true
}
