//! Facts about a drawing that must hold, whatever the graph.
#![allow(unreachable_pub)]

use modelgram::stages::diagram::{Diagram, FrameId};
use modelgram::stages::layout::{Layout, Piece, Point, Route};

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    fn shrunk(self, by: f64) -> Rect {
        Rect { left: self.left + by, top: self.top + by, right: self.right - by, bottom: self.bottom - by }
    }

    fn overlaps(self, other: Rect) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether the segment has a part strictly inside (Liang, Barsky 1984).
    fn is_cut_by(self, a: Point, b: Point) -> bool {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        let sides =
            [(-dx, a.x - self.left), (dx, self.right - a.x), (-dy, a.y - self.top), (dy, self.bottom - a.y)];
        for (p, q) in sides {
            if p == 0.0 {
                if q <= 0.0 {
                    return false;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        from < to
    }
}

/// Points along a route, the error well below a pixel.
pub fn points(route: &Route) -> Vec<Point> {
    let mut points = vec![route.start];
    let mut at = route.start;
    for piece in &route.pieces {
        if let Piece::Curve(a, b, end) = *piece {
            for i in 1..24 {
                let t = f64::from(i) / 24.0;
                let u = 1.0 - t;
                let mix = |p: f64, q: f64, r: f64, s: f64| {
                    u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
                };
                points.push(Point { x: mix(at.x, a.x, b.x, end.x), y: mix(at.y, a.y, b.y, end.y) });
            }
        }
        at = piece.end();
        points.push(at);
    }
    points
}

/// The rectangles of the boxes on the page.
pub fn boxes(diagram: &Diagram, layout: &Layout) -> Vec<Rect> {
    let corners = diagram.boxes.iter().zip(&layout.boxes);
    corners
        .map(|(b, p)| {
            let o = layout.origin(diagram, b.frame);
            let (left, top) = (o.x + p.x, o.y + p.y);
            Rect { left, top, right: left + b.size.width, bottom: top + b.size.height }
        })
        .collect()
}

/// Panics unless: boxes are apart, lines touch no foreign box, labels lie on
/// nothing, everything is on the page, and every wire arrives.
pub fn check(diagram: &Diagram, layout: &Layout, what: &str) {
    let boxes = boxes(diagram, layout);
    let labels: Vec<Rect> = layout
        .routes
        .iter()
        .filter_map(|r| r.label.map(|l| (layout.origin(diagram, r.frame), l)))
        .map(|(o, (p, s))| Rect {
            left: o.x + p.x,
            top: o.y + p.y,
            right: o.x + p.x + s.width,
            bottom: o.y + p.y + s.height,
        })
        .collect();
    let mut grid = Grid::default();
    for (i, rect) in boxes.iter().enumerate() {
        assert!(rect.left.is_finite() && rect.top.is_finite(), "{what}: box {i} is nowhere");
        let page = rect.left >= 0.0 && rect.top >= 0.0;
        assert!(
            page && rect.right <= layout.size.width && rect.bottom <= layout.size.height,
            "{what}: box {i} off page"
        );
        for j in grid.near(rect.shrunk(0.01)) {
            assert!(!boxes[j].shrunk(0.01).overlaps(*rect), "{what}: boxes {j} and {i} overlap");
        }
        grid.add(i, *rect);
    }
    let mut label_grid = Grid::default();
    for (i, rect) in labels.iter().enumerate() {
        let rect = rect.shrunk(0.01);
        assert!(rect.right <= layout.size.width, "{what}: label {i} off page");
        for j in grid.near(rect) {
            assert!(!boxes[j].overlaps(rect), "{what}: label {i} on box {j}");
        }
        for j in label_grid.near(rect) {
            assert!(!labels[j].overlaps(rect), "{what}: labels {j} and {i} overlap");
        }
        label_grid.add(i, rect);
    }
    for route in &layout.routes {
        lines_touch_nothing(diagram, layout, route, &boxes, &grid, &labels, &label_grid, what);
    }
    wires_arrive(diagram, layout, &boxes, what);
    frames_hold_their_own(diagram, layout, &boxes, what);
}

/// Boxes and frames lie inside their frames, and outside of all others.
fn frames_hold_their_own(diagram: &Diagram, layout: &Layout, boxes: &[Rect], what: &str) {
    let rect = |f: usize| {
        let o = layout.origin(diagram, FrameId(f as u32));
        let placed = layout.frames[f];
        Rect { left: o.x, top: o.y, right: o.x + placed.size.width, bottom: o.y + placed.size.height }
    };
    let is_inside = |mut f: FrameId, outer: usize| {
        while f.index() != outer {
            let Some(parent) = diagram.frames[f.index()].parent else { return false };
            f = parent;
        }
        true
    };
    for f in 1..diagram.frames.len() {
        let frame = rect(f);
        let inner = frame.shrunk(0.01);
        for (i, b) in boxes.iter().enumerate() {
            if is_inside(diagram.boxes[i].frame, f) {
                let holds = b.left >= frame.left
                    && b.right <= frame.right
                    && b.top >= frame.top
                    && b.bottom <= frame.bottom;
                assert!(holds, "{what}: box {i} sticks out of frame {f}");
            } else {
                assert!(!inner.overlaps(*b), "{what}: box {i} lies in foreign frame {f}");
            }
        }
        for other in f + 1..diagram.frames.len() {
            if !is_inside(FrameId(other as u32), f) && !is_inside(FrameId(f as u32), other) {
                assert!(!inner.overlaps(rect(other)), "{what}: frames {f} and {other} overlap");
            }
        }
        titles_are_free(diagram, layout, f, frame, what);
    }
}

/// No line crosses the title of frame `f`.
fn titles_are_free(diagram: &Diagram, layout: &Layout, f: usize, frame: Rect, what: &str) {
    let (at, size) = (layout.frames[f].title, diagram.frames[f].title_size);
    let (left, top) = (frame.left + at.x, frame.top + at.y);
    let title = Rect { left, top, right: left + size.width, bottom: top + size.height };
    assert!(title.right <= frame.right + 0.01, "{what}: the title of frame {f} sticks out");
    for route in &layout.routes {
        let o = layout.origin(diagram, route.frame);
        for pair in points(route).windows(2) {
            let [a, b] = [pair[0], pair[1]].map(|p| Point { x: p.x + o.x, y: p.y + o.y });
            let cuts = title.shrunk(0.01).is_cut_by(a, b);
            assert!(!cuts, "{what}: a line runs through the title of frame {f}");
        }
    }
}

#[allow(clippy::too_many_arguments)]
fn lines_touch_nothing(
    diagram: &Diagram,
    layout: &Layout,
    route: &Route,
    boxes: &[Rect],
    grid: &Grid,
    labels: &[Rect],
    label_grid: &Grid,
    what: &str,
) {
    let o = layout.origin(diagram, route.frame);
    for pair in points(route).windows(2) {
        let [a, b] = [pair[0], pair[1]].map(|p| Point { x: p.x + o.x, y: p.y + o.y });
        let bounds =
            Rect { left: a.x.min(b.x), top: a.y.min(b.y), right: a.x.max(b.x), bottom: a.y.max(b.y) };
        for j in grid.near(bounds) {
            let own = route.from.index() == j || route.to.is_some_and(|t| t.index() == j);
            let cuts = boxes[j].shrunk(0.01).is_cut_by(a, b);
            assert!(own || !cuts, "{what}: the line {:?} -> {:?} runs through box {j}", route.from, route.to);
        }
        for j in label_grid.near(bounds) {
            let cuts = labels[j].shrunk(0.01).is_cut_by(a, b);
            assert!(!cuts, "{what}: the line {:?} -> {:?} runs through label {j}", route.from, route.to);
        }
    }
}

/// Every wire has exactly one route that ends at its box, and it begins where the
/// wire's definition, or its trunk, is.
fn wires_arrive(diagram: &Diagram, layout: &Layout, boxes: &[Rect], what: &str) {
    let mut arrivals = vec![0u32; diagram.wires.len()];
    for route in &layout.routes {
        assert!(!route.pieces.is_empty() && !route.wires.is_empty(), "{what}: an empty route");
        let Some(to) = route.to else { continue };
        for &w in &route.wires {
            arrivals[w as usize] += 1;
            let wire = &diagram.wires[w as usize];
            assert_eq!((wire.from, wire.to), (route.from, to), "{what}: wire {w} has another's route");
        }
        let o = layout.origin(diagram, route.frame);
        let end = points(route).pop().expect("a route has points");
        let end = Point { x: end.x + o.x, y: end.y + o.y };
        let b = boxes[to.index()];
        let near = end.x >= b.left - 0.1
            && end.x <= b.right + 0.1
            && end.y >= b.top - 0.1
            && end.y <= b.bottom + 0.1;
        assert!(near, "{what}: the line {:?} -> {to:?} ends at {end:?}, not at {b:?}", route.from);
    }
    assert!(arrivals.iter().all(|&n| n == 1), "{what}: a wire does not arrive once");
}

/// Finds what is near in little time.
#[derive(Default)]
pub struct Grid {
    cells: std::collections::HashMap<(i64, i64), Vec<usize>>,
}

impl Grid {
    const CELL: f64 = 64.0;
    /// Things larger than this many cells would fill the grid; tests have none.
    fn cells(rect: Rect) -> impl Iterator<Item = (i64, i64)> {
        let index = |v: f64| (v / Self::CELL).floor() as i64;
        let (x0, x1, y0, y1) = (index(rect.left), index(rect.right), index(rect.top), index(rect.bottom));
        (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| (x, y)))
    }

    fn add(&mut self, i: usize, rect: Rect) {
        Self::cells(rect).for_each(|cell| self.cells.entry(cell).or_default().push(i));
    }

    fn near(&self, rect: Rect) -> Vec<usize> {
        let mut near: Vec<usize> =
            Self::cells(rect).filter_map(|c| self.cells.get(&c)).flatten().copied().collect();
        near.sort_unstable();
        near.dedup();
        near
    }
}
