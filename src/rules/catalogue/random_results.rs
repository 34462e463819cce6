//! `O111`: operators whose results are drawn at random.

use crate::error::Place;
use crate::finding::Severity;
use crate::model::{Graph, Model, NodeId};
use crate::rules::{Family, Findings, Rule, Subject};

/// Operators that draw numbers.
const RANDOM: &[&str] =
    &["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

pub(super) const RULE: Rule = Rule::new(
    "O111",
    Family::Operators,
    Severity::Warning,
    "results are random: dropout in training mode, random numbers",
    "\
`Dropout` with a true `training_mode` sets elements to zero at random.
`RandomNormal`, `RandomUniform`, their `Like` forms, `Bernoulli` and
`Multinomial` draw numbers.

Why it matters: two runs on one input give different outputs. For dropout that
is almost always a model that was exported in training mode, and it predicts
worse than it could.

What to do: in PyTorch, call `model.eval()` before `torch.onnx.export`, and
leave `training=` alone; in Keras, export as usual: layers are called with
`training=False`. A model that samples on purpose, such as a variational
autoencoder, is fine; give it a `seed` if its outputs are to be compared.
",
)
.at_most(1)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let model = subject.model();
    for graph in model.graphs() {
        for (id, _, op) in graph.ops().filter(|(_, _, op)| op.domain.is_empty()) {
            let why = match op.op.as_str() {
                "Dropout" if is_true(model, graph, id) => {
                    "leaves values out at random: the model was exported for training"
                }
                random if RANDOM.contains(&random) => "draws numbers: no two runs are alike",
                _ => continue,
            };
            findings.add(Place::default().at_node(graph.called(id)), format!("{} {why}", op.op));
        }
    }
}

/// Whether a dropout's third operand is stored, and true.
fn is_true(model: &Model, graph: &Graph, id: NodeId) -> bool {
    let tensor = graph.input(id, 2).and_then(|value| graph.stored(value));
    let numbers = tensor.and_then(|tensor| tensor.numbers(&model.source, 1));
    numbers.is_some_and(|numbers| numbers.iter().any(|&n| n != 0.0))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, node, operator};
    use super::*;
    use crate::model::{DType, KnownFrom, NodeKind, Op, Slot, Span, Tensor, TensorData};

    /// A dropout whose third operand is this.
    fn dropout(training: u8) -> Graph {
        let mut graph = Graph::default();
        let data = TensorData::Owned(vec![training].into());
        let tensor =
            Tensor { name: "t".into(), dtype: DType::Bool, dims: vec![], data, span: Span::default() };
        let stored = graph.add_node(node("t", NodeKind::Constant { tensor, overridable: false }));
        let value = graph.define(stored, "t".into(), None, KnownFrom::File);
        let id = graph.add_node(operator(Op { op: "Dropout".into(), input_slots: 3, ..Op::default() }));
        graph.connect(value, id, Slot::Input(2));
        graph
    }

    #[test]
    fn dropout_is_found_where_it_is_at_work() {
        assert_eq!(found(&RULE, &model(dropout(1), Vec::new())).len(), 1);
        assert!(found(&RULE, &model(dropout(0), Vec::new())).is_empty());
    }

    #[test]
    fn the_first_operator_is_named_and_the_others_are_counted() {
        let mut graph = Graph::default();
        for op in ["RandomNormal", "Bernoulli", "Multinomial", "Relu"] {
            graph.add_node(operator(Op { op: op.into(), ..Op::default() }));
        }
        let messages: Vec<String> =
            found(&RULE, &model(graph, Vec::new())).into_iter().map(|f| f.message).collect();
        assert_eq!(messages, ["RandomNormal draws numbers: no two runs are alike (and 2 more)"]);
    }
}
