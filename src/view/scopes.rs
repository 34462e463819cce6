//! The scope tree of a view: from what the file declares, else from names.
//!
//! A name is a path: `/encoder/layer.0/MatMul` is the node `MatMul` in `layer.0`
//! in `encoder`. Parts are split at `/`, or at `.` where there is no `/`; empty
//! parts are dropped. A renaming is a wish for other groups, so a renamed node
//! goes by its name, whatever the file declares.

use super::shown::ViewNode;
use crate::model::{Graph, ScopeId, ScopeTree};

/// Gives each node its scope and the part of its name that remains.
pub(super) fn build(graph: &Graph, nodes: &mut [ViewNode<'_>]) -> ScopeTree {
    let mut tree = ScopeTree::default();
    for shown in nodes {
        let node = graph.node(shown.node);
        let mut parts = path(&shown.name);
        let own = parts.pop().unwrap_or(&shown.name).to_owned();
        let renamed = shown.name != node.name;
        if node.scope != ScopeId::ROOT && !renamed {
            shown.scope = declared(graph, node.scope, &mut tree);
        } else {
            shown.scope = parts.iter().fold(ScopeId::ROOT, |scope, part| tree.child(scope, part, None));
        }
        shown.short_name = own;
    }
    tree
}

/// The scope `id` of the file, in `tree`.
fn declared(graph: &Graph, id: ScopeId, tree: &mut ScopeTree) -> ScopeId {
    let mut chain = Vec::new();
    let mut at = id;
    while at != ScopeId::ROOT {
        let scope = &graph.scopes.scopes()[at.index()];
        chain.push(scope);
        at = scope.parent;
    }
    let parts = chain.into_iter().rev();
    parts.fold(ScopeId::ROOT, |parent, scope| tree.child(parent, &scope.name, scope.class.as_deref()))
}

/// The parts of a name, outermost first.
fn path(name: &str) -> Vec<&str> {
    let separator = if name.contains('/') { '/' } else { '.' };
    name.split(separator).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_path() {
        assert_eq!(path("/encoder/layer.0//MatMul"), ["encoder", "layer.0", "MatMul"]);
        assert_eq!(path("layer1.0.conv1"), ["layer1", "0", "conv1"]);
        assert_eq!(path("/"), [""; 0]);
        assert_eq!(path(""), [""; 0]);
    }
}
