//! `S010`: functions that call each other in a circle.

use crate::error::Place;
use crate::finding::Severity;
use crate::rules::{Family, Findings, Rule, Subject};
use crate::text::printable;

pub(super) const RULE: Rule = Rule::new(
    "S010",
    Family::Structure,
    Severity::Error,
    "a function calls itself, directly or through others",
    "\
A model-local function is a name for a graph. Its body may call other functions,
and no chain of these calls may lead back to the function: ONNX has no
recursion.

Why it matters: runtimes put the bodies in the place of the calls before they
run a model. With recursion that never ends; programs that do not look first
hang or run out of memory.

Wrong:

    function f(x) { y = g(x) }
    function g(x) { y = f(x) }

What to do: use `Loop` or `Scan` for repetition. If the model comes from
elsewhere, do not run it: no exporter writes such a file, so it is damaged or
hostile.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let functions = subject.model().functions.iter().zip(&subject.calls().endless);
    for (function, _) in functions.filter(|(_, endless)| **endless) {
        let message = format!("the function `{}` calls itself, or one that does", printable(&function.name));
        findings.add(Place::default().at_node(&function.name), message);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, with_functions};
    use super::*;

    #[test]
    fn circles_of_functions_are_found() {
        let names = |functions: &[(&str, &[&str])]| -> Vec<String> {
            let found = found(&RULE, &with_functions(&["a"], functions));
            found.into_iter().filter_map(|f| f.place.node).collect()
        };
        assert_eq!(names(&[("a", &["b"]), ("b", &["x"])]), [""; 0]);
        assert_eq!(names(&[("a", &["b"]), ("b", &["a"])]), ["a", "b"]);
        assert_eq!(names(&[("a", &["a"])]), ["a"]);
    }
}
