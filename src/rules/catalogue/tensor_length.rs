//! `W304`: content whose length is not that of the tensor. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "W304",
    Family::Weights,
    Severity::Error,
    "a tensor's content is shorter or longer than its shape says",
    "\
The bytes that are stored for a tensor are not as many as its dimensions and
element type need.

Why it matters: a reader that trusts the shape reads past the end, one that
trusts the content computes with the wrong weights. Both have been security
problems.

Wrong: f32[2, 3] with 20 bytes; 2 × 3 × 4 = 24 are needed.

What to do: download the file again if it may be cut off. A tool that replaces
weights must write dimensions, type and content together.
",
);
