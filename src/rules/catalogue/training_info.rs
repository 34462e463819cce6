//! `R001`: training information that is not shown. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "R001",
    Family::Reading,
    Severity::Note,
    "training information is not shown",
    "\
The file has `training_info`: graphs that initialize and train the model, beside
the one that infers.

Why it matters: the picture and all figures are about inference alone. Edits
copy the training graphs as they are; after a rename they may still use old
names.

What to do: nothing for inference. For training, keep the original file.
",
);
