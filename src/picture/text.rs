//! Texts with their places, for boxes, lines and the foot of a page.

use super::types::{Anchor, Role, Text};
use crate::diagram::font::{self, Weight};
use crate::diagram::measure::{BASELINE, TEXT_GAP};
use crate::layout::Point;

/// The baseline that centres text of a font size in a strip.
pub(super) fn baseline(top: f64, height: f64, font: f64) -> f64 {
    top + height / 2.0 + BASELINE * font
}

/// A text of one part or two.
pub(super) fn text(role: Role, at: Point, anchor: Anchor, lead: &str, text: &str, font: f64) -> Text {
    let covered = font::is_covered(lead) && font::is_covered(text);
    let guard = (!covered).then(|| {
        let gap = if lead.is_empty() || text.is_empty() { 0.0 } else { TEXT_GAP };
        font::width(lead, font, Weight::Bold) + gap + font::width(text, font, Weight::Regular)
    });
    Text { at, anchor, role, lead: lead.to_owned(), text: text.to_owned(), guard }
}
