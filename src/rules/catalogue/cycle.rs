//! `S006`: a cycle. Noticed in `model/defects.rs`.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S006",
    Family::Structure,
    Severity::Error,
    "operators depend on their own results, in a cycle",
    "\
Operators need each other's results in a circle, so that none of them can be the
first to run. Each cycle is reported once, with the first of its nodes and the
number of them.

Why it matters: the model cannot run. A recurrent network has no such cycle in
ONNX: state goes around inside `Loop`, `Scan`, `LSTM` or through inputs and
outputs of the model.

Wrong:

    a = Relu(b)
    b = Tanh(a)

What to do: follow the names around the cycle; one of them is wired to the wrong
value, often after a rename that gave two values one name.
",
);
