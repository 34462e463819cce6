//! `modelgram diff`: what differs between two models.

use std::process::ExitCode;

use serde_json::json;

use super::args::{DiffArgs, Report};
use super::files::{self, open};
use crate::diff::{Diff, diff};
use crate::error::Result;
use crate::model::{Graph, Model, NodeId, NodeKind};
use crate::text::printable;

/// Compares; 1 if something differs.
pub(super) fn run(args: &DiffArgs) -> Result<ExitCode> {
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    let found = diff(&old, &new)?;
    match args.report {
        Report::Json => files::print_json(&as_json(&old, &new, &found))?,
        Report::Text => files::print(&as_text(&old, &new, &found))?,
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn named(graph: &Graph, id: NodeId) -> String {
    let op = if let NodeKind::Op(op) = &graph.node(id).kind { op.op.as_str() } else { "" };
    format!("{} `{}`", printable(op), printable(graph.called(id)))
}

fn as_text(old: &Model, new: &Model, found: &Diff) -> String {
    let mut text = String::new();
    let mut line = |sign: &str, what: String| text += &format!("{sign} {what}\n");
    found.removed.iter().for_each(|&id| line("-", named(&old.graph, id)));
    found.added.iter().for_each(|&id| line("+", named(&new.graph, id)));
    for (_, id, what) in &found.changed {
        line("~", format!("{}: {}", named(&new.graph, *id), what.join("; ")));
    }
    for (_, id) in &found.rewired {
        line("~", format!("{}: an operand's name means another value", named(&new.graph, *id)));
    }
    found.functions.iter().for_each(|change| line("~", change.clone()));
    for (_, id, what) in &found.renamed {
        line("=", format!("{}: {}", named(&new.graph, *id), what.join("; ")));
    }
    for (before, after) in &found.renamed_weights {
        line(
            "=",
            format!("weights `{}`: name {} → {}", printable(after), printable(before), printable(after)),
        );
    }
    for weight in &found.weights {
        let sign = match weight.there {
            (true, false) => "-",
            (false, _) => "+",
            _ => "~",
        };
        line(sign, format!("weights `{}`: {}", printable(&weight.name), weight.what));
    }
    for (name, a, b) in &found.retyped {
        line("~", format!("type of `{}`: {} → {}", printable(name), printable(a), printable(b)));
    }
    found.contract.iter().for_each(|change| line("!", change.clone()));
    found.meta.iter().for_each(|change| line("~", change.clone()));
    text + &format!("{} nodes and {} initializers are the same\n", found.same, found.same_weights)
}

fn as_json(old: &Model, new: &Model, found: &Diff) -> String {
    let names = |graph: &Graph, ids: &[NodeId]| ids.iter().map(|&id| named(graph, id)).collect::<Vec<_>>();
    let list = |nodes: &[(NodeId, NodeId, Vec<String>)]| -> Vec<_> {
        nodes.iter().map(|(_, id, what)| json!({"node": named(&new.graph, *id), "what": what})).collect()
    };
    let names_of_weights: Vec<_> =
        found.renamed_weights.iter().map(|(old, new)| json!({"old": old, "new": new})).collect();
    let weights: Vec<_> = found.weights.iter().map(|w| json!({"name": w.name, "what": w.what})).collect();
    let types: Vec<_> =
        found.retyped.iter().map(|(n, a, b)| json!({"name": n, "old": a, "new": b})).collect();
    let report = json!({
        "version": 1, "added": names(&new.graph, &found.added), "removed": names(&old.graph, &found.removed),
        "changed": list(&found.changed), "renamed": list(&found.renamed),
        "renamed_weights": names_of_weights, "functions": found.functions,
        "rewired": names(&new.graph, &found.rewired.iter().map(|(_, id)| *id).collect::<Vec<_>>()), "weights": weights, "types": types, "contract": found.contract,
        "metadata": found.meta, "same": {"nodes": found.same, "initializers": found.same_weights},
    });
    report.to_string()
}
