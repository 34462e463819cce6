//! `modelgram rename`: other names, and everything else as it was.

use std::collections::BTreeMap;

use serde_json::json;

use super::args::RenameArgs;
use super::files::{self, open};
use super::proof::{report, save_edit};
use crate::edit::{RenameOptions, recorded, rename};
use crate::error::{Error, ErrorKind, Result};
use crate::prove::Promise;
use crate::text::Rename;

/// Renames and writes.
pub(super) fn run(args: &RenameArgs) -> Result<()> {
    let output = files::target(&args.edit)?;
    if args.expressions.is_empty() && args.map.is_none() && args.prefix.is_empty() {
        let error = Error::new(ErrorKind::Usage, "nothing says what the new names are");
        return Err(error.hint("give an expression such as 's/old/new/', --map FILE, or --prefix TEXT"));
    }
    let model = open(&args.model)?;
    let options = RenameOptions {
        expressions: args.expressions.iter().map(|text| text.parse::<Rename>()).collect::<Result<_>>()?,
        map: args.map.as_deref().map(map).transpose()?.unwrap_or_default(),
        prefix: args.prefix.clone(),
        nodes: !args.values_only,
        values: !args.nodes_only,
        inputs: args.inputs,
        outputs: args.outputs,
    };
    let mut edit =
        rename(&model, &options).map_err(|error| error.in_file(&args.model.display().to_string()))?;
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
    report(&done, &edit.account, &args.edit, json)
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
