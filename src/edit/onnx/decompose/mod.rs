//! Operators written by simpler ones, as their definitions say.
//!
//! ONNX defines many operators by others. An engine that lacks such an operator, or computes
//! it in another way, can run its definition, and what is known of the simpler operators then
//! holds for it.

mod attention;
mod norms;
mod parts;
mod simple;

use self::parts::Parts;
use crate::edit::draft::{Builder, Draft, Place, Step};
use crate::error::Result;
use crate::model::{DType, Edit, Model, Op};
use crate::text::counted;

/// Returns the values that are the operator's outputs, or `None` if it stays; then no node
/// was added.
type Rule = for<'m> fn(&mut Parts<'_, 'm>, &Step<'m>) -> Option<Vec<String>>;

/// What is written by others, and how.
const RULES: &[(&str, Rule)] = &[
    ("Attention", attention::attention),
    ("CastLike", simple::cast_like),
    ("LogSoftmax", norms::log_softmax),
    ("LpPool", simple::lp_pool),
    ("MeanVarianceNormalization", norms::mean_variance),
    ("NegativeLogLikelihoodLoss", norms::negative_log_likelihood),
    ("ReduceMax", simple::reduce_most),
    ("ReduceMin", simple::reduce_most),
    ("SoftmaxCrossEntropyLoss", norms::cross_entropy),
    ("SwiGLU", simple::swish),
    ("Swish", simple::swish),
];

fn rule(op: &str, domain: &str) -> Option<Rule> {
    let own = domain.is_empty().then(|| RULES.binary_search_by_key(&op, |(name, _)| name))?;
    Some(RULES[own.ok()?].1)
}

/// Whether the main graph has operators that [`decompose`] may write by others.
pub fn decomposes(model: &Model) -> bool {
    model.graph.ops().any(|(_, _, op): (_, _, &Op)| rule(&op.op, &op.domain).is_some())
}

/// The edit that writes operators of the main graph by simpler ones, where their types are known
/// well enough. The types of the model are derived.
///
/// # Errors
/// If two values have one name.
pub fn decompose(model: &Model) -> Result<Edit> {
    let mut draft = Draft::of(model)?;
    let mut count = 0;
    for id in 0..draft.len() {
        let step = draft.step(id).clone();
        let Some(rule) = rule(&step.op, &step.domain) else { continue };
        let name = if step.name.is_empty() { step.output().to_owned() } else { step.name.clone() };
        let builder = Builder { draft: &mut draft, place: Place::Before(id), dtype: DType::F32 };
        let mut parts = Parts { builder, name };
        let Some(values) = rule(&mut parts, &step) else { continue };
        parts.builder.draft.remove(id);
        for (output, value) in step.outputs.iter().zip(values).filter(|(output, _)| !output.is_empty()) {
            parts.is(output, &value);
        }
        count += 1;
    }
    let mut edit = draft.into_edit();
    edit.account = vec![format!("{} written by simpler ones", counted(count, "node"))];
    Ok(edit)
}
