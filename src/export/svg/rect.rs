//! A rectangle of the drawing.

use std::fmt::Write;

use crate::export::number::number;
use crate::picture::Rect;

/// Writes a rectangle with round corners.
pub(super) fn rect(out: &mut String, class: &str, rect: Rect, radius: f64) {
    let [x, y, w, h] = [rect.corner.x, rect.corner.y, rect.size.width, rect.size.height].map(number);
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{}\"/>",
        number(radius)
    );
}
