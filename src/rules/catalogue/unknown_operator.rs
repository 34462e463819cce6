//! `O102`: an operator that its domain does not have.

use crate::error::Place;
use crate::finding::Severity;
use crate::ops::Defined;
use crate::rules::definitions::each_node;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O102",
    Family::Operators,
    Severity::Error,
    "a domain of ONNX has no operator of this name and version",
    "\
The operator is of a domain that ONNX defines (`ai.onnx`, `ai.onnx.ml`), and
that domain has no operator of this name, or not yet in the version that the
model imports. Operators of other domains, and the model's own functions, may
be called what they like.

Why it matters: nobody knows what is meant. `onnx.checker` and ONNX Runtime
refuse the model.

Wrong, with operator set 17:

    y = Gelu(x)          came with version 20

What to do: correct the name, import the version that has the operator
(`onnx.version_converter.convert_version` adapts the other operators), or give
the operator a domain of its own if it is one of yours.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    each_node(subject.model(), |node| {
        let (op, version) = (&node.op.op, node.version);
        let domain = if node.op.domain.is_empty() { "ai.onnx" } else { &node.op.domain };
        let fact = match node.defined {
            Defined::Nowhere(meant) => {
                let meant = meant.map_or(String::new(), |name| format!("; perhaps `{name}` is meant"));
                format!("`{op}` is no operator of `{domain}`{meant}")
            }
            Defined::Later(since) => {
                format!("`{op}` came with version {since} of `{domain}`, and the model imports {version}")
            }
            _ => return,
        };
        findings.add(Place::default().at_node(node.graph.called(node.id)), fact);
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Graph, Op, Opset, Span};

    fn facts(domain: &str, op: &str) -> Vec<String> {
        let mut graph = Graph::default();
        let op = Op { op: op.into(), domain: domain.into(), ..Op::default() };
        graph.add_node(operator(op));
        let mut model = model(graph, Vec::new());
        let opset = |domain: &str, version| Opset { domain: domain.into(), version, span: Span::default() };
        model.meta.opsets = vec![opset("", 17), opset("acme", 1)];
        found(&RULE, &model).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn only_names_of_its_own_domains_are_known_to_be_wrong() {
        assert_eq!(facts("", "Relo"), ["`Relo` is no operator of `ai.onnx`; perhaps `Relu` is meant"]);
        assert_eq!(facts("", "Gelu"), ["`Gelu` came with version 20 of `ai.onnx`, and the model imports 17"]);
        assert_eq!(facts("acme", "Relo"), [""; 0]);
        assert_eq!(facts("", "Relu"), [""; 0]);
    }
}
