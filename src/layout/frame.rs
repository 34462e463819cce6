//! Puts a border around the content of a frame.
//!
//! Before: the content is planned. After: the frame has its size, its lines reach
//! its border, and its title stands where no line crosses it.

use std::rc::Rc;

use super::network::{Network, Thing, turned};
use super::plan::Plan;
use super::route::{Serves, Stroke};
use super::{Piece, Point};
use crate::diagram::{Diagram, Direction, Frame, Size};

/// A frame in its own coordinates, flowing downwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Framed {
    /// The content, moved to its place inside the border.
    pub(super) plan: Plan,
    /// The outer size, without the sheets of a stack.
    pub(super) size: Size,
    /// Where the values that enter and leave cross the border, from the left, in
    /// the order of the ports.
    pub(super) entries: Vec<f64>,
    pub(super) exits: Vec<f64>,
    /// Where the title begins, in the picture's own direction.
    pub(super) title: Point,
}

/// Free room beside a title.
const TITLE_GAP: f64 = 8.0;

/// Adds the border.
pub(super) fn framed(mut plan: Plan, network: &Network, frame: &Frame, direction: Direction) -> Framed {
    let side = frame.padding.side;
    let (left, top) = match direction {
        Direction::TopBottom => (side, frame.padding.top),
        // The strip of the title is at the top of the picture, which is at the
        // left when seen along the flow.
        Direction::LeftRight => (frame.padding.top, side),
    };
    let title = frame.title_size;
    let least = turned(Size { width: title.width + 2.0 * side, height: 0.0 }, direction);
    let mut size = Size {
        width: (plan.size.width + left + side).max(least.width),
        height: (plan.size.height + top + side).max(least.height),
    };
    let extra = (size.width - left - side - plan.size.width) / 2.0;
    let place = |p: Point| Point { x: p.x + left + extra, y: p.y + top };
    plan.corners.iter_mut().for_each(|p| *p = place(*p));
    plan.strokes.iter_mut().for_each(|stroke| stroke.map(place));
    let ports = |thing| {
        let items = network.items.iter().zip(&plan.corners);
        items.filter(move |(item, _)| item.thing == thing).map(|(_, p)| p.x).collect::<Vec<f64>>()
    };
    let (entries, exits) = (ports(Thing::Entry), ports(Thing::Exit));
    let title = match direction {
        Direction::TopBottom => {
            Point { x: title_place(&entries, title.width, side, &mut size.width), y: 0.0 }
        }
        Direction::LeftRight => Point { x: side, y: 0.0 },
    };
    for stroke in &mut plan.strokes {
        reach_border(stroke, network, size.height);
    }
    Framed { plan, size, entries, exits, title }
}

/// A place for the title between the lines that enter: at the left, at the right,
/// or right of everything in a wider frame.
fn title_place(entries: &[f64], title: f64, side: f64, width: &mut f64) -> f64 {
    let first = entries.iter().copied().fold(f64::INFINITY, f64::min);
    let last = entries.iter().copied().fold(0.0, f64::max);
    if side + title + TITLE_GAP <= first {
        return side;
    }
    *width = width.max(last + TITLE_GAP + title + side);
    *width - side - title
}

/// Draws a stroke from the border, or to it, where it belongs to a port.
fn reach_border(stroke: &mut Stroke, network: &Network, height: f64) {
    let (h, end) = match stroke.serves {
        Serves::Trunk(h) => (h, None),
        Serves::End(h, end) => (h, Some(end)),
        _ => return,
    };
    let hyperedge = &network.hyperedges[h as usize];
    let from_port = network.items[hyperedge.from as usize].thing == Thing::Entry;
    // A tap begins at its trunk.
    if from_port && stroke.kind != super::RouteKind::Tap {
        let old = stroke.start;
        stroke.start.y = 0.0;
        // The first piece may be a line already; if not, one is put before it.
        if !matches!(stroke.pieces.first(), Some(Piece::Line(p)) if p.x == old.x) {
            stroke.pieces.insert(0, Piece::Line(old));
        }
    }
    let to = end.map(|e| network.items[hyperedge.ends[e as usize].to as usize].thing);
    if to == Some(Thing::Exit) {
        let at = Point { x: stroke.end().x, y: height };
        match stroke.pieces.last_mut() {
            Some(Piece::Line(p)) if p.x == at.x => *p = at,
            _ => stroke.pieces.push(Piece::Line(at)),
        }
    }
}

/// What decides how a frame looks inside: two frames with one key look the same.
pub(super) fn key(network: &Network, frame: &Frame, framed_by: &[Rc<Framed>]) -> Vec<u64> {
    let mut key: Vec<u64> = vec![network.items.len() as u64, network.hyperedges.len() as u64];
    fn add<const N: usize>(key: &mut Vec<u64>, numbers: [f64; N]) {
        key.extend(numbers.map(f64::to_bits));
    }
    add(&mut key, [frame.padding.top, frame.padding.side, frame.title_size.width, frame.title_size.height]);
    for item in &network.items {
        // Equal frames inside are one plan, so its address tells them apart.
        key.push(match item.thing {
            Thing::Box(_) => 0,
            Thing::Entry => 1,
            Thing::Exit => 2,
            Thing::Frame(f) => Rc::as_ptr(&framed_by[f as usize]) as u64,
        });
        add(&mut key, [item.width, item.height, f64::from(item.ports), f64::from(item.loops), item.outset]);
        for pills in [&item.left, &item.right] {
            key.push(pills.len() as u64);
            pills.iter().for_each(|pill| add(&mut key, [pill.size.width, pill.size.height]));
        }
    }
    for h in &network.hyperedges {
        let label = h.label.unwrap_or(Size { width: -1.0, height: -1.0 });
        key.extend([
            u64::from(h.from),
            u64::from(h.port),
            h.kind as u64,
            u64::from(h.reversed),
            h.ends.len() as u64,
        ]);
        add(&mut key, [h.at.unwrap_or(-1.0), label.width, label.height]);
        for end in &h.ends {
            key.extend([u64::from(end.to), u64::from(end.slot)]);
            add(&mut key, [end.at.unwrap_or(-1.0)]);
        }
    }
    for own in &network.loops {
        key.extend([u64::from(own.item), own.kind as u64]);
    }
    key
}

/// The whole diagram as one [`Frame`]: its margin and no title.
pub(super) fn page(diagram: &Diagram, margin: f64) -> Frame {
    let padding = crate::diagram::Padding { top: margin, side: margin };
    Frame { padding, title_size: Size::default(), ..diagram.frames[0].clone() }
}
