//! `H204`: a fixed size where another is symbolic. Noticed while types are derived (`ops/`).

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "H204",
    Family::Shapes,
    Severity::Warning,
    "a size is fixed inside, while the input leaves it open",
    "\
A graph input has a symbol such as `batch` for a dimension, and somewhere inside
a number stands for it: in the target of a `Reshape` or `Expand`, or in a stored
operand.

Why it matters: the model says that it takes any batch, and works for one. It
runs in tests with that size and fails in production, or mixes examples where
the number of elements happens to fit.

Wrong, with `x` of batch×16×4:

    y = Reshape(x, [1, 64])

Right:

    y = Reshape(x, [0, 64])        0 copies the dimension, -1 takes what is left

What to do: write the model with `-1` or `x.shape[0]` in place of the number and
export it again with dynamic axes; or declare the input's dimension as the
number it works for.
",
);
