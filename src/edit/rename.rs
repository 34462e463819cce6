//! Other names for nodes and values.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, Graph, Model, NodeKind, property};
use crate::model::{FROZEN, LR_MULT};
use crate::text::Rename;
use crate::text::printable;

/// Which names change, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RenameOptions {
    /// Expressions that are applied to each name, in this order.
    pub expressions: Vec<Rename>,
    /// New names by old ones; the expressions do not apply to these.
    pub map: BTreeMap<String, String>,
    /// Put before each name.
    pub prefix: String,
    /// Whether nodes get new names.
    pub nodes: bool,
    /// Whether values do: results of nodes, and initializers.
    pub values: bool,
    /// Whether the model's inputs do, which programs ask for by name.
    pub inputs: bool,
    /// Whether its outputs do.
    pub outputs: bool,
}

impl Default for RenameOptions {
    fn default() -> Self {
        RenameOptions {
            expressions: Vec::new(),
            map: BTreeMap::new(),
            prefix: String::new(),
            nodes: true,
            values: true,
            inputs: false,
            outputs: false,
        }
    }
}

/// Names that share a space: those of the main graph with its subgraphs, or of a function.
#[derive(Default)]
struct Names {
    nodes: BTreeSet<String>,
    values: BTreeSet<String>,
}

/// The edit that renames.
///
/// Names are changed wherever they stand: in subgraphs, in functions, in what captures
/// them, in types and annotations, and in the lists of frozen weights.
///
/// ```
/// # fn main() -> modelgram::error::Result<()> {
/// let model = modelgram::formats::open("models/digits.onnx".as_ref())?;
/// let mut options = modelgram::edit::RenameOptions::default();
/// options.expressions = vec!["s/digits_cnn_1\\///g".parse()?];
/// let edit = modelgram::edit::rename(&model, &options)?;
/// assert_eq!(edit.nodes["digits_cnn_1/conv1_1/Relu"], "conv1_1/Relu");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If two names would become one, a name would be empty, or the map names what is not there.
pub fn rename(model: &Model, options: &RenameOptions) -> Result<Edit> {
    let spaces = spaces(model);
    let of = |graph: &Graph, inputs: bool| -> BTreeSet<String> {
        let list = if inputs { &graph.inputs } else { &graph.outputs };
        let name = |&id| graph.node(id).name.clone();
        list.iter().map(name).collect()
    };
    let mut kept = BTreeSet::new();
    if !options.inputs {
        kept.extend(of(&model.graph, true));
    }
    if !options.outputs {
        kept.extend(of(&model.graph, false));
    }
    let mut edit = Edit::default();
    let mut clashes = Vec::new();
    for space in &spaces {
        if options.nodes {
            new_names(&space.nodes, &BTreeSet::new(), options, &mut edit.nodes, &mut clashes)?;
        }
        if options.values {
            new_names(&space.values, &kept, options, &mut edit.values, &mut clashes)?;
        }
    }
    tell_clashes(&clashes)?;
    tell_unknown(&spaces, options)?;
    training(model, &mut edit);
    let count = |n: usize, what: &str| crate::text::counted(n, what);
    edit.account = vec![format!(
        "{} and {} have new names",
        count(edit.nodes.len(), "node"),
        count(edit.values.len(), "value")
    )];
    Ok(edit)
}

fn spaces(model: &Model) -> Vec<Names> {
    let functions: Vec<*const Graph> = model.functions.iter().map(|f| std::ptr::from_ref(&f.graph)).collect();
    let mut spaces: Vec<Names> = (0..=functions.len()).map(|_| Names::default()).collect();
    // Which space each graph is in: a subgraph is in that of the graph around it.
    let mut space_of: BTreeMap<*const Graph, usize> = BTreeMap::new();
    for graph in model.graphs() {
        let here = std::ptr::from_ref(graph);
        let function = functions.iter().position(|&f| f == here).map(|i| i + 1);
        let space = function.or_else(|| space_of.get(&here).copied()).unwrap_or(0);
        for (_, node) in graph.nodes() {
            if let NodeKind::Op(op) = &node.kind {
                spaces[space].nodes.insert(node.name.clone());
                for inner in op.attributes.iter().flat_map(|a| a.value.graphs()) {
                    space_of.insert(std::ptr::from_ref(inner), space);
                }
            }
        }
        spaces[space].values.extend(graph.values().iter().map(|value| value.name.clone()));
    }
    for space in &mut spaces {
        space.nodes.remove("");
        space.values.remove("");
    }
    spaces
}

