//! Elements taken from and put to places.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
