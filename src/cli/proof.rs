//! Edits are proved before they are written.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{EditArgs, Report};
use super::before_after::picture;
use super::files::{self, note};
use super::findings::print_findings;
use crate::error::{ErrorKind, Result};
use crate::files::folder_of;
use crate::formats::{Destination, Saved};
use crate::infer::Runner;
use crate::model::{Edit, Model};
use crate::prove::{Promise, State, Verdict};
use crate::save::{SaveOptions, SaveReport, save};
use crate::text::printable;

/// Writes an edited model once it is proved, and the picture of before and after.
///
/// # Errors
/// If something does not hold, or cannot be written.
pub(super) fn save_edit(
    model: &Model,
    edit: &Edit,
    to: Destination<'_>,
    args: &EditArgs,
    promise: Promise,
) -> Result<SaveReport> {
    let report = proved(args, promise, |options, runner| save(model, edit, to, options, runner))?;
    if let Some(path) = &args.picture {
        picture(model, edit, path)?;
    }
    Ok(report)
}

/// What `save` writes, with the options and the engine of this program.
///
/// # Errors
/// Those of `save`; where the proof failed, with the option that goes without it.
pub(super) fn proved<T>(
    args: &EditArgs,
    promise: Promise,
    save: impl FnOnce(&SaveOptions, Option<&mut dyn Runner>) -> Result<T>,
) -> Result<T> {
    let mut options = SaveOptions::new(promise);
    options.prove = !args.no_validate;
    #[cfg(feature = "infer")]
    let done = save(&options, Some(&mut super::child::ChildProcess::default()));
    #[cfg(not(feature = "infer"))]
    let done = save(&options, None);
    done.map_err(|mut error| {
        if error.kind == ErrorKind::Disproved {
            error.hints = vec!["nothing was written; --no-validate writes it all the same".into()];
        }
        error
    })
}

/// What was done, and the code that says whether it is verified.
pub(super) struct Done<'a> {
    /// The model before.
    pub(super) model: &'a Model,
    pub(super) report: &'a SaveReport,
    /// What the edit says of itself.
    pub(super) account: &'a [String],
    /// The same for programs.
    pub(super) json: Value,
}

/// Prints what was done: as JSON on standard output, or in lines on standard error. Gives 4 if
/// something could not be verified that should be.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn report(done: Done<'_>, args: &EditArgs) -> Result<ExitCode> {
    let Done { model, report, account, mut json } = done;
    let saved = &report.saved;
    let verdict = report.verdict.as_ref();
    let state = verdict.map(Verdict::state);
    if args.report == Report::Json {
        json["beside"] = json!(saved.beside);
        json["verified"] = json!(state.map(|state| state < State::Unverified));
        files::print_json(&json.to_string())?;
    } else {
        account.iter().for_each(|line| note(printable(line)));
        if let Some(verdict) = verdict {
            note(verdict.to_string().trim_end());
        }
        for name in &saved.beside {
            note(beside(model, saved, name));
        }
    }
    print_findings(&saved.findings);
    if state == Some(State::Unverified) {
        note("written, and not verified: see the lines above (--no-validate does not ask)");
        return Ok(ExitCode::from(4));
    }
    Ok(ExitCode::SUCCESS)
}

/// What becomes of a file with weights that the new model refers to.
fn beside(model: &Model, saved: &Saved, name: &str) -> String {
    let shown = printable(name);
    if saved.external.iter().any(|brought| brought == name) {
        return format!("`{shown}` was put beside the new model, which needs it wherever it goes");
    }
    let there = folder_of(Path::new(&model.source.name)).join(name).exists();
    let missing = if there { "" } else { ", and is missing" };
    format!("`{shown}` has weights of the new model: it must travel along{missing}")
}
