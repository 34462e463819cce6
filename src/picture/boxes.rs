//! The marks that a box or a frame is painted with, wherever its corner is.

use super::text::{baseline, text};
use super::types::{Anchor, BoxShape, Form, FrameShape, Ground, Mark, Rect, Role, Text};
use crate::diagram::measure::*;
use crate::diagram::theme::{DARK_TEXT_FROM, HEAT, colour_index};
use crate::diagram::{NodeBox, Outline, Row, Size};
use crate::layout::Point;

/// The shapes and texts of a box.
#[derive(Clone, Debug)]
pub struct BoxParts<'a> {
    /// Its border.
    pub rect: Rect,
    /// The name, if the box does not show it.
    pub tip: &'a str,
    /// The header's texts.
    pub header: Vec<Text>,
    /// The rows, each one text of one or two parts.
    pub rows: Vec<Text>,
    /// Strips and a sign.
    pub marks: Vec<Mark>,
    /// The texts of the strips.
    pub strips: Vec<Text>,
}

impl FrameShape<'_> {
    /// Its title, with its corner at `corner`.
    pub fn title(&self, corner: Point) -> Text {
        let at = corner.moved(self.placed.title);
        let at = Point { x: at.x, y: at.y + HEADER_FONT * (0.5 + BASELINE) + 4.0 };
        text(Role::FrameTitle, at, Anchor::Start, "", &self.frame.title, HEADER_FONT)
    }
}

impl<'a> BoxShape<'a> {
    /// Its marks, with its corner at `corner`.
    pub fn parts(&self, corner: Point) -> BoxParts<'a> {
        let node = self.node;
        let rect = Rect { corner, size: node.size };
        let named = matches!(node.outline, Outline::Terminal | Outline::Undefined)
            || node.rows.first().is_some_and(|row| row.label == node.name);
        BoxParts {
            rect,
            tip: if named && node.header == node.name { "" } else { &node.name },
            header: header(node, rect),
            rows: rows(node, corner),
            marks: marks(node, rect),
            strips: strips(node, rect),
        }
    }
}

/// The background of the header of a box.
fn ground(node: &NodeBox) -> Ground {
    match node.heat {
        Some(step) if usize::from(step) < DARK_TEXT_FROM.min(HEAT.len()) => Ground::Colour,
        Some(_) => Ground::Bright,
        None if colour_index(node.category).is_some() => Ground::Colour,
        None => Ground::Neutral,
    }
}

/// The top of each strip of a box, from the first.
fn strip_tops(node: &NodeBox, rect: Rect) -> impl Iterator<Item = f64> {
    let foot = rect.corner.y + rect.size.height;
    let count = node.strips.len();
    (0..count).map(move |i| foot - (count - i) as f64 * STRIP_HEIGHT)
}

fn marks(node: &NodeBox, rect: Rect) -> Vec<Mark> {
    let size = Size { width: rect.size.width, height: STRIP_HEIGHT };
    let last = node.strips.len().saturating_sub(1);
    let strips = node.strips.iter().zip(strip_tops(node, rect)).enumerate();
    let mut marks: Vec<Mark> = strips
        .map(|(i, (strip, y))| {
            let rect = Rect { corner: Point { x: rect.corner.x, y }, size };
            Mark { rect, form: Form::Strip(strip.category, i == last) }
        })
        .collect();
    if let Some(change) = node.change {
        let by = 3.0;
        let corner = Point { x: rect.corner.x - by, y: rect.corner.y - by };
        let size = Size { width: rect.size.width + 2.0 * by, height: rect.size.height + 2.0 * by };
        marks.push(Mark { rect: Rect { corner, size }, form: Form::Change(change) });
    }
    if let Some(badge) = node.badge {
        let height = if node.outline == Outline::Pill { rect.size.height } else { HEADER_HEIGHT };
        let corner = Point {
            x: rect.corner.x + rect.size.width - SIDE_PADDING - BADGE + 1.0,
            y: rect.corner.y + (height - BADGE) / 2.0,
        };
        let rect = Rect { corner, size: Size { width: BADGE, height: BADGE } };
        marks.push(Mark { rect, form: Form::Badge(badge, ground(node)) });
    }
    marks
}

fn strips(node: &NodeBox, rect: Rect) -> Vec<Text> {
    let mut texts = Vec::new();
    for (strip, top) in node.strips.iter().zip(strip_tops(node, rect)) {
        let y = baseline(top, STRIP_HEIGHT, STRIP_FONT);
        let left = Point { x: rect.corner.x + SIDE_PADDING, y };
        let plain = colour_index(strip.category).is_none();
        let (role, aside) =
            if plain { (Role::PlainHeader, Role::PlainAside) } else { (Role::Strip, Role::Aside) };
        texts.push(text(role, left, Anchor::Start, "", &strip.header, STRIP_FONT));
        if !strip.aside.is_empty() {
            let right = Point { x: rect.corner.x + rect.size.width - SIDE_PADDING, y };
            texts.push(text(aside, right, Anchor::End, "", &strip.aside, ASIDE_FONT));
        }
    }
    texts
}

fn header(node: &NodeBox, rect: Rect) -> Vec<Text> {
    let Rect { corner, size } = rect;
    let middle = corner.x + size.width / 2.0;
    if matches!(node.outline, Outline::Terminal | Outline::Undefined) {
        let role = if node.outline == Outline::Undefined { Role::Undefined } else { Role::Terminal };
        let at = Point { x: middle, y: baseline(corner.y, size.height, ROW_FONT) };
        return vec![text(role, at, Anchor::Middle, &node.header, &node.aside, ROW_FONT)];
    }
    let (role, aside) = match ground(node) {
        Ground::Colour => (Role::Header, Role::Aside),
        Ground::Bright => (Role::BrightHeader, Role::BrightAside),
        Ground::Neutral => (Role::PlainHeader, Role::PlainAside),
    };
    // A pill may be higher than its text, to hold its ports.
    let height = if node.outline == Outline::Pill { size.height } else { HEADER_HEIGHT };
    let y = baseline(corner.y, height, HEADER_FONT);
    let badge = if node.badge.is_some() { BADGE + TEXT_GAP } else { 0.0 };
    if node.aside.is_empty() && badge == 0.0 && node.outline == Outline::Pill {
        return vec![text(role, Point { x: middle, y }, Anchor::Middle, "", &node.header, HEADER_FONT)];
    }
    let left = Point { x: corner.x + SIDE_PADDING, y };
    let mut texts = vec![text(role, left, Anchor::Start, "", &node.header, HEADER_FONT)];
    if !node.aside.is_empty() {
        let right = Point { x: corner.x + size.width - SIDE_PADDING - badge, y };
        texts.push(text(aside, right, Anchor::End, "", &node.aside, ASIDE_FONT));
    }
    texts
}

fn rows(node: &NodeBox, corner: Point) -> Vec<Text> {
    let top = corner.y + HEADER_HEIGHT + ROWS_PADDING;
    let row = |(i, row): (usize, &Row)| {
        let y = baseline(top + i as f64 * ROW_HEIGHT, ROW_HEIGHT, ROW_FONT);
        let role = if row.constant { Role::ConstantRow } else { Role::AttributeRow };
        text(role, Point { x: corner.x + SIDE_PADDING, y }, Anchor::Start, &row.label, &row.value, ROW_FONT)
    };
    node.rows.iter().enumerate().map(row).collect()
}
