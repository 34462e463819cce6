//! Where the boxes and wires of a diagram come from.

use crate::view::View;

/// What the wires and boxes of a diagram stand for in its view.
pub(super) struct Provenance {
    /// The edges of the view that the wires stand for.
    pub(super) edges: Vec<usize>,
    /// The nodes of the view that each box stands for.
    pub(super) boxes: Vec<Vec<usize>>,
}

impl Provenance {
    /// Each node has its box, and each edge its wire.
    pub(super) fn one_each(view: &View<'_>) -> Self {
        Provenance {
            edges: (0..view.edges.len()).collect(),
            boxes: (0..view.nodes.len()).map(|node| vec![node]).collect(),
        }
    }
}
