//! Writes an edited model: only what changed is new, everything else is copied.

use std::collections::{BTreeSet, HashMap};
use std::io::BufWriter;
use std::path::Path;

use super::writer::written_as;
use super::{Format, Inputs, Patch};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::files::{Unfinished, folder_of, write_checked};
use crate::finding::{Finding, Severity};
use crate::model::{Edit, Graph, Model, Tensor, TensorData, external_path};
use crate::rules::{is_structural, structure};

/// Larger files are refused by every reader that uses protobuf's own code.
const LARGEST: u64 = i32::MAX as u64;

/// Where an edited model goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination<'a> {
    /// To a file that is not the model's own.
    New(&'a Path),
    /// In the place of the model's own file.
    InPlace,
}

/// What was written.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Saved {
    /// The bytes of the new file.
    pub bytes: u64,
    /// Files with weights that were put beside it.
    pub external: Vec<String>,
    /// Files with weights that it refers to, which must stand beside it wherever it goes.
    pub beside: Vec<String>,
    /// What was noticed on the way.
    pub findings: Vec<Finding>,
}

/// What must be as before in the main graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Structure {
    /// The numbers of nodes, constants, values and uses.
    Same,
    /// Nothing: nodes or constants come or go.
    Another,
}

/// Writes `model` with an edit: into a temporary file first, which is read again and checked
/// before it takes the name.
///
/// External data stays external: in the same folder by reference, in another one as a copy.
///
/// # Errors
/// If the format cannot be written, the model was not read from a file, a new file would be the
/// model itself, the result would have defects that the model has not, or writing fails.
/// Nothing is left behind then.
pub fn save(model: &Model, edit: &Edit, to: Destination<'_>) -> Result<Saved> {
    save_proved(model, edit, to, &mut |_| Ok(()))
}

/// The same; what was written is read again, and shown to `prove` before it takes its name.
///
/// # Errors
/// Those of [`save`], and those of `prove`.
pub(crate) fn save_proved(
    model: &Model,
    edit: &Edit,
    to: Destination<'_>,
    prove: &mut dyn FnMut(&Model) -> Result<()>,
) -> Result<Saved> {
    let (_, writer) = written_as(model)?;
    let structure = if edit.changes_structure() { Structure::Another } else { Structure::Same };
    written(model, &(writer.lower)(model, edit)?, to, structure, prove)
}

/// The same for changes of the file that are made already, such as the
/// contents that stripped weights had. They leave nodes, constants and uses as they are.
///
/// # Errors
/// Those of [`save`], and those of `prove`.
pub fn save_patch(
    model: &Model,
    patch: &Patch,
    to: Destination<'_>,
    prove: &mut dyn FnMut(&Model) -> Result<()>,
) -> Result<Saved> {
    written(model, patch, to, Structure::Same, prove)
}

fn written(
    model: &Model,
    patch: &Patch,
    to: Destination<'_>,
    structure: Structure,
    prove: &mut dyn FnMut(&Model) -> Result<()>,
) -> Result<Saved> {
    let (format, _) = written_as(model)?;
    let own = Path::new(&model.source.name);
    let (path, inputs) = match to {
        Destination::New(path) => (path, vec![own.to_owned()]),
        Destination::InPlace if own.is_file() => (own, Vec::new()),
        Destination::InPlace => {
            let error = Error::new(ErrorKind::Usage, "there is no file to change in place");
            return Err(error.hint("write a new model").in_file(&model.source.name));
        }
    };
    let mut saved = Saved { bytes: patch.bytes(), ..Saved::default() };
    if saved.bytes > LARGEST {
        saved.findings.push(too_large(path));
    }
    let brought = bring_external(&external_names(model), own, path)?;
    write_checked(
        path,
        &inputs,
        &mut |file| {
            let mut out = BufWriter::with_capacity(1 << 20, file);
            patch.write(&model.source.bytes, &mut out)?;
            std::io::Write::flush(&mut out)
        },
        &mut |written| {
            let new = check(written, format, model, structure)?;
            saved.beside = external_names(&new).into_iter().collect();
            prove(&new)
        },
    )?;
    // What the edit took the last reference to goes away again.
    for (name, file) in brought {
        if saved.beside.contains(&name) {
            file.keep();
            saved.external.push(name);
        }
    }
    Ok(saved)
}

