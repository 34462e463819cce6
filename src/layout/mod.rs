//! Positions for the boxes, frames and wires of a diagram.
//!
//! Sees the [`Diagram`](crate::diagram::Diagram) type and nothing else of ours. The
//! result is a tree of frames in local coordinates: a box, a route or an inner frame is
//! placed relative to the top-left corner of the frame that holds it.
//!
//! * `layered` is the usual engine, `layout_rs` a second one to compare with.
//! * `frames/` divides a diagram into the contents of its frames, and puts what was
//!   planned for them together.
//! * `phases/` plans the content of one frame.
//! * The other files hold what all of them speak of.
//!
//! No file here looks at a clock: whoever wants to know how long a phase takes gives a
//! callback to [`layered_watched`].

mod csr;
mod frames;
mod geometry;
mod layered;
#[cfg(feature = "layout-rs")]
mod layout_rs;
mod memory;
mod network;
mod options;
mod phases;
mod placed;
mod plan;
mod ranked;
mod run;

pub use geometry::{Piece, Point};
pub use layered::{layered, layered_from, layered_watched};
#[cfg(feature = "layout-rs")]
pub use layout_rs::layout_rs;
pub use options::{Columns, Options, Spacing, Splines};
pub(crate) use placed::Placed;
pub use placed::{Layout, Route, RouteKind};
