//! Turns the wires of *hubs* into off-page connectors.
//!
//! A hub is a value that many boxes far from each other use: a mask, the tables
//! of a rotary embedding, position numbers. Its lines would run through the whole
//! picture, couple all its blocks, and show nothing that a name does not say
//! better. Where a box joins many such values (a concatenation in a DenseNet), or the
//! next box has nothing else to work on, the lines *are* the picture, so they stay.

use std::collections::HashMap;

use super::font::{self, Weight};
use super::measure::{LABEL_FONT, LABEL_HEIGHT};
use super::types::{Connector, Diagram, Label, Outline, Size};

/// The conditions for a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hubs {
    /// It has more uses than this,
    pub uses: u32,
    /// over more ranks than this (by the longest path to each use),
    pub ranks: u32,
    /// and each use is at a box with at most this many hubs.
    pub per_box: u32,
}

impl Default for Hubs {
    fn default() -> Self {
        Hubs { uses: 6, ranks: 10, per_box: 3 }
    }
}

/// A box with more operands than this joins values, and its lines are the picture.
const MANY: u32 = 6;
/// Widest name in a pill, in pixels.
const NAME_LIMIT: f64 = 96.0;
/// Room in a pill at each side of its name.
const PILL_PADDING: f64 = 6.0;

/// Turns the wires of hubs into connectors.
pub fn connect_hubs(diagram: &mut Diagram, hubs: &Hubs) {
    let depth = depths(diagram);
    let mut operands = vec![0u32; diagram.boxes.len()];
    diagram.wires.iter().for_each(|wire| operands[wire.to.index()] += 1);
    let mut order: Vec<usize> = (0..diagram.wires.len()).collect();
    order.sort_by_key(|&w| (diagram.wires[w].from, diagram.wires[w].from_slot, w));
    let value = |w: usize| (diagram.wires[w].from, diagram.wires[w].from_slot);
    let spread: Vec<&[usize]> = order
        .chunk_by(|&a, &b| value(a) == value(b))
        .filter(|uses| {
            let at = |&w: &usize| depth[diagram.wires[w].to.index()];
            let (first, last) = (uses.iter().map(at).min(), uses.iter().map(at).max());
            let far = last.unwrap_or(0) - first.unwrap_or(0) > hubs.ranks;
            let joins = uses.iter().filter(|&&w| operands[diagram.wires[w].to.index()] > MANY).count();
            uses.len() > hubs.uses as usize
                && far
                && 2 * joins <= uses.len()
                && !is_backbone(diagram, &depth, &operands, uses)
        })
        .collect();
    let mut at_box = vec![0u32; diagram.boxes.len()];
    for &w in spread.iter().copied().flatten() {
        at_box[diagram.wires[w].to.index()] += 1;
    }
    let mut names = Names::default();
    let mut connectors: Vec<(usize, Connector)> = Vec::new();
    for uses in spread {
        // Some lines and some pills for one value would hide how things hang together.
        if uses.iter().any(|&w| at_box[diagram.wires[w].to.index()] > hubs.per_box) {
            continue;
        }
        let source = &diagram.boxes[diagram.wires[uses[0]].from.index()];
        let label = names.label(&diagram.wires[uses[0]].value);
        for (i, &w) in uses.iter().enumerate() {
            let at_source = i == 0 && source.outline != Outline::Terminal;
            connectors.push((w, Connector { label: label.clone(), at_source }));
        }
    }
    for (w, connector) in connectors {
        diagram.wires[w].connector = Some(connector);
    }
}

/// Whether the flow goes on through this value: the next box has no other operand.
fn is_backbone(diagram: &Diagram, depth: &[u32], operands: &[u32], uses: &[usize]) -> bool {
    uses.iter().map(|&w| &diagram.wires[w]).any(|wire| {
        let (from, to) = (wire.from.index(), wire.to.index());
        operands[to] == 1 && depth[to] == depth[from] + 1
    })
}

/// The longest path to each box; boxes in cycles count from where they are entered.
fn depths(diagram: &Diagram) -> Vec<u32> {
    let n = diagram.boxes.len();
    let mut missing = vec![0u32; n];
    let mut uses: Vec<Vec<u32>> = vec![Vec::new(); n];
    for wire in &diagram.wires {
        missing[wire.to.index()] += 1;
        uses[wire.from.index()].push(wire.to.0);
    }
    let mut ready: Vec<usize> = (0..n).filter(|&b| missing[b] == 0).collect();
    let mut depth = vec![0u32; n];
    let mut next = 0;
    while let Some(&b) = ready.get(next) {
        next += 1;
        for &user in &uses[b] {
            let user = user as usize;
            depth[user] = depth[user].max(depth[b] + 1);
            missing[user] -= 1;
            if missing[user] == 0 {
                ready.push(user);
            }
        }
    }
    depth
}

/// Short names, no two alike.
#[derive(Default)]
struct Names {
    taken: HashMap<String, u32>,
}

impl Names {
    /// The last part of a value's name, without what exporters append to it; a
    /// number follows where that name is taken.
    fn label(&mut self, value: &str) -> Label {
        let trimmed = value.trim_end_matches("_output_0");
        let short = trimmed.rsplit('/').find(|part| !part.is_empty()).unwrap_or(trimmed);
        let mut text = font::fit(
            if short.is_empty() { "value" } else { short },
            NAME_LIMIT,
            LABEL_FONT,
            Weight::Regular,
        );
        let count = self.taken.entry(text.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            text = format!("{text} ({count})");
        }
        let width = font::width(&text, LABEL_FONT, Weight::Regular) + 2.0 * PILL_PADDING;
        Label { text, size: Size { width, height: LABEL_HEIGHT + 3.0 } }
    }
}
