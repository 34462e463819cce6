//! Arranges the connected parts of a network beside each other.
//!
//! Before: each part is planned. After: one plan of the whole, in its numbers.

use crate::diagram::Size;
use crate::layout::geometry::Point;
use crate::layout::network::Part;
use crate::layout::plan::{Plan, Serves};

/// How the connected parts of a network stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::layout) enum Parts {
    /// All beside each other, as in a frame whose ports are at its top and bottom.
    InOneRow,
    /// In rows, about as wide as high in all.
    InRows,
}

/// Puts the plans of the parts together.
pub(super) fn pack(parts: &[Part], mut plans: Vec<Plan>, arrangement: Parts, gap: f64) -> Plan {
    if plans.len() == 1 {
        return plans.remove(0);
    }
    let sizes: Vec<Size> = plans.iter().map(|p| p.size).collect();
    let corners = corners(&sizes, arrangement, gap);
    let items = parts.iter().map(|p| p.items.len()).sum();
    let mut whole = Plan { corners: vec![Point::default(); items], ..Plan::default() };
    whole.strokes.reserve_exact(plans.iter().map(|p| p.strokes.len()).sum());
    for ((part, mut plan), corner) in parts.iter().zip(plans).zip(corners) {
        plan.map(|p| Point { x: p.x + corner.x, y: p.y + corner.y });
        for (&item, &p) in part.items.iter().zip(&plan.corners) {
            whole.corners[item as usize] = p;
        }
        for mut stroke in plan.strokes {
            stroke.serves = in_whole(stroke.serves, part);
            whole.strokes.push(stroke);
        }
        whole.size.width = whole.size.width.max(corner.x + plan.size.width);
        whole.size.height = whole.size.height.max(corner.y + plan.size.height);
    }
    whole
}

/// The same in the numbers of the whole network.
fn in_whole(serves: Serves, part: &Part) -> Serves {
    let [items, hyperedges, loops] = [&part.items, &part.hyperedges, &part.loops];
    match serves {
        Serves::Trunk(h) => Serves::Trunk(hyperedges[h as usize]),
        Serves::End(h, end) => Serves::End(hyperedges[h as usize], end),
        Serves::Loop(i) => Serves::Loop(loops[i as usize]),
        Serves::Left(item, i) => Serves::Left(items[item as usize], i),
        Serves::Right(item, i) => Serves::Right(items[item as usize], i),
    }
}

/// Corners for parts of the given sizes, in order.
fn corners(sizes: &[Size], arrangement: Parts, gap: f64) -> Vec<Point> {
    let area: f64 = sizes.iter().map(|s| (s.width + gap) * (s.height + gap)).sum();
    let widest = sizes.iter().map(|s| s.width).fold(0.0, f64::max);
    let limit = match arrangement {
        Parts::InOneRow => f64::INFINITY,
        Parts::InRows => widest.max(area.sqrt() * 1.3),
    };
    let mut at = Point::default();
    let mut row = 0.0;
    let mut corners = Vec::with_capacity(sizes.len());
    for size in sizes {
        if at.x > 0.0 && at.x + size.width > limit {
            at = Point { x: 0.0, y: at.y + row + gap };
            row = 0.0;
        }
        corners.push(at);
        at.x += size.width + gap;
        row = f64::max(row, size.height);
    }
    corners
}
