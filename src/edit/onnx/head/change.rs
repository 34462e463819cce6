//! A head edit in progress: the draft that changes, and its account.

use super::options::HeadOptions;
use crate::edit::draft::{Draft, Step};
use crate::edit::retype::After;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Edit;
use crate::text::printable;

/// A model with its new head.
pub(super) struct Change<'m> {
    pub(super) draft: Draft<'m>,
    /// The number of the graph's output that the head makes.
    pub(super) output: usize,
    /// What was done, for people.
    pub(super) account: Vec<String>,
    /// What is known of the model after the edit, where it had to be known already.
    pub(super) after: Option<After>,
}

impl Change<'_> {
    /// Renames the output as wanted, and removes what is no longer used.
    ///
    /// # Errors
    /// If the output cannot have the name.
    pub(super) fn finish(&mut self, options: &HeadOptions) -> Result<()> {
        if let Some(name) = &options.output_name {
            let old = self.draft.outputs[self.output].clone();
            name_output(&mut self.draft, self.output, name)?;
            if let Some(after) = &mut self.after
                && let Some(ty) = after.types.remove(&old)
            {
                after.types.insert(name.clone(), ty);
            }
        }
        self.draft.sweep();
        Ok(())
    }

    /// The edit, with its account, and what is known of the model after it.
    pub(super) fn into_edit(self) -> (Edit, Option<After>) {
        let Change { draft, mut account, after, .. } = self;
        account.extend(of_weights(&draft));
        let removed: Vec<String> = draft.removed().map(Step::shown).collect();
        if !removed.is_empty() {
            account.push(format!("nodes gone: {}", shortened(&removed)));
        }
        let mut edit = draft.into_edit();
        let added: Vec<String> =
            edit.added.iter().map(|n| format!("{} `{}`", n.op, printable(&n.name))).collect();
        if !added.is_empty() {
            account.push(format!("nodes new: {}", shortened(&added)));
        }
        edit.account = account;
        (edit, after)
    }
}

/// What the account says of weights of the file.
fn of_weights(draft: &Draft) -> Vec<String> {
    let quoted = |name: &str| format!("`{}`", printable(name));
    let mut lines = Vec::new();
    let refilled = draft.refilled();
    if !refilled.is_empty() {
        let names: Vec<String> = refilled.iter().map(|(name, ..)| quoted(name)).collect();
        let (before, after) = refilled.iter().fold((0, 0), |(a, b), (_, x, y)| (a + x, b + y));
        lines.push(format!("weights in place: {} ({before} bytes before, {after} now)", shortened(&names)));
    }
    let dropped = draft.dropped();
    if !dropped.is_empty() {
        let names: Vec<String> = dropped.iter().map(|(name, _)| quoted(name)).collect();
        let bytes: u64 = dropped.iter().map(|(_, bytes)| bytes).sum();
        lines.push(format!("weights gone: {} ({bytes} bytes)", shortened(&names)));
    }
    lines
}

fn shortened(names: &[String]) -> String {
    const MOST: usize = 8;
    let mut text = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text += &format!(" and {} more", names.len() - MOST);
    }
    text
}

/// Renames the graph's output.
fn name_output(draft: &mut Draft, output: usize, name: &str) -> Result<()> {
    let old = draft.outputs[output].clone();
    if old == name {
        return Ok(());
    }
    let usage = |message: String| Err(Error::new(ErrorKind::Usage, message));
    if name.is_empty() || !draft.is_free(name) {
        return usage(format!("the output cannot be named `{}`: something else is", printable(name)));
    }
    if draft.is_captured(&old) {
        return usage(format!(
            "the output `{}` is used in a subgraph, so it keeps its name",
            printable(&old)
        ));
    }
    let Some(maker) = draft.definer(&old) else {
        return usage("an input that is an output keeps its name".into());
    };
    draft.set_output(maker, name);
    draft.replace_uses(&old, name);
    Ok(())
}
