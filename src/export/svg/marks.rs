//! Strips, signs and what a legend shows of them.

use std::fmt::Write;

use super::rect::rect;
use crate::diagram::measure::RADIUS;
use crate::diagram::theme::colour_index;
use crate::diagram::{Badge, Change, Size, WireKind};
use crate::export::number::number;
use crate::layout::Point;
use crate::picture::{Form, Ground, Mark, Rect};

pub(super) fn mark(out: &mut String, mark: &Mark) {
    match mark.form {
        Form::Strip(category, last) => strip(out, mark.rect, &class(colour_index(category)), last),
        Form::Swatch(category) => rect(out, &class(colour_index(category)), mark.rect, 2.0),
        Form::Heat(step) => rect(out, &format!("v{step}"), mark.rect, 0.0),
        Form::Badge(badge, ground) => sign(out, mark.rect.corner, badge, ground),
        Form::Change(change) => rect(out, change_class(change), mark.rect, RADIUS + 3.0),
        Form::Line(kind) => {
            let class = if kind == WireKind::Control { "e d" } else { "e y" };
            let Rect { corner, size } = mark.rect;
            let y = number(corner.y + size.height / 2.0);
            let _ = write!(
                out,
                "<path class=\"{class}\" d=\"M{} {y}h{}\"/>",
                number(corner.x),
                number(size.width)
            );
        }
        Form::Stack => {
            let Rect { corner, size } = mark.rect;
            for by in [4.0, 2.0, 0.0] {
                let corner = Point { x: corner.x + by, y: corner.y + by - 2.0 };
                let size = Size { width: size.width - 2.0, height: size.height - 2.0 };
                rect(out, "f", Rect { corner, size }, 2.0);
            }
        }
    }
}

fn change_class(change: Change) -> &'static str {
    match change {
        Change::Added => "va",
        Change::Changed => "vc",
        Change::Removed => "vr",
    }
}

fn class(colour: Option<usize>) -> String {
    colour.map_or_else(|| "n".into(), |i| format!("k{i}"))
}

/// A strip across the foot of a box.
fn strip(out: &mut String, rect: Rect, class: &str, last: bool) {
    let Rect { corner, size } = rect;
    let (x, y, w) = (number(corner.x), number(corner.y), number(size.width));
    if last {
        let (r, side) = (number(RADIUS), number(size.height - RADIUS));
        let inner = number(size.width - 2.0 * RADIUS);
        let _ = write!(
            out,
            "<path class=\"{class}\" d=\"M{x} {y}h{w}v{side}a{r} {r} 0 0 1-{r} {r}h-{inner}a{r} {r} 0 0 1-{r}-{r}z\"/>"
        );
    } else {
        let h = number(size.height);
        let _ = write!(out, "<path class=\"{class}\" d=\"M{x} {y}h{w}v{h}h-{w}z\"/>");
    }
}

/// A lock or dots in a square of ten pixels.
fn sign(out: &mut String, at: Point, badge: Badge, ground: Ground) {
    let (fill, line) = match ground {
        Ground::Colour => ("g", "g2"),
        Ground::Bright => ("g z", "g2 gz"),
        Ground::Neutral => ("a", "g2 gn"),
    };
    let (x, y) = (at.x, at.y);
    let n = number;
    match badge {
        Badge::Frozen => {
            let body = format!("M{} {}h8v5h-8z", n(x + 1.0), n(y + 5.0));
            let bow = format!("M{} {}v-2a2.5 2.5 0 0 1 5 0v2", n(x + 2.5), n(y + 5.0));
            let _ = write!(out, "<path class=\"{fill}\" d=\"{body}\"/><path class=\"{line}\" d=\"{bow}\"/>");
        }
        Badge::Dropout => {
            let mut full = String::new();
            let mut empty = String::new();
            for i in 0..9u32 {
                let (cx, cy) = (x + 1.5 + 3.5 * f64::from(i % 3), y + 1.5 + 3.5 * f64::from(i / 3));
                // Every other one is left out.
                let (list, r) = if i % 2 == 0 { (&mut full, 1.5) } else { (&mut empty, 1.0) };
                let _ = write!(
                    list,
                    "M{} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0z",
                    n(cx - r),
                    n(cy),
                    d = 2.0 * r
                );
            }
            let _ =
                write!(out, "<path class=\"{fill}\" d=\"{full}\"/><path class=\"{line} g1\" d=\"{empty}\"/>");
        }
    }
}
