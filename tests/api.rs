//! The library's interface: `tests/golden/api.txt` lists every public item, so that none comes,
//! goes or is renamed by accident. `UPDATE=1 cargo test` writes the list anew.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::{ImplItem, Item, UseTree, Visibility};

/// A module: its items, and where the files of its children are.
struct Module {
    items: Vec<Item>,
    folder: PathBuf,
}

impl Module {
    fn root() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        Module { items: items(&folder.join("lib.rs")), folder }
    }

    /// A child with a file, or a folder, of its own.
    fn child(&self, name: &str) -> Option<Module> {
        let declared = |item: &Item| matches!(item, Item::Mod(m) if m.ident == name && m.content.is_none());
        if !self.items.iter().any(declared) {
            return None;
        }
        let folder = self.folder.join(name);
        let file = Some(self.folder.join(format!("{name}.rs"))).filter(|file| file.exists());
        Some(Module { items: items(&file.unwrap_or_else(|| folder.join("mod.rs"))), folder })
    }
}

fn items(file: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    syn::parse_file(&text).expect("the file is Rust").items
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| {
        a.path().is_ident("doc") && matches!(&a.meta, syn::Meta::List(l) if l.tokens.to_string() == "hidden")
    })
}

/// Lists what is public in a module under `path`.
fn list(module: &Module, path: &str, found: &mut BTreeSet<String>) {
    for item in &module.items {
        match item {
            Item::Mod(inner) if is_public(&inner.vis) && !is_hidden(&inner.attrs) => {
                if let Some(child) = module.child(&inner.ident.to_string()) {
                    list(&child, &format!("{path}::{}", inner.ident), found);
                }
            }
            Item::Use(inner) if is_public(&inner.vis) && !is_hidden(&inner.attrs) => {
                given_on(module, &inner.tree, path, found);
            }
            item => named(module, item, None, path, found),
        }
    }
}

/// Lists what a `pub use` gives on: from a private child its items, else the name alone.
fn given_on(module: &Module, tree: &UseTree, path: &str, found: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(inner) if inner.ident == "crate" => given_on(&Module::root(), &inner.tree, path, found),
        UseTree::Path(inner) => match module.child(&inner.ident.to_string()) {
            Some(child) => given_on(&child, &inner.tree, path, found),
            // From elsewhere: another crate, or a module that is listed by itself.
            None => found.extend(last_names(&inner.tree).map(|name| format!("{path}::{name} (re-export)"))),
        },
        UseTree::Group(group) => group.items.iter().for_each(|tree| given_on(module, tree, path, found)),
        UseTree::Name(name) => {
            let before = found.len();
            for item in &module.items {
                named(module, item, Some(&name.ident.to_string()), path, found);
            }
            for item in &module.items {
                if let Item::Use(inner) = item
                    && is_public(&inner.vis)
                    && mentions(&inner.tree, &name.ident.to_string())
                {
                    given_on_alone(module, &inner.tree, &name.ident.to_string(), path, found);
                }
            }
            if found.len() == before {
                found.insert(format!("{path}::{} (re-export)", name.ident));
            }
        }
        UseTree::Rename(name) => {
            let mut own = BTreeSet::new();
            let tree = syn::parse_str(&name.ident.to_string()).expect("a name is a tree");
            given_on(module, &tree, path, &mut own);
            let (old, new) = (format!("{path}::{}", name.ident), format!("{path}::{}", name.rename));
            found.extend(own.into_iter().map(|line| line.replacen(&old, &new, 1)));
        }
        UseTree::Glob(_) => drop(found.insert(format!("{path}::*"))),
    }
}

/// The names at the ends of a tree.
fn last_names(tree: &UseTree) -> Box<dyn Iterator<Item = String> + '_> {
    match tree {
        UseTree::Path(inner) => last_names(&inner.tree),
        UseTree::Group(group) => Box::new(group.items.iter().flat_map(last_names)),
        UseTree::Name(name) => Box::new(std::iter::once(name.ident.to_string())),
        UseTree::Rename(name) => Box::new(std::iter::once(name.rename.to_string())),
        UseTree::Glob(_) => Box::new(std::iter::once("*".to_owned())),
    }
}

