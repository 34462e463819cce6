//! `O112`: batch normalization with the statistics of the batch.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::AttributeValue;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O112",
    Family::Operators,
    Severity::Warning,
    "batch normalization uses the statistics of the batch",
    "\
`BatchNormalization` with `training_mode=1` normalizes by the mean and the
variance of the batch that it is given, in place of those that were learned.

Why it matters: the output for one example depends on the other examples of its
batch, so the same image is classified differently in other company. The model
was exported in training mode.

What to do: in PyTorch, call `model.eval()` before `torch.onnx.export`. If the
model cannot be exported again, remove the attribute `training_mode` and the
outputs but the first, as long as the learned mean and variance are in the file.
",
)
.at_most(1)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for graph in subject.model().graphs() {
        let norms = graph.ops().filter(|(_, _, op)| op.domain.is_empty() && op.op == "BatchNormalization");
        for (id, _, op) in norms {
            if matches!(op.attribute("training_mode"), Some(AttributeValue::Int(1))) {
                let message = "BatchNormalization takes the statistics of each batch: the model was exported for training";
                findings.add(Place::default().at_node(graph.called(id)), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Attribute, Graph, Op, Span};

    fn norm(training: i64) -> Graph {
        let value = AttributeValue::Int(training);
        let attributes = vec![Attribute { name: "training_mode".into(), value, span: Span::default() }];
        let mut graph = Graph::default();
        graph.add_node(operator(Op { op: "BatchNormalization".into(), attributes, ..Op::default() }));
        graph
    }

    #[test]
    fn only_training_mode_is_found() {
        assert_eq!(found(&RULE, &model(norm(1), Vec::new())).len(), 1);
        assert!(found(&RULE, &model(norm(0), Vec::new())).is_empty());
    }
}
