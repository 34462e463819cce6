//! The structural rules: names, functions, versions.

use std::collections::{HashMap, HashSet};

use crate::error::Place;
use crate::finding::{Finding, Severity};
use crate::model::{Graph, Model, NodeKind};
use crate::text::printable;

/// A model whose functions stand for more nodes than this cannot be run.
pub const EXPANSION: u64 = 10_000_000;

/// Findings of one rule, at most.
const MOST: usize = 20;

/// Everything that is wrong with the structure of a model: what its reader noticed, and what
/// takes a look at the whole. In the order of the rules.
pub fn structure(model: &Model) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        model.findings.iter().filter(|f| f.rule.starts_with('S')).cloned().collect();
    shadows(model, &mut findings);
    functions(model, &mut findings);
    unlisted(model, &mut findings);
    findings.sort();
    findings
}

/// The same, with what was noticed of other rules.
pub fn everything(model: &Model) -> Vec<Finding> {
    let mut findings = structure(model);
    findings.extend(model.findings.iter().filter(|f| !f.rule.starts_with('S')).cloned());
    findings
}

/// `S009`: a name of a subgraph that a graph around it has too.
fn shadows(model: &Model, findings: &mut Vec<Finding>) {
    let graphs = std::iter::once(&model.graph).chain(model.functions.iter().map(|f| &f.graph));
    let mut found = 0;
    for graph in graphs {
        // Each inner graph with the graphs around it; a list, since files nest as they like.
        let mut todo: Vec<(&Graph, Vec<&Graph>)> = vec![(graph, Vec::new())];
        let mut names: HashMap<*const Graph, HashSet<&str>> = HashMap::new();
        while let Some((graph, around)) = todo.pop() {
            let own: HashSet<&str> = defined(graph).collect();
            for outer in &around {
                let Some(outer) = names.get(&std::ptr::from_ref(*outer)) else { continue };
                let mut both: Vec<&str> = own.intersection(outer).copied().collect();
                both.sort_unstable();
                for name in both {
                    found += 1;
                    if found <= MOST {
                        findings.push(Finding {
                            rule: "S009",
                            severity: Severity::Error,
                            place: Place::default().at_value(name),
                            message: "a subgraph defines a name that the graph around it has".into(),
                        });
                    }
                }
            }
            names.insert(std::ptr::from_ref(graph), own);
            let mut inside = around;
            inside.push(graph);
            for inner in graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.graphs()) {
                todo.push((inner, inside.clone()));
            }
        }
    }
}

/// The names that a graph defines itself.
fn defined(graph: &Graph) -> impl Iterator<Item = &str> {
    let own = |kind: &NodeKind| !matches!(kind, NodeKind::Captured | NodeKind::Undefined);
    let values = graph.values().iter().filter(move |v| own(&graph.node(v.definition.node).kind));
    values.map(|value| value.name.as_str())
}

/// A function's domain, name and overload.
type Key<'m> = (&'m str, &'m str, &'m str);

/// `S010`, `S011`: functions that call each other in a circle, or expand without end.
fn functions(model: &Model, findings: &mut Vec<Finding>) {
    let known: HashMap<Key, usize> = model
        .functions
        .iter()
        .enumerate()
        .map(|(i, f)| ((f.domain.as_str(), f.name.as_str(), f.overload.as_str()), i))
        .collect();
    let calls: Vec<Vec<usize>> = model.functions.iter().map(|f| called(&known, &f.graph)).collect();
    let mut callers: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    for (i, inner) in calls.iter().enumerate() {
        inner.iter().for_each(|&j| callers[j].push(i));
    }
    // How many nodes each stands for, from those that call no others up.
    let own = |graph: &Graph| graph.ops().count() as u64;
    let mut size: Vec<u64> = model.functions.iter().map(|f| own(&f.graph)).collect();
    let mut open: Vec<usize> = calls.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..calls.len()).filter(|&i| open[i] == 0).collect();
    while let Some(done) = ready.pop() {
        for &caller in &callers[done] {
            size[caller] = size[caller].saturating_add(size[done]);
            open[caller] -= 1;
            if open[caller] == 0 {
                ready.push(caller);
            }
        }
    }
    for (function, _) in model.functions.iter().zip(&open).filter(|(_, open)| **open > 0).take(MOST) {
        findings.push(Finding {
            rule: "S010",
            severity: Severity::Error,
            place: Place::default().at_node(&function.name),
            message: format!("the function `{}` calls itself, or one that does", printable(&function.name)),
        });
    }
    let all = called(&known, &model.graph);
    let total = all.iter().map(|&i| size[i]).fold(own(&model.graph), u64::saturating_add);
    if total > EXPANSION {
        findings.push(Finding {
            rule: "S011",
            severity: Severity::Error,
            place: Place::default(),
            message: format!(
                "with its functions in place the model has {total} nodes; {EXPANSION} are the most"
            ),
        });
    }
}