fn mentions(tree: &UseTree, name: &str) -> bool {
    match tree {
        UseTree::Path(inner) => mentions(&inner.tree, name),
        UseTree::Group(group) => group.items.iter().any(|tree| mentions(tree, name)),
        UseTree::Name(own) => own.ident == name,
        _ => false,
    }
}

/// As [`given_on`], of the one name.
fn given_on_alone(module: &Module, tree: &UseTree, name: &str, path: &str, found: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(inner) => match module.child(&inner.ident.to_string()) {
            Some(child) => given_on_alone(&child, &inner.tree, name, path, found),
            None => drop(found.insert(format!("{path}::{name} (re-export)"))),
        },
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| given_on_alone(module, tree, name, path, found));
        }
        UseTree::Name(own) if own.ident == name => given_on(module, tree, path, found),
        _ => {}
    }
}

/// Lists an item if it is public, and of this name if one is asked for.
fn named(module: &Module, item: &Item, only: Option<&str>, path: &str, found: &mut BTreeSet<String>) {
    let mut add = |visibility: &Visibility, kind: &str, ident: &syn::Ident| -> bool {
        let wanted = is_public(visibility) && only.is_none_or(|only| ident == only);
        if wanted {
            found.insert(format!("{path}::{ident} ({kind})"));
        }
        wanted
    };
    match item {
        Item::Fn(own) => drop(add(&own.vis, "fn", &own.sig.ident)),
        Item::Const(own) => drop(add(&own.vis, "const", &own.ident)),
        Item::Static(own) => drop(add(&own.vis, "static", &own.ident)),
        Item::Type(own) => drop(add(&own.vis, "type", &own.ident)),
        Item::Enum(own) if add(&own.vis, "enum", &own.ident) => {
            for variant in &own.variants {
                found.insert(format!("{path}::{}::{}", own.ident, variant.ident));
            }
            methods(module, &own.ident, path, found);
        }
        Item::Struct(own) if add(&own.vis, "struct", &own.ident) => {
            for field in own.fields.iter().filter(|field| is_public(&field.vis)) {
                let name = field.ident.as_ref().map_or("0".to_owned(), ToString::to_string);
                found.insert(format!("{path}::{}.{name}", own.ident));
            }
            methods(module, &own.ident, path, found);
        }
        Item::Trait(own) if add(&own.vis, "trait", &own.ident) => {
            for item in &own.items {
                if let syn::TraitItem::Fn(method) = item {
                    found.insert(format!("{path}::{}::{} (fn)", own.ident, method.sig.ident));
                }
            }
        }
        _ => {}
    }
}

/// Lists the public methods of a type that stand in the same file.
fn methods(module: &Module, name: &syn::Ident, path: &str, found: &mut BTreeSet<String>) {
    for item in &module.items {
        let Item::Impl(block) = item else { continue };
        let own = matches!(&*block.self_ty, syn::Type::Path(p) if p.path.segments.last().is_some_and(|s| s.ident == *name));
        if !own || block.trait_.is_some() {
            continue;
        }
        for item in &block.items {
            match item {
                ImplItem::Fn(method) if is_public(&method.vis) => {
                    found.insert(format!("{path}::{name}::{} (fn)", method.sig.ident));
                }
                ImplItem::Const(own) if is_public(&own.vis) => {
                    found.insert(format!("{path}::{name}::{} (const)", own.ident));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn the_public_interface_is_as_listed() {
    let mut found = BTreeSet::new();
    list(&Module::root(), "modelgram", &mut found);
    assert!(found.contains("modelgram::draw::draw (fn)"), "{found:?}");
    let text: String = found.iter().map(|line| format!("{line}\n")).collect();
    common::golden::assert_golden("tests/golden/api.txt", &text);
}
