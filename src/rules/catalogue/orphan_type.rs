//! `H203`: a type for a value that is not there. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "H203",
    Family::Shapes,
    Severity::Note,
    "a type is declared for a value that is not there",
    "\
`value_info` has an entry whose name is not that of any value. One finding for
each graph gives the first, and how many there are.

Why it matters: it does not change what the model computes. It shows that the
graph was edited and its annotations were not, so others of them may be wrong
too.

What to do: nothing has to be done; a tool that removes or renames values can
remove these entries.
",
);
