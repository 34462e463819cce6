//! Places the content of one frame.
//!
//! Before: the frames inside have their sizes. After: every item has a corner and
//! every line its points, in the frame's own coordinates, flowing downwards. The
//! plan speaks of items and hyperedges by their numbers in the network, so equal
//! networks share one plan.

use super::Point;
use super::layered::Run;
use super::network::{Network, Part};
use super::order::{crossings, improve_order, order_ranks};
use super::pills;
use super::place::{Extent, place_vertices, units};
use super::ports::{Ports, place_ports};
use super::rank::ranks;
use super::route::{Drawing, Serves, Stroke, route_edges};
use super::rows::{LABEL_GAP, place_rows};
use super::split::{Ranked, split_long_edges};
use super::stable::Memory;
use super::wrap::wrap;
use crate::diagram::Size;

/// Where the things of a network are, from (0, 0) on.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    /// The top-left corner of each item.
    pub(super) corners: Vec<Point>,
    pub(super) strokes: Vec<Stroke>,
    pub(super) size: Size,
}

/// Plans a network: its connected parts, side by side.
///
/// With `one_row` they all stand beside each other, as in a frame whose ports are
/// at its top and bottom; else in rows, about as wide as high in all.
pub(super) fn plan(network: &mut Network, one_row: bool, run: &Run<'_>) -> Plan {
    let parts = std::mem::take(network).into_parts();
    let mut plans: Vec<Plan> = parts.iter().map(|part| plan_part(&part.network, run)).collect();
    if plans.len() == 1 {
        *network = Network::from_parts(parts);
        return plans.remove(0);
    }
    let sizes: Vec<Size> = plans.iter().map(|p| p.size).collect();
    let corners = pack(&sizes, one_row, run.options.spacing.nodes);
    let items = parts.iter().map(|p| p.items.len()).sum();
    let mut whole = Plan { corners: vec![Point::default(); items], ..Plan::default() };
    whole.strokes.reserve_exact(plans.iter().map(|p| p.strokes.len()).sum());
    for ((part, plan), corner) in parts.iter().zip(plans).zip(corners) {
        let place = |p: Point| Point { x: p.x + corner.x, y: p.y + corner.y };
        for (&item, p) in part.items.iter().zip(&plan.corners) {
            whole.corners[item as usize] = place(*p);
        }
        for mut stroke in plan.strokes {
            stroke.map(place);
            stroke.serves = in_whole(stroke.serves, part);
            whole.strokes.push(stroke);
        }
        whole.size.width = whole.size.width.max(corner.x + plan.size.width);
        whole.size.height = whole.size.height.max(corner.y + plan.size.height);
    }
    *network = Network::from_parts(parts);
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

/// Plans a connected network, phase by phase.
fn plan_part(network: &Network, run: &Run<'_>) -> Plan {
    let (options, done) = (&run.options, run.done);
    let spacing = &options.spacing;
    let ranks = ranks(network);
    done("ranks");
    let ranked = ordered(network, &ranks, options.trunks, run.memory);
    done("order");
    let ports = place_ports(network, &ranked);
    done("ports");
    let extents = extents(network, &ranked, &ports);
    let mut x = place_vertices(network, &ranked, &ports, &extents, spacing);
    done("x");
    let mut rows = place_rows(network, &ranked, &ports, &x, options);
    wrap(network, &ranked, &extents, options.columns, spacing, &mut x, &mut rows);
    done("y");
    let splines = options.splines;
    let drawing = Drawing { network, ranked: &ranked, ports: &ports, rows: &rows, x: &x, splines };
    let mut strokes = route_edges(&drawing);
    let items = network.items.iter().enumerate();
    let corners: Vec<Point> =
        items.map(|(i, item)| Point { x: x[i] - item.width / 2.0, y: rows.tops[i] }).collect();
    for (i, (item, corner)) in network.items.iter().zip(&corners).enumerate() {
        strokes.extend(pills::strokes(item, i as u32, *corner));
    }
    let mut plan = Plan { corners, strokes, size: Size::default() };
    plan.move_to_origin(&x, &extents, rows.height);
    done("routes");
    plan
}

/// Splits and orders: with shared trunks, or with a line for each use where that has
/// fewer crossings.
fn ordered(network: &Network, ranks: &[u32], trunks: bool, memory: Option<&Memory>) -> Ranked {
    let order = |ranked: &mut Ranked| match memory {
        Some(memory) => {
            memory.arrange(network, ranked);
            improve_order(ranked);
        }
        None => order_ranks(ranked),
    };
    let mut shared = split_long_edges(network, ranks, trunks);
    order(&mut shared);
    if !trunks || network.hyperedges.iter().all(|h| h.ends.len() < 2) {
        return shared;
    }
    let crossings = crossings(&shared);
    if crossings == 0 {
        return shared;
    }
    // One line for each use is many bends where uses are far and many.
    let rank = |i: u32| u64::from(ranks[i as usize]);
    let ends = network.hyperedges.iter().flat_map(|h| h.ends.iter().map(|end| rank(end.to) - rank(h.from)));
    if ends.sum::<u64>() > 8 * shared.links.len() as u64 + 2_000 {
        return shared;
    }
    let mut apart = split_long_edges(network, ranks, false);
    order(&mut apart);
    if self::crossings(&apart) < crossings { apart } else { shared }
}

/// Room to both sides of each vertex: the box, its pills, loops and labels.
fn extents(network: &Network, ranked: &Ranked, ports: &Ports) -> Vec<Extent> {
    let mut extents = vec![Extent::default(); ranked.rank.len()];
    for (extent, item) in extents.iter_mut().zip(&network.items) {
        let (left, right) = pills::reach(item);
        *extent = Extent { left: units(item.width / 2.0 + left), right: units(item.width / 2.0 + right) };
    }
    for (h, hyperedge) in network.hyperedges.iter().enumerate() {
        if let Some(label) = ports.labels[h] {
            let right = &mut extents[hyperedge.from as usize].right;
            *right = (*right).max(units(ports.out[h] + LABEL_GAP + label.width));
        }
    }
    extents
}

impl Plan {
    /// Moves everything so that the plan begins at (0, 0), and sets its size.
    fn move_to_origin(&mut self, x: &[f64], extents: &[Extent], height: f64) {
        let unit = 1.0 / units(1.0) as f64;
        let left = x.iter().zip(extents).map(|(x, e)| x - e.left as f64 * unit).fold(f64::INFINITY, f64::min);
        let right =
            x.iter().zip(extents).map(|(x, e)| x + e.right as f64 * unit).fold(f64::NEG_INFINITY, f64::max);
        let shift = |p: Point| Point { x: p.x - left, y: p.y };
        self.corners.iter_mut().for_each(|p| *p = shift(*p));
        self.strokes.iter_mut().for_each(|stroke| stroke.map(shift));
        let labels = self.strokes.iter().filter_map(|r| r.label).map(|(corner, size)| corner.y + size.height);
        self.size = Size { width: right - left, height: labels.fold(height, f64::max) };
    }
}

/// Corners for parts of the given sizes, in order.
fn pack(sizes: &[Size], one_row: bool, gap: f64) -> Vec<Point> {
    let area: f64 = sizes.iter().map(|s| (s.width + gap) * (s.height + gap)).sum();
    let widest = sizes.iter().map(|s| s.width).fold(0.0, f64::max);
    let limit = if one_row { f64::INFINITY } else { widest.max(area.sqrt() * 1.3) };
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
