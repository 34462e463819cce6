//! `X701`: external data outside of the model's folder. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "X701",
    Family::Safety,
    Severity::Error,
    "external data has a path that leaves the model's folder",
    "\
Weights may be in a file beside the model, which is named by a path relative to
it. The path here is absolute, contains `..`, a drive, a backslash or a control
character, or is empty.

Why it matters: whoever opens such a path reads a file that the author of the
model chose, such as `../../.ssh/id_rsa`, as weights. This has been an attack on
several readers. Nothing is opened here.

Wrong:

    location: ../shared/weights.bin

Right:

    location: weights.bin

What to do: move the data into the model's folder and correct the path. If you
do not know where the model comes from, do not load it elsewhere.
",
);
