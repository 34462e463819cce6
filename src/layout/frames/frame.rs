//! Puts a border around the content of a frame.
//!
//! Before: the content is planned. After: the frame has its size, its lines reach
//! its border, and its title stands where no line crosses it.

use crate::diagram::{Diagram, Direction, Frame, Padding, Size};
use crate::layout::geometry::{Piece, Point, transposed_size};
use crate::layout::network::{Network, Thing};
use crate::layout::placed::RouteKind;
use crate::layout::plan::{Plan, Serves, Stroke};

/// A frame in its own coordinates, flowing downwards.
#[derive(Clone, Debug, Default)]
pub(in crate::layout) struct Framed {
    /// The content, moved to its place inside the border.
    pub(in crate::layout) plan: Plan,
    /// The outer size, without the sheets of a stack.
    pub(in crate::layout) size: Size,
    /// Where the values that enter and leave cross the border, from the left, in
    /// the order of the ports.
    pub(in crate::layout) entries: Vec<f64>,
    pub(in crate::layout) exits: Vec<f64>,
    /// Where the title begins, in the picture's own direction.
    pub(in crate::layout) title: Point,
}

/// Free room beside a title.
const TITLE_GAP: f64 = 8.0;

/// Adds the border.
pub(in crate::layout) fn framed(
    mut plan: Plan,
    network: &Network,
    frame: &Frame,
    direction: Direction,
) -> Framed {
    let side = frame.padding.side;
    let (left, top) = match direction {
        Direction::TopBottom => (side, frame.padding.top),
        // The strip of the title is at the top of the picture, which is at the
        // left when seen along the flow.
        Direction::LeftRight => (frame.padding.top, side),
    };
    let title = frame.title_size;
    let least = transposed_size(Size { width: title.width + 2.0 * side, height: 0.0 }, direction);
    let mut size = Size {
        width: (plan.size.width + left + side).max(least.width),
        height: (plan.size.height + top + side).max(least.height),
    };
    let extra = (size.width - left - side - plan.size.width) / 2.0;
    let place = |p: Point| Point { x: p.x + left + extra, y: p.y + top };
    plan.map(place);
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
    if from_port && stroke.kind != RouteKind::Tap {
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

/// The whole diagram as one [`Frame`]: its margin and no title.
pub(in crate::layout) fn page(diagram: &Diagram, margin: f64) -> Frame {
    let padding = Padding { top: margin, side: margin };
    Frame { padding, title_size: Size::default(), ..diagram.frames[0].clone() }
}