/// The functions that a graph calls, its subgraphs included; one entry for each call.
fn called(known: &HashMap<Key, usize>, graph: &Graph) -> Vec<usize> {
    let mut calls = Vec::new();
    let mut todo = vec![graph];
    while let Some(graph) = todo.pop() {
        for (_, _, op) in graph.ops() {
            calls.extend(known.get(&(op.domain.as_str(), op.op.as_str(), op.overload.as_str())));
            todo.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
        }
    }
    calls
}

/// `S013`: before IR version 4 every initializer is an input too.
fn unlisted(model: &Model, findings: &mut Vec<Finding>) {
    if !model.meta.constants_are_inputs {
        return;
    }
    let unlisted = model
        .graph
        .nodes()
        .filter(|(_, node)| matches!(node.kind, NodeKind::Constant { overridable: false, .. }));
    for (_, node) in unlisted.take(MOST) {
        findings.push(Finding {
            rule: "S013",
            severity: Severity::Warning,
            place: Place::default().at_value(&node.name),
            message: "before IR version 4 an initializer must be listed as an input".into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Function, Node, Op, ScopeId, Span};

    /// A graph that calls these functions, one after another.
    fn graph(calls: &[&str]) -> Graph {
        let mut graph = Graph::default();
        for call in calls {
            let op = Op { op: (*call).to_owned(), domain: "d".into(), ..Op::default() };
            graph.add_node(Node {
                name: String::new(),
                kind: NodeKind::Op(op),
                outputs: Vec::new(),
                scope: ScopeId::ROOT,
                cost: None,
                span: Span::default(),
            });
        }
        graph
    }

    fn model(main: &[&str], functions: &[(&str, &[&str])]) -> Model {
        let function = |(name, calls): &(&str, &[&str])| Function {
            domain: "d".into(),
            name: (*name).to_owned(),
            overload: String::new(),
            required: Vec::new(),
            defaults: Vec::new(),
            opsets: Vec::new(),
            graph: graph(calls),
            span: Span::default(),
        };
        Model {
            name: String::new(),
            format: "onnx",
            meta: crate::model::Meta::default(),
            graph: graph(main),
            functions: functions.iter().map(function).collect(),
            source: crate::model::Source::default(),
            findings: Vec::new(),
            access: None,
        }
    }

    fn rules(model: &Model) -> Vec<&'static str> {
        structure(model).iter().map(|f| f.rule).collect()
    }

    #[test]
    fn circles_of_functions_are_found() {
        assert_eq!(rules(&model(&["a"], &[("a", &["b"]), ("b", &["x"])])), [""; 0]);
        assert_eq!(rules(&model(&["a"], &[("a", &["b"]), ("b", &["a"])])), ["S010", "S010"]);
        assert_eq!(rules(&model(&["x"], &[("a", &["a"])])), ["S010"]);
    }

    #[test]
    fn functions_that_double_without_end_are_found() {
        let names: Vec<String> = (0..80).map(|i| format!("f{i}")).collect();
        let calls: Vec<[&str; 2]> = names.iter().skip(1).map(|n| [n.as_str(); 2]).collect();
        let last: &[&str] = &["x"];
        let mut functions: Vec<(&str, &[&str])> =
            names.iter().zip(&calls).map(|(n, c)| (n.as_str(), c.as_slice())).collect();
        functions.push((&names[79], last));
        assert_eq!(rules(&model(&["f0"], &functions)), ["S011"]);
        assert_eq!(rules(&model(&["f60"], &functions)), [""; 0]);
    }
}
