//! `S002`: two results of one name. Noticed in `model/defects.rs`, when a graph is complete.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S002",
    Family::Structure,
    Severity::Error,
    "two operators define a value of the same name",
    "\
Names of values are unique in a graph: each is defined once, and the definition
does not change (static single assignment).

Why it matters: which of the two values a later operator means cannot be known.
Here uses are taken to mean the first; others take the last, or refuse the
model.

Wrong:

    y = Relu(x)
    y = Tanh(y)

Right:

    y = Relu(x)
    z = Tanh(y)

What to do: give one of the values another name, and name it so where it is
used. Tools that merge two graphs should put a prefix before the names of each,
as `onnx.compose.add_prefix` does.
",
);
