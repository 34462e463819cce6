//! `D001`: an image larger than viewers show. Noticed when a PNG is made.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "D001",
    Family::Drawing,
    Severity::Warning,
    "the image is larger than many viewers show",
    "\
A side of the PNG has more than 32,767 pixels.

Why it matters: many viewers and browsers show nothing past that, or refuse the
image.

What to do: draw SVG or PDF, which have no such limit; or make the picture
smaller, by a lower scale or with more of the model folded.
",
);
