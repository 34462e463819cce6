//! The legend: what the colours and signs of one diagram mean, and no others.

use super::theme::COLOURS;
use super::types::{Badge, Change, Diagram, Entry, Sign, WireKind};

/// The entries for what is in the diagram.
pub(super) fn entries(diagram: &Diagram) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut add = |there: bool, sign: Sign, text: &str| {
        if there {
            entries.push(Entry { sign, text: text.to_owned() });
        }
    };
    let boxes = &diagram.boxes;
    for (category, ..) in COLOURS {
        // With numbers on the boxes only strips have the colours of categories.
        let there = boxes.iter().any(|b| {
            (diagram.scale.is_none() && b.category == category)
                || b.strips.iter().any(|s| s.category == category)
        });
        add(there, Sign::Colour(category), category.word());
    }
    let badge = |badge: Badge| boxes.iter().any(|b| b.badge == Some(badge));
    add(badge(Badge::Frozen), Sign::Badge(Badge::Frozen), "frozen weights");
    add(badge(Badge::Dropout), Sign::Badge(Badge::Dropout), "drops values in training");
    let change = |change: Change| boxes.iter().any(|b| b.change == Some(change));
    add(change(Change::Added), Sign::Change(Change::Added), "new");
    add(change(Change::Changed), Sign::Change(Change::Changed), "changed");
    add(change(Change::Removed), Sign::Change(Change::Removed), "gone");
    let line = |kind: WireKind| diagram.wires.iter().any(|w| w.kind == kind && w.connector.is_none());
    add(line(WireKind::Control), Sign::Line(WireKind::Control), "used inside a subgraph");
    add(line(WireKind::Bypass), Sign::Line(WireKind::Bypass), "passes hidden operators");
    add(diagram.frames.iter().any(|f| f.times > 1), Sign::Stack, "equal blocks, drawn once");
    entries
}
