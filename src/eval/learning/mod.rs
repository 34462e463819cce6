//! The operators of the domain `ai.onnx.ml`.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
