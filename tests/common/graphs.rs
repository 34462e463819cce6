//! Diagrams for layout tests.
#![allow(unreachable_pub)]

use modelgram::ops::Category;
use modelgram::stages::diagram::{
    BoxId, Diagram, Frame, FrameId, Label, NodeBox, Outline, Padding, Size, Wire, WireKind,
};

/// A seeded source of numbers (xorshift64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    /// Whether something of this probability, in percent, happens.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A page without boxes.
pub fn page() -> Diagram {
    Diagram { frames: vec![Frame { times: 1, ..Frame::default() }], ..Diagram::default() }
}

pub fn add_box(diagram: &mut Diagram, width: f64, height: f64) -> BoxId {
    let id = BoxId(diagram.boxes.len() as u32);
    diagram.boxes.push(NodeBox {
        name: format!("n{}", id.0),
        op: "Op".into(),
        frame: FrameId::PAGE,
        outline: Outline::Pill,
        category: Category::Other,
        header: "Op".into(),
        aside: String::new(),
        rows: Vec::new(),
        strips: Vec::new(),
        badge: None,
        heat: None,
        change: None,
        size: Size { width, height },
        outputs: Vec::new(),
        origin: Default::default(),
    });
    id
}

pub fn add_wire(diagram: &mut Diagram, from: BoxId, from_slot: u32, to: BoxId) {
    let outputs = &mut diagram.boxes[from.index()].outputs;
    if let Err(at) = outputs.binary_search(&from_slot) {
        outputs.insert(at, from_slot);
    }
    let to_slot = diagram.wires.iter().rev().filter(|w| w.to == to).count() as u32;
    let (kind, value) = (WireKind::Plain, format!("{}:{from_slot}", from.0));
    diagram.wires.push(Wire { from, from_slot, to, to_slot, kind, value, label: None, connector: None });
}

/// Gives each first wire of a slot a label, and room for it to each box.
pub fn add_labels(diagram: &mut Diagram, width: f64) {
    let mut seen = std::collections::HashSet::new();
    for wire in &mut diagram.wires {
        if seen.insert((wire.from, wire.from_slot)) {
            wire.label = Some(Label { text: "1×64".into(), size: Size { width, height: 12.0 } });
        }
    }
    for b in &mut diagram.boxes {
        if b.outputs.len() > 1 {
            b.size.width = b.size.width.max(b.outputs.len() as f64 * (width + 8.0));
            b.size.height = b.size.height.max(b.outputs.len() as f64 * 20.0);
        }
    }
}

/// `"a -> b -> c; a -> c"`: boxes named so, of 60 by 22.
pub fn diagram(text: &str) -> Diagram {
    let mut diagram = page();
    for chain in text.split(';') {
        let mut last = None;
        for name in chain.split("->").map(str::trim).filter(|name| !name.is_empty()) {
            let id = match diagram.boxes.iter().position(|b| b.name == name) {
                Some(i) => BoxId(i as u32),
                None => {
                    let id = add_box(&mut diagram, 60.0, 22.0);
                    diagram.boxes[id.index()].name = name.into();
                    id
                }
            };
            if let Some(from) = last {
                add_wire(&mut diagram, from, 0, id);
            }
            last = Some(id);
        }
    }
    diagram
}

/// A random graph: sizes, slots, labels, cycles, loops and parallel wires as the
/// seed has it.
pub fn random(seed: u64) -> Diagram {
    let mut random = Random::new(seed);
    let mut diagram = page();
    let n = 1 + random.below(40);
    for _ in 0..n {
        let (width, height) = (24.0 + random.below(150) as f64, 16.0 + random.below(80) as f64);
        add_box(&mut diagram, width, height);
    }
    let cyclic = random.chance(20);
    let density = 1 + random.below(3);
    let wires = random.below(1 + n * density);
    let near = 1 + random.below(n);
    for _ in 0..wires {
        let a = random.below(n);
        let b = (a + random.below(near + 1)).min(n - 1);
        let (a, b) = if cyclic && random.chance(10) { (b, a) } else { (a, b) };
        if a == b && !cyclic {
            continue;
        }
        let slot = if random.chance(15) { random.below(3) as u32 } else { 0 };
        add_wire(&mut diagram, BoxId(a as u32), slot, BoxId(b as u32));
    }
    if random.chance(60) {
        add_labels(&mut diagram, 20.0 + random.below(60) as f64);
    }
    diagram
}

/// A random graph in random frames: neighbours in the file share frames, mostly.
pub fn random_nested(seed: u64) -> Diagram {
    let mut diagram = random(seed);
    let mut random = Random::new(seed + 77);
    let n = diagram.boxes.len();
    for _ in 0..1 + random.below(6) {
        let parent = FrameId(random.below(diagram.frames.len()) as u32);
        let id = FrameId(diagram.frames.len() as u32);
        let first = random.below(n);
        let inside: Vec<usize> = (first..(first + 1 + random.below(n / 2 + 1)).min(n)).collect();
        if !inside.iter().any(|&i| diagram.boxes[i].frame == parent) {
            continue;
        }
        diagram.frames.push(Frame {
            parent: Some(parent),
            title: format!("scope{}", id.0),
            times: 1,
            padding: Padding { top: 20.0, side: 10.0 },
            title_size: Size { width: random.below(140) as f64, height: 18.0 },
            outset: if random.chance(20) { 8.0 } else { 0.0 },
            ..Frame::default()
        });
        for i in inside {
            if diagram.boxes[i].frame == parent {
                diagram.boxes[i].frame = id;
            }
        }
    }
    diagram
}
