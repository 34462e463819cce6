//! Remembers an earlier picture, so that a new one keeps its order.
//!
//! For the two pictures of a diff, and for a small edit, the reader's mental map
//! matters more than the last crossing (K. Misue, P. Eades, W. Lai, K. Sugiyama,
//! "Layout adjustment and the mental map", JVLC 6(2), 1995). Boxes are matched by
//! name. Each vertex is given the place that its box, or its line at that height, had;
//! what is new goes between its neighbours.

use std::collections::HashMap;

use super::geometry::{Piece, Point, transposed_point};
use super::network::{Network, Thing};
use super::placed::Layout;
use super::ranked::Ranked;
use crate::diagram::{BoxId, Diagram, FrameId};

/// Where the things of a diagram were in an earlier picture, transposed to flow downwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The middle of each box and frame.
    boxes: Vec<Option<Point>>,
    frames: Vec<Option<Point>>,
    /// For each wire the earlier lines of its value, its own first.
    wires: Vec<Vec<u32>>,
    lines: Vec<Vec<Point>>,
}

/// A line of a value: where it ended, and its number.
#[derive(Clone, Copy)]
struct EarlierLine {
    to: Option<BoxId>,
    slot: u32,
    number: u32,
}

impl Memory {
    /// What is remembered of `old` for `new`.
    pub(super) fn new(new: &Diagram, (old, layout): (&Diagram, &Layout)) -> Self {
        let downwards = |x: f64, y: f64| transposed_point(Point { x, y }, old.direction);
        let origins: Vec<Point> =
            (0..old.frames.len() as u32).map(|f| layout.origin(old, FrameId(f))).collect();
        // Of several boxes with one name the first is remembered.
        let mut by_name: HashMap<&str, (u32, Point)> = HashMap::new();
        for (i, (b, corner)) in old.boxes.iter().zip(&layout.boxes).enumerate() {
            let origin = origins[b.frame.index()];
            let x = origin.x + corner.x + b.size.width / 2.0;
            let y = origin.y + corner.y + b.size.height / 2.0;
            by_name.entry(&b.name).or_insert((i as u32, downwards(x, y)));
        }
        let same_box: Vec<Option<(u32, Point)>> =
            new.boxes.iter().map(|b| by_name.get(b.name.as_str()).copied()).collect();
        let mut memory =
            Memory { boxes: same_box.iter().map(|k| k.map(|(_, p)| p)).collect(), ..Memory::default() };
        memory.remember_frames(new);
        let mut of_value: HashMap<(u32, u32), Vec<EarlierLine>> = HashMap::new();
        for route in &layout.routes {
            let origin = origins[route.frame.index()];
            let ends = route.pieces.iter().flat_map(|p| match *p {
                Piece::Line(end) => [end, end],
                Piece::Curve(a, b, end) => [Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 }, end],
            });
            let points = std::iter::once(route.start).chain(ends);
            let line = points.map(|p| downwards(p.x + origin.x, p.y + origin.y)).collect();
            let wire = &old.wires[route.wires[0] as usize];
            let lines = of_value.entry((route.from.0, wire.from_slot)).or_default();
            lines.push(EarlierLine { to: route.to, slot: wire.to_slot, number: memory.lines.len() as u32 });
            memory.lines.push(line);
        }
        memory.wires = new
            .wires
            .iter()
            .map(|wire| {
                let Some((from, _)) = same_box[wire.from.index()] else { return Vec::new() };
                let to = same_box[wire.to.index()].map(|(b, _)| BoxId(b));
                let mut lines = of_value.get(&(from, wire.from_slot)).cloned().unwrap_or_default();
                lines.sort_by_key(|line| (line.to != to, line.slot != wire.to_slot));
                lines.into_iter().map(|line| line.number).collect()
            })
            .collect();
        memory
    }

    /// A frame was where the boxes in it were.
    fn remember_frames(&mut self, new: &Diagram) {
        let mut sums = vec![(Point::default(), 0.0); new.frames.len()];
        let mut add = |f: usize, p: Point, n: f64| {
            let (sum, count) = &mut sums[f];
            *sum = Point { x: sum.x + p.x, y: sum.y + p.y };
            *count += n;
            (*sum, *count)
        };
        for (b, place) in new.boxes.iter().zip(&self.boxes) {
            if let Some(p) = place {
                add(b.frame.index(), *p, 1.0);
            }
        }
        // A parent stands before its children.
        for f in (1..new.frames.len()).rev() {
            let (sum, count) = add(f, Point::default(), 0.0);
            if let Some(parent) = new.frames[f].parent {
                add(parent.index(), sum, count);
            }
        }
        let mean = |(sum, n): (Point, f64)| (n > 0.0).then(|| Point { x: sum.x / n, y: sum.y / n });
        self.frames = sums.into_iter().map(mean).collect();
    }

    fn item(&self, thing: Thing) -> Option<Point> {
        match thing {
            Thing::Box(b) => self.boxes[b as usize],
            Thing::Frame(f) => self.frames[f as usize],
            Thing::Entry | Thing::Exit => None,
        }
    }

    /// Puts the vertices of each rank in the order that they had.
    pub(super) fn arrange(&self, network: &Network, ranked: &mut Ranked) {
        let mut x: Vec<Option<f64>> = vec![None; ranked.rank.len()];
        let mut heights = vec![(0.0, 0.0); ranked.order.len()];
        for (i, item) in network.items.iter().enumerate() {
            if let Some(p) = self.item(item.thing) {
                x[i] = Some(p.x);
                let (sum, count) = &mut heights[ranked.rank[i] as usize];
                *sum += p.y;
                *count += 1.0;
            }
        }
        let heights: Vec<Option<f64>> =
            heights.into_iter().map(|(sum, n)| (n > 0.0).then(|| sum / n)).collect();
        for (i, link) in ranked.links.iter().enumerate().filter(|(_, l)| ranked.is_bend(l.lower)) {
            let Some(y) = heights[ranked.rank[link.lower as usize] as usize] else { continue };
            // The next end after this link is the one that the bend leads to.
            let ends = ranked.links[i..].iter().take_while(|l| l.hyperedge == link.hyperedge);
            let Some(end) = ends.filter_map(|l| l.end).next() else { continue };
            let wire = network.hyperedges[link.hyperedge as usize].ends[end as usize].wire;
            let lines = self.wires[wire as usize].iter();
            x[link.lower as usize] = lines.filter_map(|&l| x_at(&self.lines[l as usize], y)).next();
        }
        self.place_new(ranked, &mut x);
        for rank in &mut ranked.order {
            rank.sort_by(|&a, &b| x[a as usize].unwrap_or(0.0).total_cmp(&x[b as usize].unwrap_or(0.0)));
        }
    }

    /// What is new stands between its neighbours.
    fn place_new(&self, ranked: &Ranked, x: &mut [Option<f64>]) {
        let downwards = ranked.order.iter().flatten();
        let upwards = ranked.order.iter().rev().flatten();
        for &vertex in downwards.chain(upwards) {
            if x[vertex as usize].is_some() {
                continue;
            }
            let above = ranked.up.of(vertex).iter().map(|&l| ranked.links[l as usize].upper);
            let below = ranked.down.of(vertex).iter().map(|&l| ranked.links[l as usize].lower);
            let (mut sum, mut count) = (0.0, 0.0);
            for x in above.chain(below).filter_map(|v| x[v as usize]) {
                sum += x;
                count += 1.0;
            }
            if count > 0.0 {
                x[vertex as usize] = Some(sum / count);
            }
        }
    }
}

/// Where a line that goes up or down passes the height `y`.
fn x_at(line: &[Point], y: f64) -> Option<f64> {
    line.windows(2).find_map(|pair| {
        let [a, b] = [pair[0], pair[1]];
        let inside = y >= a.y.min(b.y) && y <= a.y.max(b.y) && a.y != b.y;
        inside.then(|| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y))
    })
}
