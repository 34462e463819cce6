//! The stages between a model and its picture, and what writes records: for this package's own
//! tests, benches and examples. Not part of the interface; anything here may change at any time.

/// See `view/`.
pub mod view {
    pub use crate::view::{
        GroupOptions, Groups, Hide, Part, View, ViewEdge, ViewNode, ViewOptions, group, view, whole,
    };
}

/// See `diagram/`.
pub mod diagram {
    pub use crate::diagram::{
        Badge, BoxId, Change, Diagram, DiagramOptions, Direction, Frame, FrameId, Label, Member, NodeBox,
        Outline, Padding, Size, Strip, Style, Wire, WireKind, build, font, hubs, measure, overlay,
        structure_hash, theme,
    };
}

/// See `layout/`.
pub mod layout {
    #[cfg(feature = "layout-rs")]
    pub use crate::layout::layout_rs;
    pub use crate::layout::{
        Columns, Layout, Options, Piece, Point, Route, RouteKind, Splines, layered, layered_from,
        layered_watched,
    };
}

pub use crate::export::svg;
/// See `formats/encoding/`.
pub mod encoding {
    pub use crate::formats::encoding::{splice, wire};
}

pub use crate::picture::picture;
pub use crate::text::is_inert;
