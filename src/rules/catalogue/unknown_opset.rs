//! `S015`: a version of an operator set that is not known. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S015",
    Family::Structure,
    Severity::Error,
    "the version of an operator set of ONNX is not known",
    "\
The model imports a version of an operator set of ONNX (`ai.onnx`, `ai.onnx.ml`)
that is newer than this program knows, which is an error, or that never existed.

Why it matters: operators may have changed their meaning since. Shapes and costs
are derived by the newest definition that is known, and that is good enough for
a picture; what a run would give is not known. ONNX Runtime refuses such a model
for the same reason, and `modelgram run` does not call its numbers verified.

What to do: use a newer release of this program, or convert the model by
`onnx.version_converter.convert_version`.
",
);
