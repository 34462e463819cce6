//! The module hierarchy that PyTorch's exporter leaves in a node's metadata.
//!
//! `pkg.torch.onnx.name_scopes` holds `['', 'm', 'm.layers.0', 'add']` and
//! `pkg.torch.onnx.class_hierarchy` the class of each; the last one is the
//! operation itself. (`namespace` holds both, joined.)

use crate::model::{Property, ScopeId, ScopeTree, property};

/// The scope of a node with these properties; the root if they declare none.
pub(super) fn scope(properties: &[Property], tree: &mut ScopeTree) -> ScopeId {
    let Some(names) = property(properties, "pkg.torch.onnx.name_scopes").and_then(list) else {
        return ScopeId::ROOT;
    };
    let classes = property(properties, "pkg.torch.onnx.class_hierarchy").and_then(list).unwrap_or_default();
    let mut scope = ScopeId::ROOT;
    let mut outer = "";
    // The last name is the operation's own. Models nest less deep than this.
    for (i, name) in names.iter().enumerate().take(names.len().saturating_sub(1)).take(64) {
        if name.is_empty() {
            continue;
        }
        // Names repeat those around them: `m.layers.0` inside `m.layers`.
        let inside = name.strip_prefix(outer).map_or(*name, |rest| rest.trim_start_matches('.'));
        let own = if inside.is_empty() { name } else { inside };
        scope = tree.child(scope, own, classes.get(i).copied());
        outer = name;
    }
    scope
}

/// The strings of a Python list of strings without quotes or escapes inside.
fn list(text: &str) -> Option<Vec<&str>> {
    let inside = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let parts = inside.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Span, Text};

    #[test]
    fn a_torch_scope_is_a_path_of_modules_with_classes() {
        let entry = |key: &str, value: &str| Property {
            key: Text::from(key),
            value: Text::from(value),
            span: Span::default(),
        };
        let properties = [
            entry("pkg.torch.onnx.name_scopes", "['', 'm', 'm.layers.0', 'add']"),
            entry("pkg.torch.onnx.class_hierarchy", "['W', 'Model', 'Layer', 'aten.add']"),
        ];
        let mut tree = ScopeTree::default();
        let id = scope(&properties, &mut tree);
        assert_eq!(tree.path(id), ["m", "layers.0"]);
        assert_eq!(tree.scopes()[id.index()].class.as_deref(), Some("Layer"));
        assert_eq!(scope(&[], &mut tree), ScopeId::ROOT);
    }
}
