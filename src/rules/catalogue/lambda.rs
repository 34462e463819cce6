//! `K006`: a layer that holds code. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K006",
    Family::Reading,
    Severity::Warning,
    "a Lambda layer holds code",
    "\
A `Lambda` layer stores a Python function as bytecode in the file. It is neither
read nor run here.

Why it matters: its output shape is not known, so figures after it may be
missing. And whoever loads the model in Keras with `safe_mode=False`, or from an
`.h5` file, or in an old version, runs that code: it can do anything.

What to do: do not load the model from a source that you do not trust. In your
own model, replace the layer by operations of `keras.ops` or a registered layer
class.
",
);
