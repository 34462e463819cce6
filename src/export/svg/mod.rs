//! SVG: one self-contained file, the same bytes on every machine.
//!
//! Real, selectable text in fonts with the metrics of Arial; light and dark in one
//! file; no script, no reference to anything outside, nothing that clashes when
//! two pictures stand in one page: all rules and ids begin with the picture's own.

mod marks;
mod rect;
mod style;

use std::fmt::Write;

use super::number::number;
use super::xml::escape;
use crate::diagram::measure::{ARROW_HALF, ARROW_LENGTH, HEADER_HEIGHT, RADIUS};
use crate::diagram::theme::{Background, Theme, colour_index};
use crate::diagram::{Outline, WireKind};
use crate::layout::{Piece, Point};
use crate::picture::{Anchor, BoxShape, FrameShape, LineShape, Picture, Pill, Rect, Role, Text};
use marks::mark;
use rect::rect;

/// How to write a picture.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SvgOptions {
    /// The colours.
    pub theme: Theme,
    /// The ground in place of the theme's.
    pub background: Option<Background>,
    /// The hash of the diagram's structure, in hexadecimal: see
    /// [`crate::diagram::structure_hash`].
    pub structure: String,
    /// The options that the picture was made with, to recognise a stale one.
    pub made_with: String,
}

/// The picture as an SVG document.
pub fn svg(picture: &Picture<'_>, options: &SvgOptions) -> String {
    let id = format!("m{}", options.structure.get(..8).unwrap_or("0"));
    let mut out = String::with_capacity(4096 + 400 * picture.boxes.len());
    head(&mut out, picture, options, &id);
    // All frames lie below all lines, and those below all boxes: the tree is written flat.
    let page = picture.content.corner;
    let origins: Vec<Point> = picture.origins().into_iter().map(|origin| page.moved(origin)).collect();
    for (frame, &origin) in picture.frames.iter().zip(&origins).skip(1) {
        frame_shape(&mut out, frame, origin);
    }
    let placed = || picture.lines.iter().map(|line| (line, origins[line.route.frame.index()]));
    lines(&mut out, placed().map(|(line, origin)| line.shape(origin)));
    for shape in &picture.boxes {
        box_shape(&mut out, shape, origins[shape.node.frame.index()].moved(shape.corner));
    }
    for pill in placed().filter_map(|(line, origin)| line.pill(origin)) {
        pill_shape(&mut out, &pill);
    }
    for shape in &picture.marks {
        mark(&mut out, shape);
    }
    for label in placed().filter_map(|(line, origin)| line.text(origin)) {
        text(&mut out, &label);
    }
    for line in &picture.texts {
        text(&mut out, line);
    }
    out.push_str("</svg>\n");
    out
}

fn head(out: &mut String, picture: &Picture<'_>, options: &SvgOptions, id: &str) {
    let (w, h) = (number(picture.size.width.ceil()), number(picture.size.height.ceil()));
    let (title, desc) = (escape(picture.title), escape(picture.description));
    let metadata = format!("structure={} {}", options.structure, options.made_with);
    let ground = match options.background {
        None => format!("<rect class=\"bg\" width=\"{w}\" height=\"{h}\"/>"),
        Some(Background::Transparent) => String::new(),
        Some(Background::Colour(colour)) => {
            format!("<rect width=\"{w}\" height=\"{h}\" fill=\"{colour}\"/>")
        }
    };
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{id}\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         role=\"img\" aria-labelledby=\"{id}t {id}d\"><title id=\"{id}t\">{title}</title><desc id=\"{id}d\">{desc}</desc>\
         <metadata>modelgram {}</metadata><style>{}</style>{ground}",
        escape(metadata.trim_end()),
        style::css(id, options.theme, &style::Extras::of(picture)),
    );
}

fn frame_shape(out: &mut String, shape: &FrameShape<'_>, corner: Point) {
    let frame = Rect { corner, size: shape.placed.size };
    let sheets = if shape.frame.times > 1 { 2 } else { 0 };
    for sheet in (1..=sheets).rev() {
        let by = 4.0 * f64::from(sheet);
        let corner = Point { x: corner.x + by, y: corner.y + by };
        rect(out, "f", Rect { corner, ..frame }, 10.0);
    }
    rect(out, "f", frame, 10.0);
    text(out, &shape.title(corner));
    out.push('\n');
}

