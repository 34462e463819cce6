//! `X706`: a tensor with two contents. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "X706",
    Family::Safety,
    Severity::Error,
    "a tensor has two contents",
    "\
A tensor has raw bytes (`raw_data`) and a typed list (such as `float_data`) at
once. The raw bytes count here.

Why it matters: programs differ in which of the two they use, so that a check
may look at other weights than those that are run.

What to do: remove one of the two. If the file was not made by your own tools,
do not trust it.
",
);
