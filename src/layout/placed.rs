//! What a layout is: where every box, frame and line is.

use super::geometry::{Piece, Point};
use crate::diagram::{BoxId, Diagram, FrameId, Size, WireKind};

/// Where everything is.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The size of the page.
    pub size: Size,
    /// For each frame of the diagram: its corner in its parent, and its size.
    pub frames: Vec<Placed>,
    /// For each box of the diagram: its corner in its frame.
    pub boxes: Vec<Point>,
    /// The lines, in the order of the wires they serve.
    pub routes: Vec<Route>,
}

impl Layout {
    /// The top-left corner of a frame on the page.
    pub fn origin(&self, diagram: &Diagram, frame: FrameId) -> Point {
        let mut at = Some(frame);
        let mut sum = Point::default();
        while let Some(id) = at {
            let corner = self.frames[id.index()].corner;
            sum = Point { x: sum.x + corner.x, y: sum.y + corner.y };
            at = diagram.frames[id.index()].parent;
        }
        sum
    }
}

/// Where a frame is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placed {
    /// The top-left corner, in the parent's coordinates.
    pub corner: Point,
    /// The outer size, without the sheets of a stack.
    pub size: Size,
    /// Where its title begins, in its own coordinates: a place that no line
    /// crosses. As wide as the diagram says it is.
    pub title: Point,
}

/// A line of the picture.
///
/// A value with one use is one [`RouteKind::Plain`] route. A value with several
/// uses may be a shared [`RouteKind::Trunk`] from its definition, and a
/// [`RouteKind::Tap`] from the trunk to each use.
#[derive(Clone, Debug)]
pub struct Route {
    /// What it is.
    pub kind: RouteKind,
    /// What sort of wire it serves.
    pub wire_kind: WireKind,
    /// The wires it serves, by their index in [`Diagram::wires`]; never empty.
    pub wires: Vec<u32>,
    /// The box that defines the value.
    pub from: BoxId,
    /// The box where it ends; nothing for a trunk.
    pub to: Option<BoxId>,
    /// The frame in whose coordinates it is given.
    pub frame: FrameId,
    /// Where it begins.
    pub start: Point,
    /// The pieces, each beginning where the one before ends; never empty.
    pub pieces: Vec<Piece>,
    /// Whether it ends in an arrowhead.
    pub arrow: bool,
    /// The box of its label: corner and size.
    pub label: Option<(Point, Size)>,
}

/// What a route is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    /// From a definition to its one use.
    Plain,
    /// The shared part of several uses.
    Trunk,
    /// From a trunk to a use.
    Tap,
    /// The short line between a box and a pill with a value's name; the route's
    /// label is the pill. At a use it ends at the box; at the definition it begins
    /// there and ends nowhere.
    Connector,
}
