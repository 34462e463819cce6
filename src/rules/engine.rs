//! Applies rules to a model.
//!
//! In: a subject, and a table of rules. Out: their findings, in the order of the table, those of
//! one rule by severity and place. Of a rule that finds a lot the first findings are kept, and
//! the last of them says how many more there are.

use super::{Family, Findings, RULES, Rule, Subject, is_structural};
use crate::finding::{Finding, Severity};
use crate::model::Model;

/// What the rules of the built-in table find that have a check of their own.
///
/// What a reader noticed is in [`Model::findings`]; [`everything`] has both.
pub fn check(subject: &Subject<'_>) -> Vec<Finding> {
    check_with(subject, RULES)
}

/// What the rules of any table find that have a check of their own.
pub fn check_with<'r>(subject: &Subject<'_>, rules: impl IntoIterator<Item = &'r Rule>) -> Vec<Finding> {
    let mut all = Vec::new();
    for rule in rules {
        if let Some(check) = rule.check {
            let mut findings = Findings::of(rule);
            check(subject, &mut findings);
            all.extend(findings.done());
        }
    }
    all
}

/// Everything that is wrong with the structure of a model: what its reader noticed, and what
/// takes a look at the whole. In the order of the identifiers.
pub(crate) fn structure(model: &Model) -> Vec<Finding> {
    let mut findings: Vec<Finding> = model.findings.iter().filter(|f| is_structural(f)).cloned().collect();
    let rules = RULES.iter().filter(|rule| rule.family == Family::Structure);
    findings.extend(check_with(&Subject::new(model), rules));
    findings.sort();
    findings
}

/// The same, with what was noticed of other rules while the model was read and its types were
/// derived.
pub fn everything(model: &Model) -> Vec<Finding> {
    let mut findings = structure(model);
    findings.extend(model.findings.iter().filter(|f| !is_structural(f)).cloned());
    findings
}

/// Whatever makes a model invalid, by any rule: what it gives may be one thing here and another
/// elsewhere. Its types have to be derived.
pub fn errors(model: &Model) -> Vec<Finding> {
    let others = RULES.iter().filter(|rule| rule.family != Family::Structure);
    let mut errors = everything(model);
    errors.extend(check_with(&Subject::new(model), others));
    errors.retain(|finding| finding.severity == Severity::Error);
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::model::{Graph, Source};

    fn model() -> Model {
        Model::of("onnx", Source::default(), Graph::default())
    }

    const LOUD: Rule =
        Rule::new("Z001", Family::Graph, Severity::Warning, "", "").at_most(2).with_check(|_, findings| {
            for name in ["b", "a", "c", "d"] {
                findings.add(Place::default().at_node(name), "is here");
            }
        });

    #[test]
    fn a_rule_that_finds_a_lot_says_how_many_more_there_are() {
        let found = check_with(&Subject::new(&model()), [&LOUD]);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            ["warning[Z001]: node `a`: is here", "warning[Z001]: node `b`: is here (and 2 more)"]
        );
    }

    #[test]
    fn no_finding_weighs_more_than_its_rule() {
        let rule = LOUD.with_check(|_, findings| {
            findings.add_as(Severity::Error, Place::default(), "too much");
            findings.add_as(Severity::Note, Place::default(), "less");
        });
        let found = check_with(&Subject::new(&model()), [&rule]);
        assert_eq!(found.iter().map(|f| f.severity).collect::<Vec<_>>(), [Severity::Note, Severity::Warning]);
    }

    #[test]
    fn the_findings_of_several_rules_stand_in_the_order_of_the_table() {
        const FIRST: Rule = Rule { id: "Z009", ..LOUD.at_most(1) };
        let found = check_with(&Subject::new(&model()), [&FIRST, &LOUD]);
        assert_eq!(found.iter().map(|f| f.rule).collect::<Vec<_>>(), ["Z009", "Z001", "Z001"]);
    }
}
