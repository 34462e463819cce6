//! Boxes, frames and wires with measured sizes, and no positions.
//!
//! A [`Diagram`] is all that layout sees, and with the layout all that a picture
//! is painted from.

mod boxes;
mod build;
mod describe;
mod digest;
pub mod font;
mod frames;
pub mod hubs;
mod labels;
mod legend;
pub mod measure;
pub(crate) mod number;
mod options;
pub mod overlay;
mod provenance;
mod sizes;
pub mod theme;
mod types;

pub use build::build;
pub use digest::structure_hash;
pub use options::{DEFAULT_MAX_CONST_SIZE, DiagramOptions, Style};
pub use types::{
    Badge, BoxId, Change, Diagram, Direction, Frame, FrameId, Label, Member, NodeBox, Outline, Padding, Size,
    Strip, Wire, WireKind,
};
pub(crate) use types::{Entry, Row, Scale, Sign};
