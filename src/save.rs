//! Edits from the wish to the file: lowered, written, read again, proved, and only then given
//! the file's name.

use crate::error::{Error, ErrorKind, Result};
use crate::formats::{self, Destination, Saved};
use crate::infer::Runner;
use crate::model::{Edit, Model};
use crate::prove::{Promise, ValidateOptions, Verdict, validate};

/// How to write an edited model.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SaveOptions {
    /// What the edit promises.
    pub promise: Promise,
    /// Whether the new file is proved before it takes its name.
    pub prove: bool,
}

impl SaveOptions {
    /// Those of an edit with this promise: proved.
    pub fn new(promise: Promise) -> Self {
        SaveOptions { promise, prove: true }
    }
}

/// What was written, and what was proved of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SaveReport {
    /// The new file.
    pub saved: Saved,
    /// How the promise was kept; nothing if that was not asked for.
    pub verdict: Option<Verdict>,
}

/// Writes `model` with an edit, once the edit is proved to keep its promise.
///
/// The new file is written under a temporary name beside its own, read again and held to the
/// structural rules; then `runner` runs it beside the model before. Without a runner
/// everything but runs is proved, and the verdict says that nothing ran. If something does not
/// hold nothing is left behind, and what was there before stays.
///
/// ```
/// # fn main() -> modelgram::Result<()> {
/// use modelgram::edit::{StripOptions, strip};
/// use modelgram::formats::Destination;
/// use modelgram::prove::Promise;
/// use modelgram::save::{SaveOptions, save};
///
/// let model = modelgram::open("models/digits.onnx".as_ref())?;
/// let edit = strip(&model, &StripOptions::default());
/// let folder = tempfile::tempdir().expect("a temporary folder");
/// let path = folder.path().join("small.onnx");
/// let report = save(&model, &edit, Destination::New(&path), &SaveOptions::new(Promise::Stripped), None)?;
/// assert!(report.saved.bytes < 10_000);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the format cannot be written, a new file would be the model itself, writing fails, or the
/// edit broke its promise ([`ErrorKind::Disproved`]).
pub fn save(
    model: &Model,
    edit: &Edit,
    to: Destination<'_>,
    options: &SaveOptions,
    runner: Option<&mut dyn Runner>,
) -> Result<SaveReport> {
    let mut proof = Proof { before: model, options, runner, verdict: None };
    let saved = formats::save_proved(model, edit, to, &mut |new| proof.of(new))?;
    Ok(SaveReport { saved, verdict: proof.verdict })
}

/// Writes `stripped` with the contents that its tensors have in `original`, found by
/// their SHA-256, and proves as [`save`] does that it is the original again. Gives how many
/// tensors have their content again.
///
/// # Errors
/// Those of [`save`]; and if no tensor is stripped, or the original has not all contents.
pub fn restore(
    stripped: &Model,
    original: &Model,
    to: Destination<'_>,
    options: &SaveOptions,
    runner: Option<&mut dyn Runner>,
) -> Result<(SaveReport, usize)> {
    let patch = formats::restore(stripped, original).map_err(|e| e.in_file(&original.source.name))?;
    let count = patch.changes();
    if count == 0 {
        let error = Error::new(ErrorKind::Usage, "no tensor of this model is stripped");
        return Err(error.in_file(&stripped.source.name));
    }
    let mut proof = Proof { before: original, options, runner, verdict: None };
    let saved = formats::save_patch(stripped, &patch, to, &mut |new| proof.of(new))?;
    Ok((SaveReport { saved, verdict: proof.verdict }, count))
}

/// The proof of a file that has been written and has not got its name yet.
struct Proof<'a, 'r> {
    before: &'a Model,
    options: &'a SaveOptions,
    runner: Option<&'r mut dyn Runner>,
    verdict: Option<Verdict>,
}

impl Proof<'_, '_> {
    /// Fails if what was written breaks the promise.
    fn of(&mut self, new: &Model) -> Result<()> {
        if !self.options.prove {
            return Ok(());
        }
        let promise = self.options.promise;
        let mut options = ValidateOptions { promise, ..ValidateOptions::default() };
        if matches!(promise, Promise::Same | Promise::Stripped) {
            // Each batch once: equal bytes say more than many inputs.
            options.inputs = 1;
        }
        let runner = self.runner.as_mut().map(|runner| &mut **runner as &mut dyn Runner);
        let verdict = validate(new, Some(self.before), &options, runner)?;
        if let Some(line) = verdict.broken(promise) {
            let fact = format!("{}: {}", line.aspect.word(), line.text);
            return Err(Error::new(ErrorKind::Disproved, fact).hint("nothing was written"));
        }
        self.verdict = Some(verdict.on(promise));
        Ok(())
    }
}
