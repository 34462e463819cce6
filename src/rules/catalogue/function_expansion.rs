//! `S011`: functions that expand to more nodes than can be run.

use crate::error::Place;
use crate::finding::Severity;
use crate::rules::{Family, Findings, Rule, Subject};

/// A model whose functions stand for more nodes than this cannot be run.
const MOST_NODES: u64 = 10_000_000;

pub(super) const RULE: Rule = Rule::new(
    "S011",
    Family::Structure,
    Severity::Error,
    "functions expand to more nodes than can be run",
    "\
Runtimes put the bodies of functions in the place of their calls. Where a
function calls another twice, and that one a third twice, and so on, thirty
functions, two kilobytes in all, expand to a billion nodes. More than ten
million are reported.

Why it matters: `onnx.checker` and ONNX Runtime expand such a model until memory
or patience ends. The file is small, so a limit on its size is no protection.

What to do: do not run the model. A real model of this size does not exist; the
file was made to exhaust whoever opens it.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let nodes = subject.calls().expanded;
    if nodes > MOST_NODES {
        let message =
            format!("with its functions in place the model has {nodes} nodes; {MOST_NODES} are the most");
        findings.add(Place::default(), message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, with_functions};
    use super::*;

    #[test]
    fn functions_that_double_without_end_are_found() {
        let names: Vec<String> = (0..80).map(|i| format!("f{i}")).collect();
        let calls: Vec<[&str; 2]> = names.iter().skip(1).map(|n| [n.as_str(); 2]).collect();
        let last: &[&str] = &["x"];
        let mut functions: Vec<(&str, &[&str])> =
            names.iter().zip(&calls).map(|(n, c)| (n.as_str(), c.as_slice())).collect();
        functions.push((&names[79], last));
        assert_eq!(found(&RULE, &with_functions(&["f0"], &functions)).len(), 1);
        assert_eq!(found(&RULE, &with_functions(&["f60"], &functions)).len(), 0);
    }
}
