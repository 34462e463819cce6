//! The names of nodes in a picture, which need not be those of the file.

use std::borrow::Cow;

use super::shown::ViewNode;
use crate::model::Graph;
use crate::text::Rename;

/// Gives each node its name in the picture.
pub(super) fn apply(graph: &Graph, renames: &[Rename], nodes: &mut [ViewNode<'_>]) {
    for shown in nodes {
        let mut name = graph.node(shown.node).name.clone();
        for rename in renames {
            if let Cow::Owned(renamed) = rename.apply(&name) {
                name = renamed;
            }
        }
        shown.name = name;
    }
}
