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
mod rule;
mod sequence;
mod standard;
mod window;

use self::rule::Rule;
use super::domains::DEFAULT_ALIAS;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::Fact;

/// What an operator gives, by output slot.
///
/// A namesake in a domain that is not ONNX's gives nothing: it may mean something else.
pub(super) fn outputs(call: &Call<'_>) -> Outputs {
    let op = call.op.op.as_str();
    let rule = match call.op.domain.as_str() {
        "" | DEFAULT_ALIAS | "ai.onnx.preview" => standard::rule(op),
        "ai.onnx.ml" => ml::rule(op),
        "ai.onnx.preview.training" | "ai.onnx.training" => training(op),
        "com.microsoft" => contrib::rule(op),
        _ => None,
    };
    rule.map_or_else(Vec::new, |rule| rule(call))
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
