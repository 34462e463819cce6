//! `S003`: an operand that nothing defines. Noticed in `model/defects.rs` and by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S003",
    Family::Structure,
    Severity::Error,
    "an operator uses a value that nothing defines",
    "\
An operator names a value that is not a graph input, not a stored constant, and
not the result of any operator; inside a subgraph, not one of a graph around it
either. In a Keras file: a layer is called on a layer that gives nothing before
it.

Why it matters: the model cannot run. The picture shows the value as a box of
its own.

Wrong, if there is no `w`:

    y = MatMul(x, w)

What to do: look for a spelling mistake or a lost initializer. A part that was
cut out of a larger model needs its missing values as graph inputs.
",
);
