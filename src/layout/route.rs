//! Draws the lines.
//!
//! Before: everything is placed. After: each hyperedge has its routes. Lines bend
//! only in the gaps between bands, and pass bands at the x of their bends, so no
//! line can touch a foreign box. All tangents at boxes and bends are vertical.

use std::ops::Range;

use super::layered::Splines;
use super::network::{Loop, Network};
use super::ports::Ports;
use super::rows::{LABEL_GAP, Rows, TURN, link_ends};
use super::split::Ranked;
use super::wrap::{Detour, RADIUS};
use super::{Piece, Point, RouteKind, reverse};
use crate::diagram::Size;

/// What is needed to draw a network's lines.
pub(super) struct Drawing<'a> {
    pub(super) network: &'a Network,
    pub(super) ranked: &'a Ranked,
    pub(super) ports: &'a Ports,
    pub(super) rows: &'a Rows,
    pub(super) x: &'a [f64],
    pub(super) splines: Splines,
}

/// A line in the numbers of its network, so that equal networks have equal lines.
#[derive(Clone, Debug)]
pub(super) struct Stroke {
    pub(super) kind: RouteKind,
    pub(super) serves: Serves,
    pub(super) start: Point,
    pub(super) pieces: Vec<Piece>,
    pub(super) label: Option<(Point, Size)>,
}

/// What a line stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Serves {
    /// The shared part of a hyperedge.
    Trunk(u32),
    /// The way to one end of a hyperedge.
    End(u32, u32),
    /// A wire from an item to itself.
    Loop(u32),
    /// The pill of this number at the left of an item, or at its right.
    Left(u32, u32),
    Right(u32, u32),
}

/// All lines of a network, in the order of its hyperedges.
pub(super) fn route_edges(drawing: &Drawing<'_>) -> Vec<Stroke> {
    let lines = drawing.network.hyperedges.iter().map(|h| h.ends.len() + usize::from(h.ends.len() > 1));
    let mut routes = Vec::with_capacity(lines.sum::<usize>() + drawing.network.loops.len());
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
        routes.push(drawing.own_loop(own, i as u32, number as u32));
    }
    routes
}

impl Drawing<'_> {
    /// The routes of hyperedge `h`, whose links are `links`: first those to its
    /// bends, then one for each end.
    fn hyperedge(&self, h: usize, links: Range<u32>, routes: &mut Vec<Stroke>) {
        let hyperedge = &self.network.hyperedges[h];
        let bends = links.len() as u32 - hyperedge.ends.len() as u32;
        let first_route = routes.len();
        if self.ranked.shared && bends > 0 && hyperedge.ends.len() > 1 {
            let trunk = links.start..links.start + bends;
            routes.push(self.trunk(h, trunk.clone()));
            routes.extend((trunk.end..links.end).map(|link| self.tap(h, link)));
        } else {
            // Each end's bends stand before it.
            let mut first = links.start;
            for link in links.filter(|&l| self.ranked.links[l as usize].end.is_some()) {
                routes.push(self.whole(h, first..link, link));
                first = link + 1;
            }
        }
        if let Some(size) = self.ports.labels[h] {
            let start = self.start(h);
            let corner = Point { x: start.x + LABEL_GAP, y: start.y + LABEL_GAP };
            routes[first_route].label = Some((corner, size));
        }
    }

    /// Where a hyperedge leaves its box.
    fn start(&self, h: usize) -> Point {
        let item = self.network.hyperedges[h].from as usize;
        let size = &self.network.items[item];
        let bottom = self.rows.tops[item] + size.height - size.outset;
        Point { x: self.x[item] + self.ports.out[h], y: bottom }
    }

    /// The shared part: down to where the last taps leave.
    fn trunk(&self, h: usize, links: Range<u32>) -> Stroke {
        let mut line = Line::from(self.start(h));
        links.clone().for_each(|l| self.descend(&mut line, l));
        let last = &self.ranked.links[links.end as usize - 1];
        line.down_to(self.rows.curves[self.ranked.rank[last.lower as usize] as usize].0);
        line.stroke(RouteKind::Trunk, Serves::Trunk(h as u32))
    }

    /// From the trunk, or from the box itself, to one use.
    fn tap(&self, h: usize, link: u32) -> Stroke {
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
    fn whole(&self, h: usize, links: Range<u32>, link: u32) -> Stroke {
        let mut line = Line::from(self.start(h));
        links.for_each(|l| self.descend(&mut line, l));
        self.arrive(&mut line, link);
        self.to_end(h, RouteKind::Plain, link, line)
    }

    /// Through the gap above a link's lower vertex, to its band.
    fn descend(&self, line: &mut Line, link: u32) {
        let rank = self.ranked.rank[self.ranked.links[link as usize].lower as usize] as usize;
        let (begin, end) = self.rows.curves[rank - 1];
        if let Some(detour) = self.rows.detours.get(rank).copied().flatten() {
            line.detour(&detour);
        }
        line.down_to(begin);
        let x = link_ends(self.ranked, self.ports, link, self.x).1;
        match self.splines {
            // What the eye cannot tell from straight is straight.
            _ if (x - line.at.x).abs() < 0.01 => line.down_to(end),
            Splines::Curved => line.curve_to(x, end),
            Splines::Polyline => line.straight_to(x, end),
            Splines::Ortho => line.step_to(x, begin + self.rows.tracks[link as usize]),
        }
    }

    /// Through the gap, and down to the top of the box.
    fn arrive(&self, line: &mut Line, link: u32) {
        self.descend(line, link);
        line.down_to(self.rows.tops[self.ranked.links[link as usize].lower as usize]);
    }

    fn to_end(&self, h: usize, kind: RouteKind, link: u32, line: Line) -> Stroke {
        let end = self.ranked.links[link as usize].end.expect("the link reaches an end");
        let mut stroke = line.stroke(kind, Serves::End(h as u32, end));
        if self.network.hyperedges[h].reversed {
            reverse(&mut stroke.start, &mut stroke.pieces);
        }
        stroke
    }

    /// A bow at the right side of a box, from its lower to its upper part.
    fn own_loop(&self, own: &Loop, index: u32, number: u32) -> Stroke {
        let item = own.item as usize;
        let size = &self.network.items[item];
        let right = self.x[item] + size.width / 2.0;
        let middle = self.rows.tops[item] + size.height / 2.0;
        let far = right + LOOP_WIDTH * f64::from(number + 1);
        let rise = size.height / 4.0;
        let start = Point { x: right, y: middle + rise };
        let end = Point { x: right, y: middle - rise };
        let bow = Piece::Curve(Point { x: far, y: start.y }, Point { x: far, y: end.y }, end);
        Stroke { kind: RouteKind::Plain, serves: Serves::Loop(index), start, pieces: vec![bow], label: None }
    }
}

