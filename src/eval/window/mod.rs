//! Windows over images: pools, resizing, regions.

mod coordinates;
pub(in crate::eval) mod geometry;
mod global;
mod interpolate;
mod pool;
pub(in crate::eval) mod real;
mod resize;
mod slide;

use crate::eval::table::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "AveragePool", pool::average as Kernel),
    ("", "GlobalAveragePool", global::average),
    ("", "GlobalLpPool", global::lp),
    ("", "GlobalMaxPool", global::max),
    ("", "LpPool", pool::lp),
    ("", "MaxPool", pool::max),
    ("", "Resize", resize::resize),
    ("", "Upsample", resize::upsample),
];
