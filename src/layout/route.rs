//! Draws the lines.
//!
//! Before: everything is placed. After: each hyperedge has its routes. Lines bend
//! only in the gaps between bands, and pass bands at the x of their bends, so no
//! line can touch a foreign box. All tangents at boxes and bends are vertical.

use std::ops::Range;

use super::network::{Loop, Network};
use super::ports::Ports;
use super::rows::{LABEL_GAP, Rows, link_ends};
use super::split::Ranked;
use super::{Piece, Point, Route, RouteKind};
use crate::diagram::{BoxId, FrameId};

/// What is needed to draw a network's lines.
pub(super) struct Drawing<'a> {
    pub(super) network: &'a Network,
    pub(super) ranked: &'a Ranked,
    pub(super) ports: &'a Ports,
    pub(super) rows: &'a Rows,
    pub(super) x: &'a [f64],
}

/// All routes of a network, in the order of its hyperedges.
pub(super) fn route_edges(drawing: &Drawing<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut link = 0;
    for h in 0..drawing.network.hyperedges.len() {
        let first = link;
        while drawing.ranked.links.get(link).is_some_and(|l| l.hyperedge == h as u32) {
            link += 1;
        }
        drawing.hyperedge(h, first as u32..link as u32, &mut routes);
    }
    for (i, own) in drawing.network.loops.iter().enumerate() {
        let before = &drawing.network.loops[..i];
        let number = before.iter().rev().take_while(|l| l.item == own.item).count();
        routes.push(drawing.own_loop(own, number as u32));
    }
    routes
}

