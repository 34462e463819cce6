//! Points and the pieces of lines.

use crate::diagram::{Direction, Size};

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

/// Reverses a line: it begins where it ended.
pub(super) fn reverse(start: &mut Point, pieces: &mut Vec<Piece>) {
    let mut ends: Vec<Point> = vec![*start];
    ends.extend(pieces.iter().map(|p| p.end()));
    let back = pieces.iter().zip(&ends).rev().map(|(piece, &before)| match *piece {
        Piece::Line(_) => Piece::Line(before),
        Piece::Curve(a, b, _) => Piece::Curve(b, a, before),
    });
    *pieces = back.collect();
    *start = ends[ends.len() - 1];
}

/// A point of the picture as it is when data flows downwards, and the way back: x and y
/// change places where data flows to the right.
pub(super) fn transposed_point(p: Point, direction: Direction) -> Point {
    match direction {
        Direction::TopBottom => p,
        Direction::LeftRight => Point { x: p.y, y: p.x },
    }
}

/// The same for a size.
pub(super) fn transposed_size(size: Size, direction: Direction) -> Size {
    match direction {
        Direction::TopBottom => size,
        Direction::LeftRight => Size { width: size.height, height: size.width },
    }
}
