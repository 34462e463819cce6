//! `S008`: an initializer or input whose name something else has. Noticed in `model/defects.rs`.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S008",
    Family::Structure,
    Severity::Error,
    "an initializer or input has the name of another value",
    "\
A name is defined twice, and at least one of the definitions is a graph input or
a stored constant. (An initializer that is the default of an input has its name
on purpose, and is not reported.)

Why it matters: whether an operator gets the stored weight or the other value
depends on the program that reads the file. Here the first definition counts.

Wrong:

    initializer w
    w = Relu(x)

What to do: rename one of the two, and its uses with it.
",
);
