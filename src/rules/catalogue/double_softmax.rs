//! `G406`: a softmax of a softmax.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::{Graph, NodeId, NodeKind};
use crate::rules::{Family, Findings, Rule, Subject};

const SOFTMAX: &[&str] = &["Softmax", "LogSoftmax"];
/// Operators that change no number of their first operand, or none that matters here.
const PASSING: &[&str] = &["Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout"];
/// A softmax is looked for this many operators upstream, at most.
const REACH: usize = 16;

pub(super) const RULE: Rule = Rule::new(
    "G406",
    Family::Graph,
    Severity::Error,
    "a softmax of a softmax",
    "\
`Softmax` makes probabilities of scores. Applied again, to probabilities, it
flattens them: of ten classes the best gets at most 0.23, though it was certain
before. Operators between the two that change no number, such as `Reshape`, do
not hide it from this rule.

Why it matters: the order of the classes stays the same, so accuracy looks
right, while confidences, thresholds and losses are wrong. It arises when the
network ends in a softmax and the exporter or the training loss adds another.

Wrong:

    p = Softmax(scores)
    y = Softmax(p)

Right:

    y = Softmax(scores)

What to do: remove one of the two. In PyTorch, `CrossEntropyLoss` expects
scores, so the network should have no softmax of its own; in Keras, use
`from_logits=True` or a softmax in the last layer, not both.
",
)
.at_most(1)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let graph = &subject.model().graph;
    for (id, ..) in graph.ops().filter(|(id, ..)| is(graph, *id, SOFTMAX)) {
        if works_on_softmax(graph, id) {
            findings.add(Place::default().at_node(graph.called(id)), "softmax of a softmax");
        }
    }
}

/// Whether the operand of a node is a softmax already.
fn works_on_softmax(graph: &Graph, softmax: NodeId) -> bool {
    let mut at = softmax;
    for _ in 0..REACH {
        let Some(value) = graph.input(at, 0) else { return false };
        at = graph.value(value).definition.node;
        if is(graph, at, SOFTMAX) {
            return true;
        }
        if !is(graph, at, PASSING) {
            return false;
        }
    }
    false
}

fn is(graph: &Graph, node: NodeId, names: &[&str]) -> bool {
    matches!(&graph.node(node).kind, NodeKind::Op(op) if names.contains(&op.op.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{KnownFrom, Op, Slot};

    /// Operators one after another.
    fn chain(ops: &[&str]) -> Graph {
        let mut graph = Graph::default();
        let mut last = None;
        for (i, op) in ops.iter().enumerate() {
            let id = graph.add_node(operator(Op { op: (*op).into(), input_slots: 1, ..Op::default() }));
            if let Some(value) = last {
                graph.connect(value, id, Slot::Input(0));
            }
            last = Some(graph.define(id, format!("v{i}"), None, KnownFrom::Unknown));
        }
        graph
    }

    #[test]
    fn what_changes_no_number_does_not_hide_a_second_softmax() {
        let count = |ops: &[&str]| found(&RULE, &model(chain(ops), Vec::new())).len();
        assert_eq!(count(&["Softmax", "Softmax"]), 1);
        assert_eq!(count(&["Softmax", "Reshape", "Identity", "LogSoftmax"]), 1);
        assert_eq!(count(&["Softmax", "MatMul", "Softmax"]), 0);
        assert_eq!(count(&["MatMul", "Softmax"]), 0);
    }

    #[test]
    fn a_circle_of_operators_is_left() {
        let mut graph = chain(&["Identity", "Softmax"]);
        let (first, value) = (graph.ops().next().expect("it is there").0, graph.values()[0].definition.node);
        assert_eq!(first, value);
        graph.connect(crate::model::ValueId(0), first, Slot::Input(0));
        assert!(found(&RULE, &model(graph, Vec::new())).is_empty());
    }
}
