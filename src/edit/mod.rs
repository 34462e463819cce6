//! Edits: from a model and a wish to what has to change.
//!
//! Each is a plain function from a [`Model`](crate::model::Model) to an
//! [`Edit`](crate::model::Edit), and touches no file;
//! [`formats::save`](crate::formats::save) writes what it means.

mod draft;
mod init;
mod merge;
pub mod onnx;
mod record;
mod rename;
mod retype;
mod strip;
mod work;

pub use init::Init;
pub(crate) use init::random_elements;
pub use merge::{Merged, merged};
pub(crate) use record::EDITS;
pub use record::recorded;
pub use rename::{RenameOptions, rename};
pub use retype::foreseen;
pub use strip::{StripOptions, strip};
