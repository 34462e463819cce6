//! `modelgram head`: other classes, made of the same features.

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::HeadArgs;
use super::files::{self, open};
use super::proof::{Done, report, save_edit};
use crate::edit::onnx::{HeadOptions, Hidden, head, heads};
use crate::edit::{Init, recorded};
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::arrays;
use crate::prove::Promise;

/// Finds the head, puts another in its place, and writes.
pub(super) fn run(args: &HeadArgs) -> Result<ExitCode> {
    let shown = args.model.display().to_string();
    if args.list {
        let model = open(&args.model)?;
        let found = heads(&model).map_err(|error| error.in_file(&shown))?;
        let mut text: String = found.iter().map(|candidate| format!("{candidate}\n")).collect();
        if found.is_empty() {
            text = "no head: the outputs do not end in a layer of classes\n".into();
        }
        return files::print(&text).map(|()| ExitCode::SUCCESS);
    }
    let output = files::target(&args.model, &args.edit)?;
    let options = options(args)?;
    let model = open(&args.model)?;
    files::fits(&model, output)?;
    let mut edit = head(&model, &options).map_err(|error| error.in_file(&shown))?;
    if !args.edit.no_record {
        edit = recorded(edit, &model, "head", asked_for(args, &options));
    }
    let done = save_edit(&model, &edit, output, &args.edit, Promise::Recorded)?;
    let names = |list: Vec<&String>| list.into_iter().cloned().collect::<Vec<_>>();
    let json = json!({
        "account": edit.account,
        "classes": options.classes,
        "new_nodes": names(edit.added.iter().map(|n| &n.name).collect()),
        "new_weights": names(edit.tensors.iter().map(|t| &t.name).collect()),
        "bytes": done.saved.bytes,
        "external": done.saved.external,
    });
    report(Done { model: &model, report: &done, account: &edit.account, json }, &args.edit)
}

fn options(args: &HeadArgs) -> Result<HeadOptions> {
    let classes = args.classes.ok_or_else(|| {
        let error = Error::new(ErrorKind::Usage, "how many classes the new head makes is not given");
        error.hint("--classes N, or --list to see what the head is")
    })?;
    Ok(HeadOptions {
        classes,
        at: args.at.clone(),
        activation: args.activation,
        pool: args.pool,
        hidden: args.hidden.iter().map(|text| text.trim().parse::<Hidden>()).collect::<Result<_>>()?,
        dropout: args.dropout.map(|rate| rate as f32),
        keep: args.keep,
        init: args.init.parse::<Init>()?,
        seed: args.seed,
        weights: args.weights.as_deref().map(arrays).transpose()?,
        output_name: args.output_name.clone(),
        class_names: args.class_names.as_deref().map(class_names).transpose()?.unwrap_or_default(),
    })
}

/// The options that make the edit, for the model's metadata.
fn asked_for(args: &HeadArgs, options: &HeadOptions) -> Value {
    let mut record = json!({"classes": options.classes});
    let mut note = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            record[key] = value;
        }
    };
    note("at", args.at.as_ref().map(|at| json!(at)));
    note("activation", options.activation.map(|a| json!(a.to_string())));
    note("pool", options.pool.map(|p| json!(p.to_string())));
    note("hidden", (!args.hidden.is_empty()).then(|| json!(args.hidden)));
    note("dropout", args.dropout.map(|rate| json!(rate)));
    note("keep", args.keep.then_some(json!(true)));
    match args.weights {
        // A path says nothing to others; that they are given ones does.
        Some(_) => note("weights", Some(json!("file"))),
        None => {
            note("init", Some(json!(options.init.to_string())));
            note("seed", Some(json!(options.seed)));
        }
    }
    note("output_name", args.output_name.as_ref().map(|name| json!(name)));
    record
}

/// Names of classes: a JSON list, or one on each line.
fn class_names(path: &std::path::Path) -> Result<Vec<String>> {
    let text = files::text(path)?;
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(&text).map_err(|error| {
            let error = Error::new(ErrorKind::Usage, error.to_string());
            error.hint("a JSON list of strings, or a name on each line").in_file(&path.display().to_string())
        });
    }
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}