/// Finds the new names of one name space; two names that become the same one clash.
fn new_names(
    names: &BTreeSet<String>,
    kept: &BTreeSet<String>,
    options: &RenameOptions,
    found: &mut BTreeMap<String, String>,
    clashes: &mut Vec<(String, String, String)>,
) -> Result<()> {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        let new = if kept.contains(name) { name.clone() } else { new_name(name, options) };
        if new.is_empty() {
            let message = format!("`{}` would have no name", printable(name));
            return Err(Error::new(ErrorKind::Usage, message));
        }
        if let Some(other) = taken.insert(new.clone(), name) {
            clashes.push((other.to_owned(), name.clone(), new.clone()));
        }
        if new != *name {
            found.insert(name.clone(), new);
        }
    }
    Ok(())
}

fn new_name(name: &str, options: &RenameOptions) -> String {
    if let Some(new) = options.map.get(name) {
        return new.clone();
    }
    let renamed = options.expressions.iter().fold(name.to_owned(), |name, e| e.apply(&name).into_owned());
    format!("{}{renamed}", options.prefix)
}

fn tell_clashes(clashes: &[(String, String, String)]) -> Result<()> {
    const MOST: usize = 10;
    if clashes.is_empty() {
        return Ok(());
    }
    let text = |(a, b, new): &(String, String, String)| {
        format!("`{}` and `{}` would both be `{}`", printable(a), printable(b), printable(new))
    };
    let mut lines: Vec<String> = clashes.iter().take(MOST).map(text).collect();
    if clashes.len() > MOST {
        lines.push(format!("and {} more", clashes.len() - MOST));
    }
    let error = Error::new(ErrorKind::Usage, format!("names would clash: {}", lines.join("; ")));
    Err(error.hint("every name must stay unique; nothing was written"))
}

/// A name of the map that is nowhere is a mistake.
fn tell_unknown(spaces: &[Names], options: &RenameOptions) -> Result<()> {
    let known = |name: &String| {
        spaces
            .iter()
            .any(|s| (options.nodes && s.nodes.contains(name)) || (options.values && s.values.contains(name)))
    };
    match options.map.keys().find(|name| !known(name)) {
        Some(name) => {
            let error = Error::new(ErrorKind::Usage, format!("nothing is named `{}`", printable(name)));
            Err(error.hint("`modelgram info` lists the names of nodes and values"))
        }
        None => Ok(()),
    }
}

/// Weights are frozen by their names, so those go along.
fn training(model: &Model, edit: &mut Edit) {
    for key in [FROZEN, LR_MULT] {
        let Some(text) = property(&model.meta.properties, key) else { continue };
        let new = with_new_names(text, &edit.values);
        if new != text && serde_json::from_str::<serde_json::Value>(&new).is_ok() {
            edit.properties.insert(key.to_owned(), new);
        }
    }
}

/// A JSON text with other strings, and everything else as it is written.
fn with_new_names(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find('"') {
        let inside = &rest[begin + 1..];
        let mut escaped = false;
        let end = inside.bytes().position(|b| {
            let ends = b == b'"' && !escaped;
            escaped = b == b'\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        let token = &rest[begin..begin + end + 2];
        let name = serde_json::from_str::<String>(token).ok();
        out.push_str(&rest[..begin]);
        match name.and_then(|name| names.get(&name)) {
            Some(new) => out.push_str(&serde_json::Value::String(new.clone()).to_string()),
            None => out.push_str(token),
        }
        rest = &rest[begin + end + 2..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_in_a_list_change() {
        let names = BTreeMap::from([("a\"b".to_owned(), "c".to_owned())]);
        assert_eq!(with_new_names("[ \"x\",\n \"a\\\"b\" ]", &names), "[ \"x\",\n \"c\" ]");
        assert_eq!(with_new_names("{\"a\\\"b\": 0.10}", &names), "{\"c\": 0.10}");
        assert_eq!(with_new_names("\"cut", &names), "\"cut");
    }
}
