//! Lays out a plain graph given as JSON, so that engines can be compared on the
//! same input.
//!
//! Reads `{"nodes": [{"id", "width", "height"}], "edges": [{"source", "target",
//! "slot"?}]}` from the file given (or standard input), writes the positioned
//! diagram, and the seconds that the layout took to standard error. An edge's
//! `slot` is the output slot that it leaves from (default 0).
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::HashMap;
use std::io::Read;

use modelgram::diagram::hubs::{Hubs, connect_hubs};
use modelgram::diagram::{BoxId, Diagram, Frame, FrameId, NodeBox, Outline, Size, Wire, WireKind};
use modelgram::layout::{Options, Piece, Point, RouteKind, layered};
use modelgram::ops::Category;
use serde_json::{Value, json};

fn main() {
    let mut args = std::env::args().skip(1).peekable();
    let mut options = Options::default();
    if args.next_if(|a| a == "--no-trunks").is_some() {
        options.trunks = false;
    }
    let hubs = args.next_if(|a| a == "--no-hubs").is_none();
    let mut text = String::new();
    match args.next() {
        Some(path) => text = std::fs::read_to_string(path).expect("the file can be read"),
        None => drop(std::io::stdin().read_to_string(&mut text).expect("standard input can be read")),
    }
    let mut diagram = diagram(&serde_json::from_str(&text).expect("the input is JSON"));
    let begin = std::time::Instant::now();
    if hubs {
        connect_hubs(&mut diagram, &Hubs::default());
    }
    let layout = layered(&diagram, &options);
    eprintln!("{:.4}", begin.elapsed().as_secs_f64());
    let nodes: Vec<Value> = (diagram.boxes.iter().zip(&layout.boxes))
        .map(|(b, p)| json!({"id": b.name, "x": p.x, "y": p.y, "width": b.size.width, "height": b.size.height}))
        .collect();
    let edges: Vec<Value> = layout
        .routes
        .iter()
        .map(|r| {
            let kind = match r.kind {
                RouteKind::Plain => "plain",
                RouteKind::Trunk => "trunk",
                RouteKind::Tap => "tap",
                RouteKind::Connector => "connector",
            };
            let name = |b: BoxId| diagram.boxes[b.index()].name.clone();
            json!({"source": name(r.from), "target": r.to.map(name), "kind": kind, "points": points(r.start, &r.pieces)})
        })
        .collect();
    let size = layout.size;
    println!("{}", json!({"width": size.width, "height": size.height, "nodes": nodes, "edges": edges}));
}

fn diagram(input: &Value) -> Diagram {
    let mut index = HashMap::new();
    let mut diagram = Diagram { frames: vec![Frame::default()], ..Diagram::default() };
    for node in input["nodes"].as_array().expect("nodes is a list") {
        let id = text(&node["id"]);
        index.insert(id.clone(), BoxId(diagram.boxes.len() as u32));
        let number = |key: &str| node[key].as_f64().expect("sizes are numbers");
        diagram.boxes.push(NodeBox {
            name: id,
            op: String::new(),
            frame: FrameId::PAGE,
            outline: Outline::Pill,
            category: Category::Other,
            header: String::new(),
            aside: String::new(),
            rows: Vec::new(),
            size: Size { width: number("width"), height: number("height") },
            outputs: Vec::new(),
        });
    }
    let mut operands = vec![0u32; diagram.boxes.len()];
    for edge in input["edges"].as_array().expect("edges is a list") {
        let (from, to) = (index[&text(&edge["source"])], index[&text(&edge["target"])]);
        let slot = edge["slot"].as_u64().unwrap_or(0) as u32;
        let outputs = &mut diagram.boxes[from.index()].outputs;
        if let Err(at) = outputs.binary_search(&slot) {
            outputs.insert(at, slot);
        }
        let operand = &mut operands[to.index()];
        *operand += 1;
        diagram.wires.push(Wire {
            from,
            from_slot: slot,
            to,
            to_slot: *operand - 1,
            kind: WireKind::Plain,
            value: text(&edge["source"]),
            label: None,
            connector: None,
        });
    }
    diagram
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Points along a line, close enough for measuring.
fn points(start: Point, pieces: &[Piece]) -> Vec<[f64; 2]> {
    let mut points = vec![[start.x, start.y]];
    let mut at = start;
    for piece in pieces {
        if let Piece::Curve(a, b, end) = *piece {
            for i in 1..16 {
                let t = f64::from(i) / 16.0;
                let u = 1.0 - t;
                let mix = |p: f64, q: f64, r: f64, s: f64| {
                    u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
                };
                points.push([mix(at.x, a.x, b.x, end.x), mix(at.y, a.y, b.y, end.y)]);
            }
        }
        at = piece.end();
        points.push([at.x, at.y]);
    }
    points
}
