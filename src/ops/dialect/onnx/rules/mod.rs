//! The types that ONNX's operators give, from what is known of their operands.
//!
//! One line in a table for each operator, one file for each family. What operators
//! mean is in ONNX's own documents (`docs/Operators.md`); the arithmetic that other
//! formats need too is in `ops/shape.rs`.

mod contrib;
mod elementwise;
mod index;
mod layout;
mod make;
mod matrix;
mod ml;
mod quantize;
mod recurrent;
mod reduce;
mod resize;
mod sequence;
mod window;

use super::DEFAULT_ALIAS;
use crate::ops::types::call::{Call, Outputs};
use crate::ops::types::fact::Fact;

/// What gives the outputs of an operator.
type Rule = fn(&Call<'_>) -> Outputs;

/// What an operator gives, by output slot.
///
/// A namesake in a domain that is not ONNX's gives nothing: it may mean something else.
pub(super) fn outputs(call: &Call<'_>) -> Outputs {
    let op = call.op.op.as_str();
    let rule = match call.op.domain.as_str() {
        "" | DEFAULT_ALIAS | "ai.onnx.preview" => standard(op),
        "ai.onnx.ml" => ml::rule(op),
        "ai.onnx.preview.training" | "ai.onnx.training" => training(op),
        "com.microsoft" => contrib::rule(op),
        _ => None,
    };
    rule.map_or_else(Vec::new, |rule| rule(call))
}

fn standard(op: &str) -> Option<Rule> {
    elementwise::rule(op)
        .or_else(|| layout::rule(op))
        .or_else(|| index::rule(op))
        .or_else(|| window::rule(op))
        .or_else(|| matrix::rule(op))
        .or_else(|| recurrent::rule(op))
        .or_else(|| reduce::rule(op))
        .or_else(|| make::rule(op))
        .or_else(|| quantize::rule(op))
        .or_else(|| resize::rule(op))
        .or_else(|| sequence::rule(op))
}

/// Optimizers give what they are given: parameters, and their own state.
fn training(op: &str) -> Option<Rule> {
    Some(match op {
        "Adagrad" | "Adam" | "Momentum" => |call| {
            let given = call.inputs.iter().skip(2);
            // Parameters, gradients, states: gradients are not given back.
            let groups = if call.op.op == "Adam" { 4 } else { 3 };
            let each = call.inputs.len().saturating_sub(2) / groups;
            let outputs = given.enumerate().filter(|(i, _)| *i < each || *i >= 2 * each);
            outputs.map(|(_, fact)| fact.as_ref().map_or(Fact::default(), Fact::bare)).collect()
        },
        _ => return None,
    })
}

/// The first operand's type, for outputs that are like it.
fn like_first(call: &Call<'_>) -> Outputs {
    vec![call.input(0).map_or(Fact::default(), Fact::bare)]
}
