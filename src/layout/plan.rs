//! The places of one network's items and lines, in the network's own numbers.
//!
//! Equal networks have equal plans, so a plan speaks of items and hyperedges by their
//! numbers, not of boxes and wires.

use super::geometry::{Piece, Point};
use super::placed::RouteKind;
use crate::diagram::Size;

/// Where the things of a network are, from (0, 0) on.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The top-left corner of each item.
    pub(super) corners: Vec<Point>,
    pub(super) strokes: Vec<Stroke>,
    pub(super) size: Size,
}

/// A line of a network.
#[derive(Clone, Debug)]
pub(super) struct Stroke {
    pub(super) kind: RouteKind,
    pub(super) serves: Serves,
    pub(super) start: Point,
    pub(super) pieces: Vec<Piece>,
    pub(super) label: Option<(Point, Size)>,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Serves {
    /// The shared part of a hyperedge.
    Trunk(u32),
    /// The way to one end of a hyperedge.
    End(u32, u32),
    /// A wire from an item to itself.
    Loop(u32),
    /// The pill of this number at the left of an item, or at its right.
    Left(u32, u32),
    Right(u32, u32),
}

impl Plan {
    /// Changes each of its points; the size stays.
    pub(super) fn map(&mut self, f: impl Fn(Point) -> Point) {
        self.corners.iter_mut().for_each(|p| *p = f(*p));
        self.strokes.iter_mut().for_each(|stroke| stroke.map(&f));
    }
}

impl Stroke {
    /// Changes each of its points, the corner of its label too.
    pub(super) fn map(&mut self, f: impl Fn(Point) -> Point) {
        self.start = f(self.start);
        self.pieces.iter_mut().for_each(|piece| *piece = piece.map(&f));
        if let Some((corner, _)) = &mut self.label {
            *corner = f(*corner);
        }
    }

    /// Where it ends.
    pub(super) fn end(&self) -> Point {
        self.pieces.last().map_or(self.start, |p| p.end())
    }
}
