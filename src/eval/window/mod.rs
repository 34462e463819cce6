//! Windows over images: pools, resizing, regions.

mod boxes;
mod coordinates;
mod deform;
pub(in crate::eval) mod geometry;
mod global;
mod grid;
mod interpolate;
pub(in crate::eval) mod pool;
mod regions;
mod resize;
mod slide;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "AveragePool", pool::average as Kernel),
    ("", "DeformConv", deform::convolve),
    ("", "GlobalAveragePool", global::average),
    ("", "GlobalLpPool", global::lp),
    ("", "GlobalMaxPool", global::max),
    ("", "GridSample", grid::sample),
    ("", "LpPool", pool::lp),
    ("", "MaxPool", pool::max),
    ("", "MaxRoiPool", regions::max),
    ("", "NonMaxSuppression", boxes::suppress),
    ("", "Resize", resize::resize),
    ("", "RoiAlign", regions::align),
    ("", "Upsample", resize::upsample),
];
