//! `S016`: an operator of a domain that is not imported. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S016",
    Family::Structure,
    Severity::Error,
    "an operator's domain is not imported",
    "\
The model imports no operator set at all, or uses an operator of a domain that
is neither imported nor that of a function in the file. Each domain is reported
once.

Why it matters: without an import nobody knows which version of the operator is
meant. `onnx.checker` and ONNX Runtime refuse the model.

Wrong:

    opset_import: ai.onnx 17
    y = com.microsoft::Gelu(x)

Right:

    opset_import: ai.onnx 17, com.microsoft 1
    y = com.microsoft::Gelu(x)

What to do: add the import, for instance
`model.opset_import.append(onnx.helper.make_opsetid(\"com.microsoft\", 1))`.
",
);