fn too_large(path: &Path) -> Finding {
    Finding {
        rule: "W310",
        severity: Severity::Warning,
        place: Place::file(path.display().to_string()),
        message:
            "the file is larger than 2 GiB, which most programs refuse to read; keep weights in external data"
                .into(),
    }
}

/// The first thing that is wrong with a model and was not before: by a structural rule, or an
/// error of another kind. Findings are counted, since names in them may be other ones now.
fn worse(old: &Model, new: &Model) -> Option<Finding> {
    let all = |model: &Model| -> Vec<Finding> {
        let others = model.findings.iter().filter(|f| !is_structural(f) && f.severity == Severity::Error);
        let rules = structure(model).into_iter().filter(|f| f.severity >= Severity::Warning);
        rules.chain(others.cloned()).collect()
    };
    let mut known: HashMap<&'static str, usize> = HashMap::new();
    all(old).iter().for_each(|finding| *known.entry(finding.rule).or_default() += 1);
    all(new).into_iter().find(|finding| match known.get_mut(finding.rule) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    })
}

/// Reads what was written, and compares it with the model that it was made of.
fn check(written: &Path, format: &'static Format, model: &Model, structure: Structure) -> Result<Model> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Undecodable, format!("the edited model would be wrong: {what}"))
            .hint("nothing was written; please report this")
    };
    let new = Inputs::open(written).and_then(|inputs| format.open(&inputs));
    let new = new.map_err(|error| wrong(&error.message).from_source(error))?;
    if let Some(first) = worse(model, &new) {
        return Err(wrong(&first.to_string()));
    }
    let shape = |graph: &Graph| {
        (graph.ops().count(), graph.constants().count(), graph.values().len(), graph.use_count())
    };
    if structure == Structure::Same && shape(&new.graph) != shape(&model.graph) {
        return Err(wrong("nodes, weights or uses are missing"));
    }
    Ok(new)
}

/// The files with weights that a model refers to.
fn external_names(model: &Model) -> BTreeSet<String> {
    let tensors = model.graphs().into_iter().flat_map(Graph::constants).map(|(_, _, tensor)| tensor);
    let tensors = tensors.filter(|tensor| !tensor.is_stripped());
    let name = |tensor: &Tensor| match &tensor.data {
        TensorData::External { path, .. } => Some(path.clone()),
        _ => None,
    };
    tensors.filter_map(name).collect()
}

/// Puts files with weights beside a model that is written to another folder; they go away again
/// unless they are kept.
fn bring_external(names: &BTreeSet<String>, source: &Path, path: &Path) -> Result<Vec<(String, Unfinished)>> {
    let (from, to) = (folder_of(source), folder_of(path));
    let same = from.canonicalize().ok().zip(to.canonicalize().ok()).is_some_and(|(a, b)| a == b);
    let mut brought = Vec::new();
    if same {
        return Ok(brought);
    }
    for name in names {
        let relative = external_path(name)?;
        let (old, new) = (from.join(&relative), to.join(&relative));
        let fail = |error: std::io::Error| Error::io(error).in_file(&new.display().to_string());
        let facts = match std::fs::symlink_metadata(&old) {
            Ok(facts) => facts,
            // A model may travel without its data.
            Err(_) => continue,
        };
        if !facts.is_file() {
            let error = Error::new(ErrorKind::Unsafe, "external data must be a regular file");
            return Err(error.in_file(&old.display().to_string()));
        }
        if new.exists() {
            let there = std::fs::metadata(&new).map_err(fail)?;
            if there.len() != facts.len() {
                let error = Error::new(ErrorKind::Io, "another file of this name is there already");
                return Err(error.hint("write into an empty folder").in_file(&new.display().to_string()));
            }
            continue;
        }
        if let Some(parent) = new.parent() {
            std::fs::create_dir_all(parent).map_err(fail)?;
        }
        // Never a hard link: onnx's checker refuses data that has two names, as an attack.
        let (file, _) = Unfinished::beside(&new).map_err(fail)?;
        std::fs::copy(&old, file.path()).map_err(fail)?;
        brought.push((name.clone(), file.named(&new).map_err(fail)?));
    }
    Ok(brought)
}
