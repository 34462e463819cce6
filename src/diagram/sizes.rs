//! The sizes of boxes, from their texts.

use super::font::{Weight, fit, width};
use super::measure::*;
use super::types::{Direction, NodeBox, Outline, Row, Size, Strip, Wire};
use crate::text::printable;

/// The greatest width of a row's text; a box is wider only to hold its ports.
const MAX_ROW: f64 = 222.0;
/// The greatest width of a text in a plain box.
const MAX_WIDE: f64 = 520.0;
/// The greatest width of a header's text.
const MAX_HEADER: f64 = 200.0;
/// The greatest width of the muted text in a header.
const MAX_ASIDE: f64 = 180.0;
/// The greatest width of a row's label.
const MAX_LABEL: f64 = 110.0;
/// Least width of a box, so that arrows of several operands fit.
const MIN_WIDTH: f64 = 36.0;
/// Room between two labels of one box's outputs.
const LABEL_GAP: f64 = 14.0;
/// Longer texts are cut before they are measured.
const MAX_CHARS: usize = 400;

/// The text of a header, cut if it is too wide.
pub(super) fn fit_header(text: &str) -> String {
    fit(&clip(text), MAX_HEADER, HEADER_FONT, Weight::Bold)
}

/// The same for boxes that say little else, where a name is not to be cut.
pub(super) fn fit_wide_header(text: &str) -> String {
    fit(&clip(text), MAX_WIDE, HEADER_FONT, Weight::Bold)
}

/// The muted text of a header, cut if it is too wide.
pub(super) fn fit_aside(text: &str) -> String {
    fit(&clip(text), MAX_ASIDE, ROW_FONT, Weight::Regular)
}

/// A row whose texts were made safe to print, and cut where they are too wide.
pub(super) fn fit_row(label: &str, value: &str, constant: bool) -> Row {
    fit_row_within(MAX_ROW, label, value, constant)
}

/// The same for plain boxes.
pub(super) fn fit_wide_row(label: &str, value: &str) -> Row {
    fit_row_within(MAX_WIDE, label, value, false)
}

fn fit_row_within(most: f64, label: &str, value: &str, constant: bool) -> Row {
    let limit = if value.is_empty() { most } else { MAX_LABEL };
    let label = fit(&clip(&printable(label)), limit, ROW_FONT, label_weight(constant));
    let room = most - width(&label, ROW_FONT, label_weight(constant)) - TEXT_GAP;
    Row { value: fit(&clip(&printable(value)), room, ROW_FONT, Weight::Regular), label, constant }
}

/// Whether `value` fits into a row beside `label`.
pub(super) fn fits_row(label: &str, value: &str) -> bool {
    let room = MAX_ROW - width(label, ROW_FONT, Weight::Bold) - TEXT_GAP;
    value.len() <= MAX_CHARS && width(value, ROW_FONT, Weight::Regular) <= room
}

/// `text` without its middle, if it is very long: measuring must not cost more
/// than can be seen.
fn clip(text: &str) -> String {
    if text.len() <= MAX_CHARS {
        return text.to_owned();
    }
    let head: String = text.chars().take(MAX_CHARS / 2).collect();
    let tail: Vec<char> = text.chars().rev().take(MAX_CHARS / 2).collect();
    head + "…" + &tail.iter().rev().collect::<String>()
}

fn label_weight(constant: bool) -> Weight {
    if constant { Weight::Bold } else { Weight::Regular }
}

/// Sets the size of each box.
pub(super) fn measure(boxes: &mut [NodeBox], wires: &[Wire], direction: Direction) {
    let mut labels = vec![0.0; boxes.len()];
    for wire in wires {
        if let Some(label) = &wire.label {
            labels[wire.from.index()] += label.size.width + LABEL_GAP;
        }
    }
    for (node, labels) in boxes.iter_mut().zip(labels) {
        node.size = size(node);
        let (ports, extent) = match direction {
            Direction::TopBottom => (labels, &mut node.size.width),
            Direction::LeftRight => (node.outputs.len() as f64 * (LABEL_HEIGHT + 2.0), &mut node.size.height),
        };
        if node.outputs.len() > 1 {
            *extent = extent.max(even(ports));
        }
    }
}

fn size(node: &NodeBox) -> Size {
    let rows = node.rows.iter().map(row_width).fold(0.0, f64::max);
    let (header, height) = match node.outline {
        Outline::Terminal | Outline::Undefined => {
            let name = width(&node.header, ROW_FONT, Weight::Bold);
            (beside(name, width(&node.aside, ROW_FONT, Weight::Regular)), TERMINAL_HEIGHT)
        }
        Outline::Card | Outline::Pill => {
            let name = width(&node.header, HEADER_FONT, Weight::Bold);
            let badge = if node.badge.is_some() { BADGE } else { 0.0 };
            let header = beside(beside(name, width(&node.aside, ASIDE_FONT, Weight::Regular)), badge);
            let strips = node.strips.iter().map(strip_width).fold(0.0, f64::max);
            (header.max(strips), card_height(node.rows.len()) + node.strips.len() as f64 * STRIP_HEIGHT)
        }
    };
    Size { width: even(header.max(rows) + 2.0 * SIDE_PADDING).max(MIN_WIDTH), height }
}

fn card_height(rows: usize) -> f64 {
    match rows {
        0 => HEADER_HEIGHT,
        n => HEADER_HEIGHT + 2.0 * ROWS_PADDING + n as f64 * ROW_HEIGHT,
    }
}

fn row_width(row: &Row) -> f64 {
    let label = width(&row.label, ROW_FONT, label_weight(row.constant));
    beside(label, width(&row.value, ROW_FONT, Weight::Regular))
}

fn strip_width(strip: &Strip) -> f64 {
    let name = width(&strip.header, STRIP_FONT, Weight::Bold);
    beside(name, width(&strip.aside, ASIDE_FONT, Weight::Regular))
}

/// The width of two texts side by side.
fn beside(left: f64, right: f64) -> f64 {
    if left > 0.0 && right > 0.0 { left + TEXT_GAP + right } else { left + right }
}

/// Up to the next even number, so that the middle of a box is a whole pixel.
fn even(width: f64) -> f64 {
    (width / 2.0).ceil() * 2.0
}
