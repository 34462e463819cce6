//! Fourier transforms and windows of time.

use crate::eval::table::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[];
