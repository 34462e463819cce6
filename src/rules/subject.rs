//! What rules look at.

use std::sync::OnceLock;

use super::calls::Calls;
use crate::model::Model;

/// A model, with what several rules need of it; that is computed once, when a rule first asks.
#[derive(Debug)]
pub struct Subject<'m> {
    model: &'m Model,
    calls: OnceLock<Calls>,
}

impl<'m> Subject<'m> {
    /// The subject that is this model.
    pub fn new(model: &'m Model) -> Self {
        Subject { model, calls: OnceLock::new() }
    }

    /// The model.
    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// Which functions call which.
    pub(super) fn calls(&self) -> &Calls {
        self.calls.get_or_init(|| Calls::of(self.model))
    }
}
