//! `H201`: an input without a type. Noticed in `model/defects.rs` and by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "H201",
    Family::Shapes,
    Severity::Warning,
    "a graph input, or a declared type, has no element type",
    "\
A graph input has no type at all, or a value's declared type does not say of
what elements it is. A shape may be missing or open; the element type may not.

Why it matters: `onnx.checker` refuses the model, runtimes do not know what to
allocate, and no type can be derived from the input.

What to do: declare it, as `onnx.helper.make_tensor_value_info(\"x\",
onnx.TensorProto.FLOAT, [\"batch\", 3, 224, 224])` does.
",
);
