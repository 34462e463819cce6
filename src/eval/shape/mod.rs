//! Shapes, and elements in other places.

pub(in crate::eval) mod arrange;
mod dims;
pub(in crate::eval) mod grow;
mod image;
mod make;
pub(in crate::eval) mod moving;
mod pad;
pub(in crate::eval) mod parts;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "Identity", dims::identity as Kernel),
    ("", "Shape", dims::shape),
    ("", "Size", dims::size),
    ("", "Reshape", dims::reshape),
    ("", "Flatten", dims::flatten),
    ("", "Squeeze", dims::squeeze),
    ("", "Unsqueeze", dims::unsqueeze),
    ("", "Transpose", arrange::transpose),
    ("", "DepthToSpace", arrange::depth_to_space),
    ("", "SpaceToDepth", arrange::space_to_depth),
    ("", "ReverseSequence", arrange::reverse_sequence),
    ("", "Concat", parts::concat),
    ("", "Split", parts::split),
    ("", "Slice", parts::slice),
    ("", "Expand", grow::expand),
    ("", "Tile", grow::tile),
    ("", "Pad", pad::pad),
    ("", "CenterCropPad", pad::center_crop_pad),
    ("", "Constant", make::constant),
    ("", "ConstantOfShape", make::constant_of_shape),
    ("", "Range", make::range),
    ("", "EyeLike", make::eye_like),
    ("", "Trilu", make::trilu),
    ("", "OneHot", make::one_hot),
    ("", "Col2Im", image::col2im),
    ("", "MaxUnpool", image::max_unpool),
    ("", "AffineGrid", image::affine_grid),
];
