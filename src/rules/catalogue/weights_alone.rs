//! `K004`: a file with weights and no graph. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K004",
    Family::Reading,
    Severity::Note,
    "the file holds weights and no graph",
    "\
The file was written by `save_weights`: it has the weights of each layer, and
not how the layers are connected.

Why it matters: layers are drawn without lines, and only weights are counted.

What to do: `model.save(\"model.keras\")` writes both.
",
);
