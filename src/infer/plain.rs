//! The operators that an engine is asked to run.

use crate::edit::onnx::{decompose, decomposes};
use crate::edit::{foreseen, inline};
use crate::error::Result;
use crate::model::{Edit, Model};

/// The graph with functions in the place of their calls and operators written by simpler ones,
/// without weights, and typed; `None` if it is so as it stands.
///
/// # Errors
/// If a function cannot be put in its place.
pub(super) fn plain(model: &Model) -> Result<Option<Model>> {
    let mut written = match model.functions.is_empty() {
        true => None,
        false => Some(foreseen(model, &inline(model)?)?),
    };
    if decomposes(written.as_ref().unwrap_or(model)) {
        // Whatever types a caller has derived: it is always written in the same way.
        let typed = match written {
            Some(typed) => typed,
            None => foreseen(model, &Edit::default())?,
        };
        written = Some(foreseen(&typed, &decompose(&typed)?)?);
    }
    Ok(written)
}
