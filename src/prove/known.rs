//! What is asked of a model more than once while it is proved.

use crate::edit::onnx::{Candidate, heads};
use crate::model::Model;
use crate::ops::typed;

/// The model before the edit.
pub(super) struct Old<'a> {
    pub(super) known: &'a Known,
    /// The values where what is unchanged ends: the features.
    pub(super) cut: &'a [String],
}

/// A model with what is asked of it more than once.
pub(super) struct Known {
    /// With the types of its values.
    pub(super) model: Model,
    /// The layers that may be its head.
    pub(super) heads: Vec<Candidate>,
}

impl Known {
    pub(super) fn of(model: &Model) -> Self {
        let model = typed(model);
        let heads = heads(&model).unwrap_or_default();
        Known { model, heads }
    }
}
