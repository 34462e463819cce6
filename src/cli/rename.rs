//! `modelgram rename`: other names, and everything else as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use serde_json::json;

use super::args::RenameArgs;
use super::files::{self, open};
use super::proof::{Done, report, save_edit};
use crate::edit::{RenameOptions, recorded, rename};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Model;
use crate::prove::Promise;
use crate::text::{Rename, meant, nearest, printable};

/// Renames and writes.
pub(super) fn run(args: &RenameArgs) -> Result<ExitCode> {
    let output = files::target(&args.model, &args.edit)?;
    if args.expressions.is_empty() && args.map.is_none() && args.prefix.is_empty() {
        let error = Error::new(ErrorKind::Usage, "nothing says what the new names are");
        return Err(error.hint("give an expression such as 's/old/new/', --map FILE, or --prefix TEXT"));
    }
    let model = open(&args.model)?;
    files::fits(&model, output)?;
    let options = RenameOptions {
        expressions: args.expressions.iter().map(|text| text.parse::<Rename>()).collect::<Result<_>>()?,
        map: args.map.as_deref().map(map).transpose()?.unwrap_or_default(),
        prefix: args.prefix.clone(),
        nodes: !args.values_only,
        values: !args.nodes_only,
        inputs: args.inputs,
        outputs: args.outputs,
    };
    let shown = args.model.display().to_string();
    let mut edit = rename(&model, &options).map_err(|error| error.in_file(&shown))?;
    if edit.nodes.is_empty() && edit.values.is_empty() {
        return Err(nothing(&model, args, &options).in_file(&shown));
    }
    if !args.edit.no_record {
        let mut settings = json!({"expressions": args.expressions});
        if !args.prefix.is_empty() {
            settings["prefix"] = json!(args.prefix);
        }
        if !options.map.is_empty() {
            settings["map"] = json!(options.map.len());
        }
        edit = recorded(edit, &model, "rename", settings);
    }
    let done = save_edit(&model, &edit, output, &args.edit, Promise::Same)?;
    let json = json!({
        "nodes": edit.nodes,
        "values": edit.values,
        "bytes": done.saved.bytes,
        "external": done.saved.external,
    });
    report(Done { model: &model, report: &done, account: &edit.account, json }, &args.edit)
}

/// That no name changes, with those that may have been meant.
fn nothing(model: &Model, args: &RenameArgs, options: &RenameOptions) -> Error {
    let given: Vec<String> = args.expressions.iter().map(|text| format!("`{}`", printable(text))).collect();
    let what = if given.is_empty() { "what was asked for".to_owned() } else { given.join(", ") };
    let error = Error::new(ErrorKind::Usage, format!("no name becomes another one by {what}"));
    // Names of inputs and outputs stay unless that is asked for.
    let all = RenameOptions { inputs: true, outputs: true, ..options.clone() };
    if options.values && rename(model, &all).is_ok_and(|edit| !edit.values.is_empty()) {
        return error.hint("--inputs and --outputs rename those of the model too");
    }
    let mut names = BTreeSet::new();
    for graph in model.graphs() {
        names.extend(graph.ops().map(|(_, node, _)| node.name.as_str()).filter(|_| options.nodes));
        names.extend(graph.values().iter().map(|value| value.name.as_str()).filter(|_| options.values));
    }
    names.remove("");
    let names: Vec<&str> = names.into_iter().collect();
    let wanted = args.expressions.first().and_then(|text| text.split(|c| !is_part(c)).nth(1)).unwrap_or("");
    // An expression is mostly about a part of a name.
    let parts = names.iter().flat_map(|name| name.split(['/', '.', ':']));
    let hint = match nearest(wanted, names.iter().copied().chain(parts)) {
        Some(near) => format!("did you mean `{}`?", printable(near)),
        None => meant(wanted, &names),
    };
    error.hint(hint).hint("`modelgram info --nodes --values` lists all names")
}

/// Whether a character is likely a part of a name, and not of an expression.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || "_.:-".contains(c)
}

/// A map: JSON from old names to new ones, or lines `old=new`.
fn map(path: &std::path::Path) -> Result<BTreeMap<String, String>> {
    let text = files::text(path)?;
    let wrong = |what: String| {
        Error::new(ErrorKind::Usage, what)
            .hint("JSON such as {\"old\": \"new\"}, or lines old=new")
            .in_file(&path.display().to_string())
    };
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(&text).map_err(|error| wrong(error.to_string()));
    }
    let mut map = BTreeMap::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (old, new) = line.split_once('=').ok_or_else(|| wrong(format!("line {}: no `=`", i + 1)))?;
        if map.insert(old.trim().to_owned(), new.trim().to_owned()).is_some() {
            return Err(wrong(format!("line {}: `{}` stands here twice", i + 1, old.trim())));
        }
    }
    Ok(map)
}