/// So many lines at most are one element.
const SHARED: usize = 64;

/// The lines, then all arrowheads as one shape.
fn lines(out: &mut String, lines: impl Iterator<Item = LineShape>) {
    let mut heads = String::new();
    let mut shared = ("", String::new(), 0);
    let close = |out: &mut String, (class, text, count): &(&str, String, usize)| {
        if *count > 0 {
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{text}\"/>");
        }
    };
    for line in lines {
        let class = match line.kind {
            WireKind::Plain => "e",
            WireKind::Control => "e d",
            WireKind::Bypass => "e y",
        };
        let mut path = Path::begin(line.start);
        let last = line.pieces.len().saturating_sub(1);
        for (i, piece) in line.pieces.iter().enumerate() {
            match (*piece, line.arrow) {
                // The line ends inside its arrowhead.
                (Piece::Line(p), Some((_, d))) if i == last => path.line(back(p, d, ARROW_LENGTH - 1.0)),
                (Piece::Line(p), _) => path.line(p),
                (Piece::Curve(a, b, p), _) => path.curve(a, b, p),
            }
        }
        // Lines of one look share an element; not too many, for those who paint parts of it.
        if class != shared.0 || shared.2 >= SHARED {
            close(out, &shared);
            shared = (class, String::new(), 0);
        }
        shared.1.push_str(&path.text);
        shared.2 += 1;
        if let Some((tip, d)) = line.arrow {
            head_shape(&mut heads, tip, d);
        }
    }
    close(out, &shared);
    if !heads.is_empty() {
        let _ = writeln!(out, "<path class=\"a\" d=\"{heads}\"/>");
    }
}

fn back(p: Point, direction: Point, by: f64) -> Point {
    Point { x: p.x - direction.x * by, y: p.y - direction.y * by }
}

/// A slim triangle with its tip at `tip`.
fn head_shape(out: &mut String, tip: Point, d: Point) {
    let foot = back(tip, d, ARROW_LENGTH);
    let side = Point { x: -d.y * ARROW_HALF, y: d.x * ARROW_HALF };
    let mut path = Path::begin(tip);
    path.line(Point { x: foot.x + side.x, y: foot.y + side.y });
    path.line(Point { x: foot.x - side.x, y: foot.y - side.y });
    out.push_str(&path.text);
    out.push('z');
}

/// Path data in relative commands. Each is taken from the rounded place before, so
/// that rounding does not add up.
struct Path {
    text: String,
    at: Point,
}

impl Path {
    fn begin(start: Point) -> Self {
        let at = rounded(start);
        Path { text: format!("M{}{}", number(at.x), pair(number(at.y))), at }
    }

    fn line(&mut self, to: Point) {
        let to = rounded(to);
        let (dx, dy) = (to.x - self.at.x, to.y - self.at.y);
        match (number(dx).as_str(), number(dy).as_str()) {
            ("0", "0") => {}
            ("0", y) => self.text.push_str(&format!("v{y}")),
            (x, "0") => self.text.push_str(&format!("h{x}")),
            (x, y) => self.text.push_str(&format!("l{x}{}", pair(y.to_owned()))),
        }
        self.at = to;
    }

    fn curve(&mut self, a: Point, b: Point, to: Point) {
        let to = rounded(to);
        self.text.push('c');
        let mut first = true;
        for p in [a, b, to] {
            for v in [p.x - self.at.x, p.y - self.at.y].map(number) {
                self.text.push_str(&if first { v } else { pair(v) });
                first = false;
            }
        }
        self.at = to;
    }
}

/// A number after another: a minus sign separates by itself.
fn pair(number: String) -> String {
    if number.starts_with('-') { number } else { format!(" {number}") }
}

fn rounded(p: Point) -> Point {
    let r = |v: f64| (v * 100.0).round() / 100.0;
    Point { x: r(p.x), y: r(p.y) }
}

