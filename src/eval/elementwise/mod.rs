//! What is computed element by element.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
