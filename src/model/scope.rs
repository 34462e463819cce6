//! Scopes: the hierarchy that names or a file's own metadata give to nodes.
//!
//! A scope tree stands beside the graph. Grouping never moves a node.

use std::collections::HashMap;

/// The index of a scope in its tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

impl ScopeId {
    /// The scope that holds everything.
    pub const ROOT: ScopeId = ScopeId(0);

    /// The position in [`ScopeTree::scopes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The last part of its path; empty for the root.
    pub name: String,
    /// The scope around it; the root is its own parent.
    pub parent: ScopeId,
    /// The class it is an instance of, such as `torch.nn.modules.linear.Linear`.
    pub class: Option<String>,
}

impl Scope {
    /// The class without its module, such as `Linear`.
    pub fn class_name(&self) -> Option<&str> {
        self.class.as_deref().map(|class| class.rsplit('.').next().unwrap_or(class))
    }
}

/// All scopes of a graph; a parent stands before its children.
#[derive(Clone, Debug)]
pub struct ScopeTree {
    scopes: Vec<Scope>,
    by_name: HashMap<(ScopeId, String), ScopeId>,
}

impl Default for ScopeTree {
    fn default() -> Self {
        let root = Scope { name: String::new(), parent: ScopeId::ROOT, class: None };
        ScopeTree { scopes: vec![root], by_name: HashMap::new() }
    }
}

impl ScopeTree {
    /// The scopes, the root first.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The scope `name` inside `parent`, made if it is not there.
    pub fn child(&mut self, parent: ScopeId, name: &str, class: Option<&str>) -> ScopeId {
        if let Some(&id) = self.by_name.get(&(parent, name.to_owned())) {
            return id;
        }
        let id = ScopeId(self.scopes.len() as u32);
        self.scopes.push(Scope { name: name.to_owned(), parent, class: class.map(str::to_owned) });
        self.by_name.insert((parent, name.to_owned()), id);
        id
    }

    /// The names from the root down to `id`.
    pub fn path(&self, id: ScopeId) -> Vec<&str> {
        let mut names = Vec::new();
        let mut at = id;
        while at != ScopeId::ROOT {
            let scope = &self.scopes[at.index()];
            names.push(scope.name.as_str());
            at = scope.parent;
        }
        names.reverse();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_made_once() {
        let mut tree = ScopeTree::default();
        let layer = tree.child(ScopeId::ROOT, "layer1", None);
        let conv = tree.child(layer, "conv", Some("Conv2d"));
        assert_eq!(tree.child(layer, "conv", None), conv);
        assert_eq!(tree.path(conv), ["layer1", "conv"]);
        assert_eq!(tree.scopes().len(), 3);
    }
}
