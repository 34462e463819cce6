//! Numbers as integers with a scale.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
