//! Windows over images: pools, resizing, regions.

pub(in crate::eval) mod geometry;

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
