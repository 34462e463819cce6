//! `S004`: a graph output that nothing defines. Noticed in `model/defects.rs`.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S004",
    Family::Structure,
    Severity::Error,
    "a graph output that nothing defines",
    "\
A graph lists an output whose name is not that of any value.

Why it matters: the model promises a result that it cannot give. Some runtimes
refuse to load it, others fail when the output is asked for.

What to do: remove the output, or name the value that was meant. After an edit
that renamed a value, the list of outputs has to follow.
",
);
