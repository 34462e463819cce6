//! Attention and what belongs to it.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
