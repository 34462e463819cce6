//! `modelgram strip`: a model without its weights, and with them again.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::StripArgs;
use super::files::{self, open};
use super::proof::{Done, proved, report, save_edit};
use crate::edit::{StripOptions, recorded, strip};
use crate::error::Result;
use crate::formats::Destination;
use crate::model::Model;
use crate::prove::Promise;
use crate::save::{SaveReport, restore};
use crate::text::counted;

/// Strips, or restores, and writes.
pub(super) fn run(args: &StripArgs) -> Result<ExitCode> {
    let output = files::target(&args.model, &args.edit)?;
    let model = open(&args.model)?;
    files::fits(&model, output)?;
    let (done, account) = match &args.restore {
        Some(original) => restored(&model, original, output, args)?,
        None => stripped(&model, output, args)?,
    };
    let json = json!({
        "account": account.join("\n"), "bytes": done.saved.bytes, "external": done.saved.external,
    });
    report(Done { model: &model, report: &done, account: &account, json }, &args.edit)
}

fn stripped(model: &Model, to: Destination<'_>, args: &StripArgs) -> Result<(SaveReport, Vec<String>)> {
    let mut edit = strip(model, &StripOptions { min_bytes: args.min_bytes, all: args.all });
    let account = edit.account.clone();
    if !args.edit.no_record {
        let options = json!({"min_bytes": args.min_bytes, "all": args.all});
        edit = recorded(edit, model, "strip", options);
    }
    Ok((save_edit(model, &edit, to, &args.edit, Promise::Stripped)?, account))
}

fn restored(
    model: &Model,
    original: &Path,
    to: Destination<'_>,
    args: &StripArgs,
) -> Result<(SaveReport, Vec<String>)> {
    let original = open(original)?;
    let (done, count) =
        proved(&args.edit, Promise::Same, |options, runner| restore(model, &original, to, options, runner))?;
    let account = format!("{} have their content again, equal by SHA-256", counted(count, "tensor"));
    Ok((done, vec![account]))
}
