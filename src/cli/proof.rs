//! What edits prove before they write.

use std::path::Path;

use super::args::EditArgs;
use super::before_after::picture;
use crate::error::Result;
#[cfg(feature = "infer")]
use crate::error::{Error, ErrorKind};
use crate::formats::{Saved, save_proved};
use crate::model::{Edit, Model};

/// What an edit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// Nothing but the head is another.
    Head,
    /// The outputs are the same.
    Same,
    /// Everything is there but the contents of weights.
    Stripped,
}

/// Writes an edited model once it is proved, and the picture of before and after; gives what was
/// written, and the verdict.
///
/// # Errors
/// If something does not hold, or cannot be written.
pub(super) fn save(
    (model, path): (&Model, &Path),
    edit: &Edit,
    output: &Path,
    args: &EditArgs,
    proof: Proof,
) -> Result<(Saved, String)> {
    let mut verdict = String::new();
    let saved = save_proved(model, edit, output, args.in_place, &mut |written| {
        verdict = prove((model, path), written, args, proof)?;
        Ok(())
    })?;
    if let Some(path) = &args.picture {
        picture(model, edit, path)?;
    }
    Ok((saved, verdict))
}

/// The verdict on what was written; nothing if none is wanted.
///
/// # Errors
/// If something does not hold.
#[cfg(feature = "infer")]
pub(super) fn prove(
    (old, path): (&Model, &Path),
    written: &Path,
    args: &EditArgs,
    proof: Proof,
) -> Result<String> {
    use crate::prove::{Line, State, ValidateOptions, Verdict};
    if args.no_validate {
        return Ok(String::new());
    }
    let new = super::open(written)?;
    let options = match proof {
        Proof::Head => ValidateOptions::default(),
        // Each batch once: equal bytes say more than many inputs.
        Proof::Same | Proof::Stripped => {
            ValidateOptions { same: true, inputs: 1, ..ValidateOptions::default() }
        }
    };
    let limits = super::child::Limits::default();
    let verdict = super::validate::proved(&new, Some(old), &options, (written, Some(path)), limits, false)?;
    let is = |line: &Line, subjects: &[&str]| subjects.contains(&line.subject);
    // A model that had no numbers before has none now: that is not the edit's fault.
    let as_before = verdict.lines.iter().any(|line| line.subject == "outputs" && line.state == State::Holds);
    let against = |line: &&Line| {
        let its_fault = match proof {
            Proof::Head => true,
            Proof::Same => is(line, &["backbone", "outputs"]) || !as_before && line.subject == "run",
            Proof::Stripped => line.subject == "backbone",
        };
        line.state == State::Fails && its_fault
    };
    if let Some(line) = verdict.lines.iter().find(against) {
        let error = Error::new(ErrorKind::Undecodable, format!("{}: {}", line.subject, line.text));
        return Err(error.hint("nothing was written; --no-validate writes it all the same"));
    }
    let told = |line: &Line| match proof {
        Proof::Head => true,
        Proof::Same => is(line, &["backbone", "outputs"]) || line.state == State::Unverified,
        Proof::Stripped => line.subject == "backbone",
    };
    Ok(Verdict { lines: verdict.lines.into_iter().filter(told).collect() }.to_string())
}

#[cfg(not(feature = "infer"))]
pub(super) fn prove(_: (&Model, &Path), _: &Path, args: &EditArgs, proof: Proof) -> Result<String> {
    let told = !args.no_validate && proof != Proof::Stripped;
    Ok(if told { "NOT VERIFIED: this program was built without inference\n".into() } else { String::new() })
}
