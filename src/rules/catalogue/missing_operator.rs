//! `O101`: a node that names no operator. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "O101",
    Family::Operators,
    Severity::Error,
    "a node names no operator",
    "\
A node has operands and results, and its `op_type` is missing or empty.

Why it matters: what it computes is not known, so the model can be drawn and not
run.

What to do: export the model again. The file is damaged, or was written by a
tool with a mistake.
",
);
