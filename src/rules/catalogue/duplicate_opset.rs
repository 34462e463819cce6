//! `S014`: an operator set that is imported twice. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S014",
    Family::Structure,
    Severity::Error,
    "an operator set is imported twice",
    "\
`opset_import` lists a domain more than once. With equal versions that is a
warning, with different ones an error.

Why it matters: the version says what an operator means. `Softmax` of version 12
flattens its operand, that of version 13 does not; with both imported, programs
that take the first entry and those that take the last compute different things.
`onnx.checker`, ONNX Runtime and Polygraphy do not report it.

What to do: leave one entry for each domain, of the version that the model was
exported for. Tools that merge models should convert both to one version first
(`onnx.version_converter`).
",
);
