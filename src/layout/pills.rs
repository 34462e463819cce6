//! Off-page connectors: pills beside an item, each with a short line to it.
//!
//! They belong to their item's room in its rank, so nothing else comes near.

use super::network::{Item, Pill};
use super::route::LOOP_WIDTH;
use super::{Piece, Point, Route, RouteKind};
use crate::diagram::{BoxId, Diagram, FrameId, Size};

/// Distance between an item and its pills: room for a short line with a head.
const GAP: f64 = 12.0;
/// Distance between pills.
const BETWEEN: f64 = 4.0;
/// Least distance of a line's end from the item's corner.
const CORNER: f64 = 5.0;

/// Room that an item's pills and loops need at its left and at its right, in pixels.
pub(super) fn reach(item: &Item) -> (f64, f64) {
    let widest = |pills: &[Pill]| pills.iter().map(|p| p.size.width + GAP).fold(0.0, f64::max);
    (widest(&item.left), widest(&item.right) + loops(item))
}

fn loops(item: &Item) -> f64 {
    LOOP_WIDTH * f64::from(item.loops)
}

/// The height of an item with the pills beside it.
pub(super) fn height(item: &Item) -> f64 {
    item.height.max(stack(&item.left)).max(stack(&item.right))
}

fn stack(pills: &[Pill]) -> f64 {
    pills.iter().map(|p| p.size.height + BETWEEN).sum::<f64>() - BETWEEN
}

/// The routes of an item's pills; `corner` is the item's.
pub(super) fn routes(diagram: &Diagram, item: &Item, corner: Point) -> Vec<Route> {
    let mut routes = Vec::new();
    for (pills, at_left) in [(&item.left, true), (&item.right, false)] {
        let mut y = corner.y + (item.height - stack(pills)) / 2.0;
        for pill in pills {
            routes.push(route(diagram, item, corner, pill, at_left, y));
            y += pill.size.height + BETWEEN;
        }
    }
    routes
}

fn route(diagram: &Diagram, item: &Item, corner: Point, pill: &Pill, at_left: bool, y: f64) -> Route {
    let middle = y + pill.size.height / 2.0;
    let low = corner.y + CORNER.min(item.height / 2.0);
    let touch = middle.clamp(low, corner.y + item.height - (low - corner.y));
    let (left, start, end) = if at_left {
        let left = corner.x - GAP - pill.size.width;
        let start = Point { x: left + pill.size.width, y: middle };
        (left, start, Point { x: corner.x, y: touch })
    } else {
        let left = corner.x + item.width + GAP + loops(item);
        (left, Point { x: corner.x + item.width, y: touch }, Point { x: left, y: middle })
    };
    let wire = &diagram.wires[pill.wire as usize];
    Route {
        kind: RouteKind::Connector,
        wire_kind: wire.kind,
        wires: vec![pill.wire],
        from: wire.from,
        to: at_left.then_some(BoxId(item.node)),
        frame: FrameId::PAGE,
        start,
        pieces: vec![Piece::Line(end)],
        arrow: at_left,
        label: Some((Point { x: left, y }, Size { ..pill.size })),
    }
}
