//! The diagram as layout works on it: items, hyperedges, numbers.
//!
//! One [`Network`] is the content of one frame, transposed so that data flows
//! downwards whatever the diagram's direction. A *hyperedge* is everything that
//! leaves one output slot; its *ends* are the uses. A frame inside is one item; a
//! value that crosses the frame's own border enters or leaves by a port, which is
//! an item without height.

use crate::diagram::{Size, WireKind};

/// The content of a frame, transposed to flow downwards.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) items: Vec<Item>,
    pub(super) hyperedges: Vec<Hyperedge>,
    /// Wires from an item to itself.
    pub(super) loops: Vec<Loop>,
}

/// Something with a size.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) thing: Thing,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Output ports; at least one.
    pub(super) ports: u32,
    /// Off-page connectors at its left, from top to bottom, and at its right.
    pub(super) left: Vec<Pill>,
    pub(super) right: Vec<Pill>,
    /// Wires from the item to itself, drawn at its right.
    pub(super) loops: u32,
    /// Room at its right and below it for the sheets of a stacked frame; a part
    /// of its size.
    pub(super) outset: f64,
}

/// What an item stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// A box of the diagram.
    Box(u32),
    /// A frame of the diagram, laid out already.
    Frame(u32),
    /// The port by which a value enters this frame.
    Entry,
    /// The port by which a value leaves it.
    Exit,
}

impl Item {
    pub(super) fn new(thing: Thing, size: Size, ports: u32) -> Self {
        let (left, right) = (Vec::new(), Vec::new());
        Item { thing, width: size.width, height: size.height, ports, left, right, loops: 0, outset: 0.0 }
    }

    pub(super) fn is_port(&self) -> bool {
        matches!(self.thing, Thing::Entry | Thing::Exit)
    }
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
    /// The value: its number among those of the diagram.
    pub(super) value: u32,
    pub(super) from: u32,
    /// The position of its slot among those of the item,
    pub(super) port: u32,
    /// or where at a frame it leaves, from the left.
    pub(super) at: Option<f64>,
    pub(super) kind: WireKind,
    pub(super) label: Option<Size>,
    /// Drawn against the flow, since it closes a cycle: `from` uses the value and
    /// the one end defines it.
    pub(super) reversed: bool,
    pub(super) ends: Vec<End>,
}

/// One use, or the port to further ones.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) to: u32,
    /// The position among the operands there,
    pub(super) slot: u32,
    /// or where at a frame it enters, from the left.
    pub(super) at: Option<f64>,
    /// Its wire in the diagram, and the others that take the same way.
    pub(super) wire: u32,
    pub(super) more: Vec<u32>,
}

/// A wire from an item to itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub(super) item: u32,
    pub(super) wire: u32,
    pub(super) kind: WireKind,
}

impl Network {
    /// The connected parts, in the order of their first items.
    pub(super) fn into_parts(self) -> Vec<Part> {
        let (of, count) = self.part_numbers();
        if count == 1 {
            let items = (0..self.items.len() as u32).collect();
            let hyperedges = (0..self.hyperedges.len() as u32).collect();
            let loops = (0..self.loops.len() as u32).collect();
            return vec![Part { network: self, items, hyperedges, loops }];
        }
        let mut parts: Vec<Part> = (0..count).map(|_| Part::default()).collect();
        let mut local = Vec::with_capacity(of.len());
        for (i, item) in self.items.into_iter().enumerate() {
            let part = &mut parts[of[i] as usize];
            local.push(part.items.len() as u32);
            part.items.push(i as u32);
            part.network.items.push(item);
        }
        for (i, mut hyperedge) in self.hyperedges.into_iter().enumerate() {
            let part = &mut parts[of[hyperedge.from as usize] as usize];
            hyperedge.renumber(&local);
            part.hyperedges.push(i as u32);
            part.network.hyperedges.push(hyperedge);
        }
        for (i, own) in self.loops.into_iter().enumerate() {
            let part = &mut parts[of[own.item as usize] as usize];
            part.loops.push(i as u32);
            part.network.loops.push(Loop { item: local[own.item as usize], ..own });
        }
        parts
    }

    /// The network of which these are the parts.
    pub(super) fn from_parts(mut parts: Vec<Part>) -> Network {
        if parts.len() == 1 {
            return parts.remove(0).network;
        }
        let count = |f: fn(&Part) -> usize| parts.iter().map(f).sum::<usize>();
        let mut items: Vec<Option<Item>> = vec![None; count(|p| p.items.len())];
        let mut hyperedges: Vec<Option<Hyperedge>> = vec![None; count(|p| p.hyperedges.len())];
        let mut loops: Vec<Option<Loop>> = vec![None; count(|p| p.loops.len())];
        for part in parts {
            for (mut hyperedge, i) in part.network.hyperedges.into_iter().zip(part.hyperedges) {
                hyperedge.renumber(&part.items);
                hyperedges[i as usize] = Some(hyperedge);
            }
            for (own, i) in part.network.loops.into_iter().zip(part.loops) {
                loops[i as usize] = Some(Loop { item: part.items[own.item as usize], ..own });
            }
            for (item, i) in part.network.items.into_iter().zip(part.items) {
                items[i as usize] = Some(item);
            }
        }
        // Each thing is in one part.
        Network {
            items: items.into_iter().flatten().collect(),
            hyperedges: hyperedges.into_iter().flatten().collect(),
            loops: loops.into_iter().flatten().collect(),
        }
    }

    /// For each item the number of its part, and how many parts there are.
    fn part_numbers(&self) -> (Vec<u32>, usize) {
        let mut parent: Vec<u32> = (0..self.items.len() as u32).collect();
        fn find(parent: &mut [u32], mut v: u32) -> u32 {
            while parent[v as usize] != v {
                parent[v as usize] = parent[parent[v as usize] as usize];
                v = parent[v as usize];
            }
            v
        }
        for hyperedge in &self.hyperedges {
            for end in &hyperedge.ends {
                let (a, b) = (find(&mut parent, hyperedge.from), find(&mut parent, end.to));
                // The smaller number leads, so that a part is numbered by its first item.
                parent[a.max(b) as usize] = a.min(b);
            }
        }
        let mut number = vec![u32::MAX; parent.len()];
        let mut count = 0;
        let of = (0..parent.len() as u32)
            .map(|v| {
                let root = find(&mut parent, v) as usize;
                if number[root] == u32::MAX {
                    number[root] = count;
                    count += 1;
                }
                number[root]
            })
            .collect();
        (of, count as usize)
    }
}

impl Hyperedge {
    fn renumber(&mut self, numbers: &[u32]) {
        self.from = numbers[self.from as usize];
        self.ends.iter_mut().for_each(|end| end.to = numbers[end.to as usize]);
    }
}

/// A connected part of a network, with the numbers that its things have there.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) network: Network,
    pub(super) items: Vec<u32>,
    pub(super) hyperedges: Vec<u32>,
    pub(super) loops: Vec<u32>,
}
