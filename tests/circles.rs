//! Files of one folder do not need each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use petgraph::graph::DiGraph;
use syn::visit::Visit;

/// The path of a module: the names down to it from the crate's root.
type Module = Vec<String>;

/// What a file says of other files.
#[derive(Default)]
struct Names {
    /// The paths that it uses, as written.
    used: Vec<Vec<String>>,
    /// The paths that it gives on under its own: the last name of each.
    exported: Vec<Vec<String>>,
}

impl Names {
    fn of(text: &str) -> Self {
        let file = syn::parse_file(text).expect("the file is Rust");
        let mut names = Names::default();
        names.visit_file(&file);
        names
    }

    /// The paths of a `use`, one for each name that it brings.
    fn add(&mut self, tree: &syn::UseTree, before: &[String], public: bool) {
        let longer = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add(&path.tree, &longer(&path.ident), public),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, before, public)),
            syn::UseTree::Name(name) => self.push(longer(&name.ident), public),
            syn::UseTree::Rename(name) => self.push(longer(&name.ident), public),
            syn::UseTree::Glob(_) => self.push(before.to_vec(), public),
        }
    }

    fn push(&mut self, path: Vec<String>, public: bool) {
        if public { self.exported.push(path) } else { self.used.push(path) }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // Tests may look wherever they like.
        if item.ident != "tests" {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.used.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    // `pub(in path)` says who may see something, and needs nothing of it.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

/// All modules that are files, with what they say of others.
struct Files {
    names: BTreeMap<Module, Names>,
    /// Where a name comes from that a module gives on.
    origins: BTreeMap<(Module, String), Module>,
}

impl Files {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut names = BTreeMap::new();
        let mut todo = vec![(root, Module::new())];
        while let Some((folder, module)) = todo.pop() {
            for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
                let path = entry.path();
                let stem = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
                let inner = [module.as_slice(), std::slice::from_ref(&stem)].concat();
                if path.is_dir() {
                    todo.push((path, inner));
                } else if path.extension().is_some_and(|e| e == "rs")
                    && stem != "main"
                    && stem != "tests"
                    && !is_generated(&path)
                {
                    let text = std::fs::read_to_string(&path).expect("the file can be read");
                    let own = if stem == "mod" || stem == "lib" { module.clone() } else { inner };
                    names.insert(own, Names::of(&text));
                }
            }
        }
        let mut files = Files { names, origins: BTreeMap::new() };
        // Names are given on over several steps.
        for _ in 0..4 {
            let found: Vec<_> =
                files.names.iter().flat_map(|(module, names)| files.given_on(module, names)).collect();
            files.origins.extend(found);
        }
        files
    }

    fn given_on(&self, module: &Module, names: &Names) -> Vec<((Module, String), Module)> {
        let named = names
            .exported
            .iter()
            .filter_map(|path| Some((path.last()?.clone(), self.resolve(module, path)?)));
        named.map(|(name, origin)| ((module.clone(), name), origin)).collect()
    }

    /// The file that a path in `from` leads to; nothing for one outside of the crate.
    fn resolve(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut at = match path.first()?.as_str() {
            "crate" => Module::new(),
            "self" | "super" => from.clone(),
            first => {
                let child = [from.as_slice(), &[first.to_owned()]].concat();
                return self.names.contains_key(&child).then(|| self.walk(child, &path[1..]));
            }
        };
        let mut rest = path;
        while let Some(word) = rest.first().filter(|word| ["crate", "self", "super"].contains(&word.as_str()))
        {
            if word == "super" {
                at.pop();
            }
            rest = &rest[1..];
        }
        Some(self.walk(at, rest))
    }

    fn walk(&self, mut at: Module, path: &[String]) -> Module {
        for word in path {
            let child = [at.as_slice(), std::slice::from_ref(word)].concat();
            if self.names.contains_key(&child) {
                at = child;
            } else if let Some(origin) = self.origins.get(&(at.clone(), word.clone())) {
                at.clone_from(origin);
            } else {
                break;
            }
        }
        at
    }

    /// The circles in a folder: of its files, of the folders in it, and of its own file.
    fn circles(&self, folder: &Module) -> Vec<String> {
        let item = |module: &Module| -> Option<&str> {
            let (key, _) = self.names.get_key_value(module)?;
            key.starts_with(folder).then(|| key.get(folder.len()).map_or("mod.rs", String::as_str))
        };
        let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (module, names) in &self.names {
            let Some(from) = item(module) else { continue };
            let used = names.used.iter().filter_map(|path| self.resolve(module, path));
            edges.extend(used.filter_map(|target| Some((from, item(&target)?))).filter(|(a, b)| a != b));
        }
        let mut graph: DiGraph<&str, ()> = DiGraph::new();
        let ends: BTreeSet<&str> = edges.iter().flat_map(|&(a, b)| [a, b]).collect();
        let index: BTreeMap<&str, _> = ends.into_iter().map(|name| (name, graph.add_node(name))).collect();
        graph.extend_with_edges(edges.iter().map(|(a, b)| (index[a], index[b])));
        let parts = petgraph::algo::tarjan_scc(&graph).into_iter().filter(|part| part.len() > 1);
        parts
            .map(|part| {
                let mut part: Vec<&str> = part.into_iter().map(|n| graph[n]).collect();
                part.sort_unstable();
                let inside = edges.iter().filter(|(a, b)| part.contains(a) && part.contains(b));
                let arrows: Vec<String> = inside.map(|(a, b)| format!("{a} -> {b}")).collect();
                format!("{}/: {} ({})", folder.join("/"), part.join(", "), arrows.join(", "))
            })
            .collect()
    }
}

/// The decoder that is made from ONNX's schema.
fn is_generated(path: &Path) -> bool {
    path.ends_with("schema/onnx.rs")
}

#[test]
fn no_folder_has_a_circle_of_files() {
    let files = Files::read();
    assert!(files.names.len() > 150, "only {} files were read", files.names.len());
    let folders: BTreeSet<Module> =
        files.names.keys().filter(|m| !m.is_empty()).map(|m| m[..m.len() - 1].to_vec()).collect();
    let circles: Vec<String> =
        folders.iter().filter(|folder| !folder.is_empty()).flat_map(|folder| files.circles(folder)).collect();
    assert!(circles.is_empty(), "files that need each other:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_would_be_found() {
    let file = |text: &str| Names::of(text);
    let names = BTreeMap::from([
        (Module::new(), Names::default()),
        (vec!["a".to_owned()], file("pub use one::Thing; mod one; mod two;")),
        (vec!["a".to_owned(), "one".to_owned()], file("use super::two::f; pub struct Thing;")),
        (vec!["a".to_owned(), "two".to_owned()], file("pub fn f() -> super::Thing { crate::a::Thing }")),
    ]);
    let mut files = Files { names, origins: BTreeMap::new() };
    let found: Vec<_> =
        files.names.iter().flat_map(|(module, names)| files.given_on(module, names)).collect();
    files.origins.extend(found);
    assert_eq!(files.circles(&vec!["a".to_owned()]), ["a/: one, two (one -> two, two -> one)"]);
}
