//! `W310`: a file that most programs refuse to read. Noticed when a model is written.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "W310",
    Family::Weights,
    Severity::Warning,
    "the file is larger than 2 GiB",
    "\
Protocol Buffers, in which ONNX files are written, allow at most 2 GiB in one
message. The file that was just written is larger.

Why it matters: this program can read it; ONNX Runtime, the `onnx` package and
all others that use Google's library cannot.

What to do: keep the weights in a file beside the model: `onnx.save(model,
\"model.onnx\", save_as_external_data=True)` does so before the edit, and
external data stay external in an edit.
",
);
