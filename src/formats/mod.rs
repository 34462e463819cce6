//! From files to a [`Model`](crate::model::Model), and back: one folder for each format.
//!
//! A format (`format.rs`) is an entry of a table (`registry.rs`); everything else asks the table. The content
//! says which format a file is of; the extension decides only where that leaves it open. What
//! is not a format's own stands beside the folders: how a file is opened with its neighbours
//! (`inputs.rs`), how an edit is written and checked (`save.rs`) or foreseen (`preview.rs`),
//! and how the content of a tensor is found (`contents.rs`).
//!
//! [`bytes::Bytes`] in signatures is meant: it shares memory, so that weights are never copied.

mod access;
mod arrays;
mod contents;
pub(crate) mod encoding;
mod format;
mod inputs;
mod keras;
mod known;
#[doc(hidden)] // for the decoder that our own tests compare with
pub mod onnx;
mod patch;
mod preview;
mod registry;
mod save;
mod writer;

pub use arrays::array;
pub use contents::{Content, External, content, opened};
pub use encoding::splice::Change;
pub use format::{Format, Score, Writer};
pub use inputs::Inputs;
pub use patch::Patch;
pub use preview::preview;
pub use registry::{FORMATS, open, open_with, read, read_with};
pub(crate) use save::save_proved;
pub use save::{Destination, Saved, save, save_patch};
pub(crate) use writer::restore;
pub(crate) use writer::{content_hash, same_stripped};