fn box_shape(out: &mut String, shape: &BoxShape<'_>, corner: Point) {
    let (node, shape) = (shape.node, shape.parts(corner));
    out.push_str("<g>");
    if !shape.tip.is_empty() {
        let _ = write!(out, "<title>{}</title>", escape(shape.tip));
    }
    let class = match (node.heat, colour_index(node.category)) {
        (Some(step), _) => format!("v{step}"),
        (None, Some(i)) => format!("k{i}"),
        (None, None) => "n".into(),
    };
    match node.outline {
        Outline::Terminal => rect(out, "t", shape.rect, shape.rect.size.height.min(22.0) / 2.0),
        Outline::Undefined => rect(out, "t u", shape.rect, shape.rect.size.height.min(22.0) / 2.0),
        Outline::Pill => rect(out, &class, shape.rect, RADIUS),
        Outline::Card => {
            rect(out, "b", shape.rect, RADIUS);
            let mut path =
                Path::begin(Point { x: shape.rect.corner.x, y: shape.rect.corner.y + HEADER_HEIGHT });
            let r = number(RADIUS);
            let w = number(shape.rect.size.width - 2.0 * RADIUS);
            let side = number(HEADER_HEIGHT - RADIUS);
            let _ = write!(path.text, "v-{side}a{r} {r} 0 0 1 {r}-{r}h{w}a{r} {r} 0 0 1 {r} {r}v{side}z");
            let _ = write!(out, "<path class=\"{class}\" d=\"{}\"/>", path.text);
        }
    }
    for line in &shape.header {
        text(out, line);
    }
    if let Some(first) = shape.rows.first() {
        let class = role(first.role);
        let _ = write!(out, "<text class=\"{class}\">");
        for row in &shape.rows {
            let lead = if row.role == Role::ConstantRow { "s" } else { "q" };
            let (x, y, guard) = (number(row.at.x), number(row.at.y), guard(row));
            let _ = write!(out, "<tspan class=\"{lead}\" x=\"{x}\" y=\"{y}\"{guard}>{}", escape(&row.lead));
            if row.text.is_empty() || row.guard.is_some() {
                // One length holds for all of a guarded row.
                let gap = if row.text.is_empty() { "" } else { " " };
                let _ = write!(out, "{gap}{}</tspan>", escape(&row.text));
            } else {
                let _ = write!(out, "</tspan> {}", escape(&row.text));
            }
        }
        out.push_str("</text>");
    }
    shape.marks.iter().for_each(|shape| mark(out, shape));
    shape.strips.iter().for_each(|line| text(out, line));
    out.push_str("</g>\n");
}

fn pill_shape(out: &mut String, pill: &Pill) {
    rect(out, "t", pill.rect, pill.rect.size.height / 2.0);
    text(out, &pill.text);
    out.push('\n');
}

fn text(out: &mut String, line: &Text) {
    let class = role(line.role);
    let middle = if line.anchor == Anchor::Middle { " c" } else { "" };
    let (x, y, guard) = (number(line.at.x), number(line.at.y), guard(line));
    let _ = write!(out, "<text class=\"{class}{middle}\" x=\"{x}\" y=\"{y}\"{guard}>");
    match (line.lead.is_empty(), line.text.is_empty()) {
        (true, _) => out.push_str(&escape(&line.text)),
        (false, true) => out.push_str(&format!("<tspan class=\"s\">{}</tspan>", escape(&line.lead))),
        (false, false) => {
            let _ = write!(out, "<tspan class=\"s\">{}</tspan> {}", escape(&line.lead), escape(&line.text));
        }
    }
    out.push_str("</text>");
}

fn guard(line: &Text) -> String {
    line.guard
        .map_or(String::new(), |w| format!(" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\"", number(w)))
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Header => "h",
        Role::PlainHeader => "i",
        Role::Aside => "m",
        Role::PlainAside => "o",
        Role::ConstantRow | Role::AttributeRow => "r",
        Role::Terminal => "r p",
        Role::Undefined => "r w",
        Role::Label => "l",
        Role::FrameTitle => "i",
        Role::BrightHeader => "h z",
        Role::BrightAside => "m z",
        Role::Strip => "h x",
        Role::Heading => "j",
    }
}