impl Drawing<'_> {
    /// The routes of hyperedge `h`, whose links are `links`: first those to its
    /// bends, then one for each end.
    fn hyperedge(&self, h: usize, links: Range<u32>, routes: &mut Vec<Route>) {
        let hyperedge = &self.network.hyperedges[h];
        let bends = links.len() as u32 - hyperedge.ends.len() as u32;
        let trunk = links.start..links.start + bends;
        let shared = bends > 0 && hyperedge.ends.len() > 1;
        let first_route = routes.len();
        if shared {
            routes.push(self.trunk(h, trunk.clone()));
        }
        for link in trunk.end..links.end {
            routes.push(if shared { self.tap(h, link) } else { self.whole(h, trunk.clone(), link) });
        }
        if let Some(size) = hyperedge.label {
            let start = self.start(h);
            let corner = Point { x: start.x + LABEL_GAP, y: start.y + LABEL_GAP };
            routes[first_route].label = Some((corner, size));
        }
    }

    /// Where a hyperedge leaves its box.
    fn start(&self, h: usize) -> Point {
        let item = self.network.hyperedges[h].from as usize;
        let bottom = self.rows.tops[item] + self.network.items[item].height;
        Point { x: self.x[item] + self.ports.out[h], y: bottom }
    }

    /// The shared part: down to where the last taps leave.
    fn trunk(&self, h: usize, links: Range<u32>) -> Route {
        let mut line = Line::from(self.start(h));
        links.clone().for_each(|l| self.descend(&mut line, l));
        let last = &self.ranked.links[links.end as usize - 1];
        line.down_to(self.rows.curves[self.ranked.rank[last.lower as usize] as usize].0);
        let hyperedge = &self.network.hyperedges[h];
        let reach = self.ranked.rank[hyperedge.from as usize] + 1;
        let far = hyperedge.ends.iter().filter(|e| self.ranked.rank[e.to as usize] > reach);
        let wires = far.map(|end| end.wire).collect();
        self.route(h, RouteKind::Trunk, wires, None, line)
    }

    /// From the trunk, or from the box itself, to one use.
    fn tap(&self, h: usize, link: u32) -> Route {
        let upper = self.ranked.links[link as usize].upper;
        if !self.ranked.is_bend(upper) {
            return self.whole(h, 0..0, link);
        }
        let begin = self.rows.curves[self.ranked.rank[upper as usize] as usize].0;
        let mut line = Line::from(Point { x: self.x[upper as usize], y: begin });
        self.arrive(&mut line, link);
        self.to_end(h, RouteKind::Tap, link, line)
    }

    /// From the box to one use, past the bends at `links`.
    fn whole(&self, h: usize, links: Range<u32>, link: u32) -> Route {
        let mut line = Line::from(self.start(h));
        links.for_each(|l| self.descend(&mut line, l));
        self.arrive(&mut line, link);
        self.to_end(h, RouteKind::Plain, link, line)
    }

    /// Through the gap above a link's lower vertex, to its band.
    fn descend(&self, line: &mut Line, link: u32) {
        let lower = self.ranked.links[link as usize].lower;
        let (begin, end) = self.rows.curves[self.ranked.rank[lower as usize] as usize - 1];
        line.down_to(begin);
        line.curve_to(link_ends(self.ranked, self.ports, link, self.x).1, end);
    }

    /// Through the gap, and down to the top of the box.
    fn arrive(&self, line: &mut Line, link: u32) {
        self.descend(line, link);
        line.down_to(self.rows.tops[self.ranked.links[link as usize].lower as usize]);
    }

    fn to_end(&self, h: usize, kind: RouteKind, link: u32, line: Line) -> Route {
        let hyperedge = &self.network.hyperedges[h];
        let end = self.ranked.links[link as usize].end.expect("the link reaches an end");
        let end = &hyperedge.ends[end as usize];
        let mut route = self.route(h, kind, vec![end.wire], Some(end.to), line);
        if hyperedge.reversed {
            route.reverse();
        }
        route
    }

    fn route(&self, h: usize, kind: RouteKind, wires: Vec<u32>, to: Option<u32>, line: Line) -> Route {
        let hyperedge = &self.network.hyperedges[h];
        let node = |item: u32| BoxId(self.network.items[item as usize].node);
        Route {
            kind,
            wire_kind: hyperedge.kind,
            wires,
            from: node(hyperedge.from),
            to: to.map(node),
            frame: FrameId::PAGE,
            start: line.start,
            pieces: line.pieces,
            arrow: to.is_some(),
            label: None,
        }
    }

    /// A bow at the right side of a box, from its lower to its upper part.
    fn own_loop(&self, own: &Loop, number: u32) -> Route {
        let item = own.item as usize;
        let size = &self.network.items[item];
        let right = self.x[item] + size.width / 2.0;
        let middle = self.rows.tops[item] + size.height / 2.0;
        let far = right + LOOP_WIDTH * f64::from(number + 1);
        let rise = size.height / 4.0;
        let start = Point { x: right, y: middle + rise };
        let end = Point { x: right, y: middle - rise };
        let bow = Piece::Curve(Point { x: far, y: start.y }, Point { x: far, y: end.y }, end);
        let node = BoxId(size.node);
        Route {
            kind: RouteKind::Plain,
            wire_kind: own.kind,
            wires: vec![own.wire],
            from: node,
            to: Some(node),
            frame: FrameId::PAGE,
            start,
            pieces: vec![bow],
            arrow: true,
            label: None,
        }
    }
}

/// Room that each wire from a box to itself takes at its right.
pub(super) const LOOP_WIDTH: f64 = 14.0;

/// A line that is being drawn downwards.
struct Line {
    start: Point,
    at: Point,
    pieces: Vec<Piece>,
}

impl Line {
    fn from(start: Point) -> Self {
        Line { start, at: start, pieces: Vec::new() }
    }

    fn down_to(&mut self, y: f64) {
        let straight = matches!(self.pieces.last(), Some(Piece::Line(_)));
        if y <= self.at.y && (straight || !self.pieces.is_empty()) {
            return;
        }
        self.at.y = y;
        match self.pieces.last_mut() {
            Some(Piece::Line(end)) => *end = self.at,
            _ => self.pieces.push(Piece::Line(self.at)),
        }
    }

    fn curve_to(&mut self, x: f64, y: f64) {
        // What the eye cannot tell from straight is straight.
        if (x - self.at.x).abs() < 0.01 {
            return self.down_to(y);
        }
        let middle = (self.at.y + y) / 2.0;
        let from = Point { x: self.at.x, y: middle };
        let end = Point { x, y };
        self.pieces.push(Piece::Curve(from, Point { x, y: middle }, end));
        self.at = end;
    }
}
