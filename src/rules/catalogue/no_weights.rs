//! `K001`: a Keras file without weights. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K001",
    Family::Reading,
    Severity::Note,
    "the file has no weights",
    "\
The file describes the layers and does not hold their weights, as
`model.to_json()` writes it.

Why it matters: shapes of weights are taken from those that the layers were
built for, if the file says so; otherwise parameters are not counted.

What to do: draw the `.keras` or `.h5` file if you need figures of the weights.
",
);
