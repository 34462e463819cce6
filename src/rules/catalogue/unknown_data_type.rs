//! `O104`: an element type that is not known. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "O104",
    Family::Operators,
    Severity::Error,
    "an element type has a number that is not known",
    "\
The element type of a stored tensor or of a value is a number that ONNX, as far
as this program knows it, does not define.

Why it matters: without the type the size of an element is not known, so weights
cannot be read, and no type can be derived from the value.

What to do: use a newer release of this program, in case the type is new.
Otherwise the file is damaged.
",
);
