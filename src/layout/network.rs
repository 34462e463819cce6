//! The diagram as layout works on it: items, hyperedges, numbers.
//!
//! One [`Network`] is one connected part of one frame, turned so that data flows
//! downwards whatever the diagram's direction. A *hyperedge* is everything that
//! leaves one output slot; its *ends* are the uses.

use super::rows::LABEL_GAP;
use crate::diagram::{Diagram, Direction, Size, WireKind};

/// A part of a diagram, turned to flow downwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) items: Vec<Item>,
    pub(super) hyperedges: Vec<Hyperedge>,
    /// Wires from an item to itself.
    pub(super) loops: Vec<Loop>,
}

/// Something with a size: a box.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its box in the diagram.
    pub(super) node: u32,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Output ports; at least one.
    pub(super) ports: u32,
    /// Off-page connectors at its left, from above to below, and at its right.
    pub(super) left: Vec<Pill>,
    pub(super) right: Vec<Pill>,
    /// Wires from the item to itself, drawn at its right.
    pub(super) loops: u32,
}

/// An off-page connector beside an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pill {
    pub(super) wire: u32,
    pub(super) size: Size,
}

/// The uses of one output slot.
#[derive(Clone, Debug)]
pub(super) struct Hyperedge {
    pub(super) from: u32,
    /// The position of its slot among those of the item.
    pub(super) port: u32,
    pub(super) kind: WireKind,
    pub(super) label: Option<Size>,
    /// Drawn against the flow, since it closes a cycle: `from` uses the value and
    /// the one end defines it.
    pub(super) reversed: bool,
    pub(super) ends: Vec<End>,
}

/// One use.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) to: u32,
    /// The position among the operands there.
    pub(super) slot: u32,
    /// Its wire in the diagram.
    pub(super) wire: u32,
}

/// A wire from an item to itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub(super) item: u32,
    pub(super) wire: u32,
    pub(super) kind: WireKind,
}

/// The connected parts of a diagram, in the order of their first boxes.
///
/// With `shared` false every wire is a hyperedge of its own.
pub(super) fn networks(diagram: &Diagram, shared: bool) -> Vec<Network> {
    let part_of = parts(diagram);
    let count = part_of.iter().max().map_or(0, |&m| m as usize + 1);
    let mut networks = vec![Network::default(); count];
    let mut item_of = Vec::with_capacity(diagram.boxes.len());
    for (node, b) in diagram.boxes.iter().enumerate() {
        let network = &mut networks[part_of[node] as usize];
        item_of.push(network.items.len() as u32);
        let size = turned(b.size, diagram.direction);
        let ports = (b.outputs.len() as u32).max(1);
        let (left, right) = (Vec::new(), Vec::new());
        network.items.push(Item {
            node: node as u32,
            width: size.width,
            height: size.height,
            ports,
            left,
            right,
            loops: 0,
        });
    }
    // Wires stand in the order of their users; hyperedges are wanted in the order
    // of their definitions, so that equal blocks give equal networks.
    let mut order: Vec<u32> = (0..diagram.wires.len() as u32).collect();
    order.sort_by_key(|&w| {
        let wire = &diagram.wires[w as usize];
        (wire.from, wire.from_slot, wire.kind, w)
    });
    let mut last = None;
    for w in order {
        let wire = &diagram.wires[w as usize];
        let network = &mut networks[part_of[wire.from.index()] as usize];
        let (from, to) = (item_of[wire.from.index()], item_of[wire.to.index()]);
        if let Some(connector) = &wire.connector {
            let pill = Pill { wire: w, size: turned(connector.label.size, diagram.direction) };
            if connector.at_source {
                network.items[from as usize].right.push(pill);
            }
            networks[part_of[wire.to.index()] as usize].items[to as usize].left.push(pill);
            continue;
        }
        if from == to {
            network.items[from as usize].loops += 1;
            network.loops.push(Loop { item: from, wire: w, kind: wire.kind });
            continue;
        }
        let key = (wire.from, wire.from_slot, wire.kind);
        let end = End { to, slot: wire.to_slot, wire: w };
        let label = wire.label.as_ref().map(|l| turned(l.size, diagram.direction));
        if shared && last == Some(key) {
            let hyperedge = network.hyperedges.last_mut().expect("one of this key was added");
            hyperedge.ends.push(end);
            hyperedge.label = hyperedge.label.or(label);
            continue;
        }
        last = Some(key);
        let slots = &diagram.boxes[wire.from.index()].outputs;
        let port = slots.iter().position(|&s| s == wire.from_slot).unwrap_or(0) as u32;
        let ends = vec![end];
        network.hyperedges.push(Hyperedge { from, port, kind: wire.kind, label, reversed: false, ends });
    }
    networks.iter_mut().for_each(drop_labels_without_room);
    networks
}

/// A label stands right of its line, under the box: where the next port of the
/// box is too near, or has the same label's place, it is left out. Whoever sizes
/// the boxes should see to it that this does not happen.
fn drop_labels_without_room(network: &mut Network) {
    let mut last = None;
    for hyperedge in &mut network.hyperedges {
        let item = &network.items[hyperedge.from as usize];
        let room = item.width / f64::from(item.ports) - LABEL_GAP;
        let is_last = hyperedge.port + 1 >= item.ports;
        let port = Some((hyperedge.from, hyperedge.port));
        if hyperedge.label.is_some_and(|l| !is_last && l.width > room - LABEL_GAP) || last == port {
            hyperedge.label = None;
        }
        if hyperedge.label.is_some() {
            last = port;
        }
    }
}

/// The size as seen when data flows downwards.
pub(super) fn turned(size: Size, direction: Direction) -> Size {
    match direction {
        Direction::TopBottom => size,
        Direction::LeftRight => Size { width: size.height, height: size.width },
    }
}

/// For each box the number of its connected part, in the order of first boxes.
fn parts(diagram: &Diagram) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..diagram.boxes.len() as u32).collect();
    fn find(parent: &mut [u32], mut v: u32) -> u32 {
        while parent[v as usize] != v {
            parent[v as usize] = parent[parent[v as usize] as usize];
            v = parent[v as usize];
        }
        v
    }
    for wire in diagram.wires.iter().filter(|w| w.connector.is_none()) {
        let (a, b) = (find(&mut parent, wire.from.0), find(&mut parent, wire.to.0));
        // The smaller number leads, so that a part is named by its first box.
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut number = vec![u32::MAX; parent.len()];
    let mut next = 0;
    (0..parent.len() as u32)
        .map(|v| {
            let root = find(&mut parent, v) as usize;
            if number[root] == u32::MAX {
                number[root] = next;
                next += 1;
            }
            number[root]
        })
        .collect()
}
