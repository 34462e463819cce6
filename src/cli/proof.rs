//! Edits are proved before they are written.

use super::args::{EditArgs, Report};
use super::before_after::picture;
use super::files;
use super::findings::print_findings;
use crate::error::{ErrorKind, Result};
use crate::formats::Destination;
use crate::infer::Runner;
use crate::model::{Edit, Model};
use crate::prove::{Promise, Verdict};
use crate::save::{SaveOptions, SaveReport, save};

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

/// Prints what was done: as JSON on standard output, or in lines on standard error.
///
/// # Errors
/// If standard output cannot be written.
pub(super) fn report(
    report: &SaveReport,
    account: &[String],
    args: &EditArgs,
    json: serde_json::Value,
) -> Result<()> {
    if args.report == Report::Json {
        files::to_stdout(format!("{json}\n").as_bytes())?;
    } else {
        account.iter().for_each(|line| eprintln!("{line}"));
        eprint!("{}", report.verdict.as_ref().map(Verdict::to_string).unwrap_or_default());
        report.saved.external.iter().for_each(|name| eprintln!("`{name}` was put beside the new model"));
    }
    print_findings(&report.saved.findings);
    Ok(())
}
