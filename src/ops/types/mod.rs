//! Derives the types of all values of a model.
//!
//! In: a model, of which the file declares some types. Out: for each value the most
//! that is known of its type, with where it is known from; and findings where the file
//! contradicts itself.
//!
//! Rules are applied in the order of the data flow. Small integer contents are followed
//! too, since shapes are computed from shapes: `Shape`, `Gather`, `Concat` into
//! `Reshape`. Dimensions are numbers or expressions of the file's symbols. Subgraphs are
//! entered with what is known outside, functions with what their call gives. No rule
//! reads a weight, and all work is bounded.

mod calls;
mod control;
mod flow;
mod graph_types;
mod options;
mod settle;

pub use options::TypeOptions;

use crate::finding::Finding;
use crate::model::Model;
use crate::ops::facts::fact::Fact;
use graph_types::{GraphTypes, apply};

/// Derives the types of all values of `model`, and adds what was noticed to its
/// findings.
///
/// A value keeps the type that the file declares, where that is complete; a rule fills
/// in what it leaves open.
pub fn derive_types(model: &mut Model, options: &TypeOptions) {
    let (types, findings) = types_of(model, options);
    model.findings.extend(findings);
    apply(&mut model.graph, types);
}

/// A copy of a model with the types of all its values; weights are not copied.
pub fn typed(model: &Model) -> Model {
    let mut typed = model.clone();
    derive_types(&mut typed, &TypeOptions::default());
    typed
}

/// The types and findings, without changing the model.
pub(crate) fn types_of(model: &Model, options: &TypeOptions) -> (GraphTypes, Vec<Finding>) {
    let mut flow = flow::Flow::new(model, options);
    let inputs: Vec<Option<Fact>> = vec![None; model.graph.inputs.len()];
    let done = flow.graph(&model.graph, &inputs, &flow::Scope::main(&model.meta.opsets));
    (done.types, flow.findings())
}
