//! The functions of a model, found by what calls name them by.

use std::collections::HashMap;

use super::definition::plain;
use crate::model::{Function, Model, Op};

/// What a call names a function by: domain, name and overload. The default domain has one spelling
/// here.
type Key<'m> = (&'m str, &'m str, &'m str);

/// The functions of a model.
pub(super) struct Functions<'m>(HashMap<Key<'m>, &'m Function>);

impl<'m> Functions<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        let key = |f: &'m Function| (plain(&f.domain), f.name.as_str(), f.overload.as_str());
        // Of two with one name the first one counts, as elsewhere.
        Functions(model.functions.iter().rev().map(|f| (key(f), f)).collect())
    }

    /// The function that `op` calls, if it calls one.
    pub(super) fn called(&self, op: &Op) -> Option<&'m Function> {
        self.0.get(&(plain(&op.domain), op.op.as_str(), op.overload.as_str())).copied()
    }
}
