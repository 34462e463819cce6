//! The parts above and below the boxes: title, legend, scale, footer.

use super::text::{baseline, text};
use super::types::{Anchor, Form, Ground, Mark, Picture, Rect, Role};
use crate::diagram::font::{self, Weight};
use crate::diagram::measure::*;
use crate::diagram::theme::HEAT;
use crate::diagram::{Diagram, Entry, Scale, Sign, Size};
use crate::layout::Point;

/// Height of a line of the legend.
const LINE: f64 = 18.0;
/// Width of what an entry explains.
const SIGN: f64 = 16.0;
/// Height of the same.
const SIGN_HEIGHT: f64 = 10.0;
/// Room between two entries.
const BETWEEN: f64 = 14.0;
/// A legend is never narrower than this, even under a narrow picture.
const NARROWEST: f64 = 220.0;
/// Width of one step of a scale.
const STEP: f64 = 14.0;

/// Adds them, and enlarges the page as needed.
pub(super) fn add(picture: &mut Picture<'_>, diagram: &Diagram) {
    if let Some(heading) = &diagram.heading {
        let at = Point { x: SIDE_PADDING, y: baseline(0.0, HEADING_HEIGHT, HEADING_FONT) };
        picture.texts.push(text(Role::Heading, at, Anchor::Start, "", heading, HEADING_FONT));
        widen(picture, font::width(heading, HEADING_FONT, Weight::Bold));
    }
    if let Some(scale) = &diagram.scale {
        add_scale(picture, scale);
    }
    add_legend(picture, &diagram.legend);
    if let Some(footer) = &diagram.footer {
        let top = picture.size.height;
        label(picture, SIDE_PADDING, top, HEADER_HEIGHT, footer);
        widen(picture, font::width(footer, LABEL_FONT, Weight::Regular));
        picture.size.height += HEADER_HEIGHT;
    }
}

fn widen(picture: &mut Picture<'_>, content: f64) {
    picture.size.width = picture.size.width.max(content + 2.0 * SIDE_PADDING);
}

/// A text that begins at `x`, in the middle of a line; returns its width.
fn label(picture: &mut Picture<'_>, x: f64, top: f64, height: f64, content: &str) -> f64 {
    let at = Point { x, y: baseline(top, height, LABEL_FONT) };
    picture.texts.push(text(Role::Label, at, Anchor::Start, "", content, LABEL_FONT));
    font::width(content, LABEL_FONT, Weight::Regular)
}

/// `title least ▮▮▮▮▮▮ most`.
fn add_scale(picture: &mut Picture<'_>, scale: &Scale) {
    let top = picture.size.height;
    let mut x = SIDE_PADDING;
    let words = [scale.title.as_str(), scale.ends[0].as_str()];
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        x += label(picture, x, top, LINE, word) + TEXT_GAP + 3.0;
    }
    for step in 0..HEAT.len() {
        let corner = Point { x, y: top + (LINE - SIGN_HEIGHT) / 2.0 };
        let rect = Rect { corner, size: Size { width: STEP, height: SIGN_HEIGHT } };
        picture.marks.push(Mark { rect, form: Form::Heat(step as u8) });
        x += STEP;
    }
    x += TEXT_GAP + 3.0;
    x += label(picture, x, top, LINE, &scale.ends[1]);
    widen(picture, x - SIDE_PADDING);
    picture.size.height = top + LINE + 6.0;
}

/// The entries, in as many lines as they need.
fn add_legend(picture: &mut Picture<'_>, entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
    let end = picture.size.width.max(NARROWEST) - SIDE_PADDING;
    let (mut x, mut top) = (SIDE_PADDING, picture.size.height);
    for entry in entries {
        let wanted = SIGN + TEXT_GAP + font::width(&entry.text, LABEL_FONT, Weight::Regular);
        if x > SIDE_PADDING && x + wanted > end {
            (x, top) = (SIDE_PADDING, top + LINE);
        }
        let corner = Point { x, y: top + (LINE - SIGN_HEIGHT) / 2.0 };
        let (form, width) = match entry.sign {
            Sign::Colour(category) => (Form::Swatch(category), SIGN),
            Sign::Badge(badge) => (Form::Badge(badge, Ground::Neutral), BADGE),
            Sign::Change(change) => (Form::Change(change), SIGN),
            Sign::Line(kind) => (Form::Line(kind), SIGN),
            Sign::Stack => (Form::Stack, SIGN - 4.0),
        };
        let rect = Rect { corner, size: Size { width, height: SIGN_HEIGHT } };
        picture.marks.push(Mark { rect, form });
        label(picture, x + SIGN + TEXT_GAP, top, LINE, &entry.text);
        widen(picture, x + wanted - SIDE_PADDING);
        x += wanted + BETWEEN;
    }
    picture.size.height = top + LINE + 6.0;
}
