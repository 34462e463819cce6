//! Divides a diagram into the contents of its frames.
//!
//! A wire between boxes of different frames becomes a piece in each frame on its
//! way: out of the frames around its definition, across the innermost frame that
//! holds both, and into the frames around its use. Pieces of one value in one
//! frame are one hyperedge, so a value crosses a border once.

use std::collections::HashMap;

use crate::diagram::{BoxId, Diagram, FrameId, Size, Wire, WireKind};
use crate::layout::geometry::transposed_size;
use crate::layout::network::{End, Hyperedge, Item, Loop, Network, Pill, Thing};

/// The contents of all frames.
#[derive(Clone, Debug, Default)]
pub(in crate::layout) struct Nest {
    /// One for each frame of the diagram; the items of frames inside have no size yet.
    pub(in crate::layout) networks: Vec<Network>,
    /// For each frame the values that enter and that leave, ascending, with their
    /// ports.
    pub(in crate::layout) entries: Vec<Vec<(u32, u32)>>,
    pub(in crate::layout) exits: Vec<Vec<(u32, u32)>>,
}

/// Divides `diagram`. Unless values are `shared`, every wire is a value of its own.
pub(in crate::layout) fn nest(diagram: &Diagram, shared: bool) -> Nest {
    let mut builder = Builder::new(diagram);
    // Wires stand in the order of their users; hyperedges are wanted in the order
    // of their definitions, so that equal frames have equal networks.
    let mut order: Vec<u32> = (0..diagram.wires.len() as u32).collect();
    let key = |w: u32| {
        let wire = &diagram.wires[w as usize];
        (wire.from, wire.from_slot, wire.kind)
    };
    order.sort_by_key(|&w| (key(w), w));
    for wires in order.chunk_by(|&a, &b| shared && key(a) == key(b)) {
        builder.value(wires);
    }
    builder.nest
}

struct Builder<'a> {
    diagram: &'a Diagram,
    depth: Vec<u32>,
    /// The item of each box in its frame, and of each frame in its parent.
    box_item: Vec<u32>,
    frame_item: Vec<u32>,
    /// How many values there are so far.
    values: u32,
    nest: Nest,
}

impl<'a> Builder<'a> {
    fn new(diagram: &'a Diagram) -> Self {
        let frames = diagram.frames.len();
        let mut depth = vec![0u32; frames];
        for (i, frame) in diagram.frames.iter().enumerate() {
            depth[i] = frame.parent.map_or(0, |p| depth[p.index()] + 1);
        }
        let nest = Nest {
            networks: vec![Network::default(); frames],
            entries: vec![Vec::new(); frames],
            exits: vec![Vec::new(); frames],
        };
        let mut builder = Builder {
            diagram,
            depth,
            box_item: Vec::new(),
            frame_item: vec![u32::MAX; frames],
            values: 0,
            nest,
        };
        for (i, b) in diagram.boxes.iter().enumerate() {
            builder.ensure_frame(b.frame);
            let size = transposed_size(b.size, diagram.direction);
            let item = Item::new(Thing::Box(i as u32), size, (b.outputs.len() as u32).max(1));
            let items = &mut builder.nest.networks[b.frame.index()].items;
            builder.box_item.push(items.len() as u32);
            items.push(item);
        }
        (0..frames as u32).for_each(|f| builder.ensure_frame(FrameId(f)));
        builder
    }

    /// Gives a frame, and those around it, an item in its parent: at the place of
    /// its first box, so that items stand in the order of the file.
    fn ensure_frame(&mut self, frame: FrameId) {
        let mut at = frame;
        while let Some(parent) = self.diagram.frames[at.index()].parent {
            if self.frame_item[at.index()] != u32::MAX {
                return;
            }
            let items = &mut self.nest.networks[parent.index()].items;
            self.frame_item[at.index()] = items.len() as u32;
            items.push(Item::new(Thing::Frame(at.0), Size::default(), 1));
            at = parent;
        }
    }

    /// Adds a value with the given wires.
    fn value(&mut self, wires: &[u32]) {
        let diagram = self.diagram;
        let value = self.values;
        self.values += 1;
        // The hyperedge of this value in each frame on the way.
        let mut in_frame: HashMap<u32, usize> = HashMap::new();
        for &w in wires {
            let wire = &diagram.wires[w as usize];
            if let Some(connector) = &wire.connector {
                let pill = Pill { wire: w, size: transposed_size(connector.label.size, diagram.direction) };
                if connector.at_source {
                    self.item_of(wire.from).right.push(pill);
                }
                self.item_of(wire.to).left.push(pill);
            } else if wire.from == wire.to {
                let item = self.box_item[wire.from.index()];
                self.item_of(wire.from).loops += 1;
                let network = &mut self.nest.networks[diagram.boxes[wire.from.index()].frame.index()];
                network.loops.push(Loop { item, wire: w, kind: wire.kind });
            } else {
                self.wire(value, w, wire, &mut in_frame);
            }
        }
    }

