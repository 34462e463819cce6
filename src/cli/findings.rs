//! Findings for people at a terminal.

use super::files::note;
use crate::finding::{Finding, Severity};

/// Prints warnings and errors to standard error, the worst first.
pub(super) fn print_findings(findings: &[Finding]) {
    const MOST: usize = 10;
    let mut shown: Vec<&Finding> = findings.iter().filter(|f| f.severity > Severity::Note).collect();
    shown.sort_by_key(|f| std::cmp::Reverse(f.severity));
    for finding in shown.iter().take(MOST) {
        note(finding);
    }
    if shown.len() > MOST {
        note(format!("… and {} more findings; `modelgram info` lists all", shown.len() - MOST));
    }
}
