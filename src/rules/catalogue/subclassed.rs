//! `K003`: a model that is a class of its own. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K003",
    Family::Reading,
    Severity::Warning,
    "the model is a class of its own, so its graph is not in the file",
    "\
The model was written as a subclass of `keras.Model`. Its graph is the Python
code of `call`, which the file does not hold.

Why it matters: only the layers that have weights can be shown, without lines
between them.

What to do: build the model with the functional API or `Sequential` to get its
graph into the file, or export it: `model.export(\"model.onnx\",
format=\"onnx\")` in Keras 3.
",
);
