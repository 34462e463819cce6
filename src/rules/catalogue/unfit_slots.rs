//! `O107`: too few or too many operands or results.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::{Graph, NodeId, Op, Slot};
use crate::ops::Defined;
use crate::rules::definitions::each_node;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O107",
    Family::Operators,
    Severity::Error,
    "a node has too few or too many operands or results",
    "\
The operator takes, or gives, another number of values in the version that the
model imports; or one that has to be there is left out.

Why it matters: `onnx.checker` and ONNX Runtime refuse the model.

Wrong:

    y = Add(x)
    y = Relu(x, x)

What to do: wire the node as the operator's page says for the version of the
operator set (https://onnx.ai/onnx/operators). After a change of the version,
convert the model by `onnx.version_converter`: some operands were attributes
before.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    each_node(subject.model(), |node| {
        let Defined::As(definition) = node.defined else { return };
        let given = given(node.graph, node.id, node.op);
        let made: Vec<bool> = node.graph.node(node.id).outputs.iter().map(Option::is_some).collect();
        for fault in definition.slot_faults(&given, &made) {
            findings.add(Place::default().at_node(node.graph.called(node.id)), fault);
        }
    });
}

/// Which of a node's slots have an operand.
fn given(graph: &Graph, id: NodeId, op: &Op) -> Vec<bool> {
    let mut given = vec![false; op.input_slots as usize];
    for (used, _) in graph.uses_at(id) {
        if let Slot::Input(n) = used.to
            && let Some(slot) = given.get_mut(n as usize)
        {
            *slot = true;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Opset, Span};

    #[test]
    fn an_operator_without_operands_has_too_few() {
        let mut graph = Graph::default();
        graph.add_node(operator(Op { op: "Relu".into(), ..Op::default() }));
        let mut model = model(graph, Vec::new());
        model.meta.opsets = vec![Opset { domain: String::new(), version: 17, span: Span::default() }];
        let facts: Vec<String> = found(&RULE, &model).into_iter().map(|f| f.message).collect();
        assert_eq!(facts, ["`Relu` has 1 operand, and this one 0", "`Relu` has 1 result, and this one 0"]);
    }
}
