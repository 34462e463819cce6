//! Lays out a plain graph given as JSON, so that engines can be compared on the
//! same input.
//!
//! Reads `{"nodes": [{"id", "width", "height"}], "edges": [{"source", "target",
//! "slot"?}]}` from the file given (or standard input) and writes the positioned
//! diagram. An edge's `slot` is the output slot that it leaves from (default 0).
//! The seconds that the layout took go to standard error, with the peak of memory
//! and how much of it the process had before.
//!
//! * `--no-hubs` draws the lines of values with many far uses.
//! * `--no-trunks` gives each edge a line of its own.
//! * `--print-graph` writes the graph that is laid out, without a layout: the
//!   wires of hubs are gone, and their pills widen the boxes that they stand at.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufWriter, Read, Write};

use modelgram::ops::Category;
use modelgram::stages::diagram::hubs::{Hubs, connect_hubs};
use modelgram::stages::diagram::{BoxId, Diagram, Frame, FrameId, NodeBox, Outline, Size, Wire, WireKind};
use modelgram::stages::layout::{Layout, Options, Piece, Point, Route, RouteKind, layered};
use serde::{Deserialize, Serialize, Serializer};

fn main() {
    let mut options = Options::default();
    let (mut hubs, mut print_graph, mut path) = (true, false, None);
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--no-trunks" => options.trunks = false,
            "--no-hubs" => hubs = false,
            "--print-graph" => print_graph = true,
            _ => path = Some(arg),
        }
    }
    let mut diagram = read(path.as_deref());
    let before = memory("VmRSS:");
    let begin = std::time::Instant::now();
    if hubs {
        connect_hubs(&mut diagram, &Hubs::default());
    }
    if print_graph {
        return write(&Graph::of(&diagram));
    }
    let layout = layered(&diagram, &options);
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!("{seconds:.4} s, {:.1} MB, {before:.1} MB before", memory("VmHWM:"));
    write(&Positioned::of(&diagram, &layout));
}

fn write(output: &impl Serialize) {
    let mut file = BufWriter::new(std::io::stdout().lock());
    serde_json::to_writer(&mut file, output)
        .and_then(|()| file.flush().map_err(serde_json::Error::io))
        .expect("the output can be written");
}

/// A figure of this process in MB, where the system tells.
fn memory(what: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(what)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) / 1024.0
}

#[derive(Deserialize, Serialize)]
struct Graph<'a> {
    #[serde(borrow)]
    nodes: Vec<Node<'a>>,
    #[serde(borrow)]
    edges: Vec<Edge<'a>>,
}

#[derive(Deserialize, Serialize)]
struct Node<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    width: f64,
    height: f64,
}

#[derive(Deserialize, Serialize)]
struct Edge<'a> {
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    target: Cow<'a, str>,
    #[serde(default)]
    slot: u32,
}

fn read(path: Option<&str>) -> Diagram {
    let mut text = String::new();
    match path {
        Some(path) => text = std::fs::read_to_string(path).expect("the file can be read"),
        None => drop(std::io::stdin().read_to_string(&mut text).expect("standard input can be read")),
    }
    diagram(&serde_json::from_str(&text).expect("the input is a graph"))
}

fn diagram(graph: &Graph<'_>) -> Diagram {
    let mut diagram = Diagram { frames: vec![Frame::default()], ..Diagram::default() };
    let index: HashMap<&str, u32> = graph.nodes.iter().map(|n| n.id.as_ref()).zip(0..).collect();
    diagram.boxes = graph.nodes.iter().map(node_box).collect();
    diagram.wires.reserve_exact(graph.edges.len());
    let mut operands = vec![0u32; diagram.boxes.len()];
    let mut uses = vec![0u32; diagram.boxes.len()];
    for edge in &graph.edges {
        let (from, to) = (index[edge.source.as_ref()], index[edge.target.as_ref()]);
        let outputs = &mut diagram.boxes[from as usize].outputs;
        if let Err(at) = outputs.binary_search(&edge.slot) {
            outputs.insert(at, edge.slot);
        }
        uses[from as usize] += 1;
        operands[to as usize] += 1;
        diagram.wires.push(Wire {
            from: BoxId(from),
            from_slot: edge.slot,
            to: BoxId(to),
            to_slot: operands[to as usize] - 1,
            kind: WireKind::Plain,
            value: String::new(),
            label: None,
            connector: None,
        });
    }
    // Only hubs show the names of values.
    let hub_uses = Hubs::default().uses;
    for wire in diagram.wires.iter_mut().filter(|w| uses[w.from.index()] > hub_uses) {
        wire.value.clone_from(&diagram.boxes[wire.from.index()].name);
    }
    diagram
}

fn node_box(node: &Node<'_>) -> NodeBox {
    NodeBox {
        name: node.id.clone().into_owned(),
        op: String::new(),
        frame: FrameId::PAGE,
        outline: Outline::Pill,
        category: Category::Other,
        header: String::new(),
        aside: String::new(),
        rows: Vec::new(),
        strips: Vec::new(),
        badge: None,
        heat: None,
        change: None,
        size: Size { width: node.width, height: node.height },
        outputs: Vec::new(),
        origin: Default::default(),
    }
}

