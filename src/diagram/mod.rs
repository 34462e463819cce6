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
mod number;
mod options;
pub mod overlay;
mod provenance;
mod sizes;
pub mod theme;
mod types;

pub use build::build;
pub use digest::structure_hash;
pub use number::short_count;
pub use options::{DEFAULT_MAX_CONST_SIZE, DiagramOptions, Style};
pub use types::{
    Badge, BoxId, BoxOrigin, Change, Connector, Diagram, Direction, Entry, Frame, FrameId, FrameOrigin,
    Label, Member, NodeBox, Outline, Padding, Row, Scale, Sign, Size, Strip, Wire, WireKind,
};
