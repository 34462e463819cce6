//! The drafts of a model in which its heads are looked for.

use crate::edit::draft::{Draft, StepId};
use crate::error::Result;
use crate::model::Model;

/// The drafts in which heads are found.
pub(super) struct Drafts<'m> {
    /// The main graph as the file has it.
    pub(super) plain: Draft<'m>,
    /// The same with functions in the place of their calls; made where the way from an output
    /// leads into one.
    pub(super) inlined: Option<Draft<'m>>,
    /// The outputs from which a call was found that a body was then put in place of.
    pub(super) inlined_for: Vec<usize>,
}

impl<'m> Drafts<'m> {
    /// Drafts a model whose types are derived.
    ///
    /// # Errors
    /// If the model is not in a state that can be edited.
    pub(super) fn of(typed: &'m Model) -> Result<Self> {
        Ok(Self::from(Draft::of(typed)?))
    }

    /// With nothing in the place of a call yet.
    pub(super) fn from(plain: Draft<'m>) -> Self {
        Drafts { plain, inlined: None, inlined_for: Vec::new() }
    }

    /// The draft that has the most in it.
    pub(super) fn latest(&self) -> &Draft<'m> {
        self.inlined.as_ref().unwrap_or(&self.plain)
    }

    /// Puts a function's body in the place of a call on the way from an output.
    ///
    /// # Errors
    /// If the body cannot stand there.
    pub(super) fn inline(&mut self, call: StepId, output: usize) -> Result<()> {
        let draft = self.inlined.get_or_insert_with(|| self.plain.clone());
        if draft.inline(call)? {
            self.inlined_for.push(output);
            self.inlined_for.dedup();
        }
        Ok(())
    }
}
