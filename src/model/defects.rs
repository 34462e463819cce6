//! What is wrong with a graph as a graph, whatever its format.

use std::collections::HashMap;

use petgraph::visit::EdgeRef;

use super::{Graph, NodeKind, Slot};
use crate::error::Place;
use crate::finding::{Finding, Severity};

/// The defects of one graph (not of its subgraphs), with `place` as the way to it.
///
/// Reports two definitions of a name (`S002`; `S008` if one is an initializer or input), uses of undefined names (`S003`),
/// undefined graph outputs (`S004`), cycles (`S006`), two nodes of one name
/// (`S007`) and graph inputs without a type (`H201`).
pub(crate) fn defects(graph: &Graph, place: &Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    duplicate_values(graph, place, &mut findings);
    undefined_uses(graph, place, &mut findings);
    cycles(graph, place, &mut findings);
    duplicate_nodes(graph, place, &mut findings);
    untyped_inputs(graph, place, &mut findings);
    findings
}

fn duplicate_values(graph: &Graph, place: &Place, findings: &mut Vec<Finding>) {
    let mut seen = HashMap::new();
    for value in graph.values() {
        let node = graph.node(value.definition.node);
        if let Some(first) = seen.insert(value.name.as_str(), &node.kind) {
            let result = |kind: &NodeKind| matches!(kind, NodeKind::Op(_));
            let both = result(first) && result(&node.kind);
            let node = &node.name;
            findings.push(Finding {
                rule: if both { "S002" } else { "S008" },
                severity: Severity::Error,
                place: place.clone().at_node(node).at_value(&value.name),
                message: "the name is defined a second time; uses are taken to mean the first definition"
                    .into(),
            });
        }
    }
}

fn undefined_uses(graph: &Graph, place: &Place, findings: &mut Vec<Finding>) {
    for (id, node) in graph.nodes() {
        if !matches!(node.kind, NodeKind::Undefined) {
            continue;
        }
        for (_, user) in graph.uses_of(id) {
            let user = graph.node(user);
            let finding = match user.kind {
                NodeKind::Output => Finding {
                    rule: "S004",
                    severity: Severity::Error,
                    place: place.clone().at_value(&node.name),
                    message: "a graph output that nothing defines".into(),
                },
                _ => Finding {
                    rule: "S003",
                    severity: Severity::Error,
                    place: place.clone().at_node(&user.name).at_value(&node.name),
                    message: "an input that nothing defines".into(),
                },
            };
            findings.push(finding);
        }
    }
}

/// Reports each cycle once, by the first of its nodes in file order.
fn cycles(graph: &Graph, place: &Place, findings: &mut Vec<Finding>) {
    // Kosaraju's algorithm, since it is the one without recursion.
    for mut component in petgraph::algo::kosaraju_scc(graph.net()) {
        component.sort();
        let first = component[0];
        let to_itself =
            || graph.net().edges(first).any(|e| e.target() == first && e.weight().to != Slot::Control);
        if component.len() > 1 || to_itself() {
            findings.push(Finding {
                rule: "S006",
                severity: Severity::Error,
                place: place.clone().at_node(&graph.node(first).name),
                message: format!(
                    "the node depends on its own output, in a cycle of {} nodes",
                    component.len()
                ),
            });
        }
    }
}

fn duplicate_nodes(graph: &Graph, place: &Place, findings: &mut Vec<Finding>) {
    let mut count: HashMap<&str, u32> = HashMap::new();
    for (_, node, _) in graph.ops() {
        if node.name.is_empty() {
            continue;
        }
        let n = count.entry(&node.name).or_default();
        *n += 1;
        if *n == 2 {
            findings.push(Finding {
                rule: "S007",
                severity: Severity::Warning,
                place: place.clone().at_node(&node.name),
                message: "more than one node has this name".into(),
            });
        }
    }
}

/// Inputs of subgraphs and functions have the types of what they are given.
fn untyped_inputs(graph: &Graph, place: &Place, findings: &mut Vec<Finding>) {
    if !place.graph.is_empty() {
        return;
    }
    for &id in &graph.inputs {
        let node = graph.node(id);
        for value in node.outputs.iter().flatten() {
            if graph.value(*value).ty.is_none() {
                findings.push(Finding {
                    rule: "H201",
                    severity: Severity::Warning,
                    place: place.clone().at_value(&node.name),
                    message: "the graph input has no type".into(),
                });
            }
        }
    }
}
