//! Makes the layout of the diagram from the plans of all its frames.

use std::rc::Rc;

use super::frame::Framed;
use super::nest::Nest;
use crate::diagram::{BoxId, Diagram, FrameId};
use crate::layout::geometry::{Point, transposed_point, transposed_size};
use crate::layout::network::{Network, Pill, Thing};
use crate::layout::placed::{Layout, Placed, Route, RouteKind};
use crate::layout::plan::{Serves, Stroke};

/// The layout, in the diagram's direction.
pub(in crate::layout) fn assemble(diagram: &Diagram, nest: &Nest, frames: Vec<Rc<Framed>>) -> Layout {
    let mut layout = Layout {
        boxes: vec![Point::default(); diagram.boxes.len()],
        frames: vec![Placed::default(); diagram.frames.len()],
        ..Layout::default()
    };
    let in_direction = |p: Point| transposed_point(p, diagram.direction);
    for (f, framed) in frames.into_iter().enumerate() {
        let placed = &mut layout.frames[f];
        placed.size = transposed_size(framed.size, diagram.direction);
        placed.title = framed.title;
        let network = &nest.networks[f];
        for (item, corner) in network.items.iter().zip(&framed.plan.corners) {
            match item.thing {
                Thing::Box(b) => layout.boxes[b as usize] = in_direction(*corner),
                Thing::Frame(child) => layout.frames[child as usize].corner = in_direction(*corner),
                Thing::Entry | Thing::Exit => {}
            }
        }
        let frame = FrameId(f as u32);
        // Only what equal frames share is copied.
        let strokes = Rc::try_unwrap(framed).map_or_else(|f| f.plan.strokes.clone(), |f| f.plan.strokes);
        layout.routes.extend(strokes.into_iter().map(|s| route(diagram, network, frame, s, in_direction)));
    }
    layout.routes.sort_by_key(|r| (r.wires[0], r.to.is_some()));
    layout.size = layout.frames[0].size;
    layout
}

/// A stroke of frame `frame` as a route of the diagram.
fn route(
    diagram: &Diagram,
    network: &Network,
    frame: FrameId,
    mut stroke: Stroke,
    in_direction: impl Fn(Point) -> Point,
) -> Route {
    let node = |item: u32| match network.items[item as usize].thing {
        Thing::Box(b) => Some(BoxId(b)),
        _ => None,
    };
    let pill = |pills: &[Pill], i: u32| pills[i as usize].wire;
    let (wires, to) = match stroke.serves {
        Serves::Trunk(h) => {
            let ends = &network.hyperedges[h as usize].ends;
            (ends.iter().flat_map(|e| std::iter::once(e.wire).chain(e.more.iter().copied())).collect(), None)
        }
        Serves::End(h, e) => {
            let hyperedge = &network.hyperedges[h as usize];
            let end = &hyperedge.ends[e as usize];
            let to = if hyperedge.reversed { node(hyperedge.from) } else { node(end.to) };
            (std::iter::once(end.wire).chain(end.more.iter().copied()).collect(), to)
        }
        Serves::Loop(i) => (vec![network.loops[i as usize].wire], node(network.loops[i as usize].item)),
        Serves::Left(item, i) => (vec![pill(&network.items[item as usize].left, i)], node(item)),
        Serves::Right(item, i) => (vec![pill(&network.items[item as usize].right, i)], None),
    };
    let wires: Vec<u32> = wires;
    let wire = &diagram.wires[wires[0] as usize];
    stroke.map(&in_direction);
    // A line that ends at a border goes on in another frame.
    let kind =
        if to.is_none() && stroke.kind != RouteKind::Connector { RouteKind::Trunk } else { stroke.kind };
    let enters = kind == RouteKind::Plain && node_of_source(network, &stroke).is_none();
    Route {
        kind: if enters { RouteKind::Tap } else { kind },
        wire_kind: wire.kind,
        from: wire.from,
        to,
        frame,
        start: stroke.start,
        pieces: stroke.pieces,
        arrow: to.is_some(),
        label: stroke.label.map(|(corner, size)| (corner, transposed_size(size, diagram.direction))),
        wires,
    }
}

/// The box where a stroke begins; nothing if it begins at a port or a frame.
fn node_of_source(network: &Network, stroke: &Stroke) -> Option<u32> {
    let item = match stroke.serves {
        Serves::End(h, e) => {
            let hyperedge = &network.hyperedges[h as usize];
            if hyperedge.reversed { hyperedge.ends[e as usize].to } else { hyperedge.from }
        }
        Serves::Loop(i) => network.loops[i as usize].item,
        _ => return Some(0),
    };
    match network.items[item as usize].thing {
        Thing::Box(b) => Some(b),
        _ => None,
    }
}
