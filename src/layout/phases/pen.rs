//! A pen that draws one line downwards, piece by piece.

use super::gaps::{RADIUS, TURN};
use super::rows::Detour;
use crate::layout::geometry::{Piece, Point};
use crate::layout::placed::RouteKind;
use crate::layout::plan::{Serves, Stroke};

/// A line that is being drawn downwards.
pub(super) struct Pen {
    start: Point,
    /// Where the line has come to.
    pub(super) at: Point,
    pieces: Vec<Piece>,
    /// Whether the last piece is straight, and slanted.
    slanted: bool,
}

impl Pen {
    /// Begins a line.
    pub(super) fn from(start: Point) -> Self {
        // Most lines are one piece.
        Pen { start, at: start, pieces: Vec::with_capacity(1), slanted: false }
    }

    /// The finished line.
    pub(super) fn stroke(self, kind: RouteKind, serves: Serves) -> Stroke {
        Stroke { kind, serves, start: self.start, pieces: self.pieces, label: None }
    }

    /// Straight down, unless it is there already.
    pub(super) fn down_to(&mut self, y: f64) {
        let straight = matches!(self.pieces.last(), Some(Piece::Line(_)));
        if y <= self.at.y && (straight || !self.pieces.is_empty()) {
            return;
        }
        self.at.y = y;
        match self.pieces.last_mut() {
            Some(Piece::Line(end)) if !self.slanted => *end = self.at,
            _ => self.pieces.push(Piece::Line(self.at)),
        }
        self.slanted = false;
    }

    /// Around the foot of this column to above the next one.
    pub(super) fn detour(&mut self, detour: &Detour) {
        let x = self.at.x + detour.shift;
        let Detour { exit, channel, top, .. } = *detour;
        let way = [(self.at.x, exit), (channel, exit), (channel, top), (x, top), (x, top + RADIUS)];
        let way = way.map(|(x, y)| Point { x, y });
        self.corners(&way);
    }

    /// Straight on, with round corners at all but the last of the points.
    fn corners(&mut self, way: &[Point]) {
        for (i, pair) in way.windows(2).enumerate() {
            let [corner, next] = [pair[0], pair[1]];
            let radius = |a: Point, b: Point| RADIUS.min(libm::hypot(a.x - b.x, a.y - b.y) / 2.0);
            let last = i + 2 == way.len();
            let r = radius(self.at, corner).min(if last { RADIUS } else { radius(corner, next) });
            let before = towards(corner, self.at, r);
            self.pieces.push(Piece::Line(before));
            let after = towards(corner, next, r);
            self.pieces.push(Piece::Curve(
                towards(corner, before, r / 2.2),
                towards(corner, after, r / 2.2),
                after,
            ));
            self.at = after;
        }
    }

    /// To the side at `y`, and a bit further down.
    pub(super) fn step_to(&mut self, x: f64, y: f64) {
        let way = [(self.at.x, y), (x, y), (x, y + TURN)].map(|(x, y)| Point { x, y });
        if let Some(Piece::Line(_)) = self.pieces.last() {
            // The straight piece above goes on to the corner.
            self.pieces.pop();
            self.at = self.pieces.last().map_or(self.start, |p| p.end());
        }
        self.corners(&way);
    }

    pub(super) fn straight_to(&mut self, x: f64, y: f64) {
        self.at = Point { x, y };
        self.pieces.push(Piece::Line(self.at));
        // What follows straight down is a piece of its own.
        self.slanted = true;
    }

    pub(super) fn curve_to(&mut self, x: f64, y: f64) {
        let middle = (self.at.y + y) / 2.0;
        let from = Point { x: self.at.x, y: middle };
        let end = Point { x, y };
        self.pieces.push(Piece::Curve(from, Point { x, y: middle }, end));
        self.at = end;
    }
}

/// The point at a distance from `from` on the way to `to`.
fn towards(from: Point, to: Point, distance: f64) -> Point {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = libm::hypot(dx, dy);
    let part = if length > 0.0 { distance / length } else { 0.0 };
    Point { x: from.x + dx * part, y: from.y + dy * part }
}
