//! Shapes to paint: a diagram and its layout, on one page.
//!
//! A picture is a tree of frames in local coordinates, which each writer walks; one that
//! knows no nesting asks for the corner of each frame ([`Picture::origins`]). What a shape
//! looks like is said by what it is (a header of a category, a row, a line), not by colours,
//! so that one picture serves light and dark pages.

mod boxes;
mod foot;
mod lines;
mod paint;
mod text;
mod types;

pub(crate) use lines::LineShape;
pub use paint::picture;
pub(crate) use types::{
    Anchor, BoxShape, Form, FrameShape, Ground, Line, Mark, Picture, Pill, Rect, Role, Text,
};
