//! The layers that may be a model's head, found from each of its outputs.

use super::drafts::Drafts;
use super::find::{Confidence, Found, confidence, picks, upstream};
use crate::edit::draft::Draft;
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable;

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
    /// The confidence that it makes the classes.
    pub confidence: Confidence,
    /// Why the confidence is not higher.
    pub why: String,
    /// The names that select it: those on the way from its features to the output.
    pub(super) names: Vec<String>,
}

impl Candidate {
    /// Whether a value or node stands between the features and the output.
    pub(crate) fn is_on_the_way(&self, name: &str) -> bool {
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
            self.confidence.word(),
        )?;
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        f.write_str(")")
    }
}

/// `1 class`, `2 classes`.
pub(super) fn counted_classes(n: i64) -> String {
    format!("{n} class{}", if n == 1 { "" } else { "es" })
}

/// A layer that may be a head, and where it is in the draft that it was found in.
#[derive(Clone)]
pub(super) struct Head<'m> {
    pub(super) candidate: Candidate,
    pub(super) found: Found<'m>,
}

impl<'m> Drafts<'m> {
    /// The draft that a layer was found in.
    pub(super) fn with(&self, found: &Found) -> &Draft<'m> {
        if found.in_function { self.latest() } else { &self.plain }
    }

    /// The draft to change at a head: with no more calls inlined than the head needs.
    ///
    /// # Errors
    /// If that draft has to be made, and the head is not found in it.
    pub(super) fn into_draft(self, found: Found<'m>) -> Result<(Draft<'m>, Found<'m>)> {
        match self.inlined {
            Some(inlined) if found.in_function && self.inlined_for == [found.output] => Ok((inlined, found)),
            Some(_) if found.in_function => {
                // Other outputs had calls of their own, which stay.
                let mut drafts = Drafts::from(self.plain);
                let found = upstream(&mut drafts, found.output)?
                    .ok_or_else(|| Error::new(ErrorKind::Usage, "the head is no longer there"))?;
                Ok((drafts.inlined.unwrap_or(drafts.plain), found))
            }
            _ => Ok((self.plain, found)),
        }
    }
}

/// Looks for heads from all outputs.
///
/// # Errors
/// If one is in a function whose call cannot be inlined.
pub(super) fn candidates<'m>(drafts: &mut Drafts<'m>) -> Result<Vec<Head<'m>>> {
    let mut heads: Vec<Head> = Vec::new();
    for number in 0..drafts.plain.outputs.len() {
        let Some(found) = upstream(drafts, number)? else { continue };
        let draft = drafts.with(&found);
        let output = draft.outputs[number].clone();
        let picked = found.tail.iter().any(|&id| picks(draft.step(id)));
        let names = names_of(draft, &found, &output);
        let same = |head: &&mut Head| head.found.step == found.step;
        let Some(head) = heads.iter_mut().find(same) else {
            heads.push(Head { candidate: candidate(draft, &found, output, picked), found });
            continue;
        };
        let known = &mut head.candidate;
        known.outputs.push(output);
        known.names.extend(names);
        // Logits or probabilities rather than the number of the best class.
        if !picked && known.why == PICKED {
            (known.confidence, known.why) = with_reason(draft, &found, picked);
            head.found = found;
        }
    }
    Ok(heads)
}

fn candidate(draft: &Draft, found: &Found, output: String, picked: bool) -> Candidate {
    let step = draft.step(found.step);
    let (confidence, why) = with_reason(draft, found, picked);
    Candidate {
        op: step.op.clone(),
        node: if step.name.is_empty() { step.output().to_owned() } else { step.name.clone() },
        features: found.features.clone(),
        width: found.width,
        classes: found.classes,
        names: names_of(draft, found, &output),
        outputs: vec![output],
        confidence,
        why,
    }
}

const PICKED: &str = "the output is the best class, not its number for each class";

fn with_reason(draft: &Draft, found: &Found, picked: bool) -> (Confidence, String) {
    let (own, why) = confidence(draft, found);
    if picked { (own.min(Confidence::Likely), PICKED.to_owned()) } else { (own, why) }
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
