//! What a reader notices in a Keras model.

use crate::error::Place;
use crate::finding::{Finding, Severity};

/// Findings of one sort at most.
const MOST_FINDINGS: usize = 20;

/// Notices something, not too often.
pub(super) fn find(
    findings: &mut Vec<Finding>,
    rule: &'static str,
    severity: Severity,
    node: &str,
    message: String,
) {
    if findings.iter().filter(|f| f.rule == rule).count() < MOST_FINDINGS {
        let place = Place::default();
        let place = if node.is_empty() { place } else { place.at_node(node) };
        findings.push(Finding { rule, severity, place, message });
    }
}
