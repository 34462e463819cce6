//! `O103`: an operator that is deprecated in the version that is imported.

use crate::error::Place;
use crate::finding::Severity;
use crate::ops::Defined;
use crate::rules::definitions::each_node;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O103",
    Family::Operators,
    Severity::Error,
    "an operator is deprecated in the version that is imported",
    "\
The operator was taken out of the operator set that the model imports, or out of
one before it: `Upsample` in version 10 of `ai.onnx`, `Scatter` in 11, the
tree ensembles in version 5 of `ai.onnx.ml`. `GroupNormalization` of versions 18
to 20 is a warning, since ONNX Runtime still runs it.

Why it matters: `onnx.checker` and ONNX Runtime refuse the model.

What to do: put the operator in its place that ONNX names: `Resize` for
`Upsample`, `ScatterElements` for `Scatter`, `TreeEnsemble` for the tree
ensembles; or import an older operator set, if all other operators are in it.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    each_node(subject.model(), |node| {
        let Defined::Deprecated(since) = node.defined else { return };
        let op = &node.op.op;
        // It has a definition by a function, which is what runtimes go by.
        let severity = if op == "GroupNormalization" { Severity::Warning } else { Severity::Error };
        let place = Place::default().at_node(node.graph.called(node.id));
        let fact =
            format!("`{op}` is deprecated since version {since}, and the model imports {}", node.version);
        findings.add_as(severity, place, fact);
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Graph, Op, Opset, Span};

    fn facts(op: &str, version: i64) -> Vec<Severity> {
        let mut graph = Graph::default();
        graph.add_node(operator(Op { op: op.into(), ..Op::default() }));
        let mut model = model(graph, Vec::new());
        model.meta.opsets = vec![Opset { domain: String::new(), version, span: Span::default() }];
        found(&RULE, &model).into_iter().map(|f| f.severity).collect()
    }

    #[test]
    fn what_was_taken_out_is_an_error_from_then_on() {
        assert_eq!(facts("Upsample", 9), []);
        assert_eq!(facts("Upsample", 13), [Severity::Error]);
        assert_eq!(facts("GroupNormalization", 18), [Severity::Warning]);
        assert_eq!(facts("GroupNormalization", 21), []);
    }
}
