//! Another head for a model: other classes, computed from the same features.
//!
//! The head is the last layer with weights before an output. It stays what it is (a `Gemm`,
//! a `MatMul` with an `Add`, a convolution of one point), in its place and under its names,
//! and gets other weights; quantized ones become floats again. So as little as possible
//! changes, and everything before it stays byte for byte.

mod activate;
mod candidates;
mod change;
mod cut;
mod drafts;
mod find;
mod layers;
mod options;
mod place;
mod swap;
mod tables;
mod tail;
mod unseen;
mod weights;

pub use candidates::Candidate;
pub use find::Confidence;
pub use options::{Activation, HeadOptions, Hidden, HiddenActivation, Pool};

use crate::edit::retype::{After, declare, misfits, types_after};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::Finding;
use crate::model::{Dim, Edit, Model, ValueType};
use crate::ops::typed;
use crate::text::{nearest, printable};
use candidates::{Head, candidates};
use drafts::Drafts;

/// The key of the class names in the metadata: a JSON list.
pub const CLASSES: &str = "modelgram.classes";

/// The layers of a model that may be its head.
///
/// ```
/// # fn main() -> modelgram::error::Result<()> {
/// let model = modelgram::formats::open("models/digits.onnx".as_ref())?;
/// let found = modelgram::edit::onnx::heads(&model)?;
/// assert_eq!((found[0].classes, found[0].width), (10, 64));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the model is not in a state that can be edited.
pub fn heads(model: &Model) -> Result<Vec<Candidate>> {
    let known = typed(model);
    let heads = candidates(&mut Drafts::of(&known)?)?;
    Ok(heads.into_iter().map(|head| head.candidate).collect())
}

/// Where the new head goes.
enum Target<'m> {
    /// It replaces this one.
    Head(Box<Head<'m>>),
    /// On this value.
    Features(String),
}

/// The edit that replaces a model's head.
///
/// ```
/// # fn main() -> modelgram::error::Result<()> {
/// use modelgram::edit::onnx::{HeadOptions, head};
/// let model = modelgram::formats::open("models/digits.onnx".as_ref())?;
/// let mut options = HeadOptions::default();
/// (options.classes, options.keep) = (14, true);
/// let edit = head(&model, &options)?;
/// assert_eq!(edit.tensors[1].dims, [64, 14]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// If the options contradict each other, no head is found, or more than one, or what is found
/// cannot be changed.
pub fn head(model: &Model, options: &HeadOptions) -> Result<Edit> {
    options.check()?;
    model.editable()?;
    let known = typed(model);
    let mut drafts = Drafts::of(&known)?;
    let mut replaced = None;
    let mut change = match choose(&mut drafts, options)? {
        Target::Head(head) => {
            let Head { candidate, found } = *head;
            let (draft, found) = drafts.into_draft(found)?;
            replaced = Some(candidate.clone());
            swap::swap(draft, found, &candidate, options)?
        }
        Target::Features(value) => cut::cut(drafts.plain, &value, options)?,
    };
    change.finish(options)?;
    let (mut edit, after) = change.into_edit();
    names_of_classes(model, options, &mut edit);
    let after = match after {
        Some(after) => after,
        None => types_after(model, &mut edit)?,
    };
    fits(&known, &after)?;
    if let Some(candidate) = replaced.filter(|old| old.classes != options.classes) {
        shows_classes(&known, &candidate, options.classes, &after)?;
    }
    declare(model, &mut edit, &after.types);
    Ok(edit)
}

/// Makes sure that what follows a new head can take what it gives.
///
/// # Errors
/// If operands do not fit that did before.
fn fits(old: &Model, after: &After) -> Result<()> {
    let place = |f: &Finding| (f.rule, f.place.node.clone(), f.place.value.clone());
    let known: Vec<_> = if after.misfits.is_empty() { Vec::new() } else { misfits(old) };
    let before = |new: &Finding| known.iter().any(|old| place(old) == place(new));
    match after.misfits.iter().find(|finding| !before(finding)) {
        Some(finding) => {
            let fact = format!("the model does not fit its new head: {finding}");
            let error = Error::new(ErrorKind::Unsupported, fact);
            Err(error.hint("what follows the head is made for the old number of classes"))
        }
        None => Ok(()),
    }
}

/// Makes sure that the new number of classes reaches the outputs.
///
/// # Errors
/// If an output keeps its shape: something on the way takes a part of the classes.
fn shows_classes(old: &Model, candidate: &Candidate, classes: i64, after: &After) -> Result<()> {
    // Scalars of a class, the best few, and maps of all positions have no axis of classes.
    let cuts = |op: &str| ["Gather", "Slice", "Split"].contains(&op);
    if !old.graph.ops().any(|(id, _, op)| cuts(&op.op) && candidate.is_on_the_way(old.graph.called(id))) {
        return Ok(());
    }
    let dims = |ty: &ValueType| ty.tensor()?.shape.clone();
    for name in &candidate.outputs {
        let before = old.graph.values().iter().find(|value| value.name == *name);
        let before = before.and_then(|value| dims(value.ty.as_ref()?));
        let now = after.types.get(name).and_then(dims);
        let Some(shape) = now.filter(|now| Some(now) == before.as_ref()) else { continue };
        if shape.0.contains(&Dim::Known(classes)) || !shape.0.iter().any(|dim| near(dim, candidate.classes)) {
            continue;
        }
        let fact = format!(
            "`{}` is still {shape} with {classes} classes: a part of them is cut off on the way",
            printable(name)
        );
        return Err(Error::new(ErrorKind::Unsupported, fact));
    }
    Ok(())
}

