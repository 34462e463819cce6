//! A second engine: the crate `layout-rs`, on the same diagram.
//!
//! It serves to compare. Before: any diagram without frames. After: its boxes and
//! lines at the places that `layout-rs` gives them; labels beside lines are left out,
//! since it would make boxes of them.
//!
//! Three things keep it usable. Its checks of itself are off. Edges are added in
//! topological order, since it asks for each new edge whether its end reaches its
//! beginning, and that walks every path there is. And it is refused above a number of
//! boxes, since its crossing reduction looks at all pairs.

use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point as Place;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;

use super::geometry::{Piece, Point, reverse};
use super::options::Spacing;
use super::placed::{Layout, Placed, Route, RouteKind};
use crate::diagram::{Diagram, Direction, FrameId, Size};
use crate::error::{Error, ErrorKind, Result};

/// The most boxes that it is asked to place.
pub(super) const MOST_BOXES: usize = 400;

/// Places a diagram by the crate `layout-rs`.
///
/// # Errors
/// If there are more than 400 boxes, or frames.
pub fn layout_rs(diagram: &Diagram) -> Result<Layout> {
    let refuse = |what: String| {
        let error = Error::new(ErrorKind::Unsupported, format!("the engine `layout-rs` {what}"));
        Err(error.hint("the engine `layered` has no such limit"))
    };
    if diagram.boxes.len() > MOST_BOXES {
        return refuse(format!(
            "takes at most {MOST_BOXES} boxes, and this picture has {}",
            diagram.boxes.len()
        ));
    }
    if diagram.frames.len() > 1 {
        return refuse("does not place frames, and this picture has some".into());
    }
    let orientation = match diagram.direction {
        Direction::TopBottom => Orientation::TopToBottom,
        Direction::LeftRight => Orientation::LeftToRight,
    };
    let mut graph = VisualGraph::new(orientation);
    graph.dag.set_validate(false);
    let handles: Vec<_> = diagram
        .boxes
        .iter()
        .map(|b| {
            let size = Place::new(b.size.width, b.size.height);
            // Only a shape that it draws has places where lines can begin.
            let shape = ShapeKind::Box(String::new());
            graph.add_node(Element::create(shape, StyleAttr::simple(), orientation, size))
        })
        .collect();
    let order = topological(diagram);
    for &w in &order {
        let wire = &diagram.wires[w];
        graph.add_edge(Arrow::simple(""), handles[wire.from.index()], handles[wire.to.index()]);
    }
    let mut collector = Collector::default();
    if !diagram.boxes.is_empty() {
        graph.do_it(false, false, false, &mut collector);
    }
    let corners: Vec<Point> =
        handles.iter().map(|&h| graph.pos(h).bbox(false).0).map(|p| Point { x: p.x, y: p.y }).collect();
    Ok(assemble(diagram, corners, &order, collector.paths))
}

/// The wires by the topological order of where they begin, those from a box to itself
/// last. The engine draws its lines in this order.
fn topological(diagram: &Diagram) -> Vec<usize> {
    let n = diagram.boxes.len();
    let mut missing = vec![0u32; n];
    let mut uses: Vec<Vec<usize>> = vec![Vec::new(); n];
    for wire in diagram.wires.iter().filter(|w| w.from != w.to) {
        missing[wire.to.index()] += 1;
        uses[wire.from.index()].push(wire.to.index());
    }
    let mut ready: Vec<usize> = (0..n).filter(|&b| missing[b] == 0).collect();
    let mut rank = vec![usize::MAX; n];
    let mut next = 0;
    while let Some(&b) = ready.get(next) {
        rank[b] = next;
        next += 1;
        for &user in &uses[b] {
            missing[user] -= 1;
            if missing[user] == 0 {
                ready.push(user);
            }
        }
    }
    let mut order: Vec<usize> = (0..diagram.wires.len()).collect();
    order.sort_by_key(|&w| {
        let wire = &diagram.wires[w];
        (wire.from == wire.to, rank[wire.from.index()], wire.from, w)
    });
    order
}

