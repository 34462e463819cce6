//! Another head for a model: other classes, made of the same features.
//!
//! The head is the last layer with weights before an output. It stays what it is (a `Gemm`,
//! a `MatMul` with an `Add`, a convolution of one point), in its place and under its names,
//! and gets other weights; quantized ones become numbers again. So as little as possible
//! changes, and everything before it stays byte for byte.

mod cut;
mod find;
mod layers;
mod options;
mod swap;
mod tail;
mod weights;

pub use find::Sure;
pub use options::{Activation, Function, HeadOptions, Hidden, Pool};

use crate::edit::draft::Draft;
use crate::edit::retype::retyped;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, Model};
use crate::ops::typed;
use crate::text::{nearest, printable};
use find::{Found, behind, sureness};

/// The key of the class names in the metadata: a JSON list.
pub const CLASSES: &str = "modelgram.classes";

/// A layer that may be a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its operator.
    pub op: String,
    /// Its node's name.
    pub node: String,
    /// The value it takes.
    pub features: String,
    /// The size of the features.
    pub width: i64,
    /// The number of classes.
    pub classes: i64,
    /// The graph's outputs that it was found from.
    pub outputs: Vec<String>,
    /// How sure that is.
    pub sure: Sure,
    /// Why it is not surer.
    pub why: String,
    /// The names by which it can be meant: on the way from its features to the output.
    names: Vec<String>,
    /// The number of the graph's output to follow.
    output: usize,
}

impl Candidate {
    /// Whether a value or node stands between the features and the output.
    pub fn is_on_the_way(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let outputs: Vec<String> = self.outputs.iter().map(|o| format!("`{}`", printable(o))).collect();
        write!(
            f,
            "{} `{}`: {} of {} features `{}`, output {} ({}",
            self.op,
            printable(&self.node),
            counted_classes(self.classes),
            self.width,
            printable(&self.features),
            outputs.join(", "),
            self.sure.word(),
        )?;
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        f.write_str(")")
    }
}

/// `1 class`, `2 classes`.
fn counted_classes(n: i64) -> String {
    format!("{n} class{}", if n == 1 { "" } else { "es" })
}

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
    candidates(&mut Draft::of(&typed(model))?)
}

fn candidates(draft: &mut Draft) -> Result<Vec<Candidate>> {
    let mut all: Vec<(usize, Candidate)> = Vec::new();
    for number in 0..draft.outputs.len() {
        let Some(found) = behind(draft, number)? else { continue };
        let output = draft.outputs[number].clone();
        let picks = found.tail.iter().any(|&id| ["ArgMax", "TopK"].contains(&draft.step(id).op.as_str()));
        let names = names_of(draft, &found, &output);
        match all.iter_mut().find(|(step, _)| *step == found.step) {
            Some((_, known)) => {
                known.outputs.push(output);
                known.names.extend(names);
                // Logits or probabilities rather than the number of the best class.
                if !picks && known.why == PICKED {
                    (known.output, known.sure, known.why) = with_reason(draft, &found, number, picks);
                }
            }
            None => {
                let (output_number, sure, why) = with_reason(draft, &found, number, picks);
                let step = draft.step(found.step);
                let candidate = Candidate {
                    op: step.op.clone(),
                    node: if step.name.is_empty() { step.output().to_owned() } else { step.name.clone() },
                    features: found.features.clone(),
                    width: found.width,
                    classes: found.classes,
                    outputs: vec![output],
                    sure,
                    why,
                    names,
                    output: output_number,
                };
                all.push((found.step, candidate));
            }
        }
    }
    Ok(all.into_iter().map(|(_, candidate)| candidate).collect())
}

const PICKED: &str = "the output is the best class, not its number for each class";

fn with_reason(draft: &Draft, found: &Found, number: usize, picks: bool) -> (usize, Sure, String) {
    let (sure, why) = sureness(draft, found);
    if picks { (number, sure.min(Sure::Likely), PICKED.to_owned()) } else { (number, sure, why) }
}

fn names_of(draft: &Draft, found: &Found, output: &str) -> Vec<String> {
    let mut names = vec![output.to_owned(), found.features.clone()];
    for &id in std::iter::once(&found.step).chain(&found.rescale).chain(&found.tail) {
        let step = draft.step(id);
        names.push(step.name.clone());
        names.extend(step.outputs.iter().cloned());
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Where the new head goes.
enum Target {
    /// In the place of this one.
    Head(Box<Candidate>),
    /// On this value.
    Features(String),
}

/// The edit that gives a model another head.
///
/// ```
/// # fn main() -> modelgram::error::Result<()> {
/// use modelgram::edit::onnx::{HeadOptions, head};
/// let model = modelgram::formats::open("models/digits.onnx".as_ref())?;
/// let edit = head(&model, &HeadOptions { classes: 14, keep: true, ..HeadOptions::default() })?;
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
    crate::formats::can_be_written(model)?;
    let known = typed(model);
    let target = choose(&known, options)?;
    let draft = Draft::of(&known)?;
    let mut edit = match &target {
        Target::Head(candidate) => swap::swap(draft, candidate, options)?,
        Target::Features(value) => cut::cut(draft, value, options)?,
    };
    names_of_classes(model, options, &mut edit);
    retyped(model, &mut edit)?;
    Ok(edit)
}

fn choose(typed: &Model, options: &HeadOptions) -> Result<Target> {
    let mut draft = Draft::of(typed)?;
    let mut found = candidates(&mut draft)?;
    if let Some(at) = &options.at {
        found.retain(|c| c.names.contains(at));
        return match (found.len(), draft.has(at)) {
            (1, _) => Ok(Target::Head(Box::new(found.remove(0)))),
            (0, true) => Ok(Target::Features(at.clone())),
            (0, false) => Err(unknown(typed, at)),
            _ => Err(ambiguous(&found, "more than one head is behind it")),
        };
    }
    let best = found.iter().map(|c| c.sure).max();
    let Some(best) = best else { return cut::features(&draft).map(Target::Features) };
    let top: Vec<Candidate> = found.iter().filter(|c| c.sure == best).cloned().collect();
    let others = found.iter().any(|c| c.sure != best && c.sure > Sure::Unsure);
    match (best, top.as_slice()) {
        (Sure::Unsure, _) => Err(ambiguous(&found, "it is not sure that this is a head")),
        (_, [one]) if !others => Ok(Target::Head(Box::new(one.clone()))),
        _ => Err(ambiguous(&found, "the model has more than one head")),
    }
}

fn ambiguous(found: &[Candidate], what: &str) -> Error {
    let mut error = Error::new(ErrorKind::Usage, what.to_owned());
    for candidate in found.iter().take(10) {
        error = error.hint(format!("--at {}: {candidate}", printable(&candidate.outputs[0])));
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
        None => error.hint("`modelgram info MODEL --values` lists the values"),
    }
}

/// Puts the class names into the metadata, and tells of old ones.
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
