//! What a rule is.

use std::fmt;

use super::{Findings, Subject};
use crate::finding::Severity;

/// Looks at a model and adds what it finds.
pub type Check = fn(&Subject<'_>, &mut Findings);

/// A rule that models are held to: what it is called, what it means, and how it is checked.
///
/// ```
/// use modelgram::finding::Severity;
/// use modelgram::rules::{Family, Findings, Rule, Subject};
///
/// const RULE: Rule = Rule::new(
///     "Z901",
///     Family::Graph,
///     Severity::Note,
///     "the main graph has no name",
///     "Tools that list several graphs show this one without a name.\n",
/// )
/// .with_check(check);
///
/// fn check(subject: &Subject<'_>, findings: &mut Findings) {
///     if subject.model().graph.name.is_empty() {
///         findings.add(Default::default(), "the graph has no name");
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its identifier, such as `S002`. It never changes its meaning.
    pub id: &'static str,
    /// What it is about.
    pub family: Family,
    /// How much a finding of it matters, at most.
    pub severity: Severity,
    /// What it finds, in one line: lower case, no full stop.
    pub summary: &'static str,
    /// What it means, why that matters, and what to do: a page of Markdown.
    pub explanation: &'static str,
    /// Findings that are listed, at most; of the others the number is given.
    pub most: usize,
    /// How it is checked; `None` where it is noticed while a file is read, drawn or written.
    pub check: Option<Check>,
}

impl Rule {
    /// Findings of one rule that are listed, unless the rule says otherwise.
    pub const MOST: usize = 20;

    /// A rule that something else than a check of its own reports.
    pub const fn new(
        id: &'static str,
        family: Family,
        severity: Severity,
        summary: &'static str,
        explanation: &'static str,
    ) -> Self {
        Rule { id, family, severity, summary, explanation, most: Self::MOST, check: None }
    }

    /// The rule with the function that checks it.
    pub const fn with_check(self, check: Check) -> Self {
        Rule { check: Some(check), ..self }
    }

    /// The rule with another number of findings that are listed; at least one is.
    pub const fn at_most(self, most: usize) -> Self {
        Rule { most, ..self }
    }
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Family {
    /// Names, functions, versions: what every program that reads a model relies on.
    Structure,
    /// Operators and their operands.
    Operators,
    /// Types and shapes of values.
    Shapes,
    /// Stored numbers.
    Weights,
    /// What a graph computes, and whether that is sensible.
    Graph,
    /// What a hostile file would do.
    Safety,
    /// What a reader leaves out or has to guess.
    Reading,
    /// Pictures.
    Drawing,
}

impl Family {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Family::Structure => "structure",
            Family::Operators => "operators",
            Family::Shapes => "shapes",
            Family::Weights => "weights",
            Family::Graph => "graph",
            Family::Safety => "safety",
            Family::Reading => "reading",
            Family::Drawing => "drawing",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
