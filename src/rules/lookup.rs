//! Finds rules of the built-in table by their identifiers.

use super::{Family, RULES, Rule};
use crate::finding::Finding;

/// The rule of this identifier, which may be given in lower case too.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(id))
}

/// Whether a finding is about the structure of a model.
pub(crate) fn is_structural(finding: &Finding) -> bool {
    rule(finding.rule).is_some_and(|rule| rule.family == Family::Structure)
}

/// Up to three identifiers that differ from `id` in little, the nearest first.
pub fn nearest_ids(id: &str) -> Vec<&'static str> {
    let wanted = id.to_ascii_uppercase();
    let number = |id: &str| id.get(1..).and_then(|digits| digits.parse::<i64>().ok());
    let mut near: Vec<(usize, u64, &str)> = RULES
        .iter()
        .filter(|rule| rule.id.len() == wanted.len())
        .map(|rule| {
            let differ = rule.id.bytes().zip(wanted.bytes()).filter(|(a, b)| a != b).count();
            let apart = number(rule.id).zip(number(&wanted)).map_or(0, |(a, b)| a.abs_diff(b));
            (differ, apart, rule.id)
        })
        .filter(|(differ, ..)| *differ <= 2)
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(.., id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_in_lower_case_too() {
        assert_eq!(rule("s002").map(|r| r.id), Some("S002"));
        assert_eq!(rule("S999").map(|r| r.id), None);
    }

    #[test]
    fn the_nearest_identifiers_come_first() {
        assert_eq!(nearest_ids("s018"), ["S017", "S016", "S015"]);
        assert_eq!(nearest_ids("O122"), ["O112", "O102", "O111"]);
        assert_eq!(nearest_ids("unknown"), [""; 0]);
    }
}
