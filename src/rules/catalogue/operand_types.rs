//! `O108`: operands of types that the operator does not take.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::Slot;
use crate::ops::{Defined, Operand, type_sets};
use crate::rules::definitions::each_node;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O108",
    Family::Operators,
    Severity::Error,
    "element types of operands are not those that the operator takes",
    "\
The types of a node's operands break the definition of its operator: one is of a
type that the operator does not take in the version that is imported, or two
that have to be of one type differ.

Why it matters: ONNX never converts by itself. ONNX Runtime refuses the model
(`Type parameter (T) bound to different types`), and `onnx.checker` does with
`full_check=True`.

Wrong, with `x` of f32 and `w` of f16:

    y = MatMul(x, w)

What to do: put a `Cast` before one of the operands, or store the weight in the
type of the other. If the types in the file are wrong, correct the declarations;
`modelgram info MODEL --values` lists them.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let sets = type_sets(subject.model().format);
    each_node(subject.model(), |node| {
        let Defined::As(definition) = node.defined else { return };
        let graph = node.graph;
        let uses = graph.uses_at(node.id);
        let mut operands: Vec<Operand<'_>> = uses
            .iter()
            .filter_map(|(used, _)| match used.to {
                Slot::Input(n) => {
                    Some(Operand { slot: n as usize, ty: graph.value(used.value).ty.as_ref()? })
                }
                _ => None,
            })
            .collect();
        operands.sort_by_key(|operand| operand.slot);
        for fault in definition.type_faults(&operands, sets) {
            findings.add(Place::default().at_node(graph.called(node.id)), fault);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Graph, Op};

    #[test]
    fn what_has_no_known_types_breaks_nothing() {
        let mut graph = Graph::default();
        graph.add_node(operator(Op { op: "MatMul".into(), ..Op::default() }));
        assert!(found(&RULE, &model(graph, Vec::new())).is_empty());
    }
}
