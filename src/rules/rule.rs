//! What a rule is.

use std::fmt;

use super::Subject;
use crate::error::Place;
use crate::finding::{Finding, Severity};

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

/// The findings of one rule, in the making.
#[derive(Debug)]
pub struct Findings {
    rule: Rule,
    /// The first that were added, at most as many as the rule lists.
    kept: Vec<Finding>,
    /// How many more were added.
    more: usize,
}

impl Findings {
    /// No findings of this rule yet.
    pub(super) fn of(rule: &Rule) -> Self {
        Findings { rule: *rule, kept: Vec::new(), more: 0 }
    }

    /// Adds a finding with the severity of the rule; `message` is the fact: lower case, names in
    /// backticks, no full stop.
    pub fn add(&mut self, place: Place, message: impl Into<String>) {
        self.add_as(self.rule.severity, place, message);
    }

    /// Adds a finding with another severity, which is not higher than the rule's.
    pub fn add_as(&mut self, severity: Severity, place: Place, message: impl Into<String>) {
        if self.kept.len() >= self.rule.most.max(1) {
            self.more += 1;
            return;
        }
        let severity = severity.min(self.rule.severity);
        self.kept.push(Finding { rule: self.rule.id, severity, place, message: message.into() });
    }

    /// The findings in order; the last one says how many were left out.
    pub(super) fn done(mut self) -> Vec<Finding> {
        self.kept.sort();
        if let Some(last) = self.kept.last_mut().filter(|_| self.more > 0) {
            last.message += &format!(" (and {} more)", self.more);
        }
        self.kept
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
