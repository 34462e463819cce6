//! Elements taken from and put to places.

mod cache;
mod find;
mod gather;
mod reduction;
mod scatter;
mod unique;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "Gather", gather::gather as Kernel),
    ("", "GatherElements", gather::gather_elements),
    ("", "GatherND", gather::gather_nd),
    ("", "Scatter", scatter::scatter_elements),
    ("", "ScatterElements", scatter::scatter_elements),
    ("", "ScatterND", scatter::scatter_nd),
    ("", "NonZero", find::non_zero),
    ("", "Compress", find::compress),
    ("", "Unique", unique::unique),
    ("", "TensorScatter", cache::tensor_scatter),
];
