//! `O106`: attributes that are not those of the operator.

use crate::error::Place;
use crate::finding::Severity;
use crate::ops::Defined;
use crate::rules::definitions::each_node;
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "O106",
    Family::Operators,
    Severity::Error,
    "an attribute is missing, unknown, given twice or of a wrong sort",
    "\
The attributes of a node are not those that its operator has in the version that
the model imports: one is unknown, of another sort (a float where an integer has
to be), given twice, or missing though the operator needs it.

Why it matters: `onnx.checker` and ONNX Runtime refuse the model. What would be
computed with the attribute left out or guessed is not what was meant.

Wrong:

    y = Concat(a, b)                 the axis is missing
    y = Softmax(x, axes=1)           the attribute is called `axis`

What to do: give the attributes that the operator's page lists for the version
of the operator set (https://onnx.ai/onnx/operators). After a change of the
version, convert the model by `onnx.version_converter`: some attributes became
operands.
",
)
.with_check(check);

fn check(subject: &Subject<'_>, findings: &mut Findings) {
    each_node(subject.model(), |node| {
        let Defined::As(definition) = node.defined else { return };
        for fault in definition.attribute_faults(node.op) {
            findings.add(Place::default().at_node(node.graph.called(node.id)), fault);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Attribute, AttributeValue, Graph, Op, Opset, Span};

    #[test]
    fn an_attribute_counts_in_the_version_that_has_it() {
        let facts = |version| {
            let value = AttributeValue::Ints(vec![0]);
            let attributes = vec![Attribute { name: "axes".into(), value, span: Span::default() }];
            let mut graph = Graph::default();
            graph.add_node(operator(Op { op: "Squeeze".into(), attributes, ..Op::default() }));
            let mut model = model(graph, Vec::new());
            model.meta.opsets = vec![Opset { domain: String::new(), version, span: Span::default() }];
            found(&RULE, &model).into_iter().map(|f| f.message).collect::<Vec<_>>()
        };
        assert_eq!(facts(11), [""; 0]);
        assert_eq!(facts(13), ["`Squeeze` has no attribute `axes`"]);
    }
}
