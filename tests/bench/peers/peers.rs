//! Lays out a plain graph with one of the layout crates: `peers ENGINE GRAPH.json`.

use std::collections::HashMap;

use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use rust_sugiyama::configure::Config;
use serde_json::{Value, json};

struct Graph {
    ids: Vec<String>,
    sizes: Vec<(f64, f64)>,
    /// Source, target and slot.
    edges: Vec<(usize, usize, u64)>,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&args[2]).expect("the graph can be read");
    let graph = read(&serde_json::from_str(&text).expect("the graph is JSON"));
    let engine = match args[1].as_str() {
        "layout-rs" => layout_rs,
        "rust-sugiyama" => sugiyama,
        other => panic!("no engine {other}"),
    };
    // Some of them recurse as deep as the graph.
    let thread = std::thread::Builder::new().stack_size(1 << 30);
    let placed = thread.spawn(move || engine(&graph)).expect("a thread starts").join();
    match placed {
        Ok(placed) => println!("{placed}"),
        Err(_) => std::process::exit(101),
    }
}

fn read(graph: &Value) -> Graph {
    let mut read = Graph { ids: Vec::new(), sizes: Vec::new(), edges: Vec::new() };
    let mut index = HashMap::new();
    for node in graph["nodes"].as_array().unwrap() {
        let id = node["id"].as_str().unwrap().to_owned();
        index.insert(id.clone(), read.ids.len());
        read.ids.push(id);
        read.sizes.push((node["width"].as_f64().unwrap(), node["height"].as_f64().unwrap()));
    }
    for edge in graph["edges"].as_array().unwrap() {
        let end = |key: &str| index[edge[key].as_str().unwrap()];
        read.edges.push((end("source"), end("target"), edge["slot"].as_u64().unwrap_or(0)));
    }
    read
}

impl Graph {
    /// The diagram, from the corners of boxes and the points of edges.
    fn positioned(&self, corners: &[(f64, f64)], points: &[Vec<[f64; 2]>]) -> Value {
        let nodes = (self.ids.iter().zip(&self.sizes).zip(corners))
            .map(|((id, s), c)| json!({"id": id, "x": c.0, "y": c.1, "width": s.0, "height": s.1}));
        let edges = self.edges.iter().zip(points).map(|(&(from, to, slot), points)| {
            let (source, target) = (&self.ids[from], &self.ids[to]);
            json!({"source": source, "target": target, "value": format!("{source}:{slot}"), "points": points})
        });
        json!({"nodes": nodes.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>()})
    }

    /// The edges, sources before their uses (but for those in cycles).
    fn in_topological_order(&self) -> Vec<usize> {
        let mut missing = vec![0; self.ids.len()];
        let mut uses = vec![Vec::new(); self.ids.len()];
        for (e, &(from, to, _)) in self.edges.iter().enumerate() {
            missing[to] += 1;
            uses[from].push(e);
        }
        let mut position = vec![usize::MAX; self.ids.len()];
        let mut ready: Vec<usize> = (0..self.ids.len()).filter(|&n| missing[n] == 0).collect();
        let mut next = 0;
        while next < ready.len() {
            let node = ready[next];
            position[node] = next;
            next += 1;
            for &e in &uses[node] {
                let to = self.edges[e].1;
                missing[to] -= 1;
                if missing[to] == 0 {
                    ready.push(to);
                }
            }
        }
        let mut order: Vec<usize> = (0..self.edges.len()).collect();
        order.sort_by_key(|&e| position[self.edges[e].0]);
        order
    }
}

/// Its spacing is fixed; its checks are off.
fn layout_rs(graph: &Graph) -> Value {
    let mut visual = VisualGraph::new(Orientation::TopToBottom);
    visual.dag.set_validate(false);
    let look = StyleAttr::simple();
    let handles: Vec<_> = (graph.sizes.iter().enumerate())
        .map(|(i, &(width, height))| {
            let size = Point::new(width, height);
            let shape = ShapeKind::new_box("");
            let name = i.to_string();
            visual.add_node(Element::create_with_properties(
                shape,
                look.clone(),
                Orientation::TopToBottom,
                size,
                name,
            ))
        })
        .collect();
    for e in graph.in_topological_order() {
        let (from, to, _) = graph.edges[e];
        visual.add_edge(Arrow::simple_with_properties("", e.to_string()), handles[from], handles[to]);
    }
    let mut canvas =
        Canvas { corners: vec![(0.0, 0.0); graph.ids.len()], points: vec![Vec::new(); graph.edges.len()] };
    visual.do_it(false, false, false, &mut canvas);
    graph.positioned(&canvas.corners, &canvas.points)
}

