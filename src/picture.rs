//! Shapes to paint: a diagram and its layout, on one page.
//!
//! Everything has its absolute place. What a shape looks like is said by what it
//! is (a header of a category, a row, a line), not by colours, so that one picture
//! serves light and dark pages.

use std::collections::HashMap;

use crate::diagram::font::{self, Weight};
use crate::diagram::measure::*;
use crate::diagram::{BoxId, Diagram, FrameId, NodeBox, Outline, Size, Wire, WireKind};
use crate::layout::{Layout, Piece, Point, RouteKind};
use crate::ops::Category;

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
    /// The header's texts.
    pub header: Vec<Text>,
    /// The rows, each one text of one or two parts.
    pub rows: Vec<Text>,
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
    let origins: Vec<Point> =
        (0..diagram.frames.len()).map(|f| layout.origin(diagram, FrameId(f as u32))).collect();
    let mut picture = Picture {
        size: layout.size,
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
    if let Some(footer) = &diagram.footer {
        add_footer(&mut picture, footer);
    }
    picture
}

/// A line of text below everything, as wide as it needs.
fn add_footer(picture: &mut Picture, footer: &str) {
    let Size { width, height } = picture.size;
    let needed = font::width(footer, LABEL_FONT, Weight::Regular) + 2.0 * SIDE_PADDING;
    let at = Point { x: SIDE_PADDING, y: baseline(height, HEADER_HEIGHT, LABEL_FONT) };
    picture.labels.push(text(Role::Label, at, Anchor::Start, "", footer, LABEL_FONT));
    picture.size = Size { width: width.max(needed), height: height + HEADER_HEIGHT };
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
    let length = dx.hypot(dy);
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
        header: header(node, rect),
        rows: rows(node, corner),
    }
}

fn header(node: &NodeBox, rect: Rect) -> Vec<Text> {
    let Rect { corner, size } = rect;
    let middle = corner.x + size.width / 2.0;
    if matches!(node.outline, Outline::Terminal | Outline::Undefined) {
        let role = if node.outline == Outline::Undefined { Role::Undefined } else { Role::Terminal };
        let at = Point { x: middle, y: baseline(corner.y, size.height, ROW_FONT) };
        return vec![text(role, at, Anchor::Middle, &node.header, &node.aside, ROW_FONT)];
    }
    let coloured = crate::diagram::theme::colour_index(node.category).is_some();
    let (role, aside) =
        if coloured { (Role::Header, Role::Aside) } else { (Role::PlainHeader, Role::PlainAside) };
    // A pill may be higher than its text, to hold its ports.
    let height = if node.outline == Outline::Pill { size.height } else { HEADER_HEIGHT };
    let y = baseline(corner.y, height, HEADER_FONT);
    if node.aside.is_empty() && node.outline == Outline::Pill {
        return vec![text(role, Point { x: middle, y }, Anchor::Middle, "", &node.header, HEADER_FONT)];
    }
    let left = Point { x: corner.x + SIDE_PADDING, y };
    let mut texts = vec![text(role, left, Anchor::Start, "", &node.header, HEADER_FONT)];
    if !node.aside.is_empty() {
        let right = Point { x: corner.x + size.width - SIDE_PADDING, y };
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
