//! `S012`: a graph without operators. Noticed by the ONNX reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "S012",
    Family::Structure,
    Severity::Warning,
    "the graph has no operators",
    "\
The main graph has no nodes: outputs can be nothing but inputs or constants.

Why it matters: the file is a valid container, and computes nothing. Usually an
export went wrong, or the file was cut off between two records, where no reader
notices it.

What to do: export or download it again. A file that is meant to hold weights
only is better kept as safetensors or NumPy's `.npz`.
",
);