impl Stroke {
    /// Changes each of its points, the corner of its label too.
    pub(super) fn map(&mut self, f: impl Fn(Point) -> Point) {
        self.start = f(self.start);
        self.pieces.iter_mut().for_each(|piece| *piece = piece.map(&f));
        if let Some((corner, _)) = &mut self.label {
            *corner = f(*corner);
        }
    }

    /// Where it ends.
    pub(super) fn end(&self) -> Point {
        self.pieces.last().map_or(self.start, |p| p.end())
    }
}

/// Room that each wire from a box to itself takes at its right.
pub(super) const LOOP_WIDTH: f64 = 14.0;

/// The point at a distance from `from` on the way to `to`.
fn towards(from: Point, to: Point, distance: f64) -> Point {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = libm::hypot(dx, dy);
    let part = if length > 0.0 { distance / length } else { 0.0 };
    Point { x: from.x + dx * part, y: from.y + dy * part }
}

/// A line that is being drawn downwards.
struct Line {
    start: Point,
    at: Point,
    pieces: Vec<Piece>,
    /// Whether the last piece is straight, and slanted.
    turned: bool,
}

impl Line {
    fn from(start: Point) -> Self {
        // Most lines are one piece.
        Line { start, at: start, pieces: Vec::with_capacity(1), turned: false }
    }

    fn stroke(self, kind: RouteKind, serves: Serves) -> Stroke {
        Stroke { kind, serves, start: self.start, pieces: self.pieces, label: None }
    }

    fn down_to(&mut self, y: f64) {
        let straight = matches!(self.pieces.last(), Some(Piece::Line(_)));
        if y <= self.at.y && (straight || !self.pieces.is_empty()) {
            return;
        }
        self.at.y = y;
        match self.pieces.last_mut() {
            Some(Piece::Line(end)) if !self.turned => *end = self.at,
            _ => self.pieces.push(Piece::Line(self.at)),
        }
        self.turned = false;
    }

    /// Around the foot of this column to above the next one.
    fn detour(&mut self, detour: &Detour) {
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
    fn step_to(&mut self, x: f64, y: f64) {
        let way = [(self.at.x, y), (x, y), (x, y + TURN)].map(|(x, y)| Point { x, y });
        if let Some(Piece::Line(_)) = self.pieces.last() {
            // The straight piece above goes on to the corner.
            self.pieces.pop();
            self.at = self.pieces.last().map_or(self.start, |p| p.end());
        }
        self.corners(&way);
    }

    fn straight_to(&mut self, x: f64, y: f64) {
        self.at = Point { x, y };
        self.pieces.push(Piece::Line(self.at));
        // What follows straight down is a piece of its own.
        self.turned = true;
    }

    fn curve_to(&mut self, x: f64, y: f64) {
        let middle = (self.at.y + y) / 2.0;
        let from = Point { x: self.at.x, y: middle };
        let end = Point { x, y };
        self.pieces.push(Piece::Curve(from, Point { x, y: middle }, end));
        self.at = end;
    }
}