fn assemble(
    diagram: &Diagram,
    mut corners: Vec<Point>,
    order: &[usize],
    paths: Vec<(Point, Vec<Piece>, bool)>,
) -> Layout {
    let margin = Spacing::default().margin;
    let mut routes: Vec<Route> = Vec::new();
    for (&w, (mut start, mut pieces, backwards)) in order.iter().zip(paths) {
        let wire = &diagram.wires[w];
        if backwards {
            reverse(&mut start, &mut pieces);
        }
        routes.push(Route {
            kind: RouteKind::Plain,
            wire_kind: wire.kind,
            wires: vec![w as u32],
            from: wire.from,
            to: Some(wire.to),
            frame: FrameId::PAGE,
            start,
            pieces,
            arrow: true,
            label: None,
        });
    }
    // Lines may go outside of all boxes.
    let points =
        routes.iter().flat_map(|r| std::iter::once(r.start).chain(r.pieces.iter().flat_map(|p| control(*p))));
    let boxes = corners.iter().zip(&diagram.boxes);
    let ends = boxes.flat_map(|(p, b)| [*p, Point { x: p.x + b.size.width, y: p.y + b.size.height }]);
    let all: Vec<Point> = points.chain(ends).collect();
    let low = |f: fn(&Point) -> f64| all.iter().map(f).fold(f64::INFINITY, f64::min);
    let high = |f: fn(&Point) -> f64| all.iter().map(f).fold(f64::NEG_INFINITY, f64::max);
    let (left, top) = if all.is_empty() { (0.0, 0.0) } else { (low(|p| p.x), low(|p| p.y)) };
    let (right, bottom) = if all.is_empty() { (0.0, 0.0) } else { (high(|p| p.x), high(|p| p.y)) };
    let shift = |p: Point| Point { x: p.x - left + margin, y: p.y - top + margin };
    corners.iter_mut().for_each(|p| *p = shift(*p));
    for route in &mut routes {
        route.start = shift(route.start);
        route.pieces.iter_mut().for_each(|piece| *piece = piece.map(shift));
    }
    routes.sort_by_key(|r| r.wires[0]);
    let size = Size { width: right - left + 2.0 * margin, height: bottom - top + 2.0 * margin };
    let page = Placed { size, ..Placed::default() };
    Layout { size, frames: vec![page], boxes: corners, routes }
}

fn control(piece: Piece) -> Vec<Point> {
    match piece {
        Piece::Line(p) => vec![p],
        Piece::Curve(a, b, p) => vec![a, b, p],
    }
}

/// Takes the lines that `layout-rs` draws: where each begins, its pieces, and whether
/// it was reversed.
#[derive(Default)]
struct Collector {
    paths: Vec<(Point, Vec<Piece>, bool)>,
}

impl RenderBackend for Collector {
    fn draw_rect(&mut self, _: Place, _: Place, _: &StyleAttr, _: Option<String>, _: Option<ClipHandle>) {}
    fn draw_line(&mut self, _: Place, _: Place, _: &StyleAttr, _: Option<String>) {}
    fn draw_circle(&mut self, _: Place, _: Place, _: &StyleAttr, _: Option<String>) {}
    fn draw_text(&mut self, _: Place, _: &str, _: &StyleAttr) {}

    fn draw_arrow(
        &mut self,
        path: &[(Place, Place)],
        _: bool,
        head: (bool, bool),
        _: &StyleAttr,
        _: Option<String>,
        _: &str,
    ) {
        let point = |p: Place| Point { x: p.x, y: p.y };
        let Some(&(start, exit)) = path.first() else { return };
        let mut pieces = Vec::new();
        // The control points on both sides of a point mirror each other.
        let mut leave = point(exit);
        for &(enter, end) in &path[1..] {
            let (enter, end) = (point(enter), point(end));
            pieces.push(Piece::Curve(leave, enter, end));
            leave = Point { x: 2.0 * end.x - enter.x, y: 2.0 * end.y - enter.y };
        }
        self.paths.push((point(start), pieces, head.0 && !head.1));
    }

    fn create_clip(&mut self, _: Place, _: Place, _: usize) -> ClipHandle {
        0
    }
}
