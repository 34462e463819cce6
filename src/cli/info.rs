//! `modelgram info`: what is in a model.

use std::fmt::Write;

use super::dims::open_typed;
use super::{args, files};
use crate::diagram::short_count;
use crate::error::{Result, printable};
use crate::info::{DimInfo, Info, ValueInfo, info};

pub(super) fn run(args: &args::Info) -> Result<()> {
    let model = open_typed(&args.model, &args.types)?;
    let facts = info(&model, args.values);
    let text = if args.json {
        let mut json = serde_json::to_string_pretty(&facts).expect("strings and numbers can be written");
        json.push('\n');
        json
    } else {
        text(&model.name, &facts)
    };
    files::to_stdout(text.as_bytes())
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
    line("opsets", if opsets.is_empty() { "none".into() } else { opsets.join(", ") });
    line("operators", facts.nodes.to_string());
    line("parameters", format!("{} ({})", facts.parameters, short_count(facts.parameters)));
    line("weights", bytes(facts.weight_bytes));
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
    for (i, value) in facts.values.iter().flatten().enumerate() {
        line(if i == 0 { "values" } else { "" }, format!("{}  ({})", value_text(value), value.source));
    }
    for f in &facts.findings {
        let place = if f.place.is_empty() { String::new() } else { format!("{}: ", f.place) };
        line(f.severity, printable(&format!("[{}] {place}{}", f.rule, f.message)));
    }
    out
}

fn value_text(value: &ValueInfo) -> String {
    let dims = |shape: &Vec<DimInfo>| {
        let dims: Vec<String> = shape
            .iter()
            .map(|dim| match dim {
                DimInfo::Known(n) => n.to_string(),
                DimInfo::Named(name) => printable(name),
                DimInfo::Unknown(()) => "?".into(),
            })
            .collect();
        if dims.is_empty() { "scalar".into() } else { dims.join("×") }
    };
    let dtype = value.dtype.as_deref().unwrap_or("?");
    let shape = value.shape.as_ref().map_or(String::new(), |shape| format!(" {}", dims(shape)));
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
