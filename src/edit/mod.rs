//! Edits: from a model and a wish to what has to change.
//!
//! Each is a plain function from a [`Model`](crate::model::Model) to an
//! [`Edit`](crate::model::Edit), and touches no file;
//! [`formats::save`](crate::formats::save) writes what it means.

mod record;
mod rename;
mod strip;

pub use record::{EDITS, recorded};
pub use rename::{RenameOptions, rename};
pub use strip::{StripOptions, strip};
