//! `S001`: what cannot be read as the format has it. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S001",
    Family::Structure,
    Severity::Warning,
    "text is not UTF-8, or a field that may stand once is repeated",
    "\
A name in the file is not valid UTF-8, or a field that the format allows once
(such as the name of a graph) is given more than once. The reader goes on: bytes
that are not text are replaced, and of repeated fields the last value counts, as
Protocol Buffers define it.

Why it matters: other readers may refuse the file, or take another of the
values. A file of an exporter never has this, so it was damaged, or edited by a
tool that did not know the format.

What to do: export or download the file again. A repeated field alone is
reported as a note and does no harm here.
",
);
