//! `S005`: a node that stands before what it needs. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S005",
    Family::Structure,
    Severity::Error,
    "a node stands before one whose result it uses",
    "\
ONNX demands that nodes are sorted topologically: each stands after all nodes
whose results it uses. One finding for each graph gives the first such node and
the number of such uses.

Why it matters: `onnx.checker` refuses the model, and interpreters that run
nodes from first to last fail. ONNX Runtime sorts by itself, which is why the
mistake often goes unseen.

Wrong:

    z = Tanh(y)
    y = Relu(x)

Right:

    y = Relu(x)
    z = Tanh(y)

What to do: sort the nodes after an edit, for instance by `graph.toposort()` of
onnx-graphsurgeon.
",
);