/// Room that the layout keeps between a box and a pill, and between pills.
const PILL_GAP: f64 = 12.0;
const PILL_DISTANCE: f64 = 4.0;

impl<'a> Graph<'a> {
    /// What is left to lay out of a diagram: its lines, and boxes with their pills.
    fn of(diagram: &'a Diagram) -> Self {
        let mut pills = vec![[Size::default(); 2]; diagram.boxes.len()];
        let mut add = |at: BoxId, side: usize, size: Size| {
            let room = &mut pills[at.index()][side];
            room.width = room.width.max(size.width + PILL_GAP);
            room.height += size.height + if room.height > 0.0 { PILL_DISTANCE } else { 0.0 };
        };
        for wire in &diagram.wires {
            let Some(connector) = &wire.connector else { continue };
            add(wire.to, 0, connector.label.size);
            if connector.at_source {
                add(wire.from, 1, connector.label.size);
            }
        }
        let name = |b: BoxId| Cow::Borrowed(diagram.boxes[b.index()].name.as_str());
        let nodes = diagram.boxes.iter().zip(&pills).map(|(b, [left, right])| Node {
            id: Cow::Borrowed(&b.name),
            width: left.width + b.size.width + right.width,
            height: b.size.height.max(left.height).max(right.height),
        });
        let lines = diagram.wires.iter().filter(|w| w.connector.is_none());
        let edges = lines.map(|w| Edge { source: name(w.from), target: name(w.to), slot: w.from_slot });
        Graph { nodes: nodes.collect(), edges: edges.collect() }
    }
}

/// A positioned diagram. Lists are written as they are made, so that the memory
/// of a run tells about the layout.
#[derive(Serialize)]
struct Positioned<'a> {
    width: Rounded,
    height: Rounded,
    #[serde(serialize_with = "nodes")]
    nodes: (&'a Diagram, &'a Layout),
    #[serde(serialize_with = "edges")]
    edges: (&'a Diagram, &'a Layout),
}

#[derive(Serialize)]
struct PlacedNode<'a> {
    id: &'a str,
    x: Rounded,
    y: Rounded,
    width: f64,
    height: f64,
}

#[derive(Serialize)]
struct PlacedEdge<'a> {
    source: &'a str,
    target: Option<&'a str>,
    kind: &'static str,
    /// The source and its slot.
    value: String,
    points: Vec<[Rounded; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(rename = "labelBox", skip_serializing_if = "Option::is_none")]
    label_box: Option<[Rounded; 4]>,
}

impl<'a> Positioned<'a> {
    fn of(diagram: &'a Diagram, layout: &'a Layout) -> Self {
        let Size { width, height } = layout.size;
        let both = (diagram, layout);
        Positioned { width: Rounded(width), height: Rounded(height), nodes: both, edges: both }
    }
}

fn nodes<S: Serializer>((diagram, layout): &(&Diagram, &Layout), to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(diagram.boxes.iter().zip(&layout.boxes).map(|(b, p)| PlacedNode {
        id: &b.name,
        x: Rounded(p.x),
        y: Rounded(p.y),
        width: b.size.width,
        height: b.size.height,
    }))
}

fn edges<S: Serializer>((diagram, layout): &(&Diagram, &Layout), to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(layout.routes.iter().map(|route| edge(diagram, route)))
}

fn edge<'a>(diagram: &'a Diagram, route: &Route) -> PlacedEdge<'a> {
    let name = |b: BoxId| diagram.boxes[b.index()].name.as_str();
    let wire = &diagram.wires[route.wires[0] as usize];
    PlacedEdge {
        source: name(route.from),
        target: route.to.map(name),
        kind: match route.kind {
            RouteKind::Plain => "plain",
            RouteKind::Trunk => "trunk",
            RouteKind::Tap => "tap",
            RouteKind::Connector => "connector",
        },
        value: format!("{}:{}", name(wire.from), wire.from_slot),
        points: points(route.start, &route.pieces),
        label: wire.connector.as_ref().map(|c| c.label.text.as_str()),
        label_box: route.label.map(|(p, s)| [p.x, p.y, s.width, s.height].map(Rounded)),
    }
}

/// A coordinate, written to a thousandth of a pixel.
#[derive(Clone, Copy)]
struct Rounded(f64);

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64((self.0 * 1000.0).round() / 1000.0)
    }
}

/// Points along a line, close enough for measuring.
fn points(start: Point, pieces: &[Piece]) -> Vec<[Rounded; 2]> {
    let point = |x: f64, y: f64| [Rounded(x), Rounded(y)];
    let mut points = vec![point(start.x, start.y)];
    let mut at = start;
    for piece in pieces {
        if let Piece::Curve(a, b, end) = *piece {
            for i in 1..16 {
                let t = f64::from(i) / 16.0;
                let u = 1.0 - t;
                let mix = |p: f64, q: f64, r: f64, s: f64| {
                    u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
                };
                points.push(point(mix(at.x, a.x, b.x, end.x), mix(at.y, a.y, b.y, end.y)));
            }
        }
        at = piece.end();
        points.push(point(at.x, at.y));
    }
    points
}
