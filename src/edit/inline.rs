//! Inlines the functions of a model.

use super::draft::Draft;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, Model};
use crate::rules::structure;
use crate::text::counted;

/// A model has at most this many nodes then.
const MOST: usize = 50_000;

/// The edit that inlines the functions that the main graph calls.
///
/// # Errors
/// If functions call each other in a circle, the graph would have more than 50,000 nodes, or a
/// body has subgraphs or imports other versions of operator sets.
pub(crate) fn inline(model: &Model) -> Result<Edit> {
    if let Some(found) = structure(model).into_iter().find(|f| ["S010", "S011"].contains(&f.rule)) {
        return Err(Error::new(ErrorKind::Unsafe, found.message));
    }
    let mut draft = Draft::of(model)?;
    let (mut id, mut calls) = (0, 0);
    while id < draft.len() {
        calls += usize::from(draft.inline(id)?);
        id += 1;
        if draft.len() > MOST {
            let fact = format!("with its functions in place the model has more than {MOST} nodes");
            return Err(Error::new(ErrorKind::Unsafe, fact));
        }
    }
    let mut edit = draft.into_edit();
    edit.account = vec![format!("{} put in place", counted(calls, "call"))];
    Ok(edit)
}
