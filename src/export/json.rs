//! The positioned diagram as JSON, for scripts that measure it.
//!
//! Coordinates are absolute, `x` and `y` are top-left corners, and `points` follow
//! the drawn line with an error of less than half a pixel.

use serde::Serialize;

use crate::diagram::{BoxId, Diagram, FrameId, WireKind};
use crate::layout::{Layout, Piece, Point, Route, RouteKind};
use crate::picture::Labels;

#[derive(Serialize)]
struct Page<'a> {
    width: f64,
    height: f64,
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    frames: Vec<Frame<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: String,
    name: &'a str,
    op: &'a str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    frame: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Edge<'a> {
    source: String,
    target: Option<String>,
    value: &'a str,
    kind: &'static str,
    points: Vec<[f64; 2]>,
    label: Option<&'a str>,
    label_box: Option<[f64; 4]>,
}

#[derive(Serialize)]
struct Frame<'a> {
    id: String,
    parent: Option<String>,
    title: &'a str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    times: u32,
}

/// The diagram with its positions, as one line of JSON.
pub fn json(diagram: &Diagram, layout: &Layout) -> String {
    let labels = Labels::of(diagram);
    let page = Page {
        width: round(layout.size.width),
        height: round(layout.size.height),
        nodes: nodes(diagram, layout),
        edges: layout.routes.iter().map(|route| edge(diagram, layout, route, &labels)).collect(),
        frames: frames(diagram, layout),
    };
    let mut text = serde_json::to_string(&page).expect("strings and finite numbers can be written");
    text.push('\n');
    text
}

fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

fn id(b: BoxId) -> String {
    format!("n{}", b.0)
}

/// The id of a frame; the page has none.
fn frame_id(f: FrameId) -> Option<String> {
    (f != FrameId::PAGE).then(|| format!("f{}", f.0))
}

fn nodes<'a>(diagram: &'a Diagram, layout: &Layout) -> Vec<Node<'a>> {
    let boxes = diagram.boxes.iter().zip(&layout.boxes).enumerate();
    boxes
        .map(|(i, (b, corner))| {
            let o = layout.origin(diagram, b.frame);
            Node {
                id: id(BoxId(i as u32)),
                name: &b.name,
                op: &b.op,
                x: round(o.x + corner.x),
                y: round(o.y + corner.y),
                width: round(b.size.width),
                height: round(b.size.height),
                frame: frame_id(b.frame),
            }
        })
        .collect()
}

fn edge<'a>(diagram: &'a Diagram, layout: &Layout, route: &Route, labels: &Labels<'a>) -> Edge<'a> {
    let o = layout.origin(diagram, route.frame);
    let wire = &diagram.wires[route.wires[0] as usize];
    let label = match route.kind {
        RouteKind::Connector => wire.connector.as_ref().map(|c| c.label.text.as_str()),
        _ => labels.at(wire),
    };
    Edge {
        source: id(route.from),
        target: route.to.map(id),
        value: &wire.value,
        kind: match (route.kind, route.wire_kind) {
            (RouteKind::Trunk, _) => "trunk",
            (RouteKind::Tap, _) => "tap",
            (RouteKind::Connector, _) => "connector",
            (RouteKind::Plain, WireKind::Control) => "control",
            (RouteKind::Plain, WireKind::Plain) => "plain",
            (RouteKind::Plain, WireKind::Bypass) => "bypass",
        },
        points: points(route).into_iter().map(|p| [round(o.x + p.x), round(o.y + p.y)]).collect(),
        label: route.label.and(label),
        label_box: route
            .label
            .map(|(p, s)| [round(o.x + p.x), round(o.y + p.y), round(s.width), round(s.height)]),
    }
}

fn frames<'a>(diagram: &'a Diagram, layout: &Layout) -> Vec<Frame<'a>> {
    let frames = diagram.frames.iter().enumerate().skip(1);
    frames
        .map(|(f, frame)| {
            let id = FrameId(f as u32);
            let (o, size) = (layout.origin(diagram, id), layout.frames[f].size);
            Frame {
                id: format!("f{f}"),
                parent: frame.parent.and_then(frame_id),
                title: &frame.title,
                x: round(o.x),
                y: round(o.y),
                width: round(size.width),
                height: round(size.height),
                times: frame.times,
            }
        })
        .collect()
}

/// Points along a route. A cubic curve that is cut into n equal parts leaves its
/// chords by at most its second differences over 8 n² (times 6 for the derivative),
/// which decides n.
fn points(route: &Route) -> Vec<Point> {
    const ERROR: f64 = 0.2;
    let mut points = vec![route.start];
    let mut at = route.start;
    for piece in &route.pieces {
        if let Piece::Curve(a, b, end) = *piece {
            let bend =
                |p: Point, q: Point, r: Point| libm::hypot(p.x - 2.0 * q.x + r.x, p.y - 2.0 * q.y + r.y);
            let most = bend(at, a, b).max(bend(a, b, end));
            let n = (6.0 * most / (8.0 * ERROR)).sqrt().ceil().clamp(1.0, 256.0) as u32;
            for i in 1..n {
                let t = f64::from(i) / f64::from(n);
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
