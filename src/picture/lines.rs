//! The marks that a line is painted with, wherever its frame is.

use super::text::{baseline, text};
use super::types::{Anchor, Line, Pill, Rect, Role, Text};
use crate::diagram::WireKind;
use crate::diagram::measure::LABEL_FONT;
use crate::layout::{Piece, Point, RouteKind};

/// A line in place.
#[derive(Clone, Debug)]
pub struct LineShape {
    /// Where it begins.
    pub start: Point,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// The arrowhead: its tip, and the direction of the line there (of length 1).
    pub arrow: Option<(Point, Point)>,
    /// Whether it is data or only an order.
    pub kind: WireKind,
}

impl Line<'_> {
    /// The line, with the corner of its frame at `origin`.
    pub fn shape(&self, origin: Point) -> LineShape {
        let route = self.route;
        let pieces: Vec<Piece> = route.pieces.iter().map(|p| p.map(|at| origin.moved(at))).collect();
        let start = origin.moved(route.start);
        let arrow = route.arrow.then(|| arrow(start, &pieces));
        LineShape { start, pieces, arrow, kind: route.wire_kind }
    }

    /// The room of its label or connector, with the corner of its frame at `origin`.
    fn rect(&self, origin: Point) -> Option<Rect> {
        let (corner, size) = self.route.label?;
        Some(Rect { corner: origin.moved(corner), size })
    }

    /// Its off-page connector.
    pub fn pill(&self, origin: Point) -> Option<Pill> {
        let rect = self.rect(origin).filter(|_| self.route.kind == RouteKind::Connector)?;
        let at = Point {
            x: rect.corner.x + rect.size.width / 2.0,
            y: baseline(rect.corner.y, rect.size.height, LABEL_FONT),
        };
        let name = self.label.unwrap_or_default();
        Some(Pill { rect, text: text(Role::Label, at, Anchor::Middle, "", name, LABEL_FONT) })
    }

    /// The text beside it.
    pub fn text(&self, origin: Point) -> Option<Text> {
        let rect = self.rect(origin).filter(|_| self.route.kind != RouteKind::Connector)?;
        let at = Point { x: rect.corner.x, y: baseline(rect.corner.y, rect.size.height, LABEL_FONT) };
        Some(text(Role::Label, at, Anchor::Start, "", self.label?, LABEL_FONT))
    }
}

/// The tip of a line, and its direction there.
fn arrow(start: Point, pieces: &[Piece]) -> (Point, Point) {
    let tip = pieces.last().map_or(start, |p| p.end());
    let before = match pieces {
        [.., Piece::Curve(_, control, _)] => *control,
        [.., before, Piece::Line(_)] => before.end(),
        _ => start,
    };
    let (dx, dy) = (tip.x - before.x, tip.y - before.y);
    let length = libm::hypot(dx, dy);
    // A line without length points downwards.
    let direction =
        if length > 0.0 { Point { x: dx / length, y: dy / length } } else { Point { x: 0.0, y: 1.0 } };
    (tip, direction)
}
