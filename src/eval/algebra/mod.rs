//! Sums of products by labels, and determinants.

mod det;
mod einsum;
mod equation;
mod labelled;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[("", "Det", det::det as Kernel), ("", "Einsum", einsum::einsum)];
