//! Shapes to paint: a diagram and its layout, on one page.
//!
//! Everything has its absolute place. What a shape looks like is said by what it
//! is (a header of a category, a row, a line), not by colours, so that one picture
//! serves light and dark pages.

use std::collections::HashMap;

use crate::diagram::font::{self, Weight};
use crate::diagram::measure::*;
use crate::diagram::theme::{DARK_TEXT_FROM, HEAT, colour_index};
use crate::diagram::{Badge, BoxId, Change, Diagram, FrameId, NodeBox, Outline, Size, Wire, WireKind};
use crate::layout::{Layout, Piece, Point, RouteKind};
use crate::ops::Category;

mod foot;

/// A page of shapes.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Its size in pixels.
    pub size: Size,
    /// The title.
    pub title: String,
    /// One line on what is shown.
    pub description: String,
    /// Frames, those around others first.
    pub frames: Vec<FrameShape>,
    /// Lines, below the boxes.
    pub lines: Vec<Line>,
    /// Boxes, in the order of the file.
    pub boxes: Vec<BoxShape>,
    /// Texts beside lines.
    pub labels: Vec<Text>,
    /// Off-page connectors.
    pub pills: Vec<Pill>,
    /// What stands above and below: title, legend.
    pub marks: Vec<Mark>,
}

/// A coloured shape: a strip, a sign, a part of the legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where it is.
    pub rect: Rect,
    /// What it is.
    pub form: Form,
}

/// The form of a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A strip across the foot of a box; the last one has round corners below.
    Strip(Category, bool),
    /// The colour of a category.
    Swatch(Category),
    /// A step of the scale of an overlay.
    Heat(u8),
    /// A sign, and whether it stands on a colour with light text, on one with dark text,
    /// or on a neutral ground.
    Badge(Badge, Ground),
    /// The border around what an edit changed.
    Change(Change),
    /// A piece of line.
    Line(WireKind),
    /// A stack of frames.
    Stack,
}

/// What something stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A colour, with white text.
    Colour,
    /// A bright colour, with black text.
    Bright,
    /// A neutral one.
    Neutral,
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// The top-left corner.
    pub corner: Point,
    /// Its size.
    pub size: Size,
}

/// A frame with its title.
#[derive(Clone, Debug)]
pub struct FrameShape {
    /// Its border.
    pub rect: Rect,
    /// How many sheets lie behind it.
    pub sheets: u32,
    /// Its title.
    pub title: Text,
}

/// A line between boxes.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it begins.
    pub start: Point,
    /// Its pieces.
    pub pieces: Vec<Piece>,
    /// The arrowhead: its tip, and the direction of the line there (of length 1).
    pub arrow: Option<(Point, Point)>,
    /// Whether it is data or only an order.
    pub kind: WireKind,
}

/// A box with its texts.
#[derive(Clone, Debug)]
pub struct BoxShape {
    /// The box's number in the diagram.
    pub id: BoxId,
    /// Its border.
    pub rect: Rect,
    /// Its outline.
    pub outline: Outline,
    /// Its colour.
    pub category: Category,
    /// The name, if the box does not show it.
    pub tip: String,
    /// Its step on the scale of an overlay, which is its colour then.
    pub heat: Option<u8>,
    /// The header's texts.
    pub header: Vec<Text>,
    /// The rows, each one text of one or two parts.
    pub rows: Vec<Text>,
    /// Strips and a sign.
    pub marks: Vec<Mark>,
    /// The texts of the strips.
    pub strips: Vec<Text>,
}

/// A line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The anchor on the baseline.
    pub at: Point,
    /// Where the anchor is.
    pub anchor: Anchor,
    /// What the text is.
    pub role: Role,
    /// A first part that stands out.
    pub lead: String,
    /// The text.
    pub text: String,
    /// The width to keep, where the font does not have every character.
    pub guard: Option<f64>,
}

/// Which end of a text is at its anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An operator's name on a colour.
    Header,
    /// An operator's name on a neutral ground.
    PlainHeader,
    /// The muted text in a coloured header.
    Aside,
    /// The same on a neutral ground.
    PlainAside,
    /// A row whose first part is a constant's name.
    ConstantRow,
    /// A row whose first part is an attribute's name.
    AttributeRow,
    /// A graph input or output.
    Terminal,
    /// A name that nothing defines.
    Undefined,
    /// Beside a line, or in an off-page connector.
    Label,
    /// A frame's title.
    FrameTitle,
    /// An operator's name on a bright colour.
    BrightHeader,
    /// The same for the text at its right.
    BrightAside,
    /// The name in a strip.
    Strip,
    /// The line above the picture.
    Heading,
}

/// An off-page connector.
#[derive(Clone, Debug)]
pub struct Pill {
    /// Its border.
    pub rect: Rect,
    /// The name in it.
    pub text: Text,
}