struct Canvas {
    corners: Vec<(f64, f64)>,
    points: Vec<Vec<[f64; 2]>>,
}

impl RenderBackend for Canvas {
    fn draw_rect(&mut self, xy: Point, _: Point, _: &StyleAttr, name: Option<String>, _: Option<ClipHandle>) {
        if let Some(name) = name {
            self.corners[name.parse::<usize>().unwrap()] = (xy.x, xy.y);
        }
    }

    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _: bool,
        head: (bool, bool),
        _: &StyleAttr,
        name: Option<String>,
        _: &str,
    ) {
        let points = &mut self.points[name.expect("each edge has a name").parse::<usize>().unwrap()];
        let (mut at, mut control) = path[0];
        points.push([at.x, at.y]);
        for &(before, end) in &path[1..] {
            for i in 1..=16 {
                let t = f64::from(i) / 16.0;
                let u = 1.0 - t;
                let mix = |p: f64, q: f64, r: f64, s: f64| {
                    u * u * u * p + 3.0 * u * u * t * q + 3.0 * u * t * t * r + t * t * t * s
                };
                points.push([mix(at.x, control.x, before.x, end.x), mix(at.y, control.y, before.y, end.y)]);
            }
            // The next piece leaves as this one arrives.
            control = Point::new(2.0 * end.x - before.x, 2.0 * end.y - before.y);
            at = end;
        }
        if head.0 && !head.1 {
            points.reverse();
        }
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}
    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}
    fn draw_text(&mut self, _: Point, _: &str, _: &StyleAttr) {}
    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}

/// It gives no lines, so they are straight, from box to box.
fn sugiyama(graph: &Graph) -> Value {
    let vertices: Vec<(u32, (f64, f64))> = (0..).zip(graph.sizes.iter().copied()).collect();
    let edges: Vec<(u32, u32)> = graph.edges.iter().map(|e| (e.0 as u32, e.1 as u32)).collect();
    let config = Config { vertex_spacing: 20.0, ..Config::default() };
    let mut corners = vec![(0.0, 0.0); graph.ids.len()];
    let mut left = 0.0;
    for (placed, _, _) in rust_sugiyama::from_vertices_and_edges(&vertices, &edges, &config) {
        // Parts stand side by side; what it calls their width leaves out the boxes.
        let rects: Vec<_> = (placed.iter())
            .map(|&(i, (x, y))| (i, x - graph.sizes[i].0 / 2.0, y - graph.sizes[i].1 / 2.0))
            .collect();
        let begin = rects.iter().map(|r| r.1).fold(f64::INFINITY, f64::min);
        let end = rects.iter().map(|r| r.1 + graph.sizes[r.0].0).fold(f64::NEG_INFINITY, f64::max);
        for (i, x, y) in rects {
            corners[i] = (x - begin + left, y);
        }
        left += end - begin + 20.0;
    }
    let points: Vec<Vec<[f64; 2]>> = (graph.edges.iter())
        .map(|&(from, to, _)| {
            let rect = |i: usize| (corners[i].0, corners[i].1, graph.sizes[i].0, graph.sizes[i].1);
            let (a, b) = (rect(from), rect(to));
            let middle = |r: (f64, f64, f64, f64)| [r.0 + r.2 / 2.0, r.1 + r.3 / 2.0];
            vec![clipped(middle(a), middle(b), a), clipped(middle(b), middle(a), b)]
        })
        .collect();
    graph.positioned(&corners, &points)
}

/// Where the line from the middle of a rectangle towards a point leaves it.
fn clipped(middle: [f64; 2], towards: [f64; 2], rect: (f64, f64, f64, f64)) -> [f64; 2] {
    let (dx, dy) = (towards[0] - middle[0], towards[1] - middle[1]);
    let t = f64::min(rect.2 / 2.0 / dx.abs(), rect.3 / 2.0 / dy.abs());
    if t.is_finite() { [middle[0] + t * dx, middle[1] + t * dy] } else { middle }
}
