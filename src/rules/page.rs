//! The pages of rules: one for a terminal, all of them for `docs/rules.md`.

use std::fmt::Write;

use super::Rule;

/// A rule's page: identifier and summary, severity and family, the explanation.
pub fn page(rule: &Rule) -> String {
    format!(
        "{}: {}\n\nseverity: {}\nfamily:   {}\n\n{}",
        rule.id,
        rule.summary,
        rule.severity.word(),
        rule.family,
        rule.explanation
    )
}

/// All pages of a table as Markdown, with a list of the rules before them.
pub fn catalogue(rules: &[Rule]) -> String {
    let mut text = String::from(
        "# Rules\n\n\
         Made from the table of rules in `src/rules/catalogue/`; `UPDATE=1 cargo test --test rules`\n\
         writes it again. `modelgram explain ID` prints one of these pages. The severity is the\n\
         highest that a finding of the rule has.\n\n\
         | Rule | Severity | What it finds |\n|---|---|---|\n",
    );
    for rule in rules {
        let (id, severity, summary) = (rule.id, rule.severity.word(), rule.summary);
        let _ = writeln!(text, "| [{id}](#{}) | {severity} | {summary} |", id.to_ascii_lowercase());
    }
    let mut family = None;
    for rule in rules {
        if family != Some(rule.family) {
            let _ = write!(text, "\n## Family: {}\n", rule.family);
            family = Some(rule.family);
        }
        let _ = write!(text, "\n### {}\n\n", rule.id);
        let _ = write!(text, "**{}** ({})\n\n", capital(rule.summary), rule.severity.word());
        text += rule.explanation;
    }
    text
}

/// The text with a capital letter first.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
