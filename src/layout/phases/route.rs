//! Draws the lines.
//!
//! Before: everything is placed. After: each hyperedge has its routes. Lines bend
//! only in the gaps between bands, and pass bands at the x of their bends, so no
//! line can touch a foreign box. All tangents at boxes and bends are vertical.

use std::ops::Range;

use super::gaps::{LABEL_GAP, LOOP_WIDTH};
use super::ordered::Ordered;
use super::pen::Pen;
use super::rows::Rows;
use crate::layout::geometry::{Piece, Point, reverse};
use crate::layout::network::Loop;
use crate::layout::options::Splines;
use crate::layout::placed::RouteKind;
use crate::layout::plan::{Serves, Stroke};
use crate::layout::ranked::Bends;

/// What is needed to draw a network's lines.
pub(super) struct Drawing<'a> {
    pub(super) ordered: &'a Ordered<'a>,
    pub(super) rows: &'a Rows,
    pub(super) x: &'a [f64],
    pub(super) splines: Splines,
}

/// All lines of a network, in the order of its hyperedges.
pub(super) fn route_edges(drawing: &Drawing<'_>) -> Vec<Stroke> {
    let Ordered { network, ranked, .. } = drawing.ordered;
    let lines = network.hyperedges.iter().map(|h| h.ends.len() + usize::from(h.ends.len() > 1));
    let mut routes = Vec::with_capacity(lines.sum::<usize>() + network.loops.len());
    let mut link = 0;
    for h in 0..network.hyperedges.len() {
        let first = link;
        while ranked.links.get(link).is_some_and(|l| l.hyperedge == h as u32) {
            link += 1;
        }
        drawing.hyperedge(h, first as u32..link as u32, &mut routes);
    }
    for (i, own) in network.loops.iter().enumerate() {
        let before = &network.loops[..i];
        let number = before.iter().rev().take_while(|l| l.item == own.item).count();
        routes.push(drawing.self_loop(own, i as u32, number as u32));
    }
    routes
}

impl Drawing<'_> {
    /// The routes of hyperedge `h`, whose links are `links`: first those to its
    /// bends, then one for each end.
    fn hyperedge(&self, h: usize, links: Range<u32>, routes: &mut Vec<Stroke>) {
        let hyperedge = &self.ordered.network.hyperedges[h];
        let bends = links.len() as u32 - hyperedge.ends.len() as u32;
        let first_route = routes.len();
        if self.ordered.ranked.bends == Bends::Shared && bends > 0 && hyperedge.ends.len() > 1 {
            let trunk = links.start..links.start + bends;
            routes.push(self.trunk(h, trunk.clone()));
            routes.extend((trunk.end..links.end).map(|link| self.tap(h, link)));
        } else {
            // Each end's bends stand before it.
            let mut first = links.start;
            for link in links.filter(|&l| self.ordered.ranked.links[l as usize].end.is_some()) {
                routes.push(self.whole(h, first..link, link));
                first = link + 1;
            }
        }
        if let Some(size) = self.ordered.ports.labels[h] {
            let start = self.start(h);
            let corner = Point { x: start.x + LABEL_GAP, y: start.y + LABEL_GAP };
            routes[first_route].label = Some((corner, size));
        }
    }

    /// Where a hyperedge leaves its box.
    fn start(&self, h: usize) -> Point {
        let item = self.ordered.network.hyperedges[h].from as usize;
        let size = &self.ordered.network.items[item];
        let bottom = self.rows.tops[item] + size.height - size.outset;
        Point { x: self.x[item] + self.ordered.ports.out[h], y: bottom }
    }

    /// The shared part: down to where the last taps leave.
    fn trunk(&self, h: usize, links: Range<u32>) -> Stroke {
        let mut pen = Pen::from(self.start(h));
        links.clone().for_each(|l| self.descend(&mut pen, l));
        let last = &self.ordered.ranked.links[links.end as usize - 1];
        pen.down_to(self.rows.curves[self.ordered.ranked.rank[last.lower as usize] as usize].0);
        pen.stroke(RouteKind::Trunk, Serves::Trunk(h as u32))
    }

    /// From the trunk, or from the box itself, to one use.
    fn tap(&self, h: usize, link: u32) -> Stroke {
        let upper = self.ordered.ranked.links[link as usize].upper;
        if !self.ordered.ranked.is_bend(upper) {
            return self.whole(h, 0..0, link);
        }
        let begin = self.rows.curves[self.ordered.ranked.rank[upper as usize] as usize].0;
        let mut pen = Pen::from(Point { x: self.x[upper as usize], y: begin });
        self.arrive(&mut pen, link);
        self.to_end(h, RouteKind::Tap, link, pen)
    }

    /// From the box to one use, past the bends at `links`.
    fn whole(&self, h: usize, links: Range<u32>, link: u32) -> Stroke {
        let mut pen = Pen::from(self.start(h));
        links.for_each(|l| self.descend(&mut pen, l));
        self.arrive(&mut pen, link);
        self.to_end(h, RouteKind::Plain, link, pen)
    }

    /// Through the gap above a link's lower vertex, to its band.
    fn descend(&self, pen: &mut Pen, link: u32) {
        let rank = self.ordered.ranked.rank[self.ordered.ranked.links[link as usize].lower as usize] as usize;
        let (begin, end) = self.rows.curves[rank - 1];
        if let Some(detour) = self.rows.detours.get(rank).copied().flatten() {
            pen.detour(&detour);
        }
        pen.down_to(begin);
        let x = self.ordered.link_ends(link, self.x).1;
        match self.splines {
            // What the eye cannot tell from straight is straight.
            _ if (x - pen.at.x).abs() < 0.01 => pen.down_to(end),
            Splines::Curved => pen.curve_to(x, end),
            Splines::Polyline => pen.straight_to(x, end),
            Splines::Ortho => pen.step_to(x, begin + self.rows.tracks[link as usize]),
        }
    }

    /// Through the gap, and down to the top of the box.
    fn arrive(&self, pen: &mut Pen, link: u32) {
        self.descend(pen, link);
        pen.down_to(self.rows.tops[self.ordered.ranked.links[link as usize].lower as usize]);
    }

    fn to_end(&self, h: usize, kind: RouteKind, link: u32, pen: Pen) -> Stroke {
        let end = self.ordered.ranked.links[link as usize].end.expect("the link reaches an end");
        let mut stroke = pen.stroke(kind, Serves::End(h as u32, end));
        if self.ordered.network.hyperedges[h].reversed {
            reverse(&mut stroke.start, &mut stroke.pieces);
        }
        stroke
    }

    /// A bow at the right side of a box, from its lower to its upper part.
    fn self_loop(&self, own: &Loop, index: u32, number: u32) -> Stroke {
        let item = own.item as usize;
        let size = &self.ordered.network.items[item];
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
