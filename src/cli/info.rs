//! `modelgram info`: what is in a model.

use std::fmt::Write;

use super::dims::open_typed;
use super::table::{Table, exact, exact_and_short, shape, short};
use super::{args, files};
use crate::diagram::number::short_count;
use crate::error::{Error, ErrorKind, Result};
use crate::report::info::{AccountInfo, DimInfo, Info, Lists, ValueInfo, info};
use crate::text::printable;

pub(super) fn run(args: &args::Info) -> Result<()> {
    let model = open_typed(&args.model, &args.types)?;
    let lists = Lists { values: args.values, nodes: args.nodes, scopes: args.scopes };
    let facts = info(&model, lists);
    if args.json {
        let json = serde_json::to_string_pretty(&facts).expect("strings and numbers can be written");
        return files::print_json(&json);
    }
    files::print(&if args.csv { csv(&facts)? } else { text(&model.name, &facts) })
}

/// The facts for a reader at a terminal of 80 columns.
fn text(name: &str, facts: &Info) -> String {
    let mut out = String::new();
    let mut line = |label: &str, value: String| {
        let _ = writeln!(out, "{label:<12} {value}");
    };
    line("model", printable(name));
    let version = facts.ir_version.map_or(String::new(), |v| format!(", IR {v}"));
    line("format", format!("{}{version}", facts.format));
    if !facts.producer.is_empty() {
        line("producer", printable(&facts.producer));
    }
    let opsets: Vec<String> = facts.opsets.iter().map(|(d, v)| format!("{} {v}", printable(d))).collect();
    if !opsets.is_empty() || facts.ir_version.is_some() {
        line("opsets", if opsets.is_empty() { "none".into() } else { opsets.join(", ") });
    }
    line("operators", facts.nodes.to_string());
    line("parameters", format!("{} ({})", facts.parameters, short_count(facts.parameters)));
    line("weights", bytes(facts.weight_bytes));
    line("MACs", exact_and_short(&facts.macs));
    line("FLOPs", exact_and_short(&facts.flops));
    line("activations", format!("{} bytes", exact(&facts.activation_bytes)));
    for (path, count) in &facts.external {
        line("external", format!("{} ({count} constants)", printable(path)));
    }
    for (label, values) in [("inputs", &facts.inputs), ("outputs", &facts.outputs)] {
        for (i, value) in values.iter().enumerate() {
            line(if i == 0 { label } else { "" }, value_text(value));
        }
    }
    let mut ops: Vec<(&String, &u64)> = facts.ops.iter().collect();
    ops.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
    let ops: Vec<String> = ops.iter().map(|(name, count)| format!("{} {count}", printable(name))).collect();
    for (i, row) in wrap(&ops, 66).iter().enumerate() {
        line(if i == 0 { "ops" } else { "" }, row.clone());
    }
    for f in &facts.findings {
        let place = if f.place.is_empty() { String::new() } else { format!("{}: ", f.place) };
        line(f.severity, printable(&format!("[{}] {place}{}", f.rule, f.message)));
    }
    for table in tables(facts, true) {
        out.push('\n');
        out.push_str(&table.text(80));
    }
    out
}

/// The lists that were asked for.
fn tables(facts: &Info, for_people: bool) -> Vec<Table> {
    let mut tables = Vec::new();
    let number = |size: &DimInfo| if for_people { short(size) } else { exact(size) };
    let count = |n: u64| if for_people { short_count(n) } else { n.to_string() };
    let clean = |text: &str| if for_people { printable(text) } else { text.to_owned() };
    if let Some(values) = &facts.values {
        let row = |v: &ValueInfo| {
            vec![clean(&v.name), clean(v.dtype.as_deref().unwrap_or("?")), shape(v), v.source.to_owned()]
        };
        let rows = values.iter().map(row).collect();
        let headings = vec!["Value", "Dtype", "Shape", "Source"];
        tables.push(Table { headings, numbers: vec![false; 4], rows });
    }
    let account = |a: &AccountInfo| {
        [
            count(a.parameters),
            number(&a.macs),
            number(&a.flops),
            number(&a.activation_bytes),
            count(a.weight_bytes),
        ]
    };
    let figures = ["Params", "MACs", "FLOPs", "Activation bytes", "Weight bytes"];
    if let Some(nodes) = &facts.operators {
        let rows = nodes.iter().map(|n| {
            let first = n.outputs.first().map_or(String::new(), shape);
            let whole = |name: &str| {
                if n.scope.is_empty() { name.to_owned() } else { format!("{name} ({})", n.scope) }
            };
            let name = if for_people { n.name.clone() } else { whole(&n.name) };
            let mut row = vec![clean(&name), clean(&n.op), first];
            row.extend(account(&n.account));
            row
        });
        let headings = ["Node", "Op", "Output shape"].into_iter().chain(figures).collect();
        let numbers = (0..8).map(|i| i > 2).collect();
        tables.push(Table { headings, numbers, rows: rows.collect() });
    }
    if let Some(scopes) = &facts.scopes {
        let rows = scopes.iter().map(|s| {
            let mut row =
                vec![clean(&s.scope), clean(s.class.as_deref().unwrap_or_default()), s.nodes.to_string()];
            row.extend(account(&s.account));
            row
        });
        let headings = ["Scope", "Class", "Nodes"].into_iter().chain(figures).collect();
        let numbers = (0..8).map(|i| i > 1).collect();
        tables.push(Table { headings, numbers, rows: rows.collect() });
    }
    tables
}

fn csv(facts: &Info) -> Result<String> {
    match tables(facts, false).as_slice() {
        [table] => Ok(table.csv()),
        _ => {
            let error = Error::new(ErrorKind::Usage, "--csv prints one list");
            Err(error.hint("give it with one of --values, --nodes and --scopes"))
        }
    }
}

fn value_text(value: &ValueInfo) -> String {
    let dtype = value.dtype.as_deref().unwrap_or("?");
    let shape = value.shape.as_ref().map_or(String::new(), |_| format!(" {}", shape(value)));
    format!("{}  {}{shape}", printable(&value.name), printable(dtype))
}

/// `1.4 MB (1442064 bytes)`.
fn bytes(n: u64) -> String {
    let units = [(1u64 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    match units.iter().find(|(size, _)| n >= *size) {
        Some((size, unit)) => format!("{:.1} {unit} ({n} bytes)", n as f64 / *size as f64),
        None => format!("{n} bytes"),
    }
}

/// Words in lines of at most `width` characters.
fn wrap(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + word.chars().count() <= width => {
                line.push_str(", ");
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}
