//! `S007`: two nodes of one name. Noticed in `model/defects.rs`.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S007",
    Family::Structure,
    Severity::Warning,
    "two nodes have the same name",
    "\
Nodes are not wired by their names, but by those of values. Two nodes of one
name are therefore no contradiction; nodes without a name are fine as well.

Why it matters: ONNX Runtime refuses the model, profilers and debuggers add up
what belongs to two nodes, and a tool that finds a node by name finds the wrong
one.

What to do: give each node its own name, or none. When a part of a graph is
copied, names need a suffix.
",
);
