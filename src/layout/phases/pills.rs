//! Off-page connectors: pills beside an item, each with a short line to it.
//!
//! They belong to their item's room in its rank, so nothing else comes near.

use super::gaps::LOOP_WIDTH;
use crate::layout::geometry::{Piece, Point};
use crate::layout::network::{Item, Pill};
use crate::layout::placed::RouteKind;
use crate::layout::plan::{Serves, Stroke};

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

/// The lines of the pills of item `index`, whose corner is given.
pub(super) fn strokes(item: &Item, index: u32, corner: Point) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for (pills, at_left) in [(&item.left, true), (&item.right, false)] {
        let mut y = corner.y + (item.height - stack(pills)) / 2.0;
        for (i, pill) in pills.iter().enumerate() {
            let serves = if at_left { Serves::Left(index, i as u32) } else { Serves::Right(index, i as u32) };
            strokes.push(stroke(item, corner, pill, serves, y));
            y += pill.size.height + BETWEEN;
        }
    }
    strokes
}

fn stroke(item: &Item, corner: Point, pill: &Pill, serves: Serves, y: f64) -> Stroke {
    let middle = y + pill.size.height / 2.0;
    let low = corner.y + CORNER.min(item.height / 2.0);
    let touch = middle.clamp(low, corner.y + item.height - (low - corner.y));
    let (left, start, end) = if matches!(serves, Serves::Left(..)) {
        let left = corner.x - GAP - pill.size.width;
        let start = Point { x: left + pill.size.width, y: middle };
        (left, start, Point { x: corner.x, y: touch })
    } else {
        let left = corner.x + item.width + GAP + loops(item);
        (left, Point { x: corner.x + item.width, y: touch }, Point { x: left, y: middle })
    };
    let label = Some((Point { x: left, y }, pill.size));
    Stroke { kind: RouteKind::Connector, serves, start, pieces: vec![Piece::Line(end)], label }
}
