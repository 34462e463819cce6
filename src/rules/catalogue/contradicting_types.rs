//! `H202`: a declared type that something contradicts. Noticed by the ONNX reader and while types
//! are derived.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "H202",
    Family::Shapes,
    Severity::Error,
    "a declared type contradicts another, or what is computed",
    "\
A value is declared with one type and computed with another, or is declared
twice with different types, or a graph input and its default have different
types. It is an error where the element type that is declared is not the one
that is computed.

Why it matters: programs that trust declarations allocate or convert by the
wrong type. ONNX Runtime refuses a model with an element type that is declared
wrong, and warns of a shape. The rules here go on with what is computed.

Wrong, with `x` of 1×3×8×8:

    y = Relu(x)          declared as f32[1, 3, 4, 4]

What to do: after an edit, remove stale `value_info` and infer shapes again
(`onnx.shape_inference.infer_shapes`); correct the types of graph outputs by
hand.
",
);
