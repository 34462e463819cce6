//! `S017`: an operator that is given an attribute twice.

use std::collections::HashSet;

use crate::error::Place;
use crate::finding::Severity;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "S017",
    Family::Structure,
    Severity::Error,
    "an operator is given an attribute twice",
    "\
A node lists two attributes of one name, such as `axis=1` and `axis=0` of a
`Softmax`. The format has a list of attributes, so nothing but this rule keeps a
file from that.

Why it matters: programs that take the first one and those that take the last
compute different things, and both call it the same model. ONNX Runtime and
`onnx.checker` refuse the file.

What to do: leave the one that is meant. A tool that sets an attribute has to
take the old one out; in Python, `node.attribute` is a plain list, and
`node.attribute.append` does not replace.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for graph in subject.model().graphs() {
        for (id, _, op) in graph.ops() {
            let mut seen = HashSet::new();
            for attribute in &op.attributes {
                if !seen.insert(attribute.name.as_str()) {
                    let message = format!("`{}` is given the attribute `{}` twice", op.op, attribute.name);
                    findings.add(Place::default().at_node(graph.called(id)), message);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Attribute, AttributeValue, Graph, Op, Span};

    fn softmax(names: &[&str]) -> Graph {
        let attribute = |(i, name): (usize, &&str)| Attribute {
            name: (*name).to_owned(),
            value: AttributeValue::Int(i as i64),
            span: Span::default(),
        };
        let attributes = names.iter().enumerate().map(attribute).collect();
        let mut graph = Graph::default();
        graph.add_node(operator(Op { op: "Softmax".into(), attributes, ..Op::default() }));
        graph
    }

    #[test]
    fn two_attributes_of_one_name_are_an_error_also_inside_of_a_subgraph() {
        assert!(found(&RULE, &model(softmax(&["axis", "other"]), Vec::new())).is_empty());
        let twice = softmax(&["axis", "axis"]);
        let value = AttributeValue::Graph(Box::new(twice.clone()));
        for graph in [twice, {
            let body = Attribute { name: "body".into(), value, span: Span::default() };
            let mut outer = Graph::default();
            outer.add_node(operator(Op { op: "Loop".into(), attributes: vec![body], ..Op::default() }));
            outer
        }] {
            let found = found(&RULE, &model(graph, Vec::new()));
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].message, "`Softmax` is given the attribute `axis` twice");
        }
    }
}
