//! `S013`: an IR version that does not fit what the file holds.
//!
//! What the number alone shows is noticed by the ONNX reader; initializers are checked here.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::NodeKind;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "S013",
    Family::Structure,
    Severity::Error,
    "the IR version is missing, too new, or does not fit the file",
    "\
`ir_version` is the version of the ONNX file format. It says which fields a
reader has to expect. The rule finds a file without it, with one that is newer
than this program knows (an error), and, before version 4, initializers that are
not listed as graph inputs as well.

Why it matters: a reader that does not know the version ignores the new fields,
and what is drawn or run is then not the whole model. `onnx.checker` and ONNX
Runtime refuse it for that reason, and `modelgram run` does not call its numbers
verified. Old readers take an initializer that is not an input for an undefined
name.

What to do: for an unlisted initializer, set `ir_version` to 4 or higher;
nothing else has to change. Where the version is too new, use a newer release of
this program, or export with `ir_version` lowered, as `onnx.helper.make_model(…,
ir_version=10)` does.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let model = subject.model();
    if !model.meta.constants_are_inputs {
        return;
    }
    for (_, node) in model.graph.nodes() {
        if matches!(node.kind, NodeKind::Constant { overridable: false, .. }) {
            let message = "before IR version 4 an initializer must be listed as an input";
            findings.add_as(Severity::Warning, Place::default().at_value(&node.name), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, node};
    use super::*;
    use crate::model::{DType, Graph, Span, Tensor, TensorData};

    #[test]
    fn an_initializer_that_is_not_an_input_needs_ir_4() {
        let mut graph = Graph::default();
        for (name, overridable) in [("w", false), ("listed", true)] {
            let (dtype, data) = (DType::F32, TensorData::Absent);
            let tensor = Tensor { name: name.into(), dtype, dims: vec![1], data, span: Span::default() };
            graph.add_node(node(name, NodeKind::Constant { tensor, overridable }));
        }
        let mut model = model(graph, Vec::new());
        model.meta.constants_are_inputs = true;
        let names: Vec<_> = found(&RULE, &model).into_iter().filter_map(|f| f.place.value).collect();
        assert_eq!(names, ["w"]);
        model.meta.constants_are_inputs = false;
        assert!(found(&RULE, &model).is_empty());
    }
}
