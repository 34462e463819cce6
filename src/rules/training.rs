//! What shows that a model was exported for training: outputs that no two runs share.

use crate::error::Place;
use crate::finding::{Finding, Severity};
use crate::model::{AttributeValue, Graph, Model, NodeId, Op};

/// Operators that draw numbers.
const RANDOM: &[&str] =
    &["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"];

/// `O111`: operators whose results are drawn at random; `O112`: batch normalization with the
/// statistics of the batch. One finding for each rule, with the first node and how many more.
pub fn training(model: &Model) -> Vec<Finding> {
    let mut found: Vec<(&'static str, String, Place, usize)> = Vec::new();
    for graph in model.graphs() {
        for (id, _, op) in graph.ops().filter(|(_, _, op)| op.domain.is_empty()) {
            let Some((rule, why)) = trains(model, graph, id, op) else { continue };
            if let Some(known) = found.iter_mut().find(|(own, ..)| *own == rule) {
                known.3 += 1;
                continue;
            }
            let message = format!("{} {why}", op.op);
            found.push((rule, message, Place::default().at_node(graph.called(id)), 0));
        }
    }
    let finding = |(rule, mut message, place, more): (&'static str, String, Place, usize)| {
        if more > 0 {
            message += &format!(" (and {more} more)");
        }
        Finding { rule, severity: Severity::Warning, place, message }
    };
    found.into_iter().map(finding).collect()
}

fn trains(model: &Model, graph: &Graph, id: NodeId, op: &Op) -> Option<(&'static str, &'static str)> {
    let is =
        |name: &str, value: i64| matches!(op.attribute(name), Some(AttributeValue::Int(n)) if *n == value);
    match op.op.as_str() {
        "Dropout" if is_true(model, graph, id) => {
            Some(("O111", "leaves values out at random: the model was exported for training"))
        }
        random if RANDOM.contains(&random) => Some(("O111", "draws numbers: no two runs are alike")),
        "BatchNormalization" if is("training_mode", 1) => {
            Some(("O112", "takes the statistics of each batch: the model was exported for training"))
        }
        _ => None,
    }
}

/// Whether a dropout's third operand is stored, and true.
fn is_true(model: &Model, graph: &Graph, id: NodeId) -> bool {
    let tensor = graph.input(id, 2).and_then(|value| graph.stored(value));
    let numbers = tensor.and_then(|tensor| tensor.numbers(&model.source, 1));
    numbers.is_some_and(|numbers| numbers.iter().any(|&n| n != 0.0))
}