/// Whether a dimension may be one of classes of which some are cut off.
fn near(dim: &Dim, classes: i64) -> bool {
    matches!(dim, Dim::Known(n) if (classes / 2..=classes).contains(n) && *n > 1)
}

fn choose<'m>(drafts: &mut Drafts<'m>, options: &HeadOptions) -> Result<Target<'m>> {
    let mut heads = candidates(drafts)?;
    if let Some(at) = &options.at {
        heads.retain(|head| head.candidate.is_on_the_way(at));
        return match (heads.len(), drafts.latest().has(at)) {
            (1, _) => Ok(Target::Head(Box::new(heads.remove(0)))),
            (0, true) => Ok(Target::Features(at.clone())),
            (0, false) => Err(unknown(drafts.plain.model, at)),
            _ => Err(ambiguous(&heads, "more than one head depends on it")),
        };
    }
    let best = heads.iter().map(|head| head.candidate.confidence).max();
    let Some(best) = best else {
        let features = cut::features(&drafts.plain)?;
        unseen::holds_features(drafts.latest(), &features)?;
        return Ok(Target::Features(features));
    };
    if best == Confidence::Unsure {
        return Err(ambiguous(&heads, "it is not sure that this is a head"));
    }
    let likely = |head: &&Head| head.candidate.confidence > Confidence::Unsure;
    if heads.iter().filter(likely).count() > 1 {
        return Err(ambiguous(&heads, "the model has more than one head"));
    }
    heads.retain(|head| likely(&head));
    Ok(Target::Head(Box::new(heads.remove(0))))
}

fn ambiguous(heads: &[Head], what: &str) -> Error {
    let mut error = Error::new(ErrorKind::Usage, what.to_owned());
    for candidate in heads.iter().take(10).map(|head| &head.candidate) {
        error = error.hint(format!("at `{}`: {candidate}", printable(&candidate.outputs[0])));
    }
    error
}

fn unknown(model: &Model, name: &str) -> Error {
    let error = Error::new(
        ErrorKind::Usage,
        format!("no value or node of the main graph is named `{}`", printable(name)),
    );
    let values = model.graph.values().iter().map(|value| value.name.as_str());
    let near = nearest(name, values);
    match near {
        Some(near) => error.hint(format!("did you mean `{}`?", printable(near))),
        None => error.hint("`modelgram info` lists the values"),
    }
}

/// Puts the class names into the metadata, and reports old ones.
fn names_of_classes(model: &Model, options: &HeadOptions, edit: &mut Edit) {
    if !options.class_names.is_empty() {
        let list = serde_json::Value::from(options.class_names.clone());
        edit.properties.insert(CLASSES.to_owned(), list.to_string());
    }
    let old = ["names", "classes", "labels", "id2label", "class_names", CLASSES];
    let listed = model.meta.properties.iter().map(|p| p.key.as_str()).filter(|key| old.contains(key));
    for key in listed.filter(|&key| !edit.properties.contains_key(key)) {
        edit.account.push(format!("metadata `{}` still speaks of the old classes", printable(key)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::work;

    /// Drafts, searches for a head and previews of an edit that puts 14 classes on a model.
    fn work_of(path: &str, options: HeadOptions) -> (usize, usize, usize) {
        let model = crate::formats::open(path.as_ref()).unwrap();
        let (edit, work) = work::of(|| head(&model, &HeadOptions { classes: 14, ..options }));
        edit.unwrap();
        (work.drafts, work.searches, work.previews)
    }

    fn plain() -> HeadOptions {
        HeadOptions::default()
    }

    #[test]
    fn a_head_is_drafted_found_and_previewed_once() {
        let digits = "models/digits.onnx";
        let model = crate::formats::open(digits.as_ref()).unwrap();
        let features = heads(&model).unwrap()[0].features.clone();
        let hidden = vec!["256:relu".parse().unwrap()];
        for activation in [None, Some(Activation::None), Some(Activation::Sigmoid)] {
            let options = HeadOptions { activation, ..plain() };
            assert_eq!(work_of(digits, options), (1, 1, 1), "{activation:?}");
        }
        assert_eq!(work_of(digits, HeadOptions { hidden, ..plain() }), (1, 1, 1));
        assert_eq!(work_of(digits, HeadOptions { at: Some(features), ..plain() }), (1, 1, 1));
        let tokens = HeadOptions { activation: Some(Activation::Softmax), ..plain() };
        assert_eq!(work_of("fixtures/onnx/heads/tokens_old.onnx", tokens), (1, 1, 1));
    }

    #[test]
    fn a_head_on_features_is_drafted_and_previewed_once() {
        let map = "fixtures/onnx/heads/features_map.onnx";
        assert_eq!(work_of(map, plain()), (1, 1, 1));
        let sigmoid = HeadOptions { activation: Some(Activation::Sigmoid), ..plain() };
        assert_eq!(work_of(map, sigmoid), (1, 1, 1));
    }

    #[test]
    fn a_head_in_a_function_is_drafted_found_and_previewed_once() {
        let called = "fixtures/onnx/heads/function_called_twice.onnx";
        assert_eq!(work_of(called, plain()), (1, 1, 1));
    }

    #[test]
    fn each_output_is_searched_from_once() {
        let two = "fixtures/onnx/heads/two_heads.onnx";
        let options = HeadOptions { at: Some("sex".into()), ..plain() };
        assert_eq!(work_of(two, options), (1, 2, 1));
    }
}
