//! How many parameters a model has, each weight counted once.

use std::collections::BTreeSet;

use super::{ViewOptions, view_of};
use crate::model::{Graph, Model, NodeKind, Slot};
use crate::ops::{self, Category};

/// The number of parameters in all graphs of `model`.
///
/// A weight that several operators share counts once; one that only a subgraph
/// uses counts too.
pub fn parameters(model: &Model) -> u64 {
    model.graphs().into_iter().map(|graph| parameters_in(model, graph)).fold(0, u64::saturating_add)
}

fn parameters_in(model: &Model, graph: &Graph) -> u64 {
    let view = view_of(model, graph, &ViewOptions::default());
    let mut counted = BTreeSet::new();
    let mut sum = 0u64;
    for constant in view.nodes.iter().flat_map(|n| &n.constants).filter(|c| c.parameter) {
        if counted.insert(constant.constant) {
            sum = sum.saturating_add(constant.tensor.elements().unwrap_or(0));
        }
    }
    for (id, node) in graph.nodes() {
        let NodeKind::Constant { tensor, .. } = &node.kind else { continue };
        let captured = graph.net().edges(id).any(|e| e.weight().to == Slot::Capture);
        let weighty = ops::is_parameter(Category::Other, "", tensor.dtype, &tensor.dims);
        if captured && weighty && counted.insert(id) {
            sum = sum.saturating_add(tensor.elements().unwrap_or(0));
        }
    }
    sum
}
