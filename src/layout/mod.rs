//! Positions for the boxes, frames and wires of a diagram.
//!
//! Sees the [`Diagram`] type and nothing else of ours. The result is a tree of
//! frames in local coordinates: a box, a route or an inner frame is placed
//! relative to the top-left corner of the frame that holds it.

mod assemble;
mod csr;
mod cycle;
mod frame;
mod layered;
#[cfg(feature = "layout-rs")]
mod layout_rs;
mod nest;
mod network;
mod order;
mod pills;
mod place;
mod plan;
mod ports;
mod rank;
mod route;
mod rows;
mod simplex;
mod split;
mod stable;
mod tracks;
mod wrap;

pub use layered::{Options, Splines, layered, layered_from, layered_watched};
#[cfg(feature = "layout-rs")]
pub use layout_rs::{MOST_BOXES, layout_rs};
pub use wrap::Columns;

use crate::diagram::{BoxId, Diagram, FrameId, Size, WireKind};

/// A position in pixels; y grows downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

impl Point {
    /// A point given in the coordinates of what has its corner here.
    pub(crate) fn moved(self, by: Point) -> Point {
        Point { x: self.x + by.x, y: self.y + by.y }
    }
}

/// Room to keep between things, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// Between boxes side by side.
    pub nodes: f64,
    /// Between ranks, at least.
    pub ranks: f64,
    /// Between a line and what it passes.
    pub lines: f64,
    /// Around everything.
    pub margin: f64,
}

impl Default for Spacing {
    fn default() -> Self {
        Spacing { nodes: 20.0, ranks: 20.0, lines: 10.0, margin: 16.0 }
    }
}

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

/// A piece of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece {
    /// A straight line to a point.
    Line(Point),
    /// A cubic Bézier curve: two control points and the end.
    Curve(Point, Point, Point),
}

impl Piece {
    /// The same with each of its points changed.
    pub(crate) fn map(self, f: impl Fn(Point) -> Point) -> Piece {
        match self {
            Piece::Line(p) => Piece::Line(f(p)),
            Piece::Curve(a, b, p) => Piece::Curve(f(a), f(b), f(p)),
        }
    }

    /// Where it ends.
    pub fn end(self) -> Point {
        match self {
            Piece::Line(p) | Piece::Curve(_, _, p) => p,
        }
    }
}

/// Turns a line around: what it began with is its end.
fn reverse(start: &mut Point, pieces: &mut Vec<Piece>) {
    let mut ends: Vec<Point> = vec![*start];
    ends.extend(pieces.iter().map(|p| p.end()));
    let back = pieces.iter().zip(&ends).rev().map(|(piece, &before)| match *piece {
        Piece::Line(_) => Piece::Line(before),
        Piece::Curve(a, b, _) => Piece::Curve(b, a, before),
    });
    *pieces = back.collect();
    *start = ends[ends.len() - 1];
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
