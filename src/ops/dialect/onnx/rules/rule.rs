//! What each rule is, and what several families need.

use crate::model::DType;
use crate::ops::dialect::onnx::dtypes::dtype;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::Fact;

/// What gives the outputs of an operator.
pub(super) type Rule = fn(&Call<'_>) -> Outputs;

/// The first operand's type, for outputs that are like it.
pub(super) fn like_first(call: &Call<'_>) -> Outputs {
    vec![call.input(0).map_or(Fact::default(), Fact::bare)]
}

/// The element type that an attribute names.
pub(super) fn dtype_named(call: &Call<'_>, name: &str) -> Option<DType> {
    dtype(name, call.attribute(name)?)
}
