//! A hash of what a diagram says, to distinguish a stale picture from a fresh one.

use sha2::{Digest, Sha256};

use super::types::{Diagram, Row};

/// SHA-256 of the texts and the wiring of a diagram, in hexadecimal.
///
/// Sizes are no part of it, and neither is the content of weights: training a
/// model further leaves the hash as it is.
pub fn structure_hash(diagram: &Diagram) -> String {
    let mut text = Text::default();
    text.add("modelgram diagram 1");
    text.add(&diagram.title);
    text.add(&diagram.direction.to_string());
    for frame in &diagram.frames {
        let parent = frame.parent.map(|id| id.0 + 1).unwrap_or_default();
        text.numbers(&[parent, frame.times]);
        text.add(&frame.title);
    }
    for node in &diagram.boxes {
        text.numbers(&[node.frame.0, node.outline as u32]);
        for part in [&node.name, &node.op, node.category.word(), &node.header, &node.aside] {
            text.add(part);
        }
        text.numbers(&[node.rows.len() as u32]);
        for Row { label, value, constant } in &node.rows {
            text.add(label);
            text.add(value);
            text.numbers(&[u32::from(*constant)]);
        }
        for strip in &node.strips {
            [strip.category.word(), &strip.header, &strip.aside].iter().for_each(|part| text.add(part));
        }
        if let Some(badge) = node.badge {
            text.numbers(&[badge as u32]);
        }
        if let Some(change) = node.change {
            text.numbers(&[change as u32]);
        }
        if let Some(heat) = node.heat {
            text.numbers(&[u32::from(heat)]);
        }
    }
    for wire in &diagram.wires {
        text.numbers(&[wire.from.0, wire.from_slot, wire.to.0, wire.to_slot, wire.kind as u32]);
        text.add(&wire.value);
        text.add(wire.label.as_ref().map(|l| l.text.as_str()).unwrap_or_default());
        text.add(wire.connector.as_ref().map(|c| c.label.text.as_str()).unwrap_or_default());
    }
    text.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Default)]
struct Text(Sha256);

impl Text {
    /// Adds text with its length, so that no two diagrams run together.
    fn add(&mut self, text: &(impl AsRef<str> + ?Sized)) {
        let text = text.as_ref();
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    fn numbers(&mut self, numbers: &[u32]) {
        for n in numbers {
            self.0.update(n.to_le_bytes());
        }
    }
}
