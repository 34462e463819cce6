//! `K005`: more calls of layers than are drawn. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K005",
    Family::Reading,
    Severity::Error,
    "more calls of layers than are read",
    "\
Nested models that are called often are drawn as often, and this file has more
than 200,000 calls in all. The rest is left out.

Why it matters: the picture and the figures are of a part of the model. Nesting
lets a small file stand for an enormous number of layers, so this may be a file
that is made to exhaust its readers.

What to do: draw the inner model by itself.
",
);
