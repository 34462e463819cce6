//! Which operators of a model have no definition.

use std::collections::BTreeMap;

use super::definition::plain;
use super::functions::Functions;
use super::table::{kernel, newest};
use crate::model::{Graph, Model, Opset, opset_version};
use crate::text::printable;

/// Operators that run subgraphs, in the default domain.
const CONTROL: [&str; 4] = ["If", "Loop", "Scan", "SequenceMap"];

/// The operators of a model that have no definition here, and the operator sets that are newer
/// than the definitions: a line for each, with the first node and how many more there are.
pub(crate) fn undefined(model: &Model) -> Vec<String> {
    let mut reasons: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let functions = Functions::of(model);
    let bodies = model.functions.iter().map(|f| (&f.graph, f.opsets.as_slice()));
    let main = (&model.graph, model.meta.opsets.as_slice());
    let mut todo: Vec<(&Graph, &[Opset])> = [main].into_iter().chain(bodies).collect();
    while let Some((graph, opsets)) = todo.pop() {
        for (id, _, op) in graph.ops() {
            todo.extend(op.attributes.iter().flat_map(|a| a.value.graphs()).map(|graph| (graph, opsets)));
            if functions.called(op).is_some() {
                continue;
            }
            let domain = plain(&op.domain);
            let control = domain.is_empty() && CONTROL.contains(&op.op.as_str());
            let version = opset_version(opsets, domain).unwrap_or(1);
            let fact = match newest(domain) {
                Some(newest) if version > newest => {
                    let of =
                        if domain.is_empty() { String::new() } else { format!(" of {}", printable(domain)) };
                    format!("operator set {version}{of} is newer than {newest}, the newest known")
                }
                _ if control || kernel(domain, &op.op).is_some() => continue,
                _ if domain.is_empty() => format!("{} is not defined here", printable(&op.op)),
                _ => format!("{} of {} is not defined here", printable(&op.op), printable(domain)),
            };
            reasons.entry(fact).or_insert_with(|| (0, graph.called(id).to_owned())).0 += 1;
        }
    }
    let line = |(reason, (count, first)): (String, (usize, String))| match count {
        1 => format!("{reason} (`{}`)", printable(&first)),
        _ => format!("{reason} (`{}` and {} more)", printable(&first), count - 1),
    };
    reasons.into_iter().map(line).collect()
}
