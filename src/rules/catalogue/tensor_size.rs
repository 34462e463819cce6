//! `X702`: dimensions that are not a size. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "X702",
    Family::Safety,
    Severity::Error,
    "a tensor's dimensions are negative or overflow",
    "\
A stored tensor has a negative dimension, or dimensions whose product is more
than can be counted in 64 bits.

Why it matters: a reader that multiplies without a check gets a small number,
allocates that much, and writes past its end. No honest file has such a tensor.

What to do: do not load the model elsewhere. The file is damaged or hostile.
",
);
