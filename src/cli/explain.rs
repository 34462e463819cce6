//! `modelgram explain`: the page of a rule; and `modelgram rules`: the list of all.

use std::fmt::Write;

use serde::Serialize;

use super::{args, files};
use crate::error::{Error, ErrorKind, Result};
use crate::rules::{RULES, Rule, nearest_ids, page, rule};
use crate::text::printable;

/// Prints a rule's page.
pub(super) fn run(args: &args::Explain) -> Result<()> {
    let Some(rule) = rule(&args.id) else { return Err(unknown(&args.id)) };
    files::print(&page(rule))
}

/// Lists the rules.
pub(super) fn list(args: &args::Rules) -> Result<()> {
    if args.json {
        let rules: Vec<Listed> = RULES.iter().map(Listed::of).collect();
        return files::print_json(&serde_json::to_string_pretty(&rules).expect("strings can be written"));
    }
    let mut text = String::new();
    for rule in RULES {
        let _ = writeln!(text, "{:<5} {:<8} {}", rule.id, rule.severity.word(), rule.summary);
    }
    files::print(&text)
}

/// A rule in JSON. The names of the fields are stable.
#[derive(Serialize)]
struct Listed {
    id: &'static str,
    family: &'static str,
    severity: &'static str,
    summary: &'static str,
    explanation: &'static str,
}

impl Listed {
    fn of(rule: &Rule) -> Self {
        let Rule { id, summary, explanation, .. } = *rule;
        Listed { id, family: rule.family.word(), severity: rule.severity.word(), summary, explanation }
    }
}

fn unknown(id: &str) -> Error {
    let error = Error::new(ErrorKind::Usage, format!("no rule `{}`", printable(id)));
    let near: Vec<String> = nearest_ids(id).iter().map(|id| format!("`{id}`")).collect();
    let all = "`modelgram rules` lists all";
    error.hint(match near.as_slice() {
        [] => all.to_owned(),
        [one] => format!("did you mean {one}? {all}"),
        [others @ .., last] => format!("did you mean {} or {last}? {all}", others.join(", ")),
    })
}