    fn item_of(&mut self, b: BoxId) -> &mut Item {
        let frame = self.diagram.boxes[b.index()].frame;
        &mut self.nest.networks[frame.index()].items[self.box_item[b.index()] as usize]
    }

    /// Adds the pieces of one wire.
    fn wire(&mut self, value: u32, w: u32, wire: &Wire, in_frame: &mut HashMap<u32, usize>) {
        let label = wire.label.as_ref().map(|l| transposed_size(l.size, self.diagram.direction));
        let (mut up, mut down) =
            (self.diagram.boxes[wire.from.index()].frame, self.diagram.boxes[wire.to.index()].frame);
        let mut source = Source { item: self.box_item[wire.from.index()], port: self.port(wire), label };
        let mut target = (self.box_item[wire.to.index()], wire.to_slot);
        while up != down {
            if self.depth[up.index()] >= self.depth[down.index()] {
                // Out of a frame around the definition.
                let h = self.hyperedge(up, value, wire.kind, Some(source), in_frame);
                self.exit(up, value, h, w);
                source = Source { item: self.frame_item[up.index()], port: 0, label: None };
                up = self.parent(up);
            } else {
                // Into a frame around the use.
                let h = self.hyperedge(down, value, wire.kind, None, in_frame);
                self.end(down, h, target, w);
                target = (self.frame_item[down.index()], 0);
                down = self.parent(down);
            }
        }
        let h = self.hyperedge(up, value, wire.kind, Some(source), in_frame);
        self.end(up, h, target, w);
    }

    fn parent(&self, frame: FrameId) -> FrameId {
        self.diagram.frames[frame.index()]
            .parent
            .expect("only the page has no parent, and it holds everything")
    }

    fn port(&self, wire: &Wire) -> u32 {
        let slots = &self.diagram.boxes[wire.from.index()].outputs;
        slots.iter().position(|&s| s == wire.from_slot).unwrap_or(0) as u32
    }

    /// The value's hyperedge in a frame: from `source`, or from a port of its own.
    fn hyperedge(
        &mut self,
        frame: FrameId,
        value: u32,
        kind: WireKind,
        source: Option<Source>,
        in_frame: &mut HashMap<u32, usize>,
    ) -> usize {
        let network = &mut self.nest.networks[frame.index()];
        if let Some(&h) = in_frame.get(&frame.0) {
            let hyperedge = &mut network.hyperedges[h];
            hyperedge.label = hyperedge.label.or(source.and_then(|s| s.label));
            return h;
        }
        let source = source.unwrap_or_else(|| {
            let item = network.items.len() as u32;
            network.items.push(Item::new(Thing::Entry, Size::default(), 1));
            self.nest.entries[frame.index()].push((value, item));
            Source { item, port: 0, label: None }
        });
        let h = network.hyperedges.len();
        in_frame.insert(frame.0, h);
        let Source { item: from, port, label } = source;
        network.hyperedges.push(Hyperedge {
            value,
            from,
            port,
            at: None,
            kind,
            label,
            reversed: false,
            // Most values have one use.
            ends: Vec::with_capacity(1),
        });
        h
    }

    /// Lets a hyperedge leave its frame; once is enough.
    fn exit(&mut self, frame: FrameId, value: u32, h: usize, w: u32) {
        let item = match self.nest.exits[frame.index()].last() {
            Some(&(last, item)) if last == value => item,
            _ => {
                let items = &mut self.nest.networks[frame.index()].items;
                let item = items.len() as u32;
                items.push(Item::new(Thing::Exit, Size::default(), 1));
                self.nest.exits[frame.index()].push((value, item));
                item
            }
        };
        self.end(frame, h, (item, 0), w);
    }

    /// Adds an end; wires that take the same way to a frame or a port share one.
    fn end(&mut self, frame: FrameId, h: usize, (to, slot): (u32, u32), w: u32) {
        let network = &mut self.nest.networks[frame.index()];
        let ends = &mut network.hyperedges[h].ends;
        if !matches!(network.items[to as usize].thing, Thing::Box(_)) {
            // Wires stand in the order of their users, so those into one frame
            // mostly follow each other.
            if let Some(end) = ends.iter_mut().rev().find(|end| end.to == to) {
                end.more.push(w);
                return;
            }
        }
        ends.push(End { to, slot, at: None, wire: w, more: Vec::new() });
    }
}

#[derive(Clone, Copy)]
struct Source {
    item: u32,
    port: u32,
    label: Option<Size>,
}
