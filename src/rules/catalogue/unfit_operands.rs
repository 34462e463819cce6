//! `O105`: operands whose shapes do not fit. Noticed while types are derived (`ops/`).

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "O105",
    Family::Operators,
    Severity::Warning,
    "the shapes of operands do not fit the operator",
    "\
The shapes that are known contradict what the operator demands: sizes that
cannot be broadcast, inner dimensions of a matrix product that differ, an axis
that is not there, a `Reshape` to another number of elements, an image of the
wrong rank for a layer.

Why it matters: the operator will fail when it runs, if the shapes are as
declared. Types downstream are not derived.

Wrong, with `x` of 1×64 and `w` of 32×10:

    y = MatMul(x, w)

What to do: `modelgram info MODEL --values` lists the shapes and where they are
known from. If the declared shape of a graph input is wrong, correct that; if a
weight was replaced, its shape has to be that of the old one.
",
);
