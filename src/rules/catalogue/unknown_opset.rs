//! `S015`: a version of an operator set that is not known. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S015",
    Family::Structure,
    Severity::Warning,
    "the version of the default operator set is not known",
    "\
The model imports a version of the operator set `ai.onnx` that is newer than
this program knows, or that never existed.

Why it matters: operators may have changed their meaning since. Shapes and costs
are derived by the newest definition that is known, and runtimes that are older
than the model refuse it.

What to do: use a newer release of this program, or convert the model by
`onnx.version_converter.convert_version`.
",
);
