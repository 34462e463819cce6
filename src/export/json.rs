//! The positioned diagram as JSON, for scripts that measure it.
//!
//! Coordinates are those of the diagram without title and legend, `x` and `y` are top-left
//! corners, and `points` follow the drawn line with an error of less than half a pixel.
//!
//! `id`s are positions in this picture. `key`s are the same in every picture of the model,
//! whatever is open in it; a frame that is closed is a node of the same key. `members` are
//! the model's nodes in a box (all of a closed frame), `represents` those of equal blocks
//! that it is drawn for too; each with its index in the graph and its name in the file.
//! `path` is the scope of a frame. `version` grows when something changes its meaning.

use serde::Serialize;

use crate::diagram::{self, BoxId, FrameId, WireKind};
use crate::layout::{Piece, Point, Route, RouteKind};
use crate::picture::{FrameShape, Line, Picture};

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Page<'a> {
    version: u32,
    width: f64,
    height: f64,
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    frames: Vec<Frame<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: String,
    key: &'a str,
    name: &'a str,
    op: &'a str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    frame: Option<String>,
    members: Vec<Member<'a>>,
    represents: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    index: usize,
    name: &'a str,
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
    key: &'a str,
    path: &'a str,
    parent: Option<String>,
    title: &'a str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    times: u32,
}

/// A picture's boxes, lines and frames with their positions, as one line of JSON.
pub(crate) fn json(picture: &Picture<'_>) -> String {
    let origins = picture.origins();
    let page = Page {
        version: VERSION,
        width: round(picture.content.size.width),
        height: round(picture.content.size.height),
        nodes: nodes(picture, &origins),
        edges: picture.lines.iter().map(|line| edge(line, &origins)).collect(),
        frames: frames(picture, &origins),
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

fn nodes<'a>(picture: &'a Picture<'_>, origins: &[Point]) -> Vec<Node<'a>> {
    let boxes = picture.boxes.iter();
    boxes
        .map(|shape| {
            let (node, o) = (shape.node, origins[shape.node.frame.index()]);
            Node {
                id: id(shape.id),
                key: &node.origin.key,
                name: &node.name,
                op: &node.op,
                x: round(o.x + shape.corner.x),
                y: round(o.y + shape.corner.y),
                width: round(node.size.width),
                height: round(node.size.height),
                frame: frame_id(node.frame),
                members: members(&node.origin.members),
                represents: members(&node.origin.represents),
            }
        })
        .collect()
}

fn members(list: &[diagram::Member]) -> Vec<Member<'_>> {
    list.iter().map(|member| Member { index: member.node.index(), name: &member.name }).collect()
}

fn edge<'a>(line: &Line<'a>, origins: &[Point]) -> Edge<'a> {
    let (route, o) = (line.route, origins[line.route.frame.index()]);
    Edge {
        source: id(route.from),
        target: route.to.map(id),
        value: line.value,
        kind: match (route.kind, route.wire_kind) {
            (RouteKind::Trunk, _) => "trunk",
            (RouteKind::Tap, _) => "tap",
            (RouteKind::Connector, _) => "connector",
            (RouteKind::Plain, WireKind::Control) => "control",
            (RouteKind::Plain, WireKind::Plain) => "plain",
            (RouteKind::Plain, WireKind::Bypass) => "bypass",
        },
        points: points(route).into_iter().map(|p| [round(o.x + p.x), round(o.y + p.y)]).collect(),
        label: route.label.and(line.label),
        label_box: route
            .label
            .map(|(p, s)| [round(o.x + p.x), round(o.y + p.y), round(s.width), round(s.height)]),
    }
}

fn frames<'a>(picture: &'a Picture<'_>, origins: &[Point]) -> Vec<Frame<'a>> {
    let frames = picture.frames.iter().zip(origins).enumerate().skip(1);
    frames
        .map(|(f, (FrameShape { frame, placed }, o))| Frame {
            id: format!("f{f}"),
            key: &frame.origin.key,
            path: &frame.origin.path,
            parent: frame.parent.and_then(frame_id),
            title: &frame.title,
            x: round(o.x),
            y: round(o.y),
            width: round(placed.size.width),
            height: round(placed.size.height),
            times: frame.times,
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
