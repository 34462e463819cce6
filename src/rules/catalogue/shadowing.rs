//! `S009`: a name of a subgraph that a graph around it has too.

use std::collections::HashMap;

use crate::error::Place;
use crate::finding::Severity;
use crate::model::{Graph, NodeKind};
use crate::rules::{Family, Findings, Rule, Subject};

pub(super) const RULE: Rule = Rule::new(
    "S009",
    Family::Structure,
    Severity::Error,
    "a subgraph defines a name that a graph around it has too",
    "\
The body of an `If`, `Loop` or `Scan` sees the names of the graphs around it.
ONNX forbids it to define one of these names again, in contrast to most
programming languages.

Why it matters: `onnx.checker` refuses the model, and other programs differ in
which of the two values they use, so that results may differ without a message.

Wrong, since the branch defines `y` again:

    y = Relu(x)
    z = If(c) { then: y = Neg(x) }

Right:

    y = Relu(x)
    z = If(c) { then: then_y = Neg(x) }

What to do: give the inner value another name. Exporters do that if each
subgraph's names get a prefix of their own.
",
)
.with_check(check);

/// A step of the walk through the graphs of a model.
enum Step<'m> {
    Enter(&'m Graph),
    /// The names that are no longer seen.
    Leave(Vec<&'m str>),
}

/// Keeps the names that can be seen from where the walk stands, so that each graph is looked at
/// once, however deep it is and however many stand beside it.
fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let model = subject.model();
    let bodies = model.functions.iter().map(|function| &function.graph);
    for graph in std::iter::once(&model.graph).chain(bodies) {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut todo = vec![Step::Enter(graph)];
        while let Some(step) = todo.pop() {
            match step {
                Step::Enter(graph) => enter(graph, &mut seen, &mut todo, findings),
                Step::Leave(names) => {
                    for name in names {
                        if let Some(count) = seen.get_mut(name) {
                            *count -= 1;
                        }
                    }
                }
            }
        }
    }
}

fn enter<'m>(
    graph: &'m Graph,
    seen: &mut HashMap<&'m str, u32>,
    todo: &mut Vec<Step<'m>>,
    findings: &mut Findings,
) {
    let inner: Vec<&Graph> =
        graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.graphs()).collect();
    if inner.is_empty() && seen.is_empty() {
        return;
    }
    let mut own: Vec<&str> = defined(graph).collect();
    own.sort_unstable();
    own.dedup();
    for name in own.iter().filter(|name| seen.get(*name).is_some_and(|&count| count > 0)) {
        let place = Place::default().at_value(*name);
        findings.add(place, "a subgraph defines a name that the graph around it has");
    }
    if !inner.is_empty() {
        own.iter().for_each(|name| *seen.entry(name).or_default() += 1);
        todo.push(Step::Leave(own));
        todo.extend(inner.into_iter().rev().map(Step::Enter));
    }
}

/// The names that a graph defines itself.
fn defined(graph: &Graph) -> impl Iterator<Item = &str> {
    let own = |kind: &NodeKind| !matches!(kind, NodeKind::Captured | NodeKind::Undefined);
    let values = graph.values().iter().filter(move |v| own(&graph.node(v.definition.node).kind));
    values.map(|value| value.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, model, operator};
    use super::*;
    use crate::model::{Attribute, AttributeValue, KnownFrom, NodeId, Op, Span};

    /// Adds an operator that defines `name`, with these subgraphs.
    fn define(graph: &mut Graph, name: &str, inner: Vec<Graph>) -> NodeId {
        let body =
            Attribute { name: "body".into(), value: AttributeValue::Graphs(inner), span: Span::default() };
        let op = Op { op: "If".into(), attributes: vec![body], ..Op::default() };
        let id = graph.add_node(operator(op));
        graph.define(id, name.into(), None, KnownFrom::Unknown);
        id
    }

    fn graph(name: &str, inner: Vec<Graph>) -> Graph {
        let mut graph = Graph::default();
        define(&mut graph, name, inner);
        graph
    }

    #[test]
    fn a_name_is_not_defined_again_below_its_definition() {
        let count = |graph| found(&RULE, &model(graph, Vec::new())).len();
        assert_eq!(count(graph("y", vec![graph("y", Vec::new())])), 1);
        assert_eq!(count(graph("y", vec![graph("x", vec![graph("y", Vec::new())])])), 1);
        assert_eq!(count(graph("y", vec![graph("x", vec![graph("z", Vec::new())])])), 0);
    }

    #[test]
    fn subgraphs_beside_each_other_may_use_the_same_names() {
        let branch = || graph("x", vec![graph("y", Vec::new())]);
        assert!(found(&RULE, &model(graph("z", vec![branch(), branch()]), Vec::new())).is_empty());
    }

    #[test]
    fn thousands_of_subgraphs_are_checked_in_time_that_grows_with_their_number() {
        let mut outer = Graph::default();
        for i in 0..20_000 {
            define(&mut outer, &format!("outer {i}"), vec![graph(&format!("inner {i}"), Vec::new())]);
        }
        let start = std::time::Instant::now();
        assert!(found(&RULE, &model(outer, Vec::new())).is_empty());
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}