/// Paints a laid-out diagram.
pub fn picture(diagram: &Diagram, layout: &Layout) -> Picture {
    let above = if diagram.heading.is_some() { HEADING_HEIGHT } else { 0.0 };
    let down = Point { x: 0.0, y: above };
    let origin = |f: usize| moved(down, layout.origin(diagram, FrameId(f as u32)));
    let origins: Vec<Point> = (0..diagram.frames.len()).map(origin).collect();
    let mut picture = Picture {
        size: Size { height: layout.size.height + above, ..layout.size },
        title: diagram.title.clone(),
        description: diagram.description.clone(),
        ..Picture::default()
    };
    let labels = Labels::of(diagram);
    for (f, frame) in diagram.frames.iter().enumerate().skip(1) {
        let rect = Rect { corner: origins[f], size: layout.frames[f].size };
        let at = moved(origins[f], layout.frames[f].title);
        let at = Point { x: at.x, y: at.y + HEADER_FONT * (0.5 + BASELINE) + 4.0 };
        let title = text(Role::FrameTitle, at, Anchor::Start, "", &frame.title, HEADER_FONT);
        let sheets = if frame.times > 1 { 2 } else { 0 };
        picture.frames.push(FrameShape { rect, sheets, title });
    }
    for (i, (node, corner)) in diagram.boxes.iter().zip(&layout.boxes).enumerate() {
        let corner = moved(origins[node.frame.index()], *corner);
        picture.boxes.push(box_shape(BoxId(i as u32), node, corner));
    }
    for route in &layout.routes {
        let origin = origins[route.frame.index()];
        let pieces: Vec<Piece> = route.pieces.iter().map(|p| p.map(|at| moved(origin, at))).collect();
        let start = moved(origin, route.start);
        let arrow = route.arrow.then(|| arrow(start, &pieces));
        picture.lines.push(Line { start, pieces, arrow, kind: route.wire_kind });
        let Some((corner, size)) = route.label else { continue };
        let rect = Rect { corner: moved(origin, corner), size };
        let wire = &diagram.wires[route.wires[0] as usize];
        if route.kind == RouteKind::Connector {
            let name = wire.connector.as_ref().map_or("", |c| &c.label.text);
            let at = Point {
                x: rect.corner.x + size.width / 2.0,
                y: baseline(rect.corner.y, size.height, LABEL_FONT),
            };
            picture
                .pills
                .push(Pill { rect, text: text(Role::Label, at, Anchor::Middle, "", name, LABEL_FONT) });
        } else if let Some(label) = labels.at(wire) {
            let at = Point { x: rect.corner.x, y: baseline(rect.corner.y, size.height, LABEL_FONT) };
            picture.labels.push(text(Role::Label, at, Anchor::Start, "", label, LABEL_FONT));
        }
    }
    foot::add(&mut picture, diagram);
    picture
}

/// The texts beside lines, by the box and the slot that they leave.
pub(crate) struct Labels<'a>(HashMap<(BoxId, u32), &'a str>);

impl<'a> Labels<'a> {
    pub(crate) fn of(diagram: &'a Diagram) -> Self {
        let labelled = diagram.wires.iter().filter_map(|w| Some((w, w.label.as_ref()?)));
        Labels(labelled.map(|(w, label)| ((w.from, w.from_slot), label.text.as_str())).collect())
    }

    /// The text beside the lines of a wire's value.
    pub(crate) fn at(&self, wire: &Wire) -> Option<&'a str> {
        self.0.get(&(wire.from, wire.from_slot)).copied()
    }
}

fn moved(origin: Point, p: Point) -> Point {
    Point { x: origin.x + p.x, y: origin.y + p.y }
}

/// The tip of a line, and its direction there.
fn arrow(start: Point, pieces: &[Piece]) -> (Point, Point) {
    let tip = pieces.last().map_or(start, |p| p.end());
    let before = match pieces {
        [.., Piece::Curve(_, control, _)] => *control,
        [.., before, Piece::Line(_)] => before.end(),
        _ => start,
    };
    let (dx, dy) = (tip.x - before.x, tip.y - before.y);
    let length = libm::hypot(dx, dy);
    // A line without length points downwards.
    let direction =
        if length > 0.0 { Point { x: dx / length, y: dy / length } } else { Point { x: 0.0, y: 1.0 } };
    (tip, direction)
}

/// The baseline that centres text of a font size in a strip.
fn baseline(top: f64, height: f64, font: f64) -> f64 {
    top + height / 2.0 + BASELINE * font
}

fn text(role: Role, at: Point, anchor: Anchor, lead: &str, text: &str, font: f64) -> Text {
    let covered = font::is_covered(lead) && font::is_covered(text);
    let guard = (!covered).then(|| {
        let gap = if lead.is_empty() || text.is_empty() { 0.0 } else { TEXT_GAP };
        font::width(lead, font, Weight::Bold) + gap + font::width(text, font, Weight::Regular)
    });
    Text { at, anchor, role, lead: lead.to_owned(), text: text.to_owned(), guard }
}

fn box_shape(id: BoxId, node: &NodeBox, corner: Point) -> BoxShape {
    let rect = Rect { corner, size: node.size };
    let named = matches!(node.outline, Outline::Terminal | Outline::Undefined)
        || node.rows.first().is_some_and(|row| row.label == node.name);
    BoxShape {
        id,
        rect,
        outline: node.outline,
        category: node.category,
        tip: if named && node.header == node.name { String::new() } else { node.name.clone() },
        heat: node.heat,
        header: header(node, rect),
        rows: rows(node, corner),
        marks: marks(node, rect),
        strips: strips(node, rect),
    }
}

/// What the header of a box stands on.
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
    let row = |(i, row): (usize, &crate::diagram::Row)| {
        let y = baseline(top + i as f64 * ROW_HEIGHT, ROW_HEIGHT, ROW_FONT);
        let role = if row.constant { Role::ConstantRow } else { Role::AttributeRow };
        text(role, Point { x: corner.x + SIDE_PADDING, y }, Anchor::Start, &row.label, &row.value, ROW_FONT)
    };
    node.rows.iter().enumerate().map(row).collect()
}
