//! Makes the plan of a network once its vertices have places.
//!
//! Before: each vertex has an x, and each rank its rows. After: every item has a corner,
//! every line its points, and the plan begins at (0, 0).

use super::extent::Extent;
use super::ordered::Ordered;
use super::pills;
use super::route::{Drawing, route_edges};
use super::rows::Rows;
use crate::diagram::Size;
use crate::layout::geometry::Point;
use crate::layout::options::Splines;
use crate::layout::plan::Plan;

/// The plan of a network whose vertices stand at `x` and in `rows`.
pub(super) fn draw(ordered: &Ordered<'_>, x: &[f64], rows: &Rows, splines: Splines) -> Plan {
    let items = &ordered.network.items;
    let mut strokes = route_edges(&Drawing { ordered, rows, x, splines });
    let corner = |i: usize| Point { x: x[i] - items[i].width / 2.0, y: rows.tops[i] };
    let corners: Vec<Point> = (0..items.len()).map(corner).collect();
    for (i, (item, corner)) in items.iter().zip(&corners).enumerate() {
        strokes.extend(pills::strokes(item, i as u32, *corner));
    }
    let mut plan = Plan { corners, strokes, size: Size::default() };
    move_to_origin(&mut plan, x, &ordered.extents, rows.height);
    plan
}

/// Moves everything so that the plan begins at (0, 0), and sets its size.
fn move_to_origin(plan: &mut Plan, x: &[f64], extents: &[Extent], height: f64) {
    let ends = || x.iter().zip(extents).map(|(&x, e)| e.around(x));
    let left = ends().map(|e| e.0).fold(f64::INFINITY, f64::min);
    let right = ends().map(|e| e.1).fold(f64::NEG_INFINITY, f64::max);
    plan.map(|p| Point { x: p.x - left, y: p.y });
    let labels = plan.strokes.iter().filter_map(|r| r.label).map(|(corner, size)| corner.y + size.height);
    plan.size = Size { width: right - left, height: labels.fold(height, f64::max) };
}
