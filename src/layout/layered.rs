//! Places a diagram in layers along the flow of data.
//!
//! K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of
//! hierarchical system structures", IEEE TSMC 11(2), 1981, in the phases of E. R.
//! Gansner, E. Koutsofios, S. North, K.-P. Vo, "A technique for drawing directed
//! graphs", IEEE TSE 19(3), 1993. Nothing recurses, and the same diagram always
//! gives the same layout.

use super::cycle::break_cycles;
use super::network::{Network, networks, turned};
use super::order::order_ranks;
use super::pills;
use super::place::{Extent, place_vertices, units};
use super::ports::{Ports, place_ports};
use super::rank::ranks;
use super::route::{Drawing, route_edges};
use super::rows::{LABEL_GAP, place_rows};
use super::split::{Ranked, split_long_edges};
use super::{Layout, Placed, Point, Route, Spacing};
use crate::diagram::{Diagram, Direction, Size};

/// How to place a diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Room to keep between things.
    pub spacing: Spacing,
    /// Whether the uses of one value share a line as far as they can.
    pub trunks: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { spacing: Spacing::default(), trunks: true }
    }
}

/// Places a diagram in layers along the flow of data.
pub fn layered(diagram: &Diagram, options: &Options) -> Layout {
    let parts: Vec<Part> =
        networks(diagram, options.trunks).into_iter().map(|n| lay_out(diagram, n, options)).collect();
    let corners = pack(&parts, options.spacing.nodes);
    assemble(diagram, &parts, &corners, &options.spacing)
}

/// A connected part, placed on its own from (0, 0) on, flowing downwards.
struct Part {
    network: Network,
    corners: Vec<Point>,
    routes: Vec<Route>,
    size: Size,
}

fn lay_out(diagram: &Diagram, mut network: Network, options: &Options) -> Part {
    let spacing = &options.spacing;
    break_cycles(&mut network);
    let ranks = ranks(&network);
    let mut ranked = split_long_edges(&network, &ranks);
    order_ranks(&mut ranked);
    let ports = place_ports(&network, &ranked);
    let extents = extents(&network, &ranked, &ports);
    let x = place_vertices(&network, &ranked, &ports, &extents, spacing);
    let rows = place_rows(&network, &ranked, &ports, &x, spacing);
    let mut routes =
        route_edges(&Drawing { network: &network, ranked: &ranked, ports: &ports, rows: &rows, x: &x });
    let corners = network.items.iter().enumerate();
    let corners: Vec<Point> =
        corners.map(|(i, item)| Point { x: x[i] - item.width / 2.0, y: rows.tops[i] }).collect();
    for (item, corner) in network.items.iter().zip(&corners) {
        routes.extend(pills::routes(diagram, item, *corner));
    }
    let mut part = Part { corners, routes, size: Size::default(), network };
    part.move_to_origin(&x, &extents, rows.height);
    part
}

/// Room to both sides of each vertex: the box, its labels, its loops.
fn extents(network: &Network, ranked: &Ranked, ports: &Ports) -> Vec<Extent> {
    let mut extents = vec![Extent::default(); ranked.rank.len()];
    for (extent, item) in extents.iter_mut().zip(&network.items) {
        let (left, right) = pills::reach(item);
        *extent = Extent { left: units(item.width / 2.0 + left), right: units(item.width / 2.0 + right) };
    }
    for (h, hyperedge) in network.hyperedges.iter().enumerate() {
        if let Some(label) = hyperedge.label {
            let right = &mut extents[hyperedge.from as usize].right;
            *right = (*right).max(units(ports.out[h] + LABEL_GAP + label.width));
        }
    }
    extents
}

impl Part {
    /// Moves everything so that the part begins at (0, 0), and sets its size.
    fn move_to_origin(&mut self, x: &[f64], extents: &[Extent], height: f64) {
        let unit = 1.0 / units(1.0) as f64;
        let left = x.iter().zip(extents).map(|(x, e)| x - e.left as f64 * unit).fold(f64::INFINITY, f64::min);
        let right =
            x.iter().zip(extents).map(|(x, e)| x + e.right as f64 * unit).fold(f64::NEG_INFINITY, f64::max);
        let shift = |p: Point| Point { x: p.x - left, y: p.y };
        self.corners.iter_mut().for_each(|p| *p = shift(*p));
        for route in &mut self.routes {
            route.map(shift);
            if let Some((corner, _)) = &mut route.label {
                *corner = shift(*corner);
            }
        }
        let labels = self.routes.iter().filter_map(|r| r.label).map(|(corner, size)| corner.y + size.height);
        self.size = Size { width: right - left, height: labels.fold(height, f64::max) };
    }
}

/// Corners for the parts: in rows, in order, about as wide as high in all.
fn pack(parts: &[Part], gap: f64) -> Vec<Point> {
    let area: f64 = parts.iter().map(|p| (p.size.width + gap) * (p.size.height + gap)).sum();
    let widest = parts.iter().map(|p| p.size.width).fold(0.0, f64::max);
    let limit = widest.max(area.sqrt() * 1.3);
    let mut at = Point::default();
    let mut row = 0.0;
    let mut corners = Vec::with_capacity(parts.len());
    for part in parts {
        if at.x > 0.0 && at.x + part.size.width > limit {
            at = Point { x: 0.0, y: at.y + row + gap };
            row = 0.0;
        }
        corners.push(at);
        at.x += part.size.width + gap;
        row = f64::max(row, part.size.height);
    }
    corners
}

/// Joins the parts on one page, turned to the diagram's direction.
fn assemble(diagram: &Diagram, parts: &[Part], corners: &[Point], spacing: &Spacing) -> Layout {
    let turn = |p: Point| match diagram.direction {
        Direction::TopBottom => p,
        Direction::LeftRight => Point { x: p.y, y: p.x },
    };
    let mut layout = Layout { boxes: vec![Point::default(); diagram.boxes.len()], ..Layout::default() };
    let mut size = Size::default();
    for (part, corner) in parts.iter().zip(corners) {
        let place =
            |p: Point| turn(Point { x: p.x + corner.x + spacing.margin, y: p.y + corner.y + spacing.margin });
        for (item, p) in part.network.items.iter().zip(&part.corners) {
            layout.boxes[item.node as usize] = place(*p);
        }
        for route in &part.routes {
            let mut route = route.clone();
            route.map(place);
            if let Some((corner, size)) = &mut route.label {
                *corner = place(*corner);
                *size = turned(*size, diagram.direction);
            }
            layout.routes.push(route);
        }
        size.width = size.width.max(corner.x + part.size.width);
        size.height = size.height.max(corner.y + part.size.height);
    }
    layout.routes.sort_by_key(|r| (r.wires[0], r.to.is_some()));
    let page = Size { width: size.width + 2.0 * spacing.margin, height: size.height + 2.0 * spacing.margin };
    layout.size = turned(page, diagram.direction);
    layout.frames = vec![Placed { corner: Point::default(), size: layout.size }];
    layout
}
