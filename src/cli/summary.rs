//! `modelgram summary`: a table of layers.

use std::fmt::Write;

use super::dims::open_typed;
use super::findings::print_findings;
use super::table::{Table, exact, exact_and_short, short};
use super::{args, files};
use crate::diagram::number::short_count;
use crate::error::Result;
use crate::report::info::{AccountInfo, account, size};
use crate::report::summary::{Summary, SummaryRow, summary};
use crate::text::printable;

pub(super) fn run(args: &args::Summary) -> Result<()> {
    let model = open_typed(&args.model, &args.types)?;
    let facts = summary(&model, args.depth);
    if args.json {
        files::print_json(&json(&facts))?;
    } else if args.csv {
        files::print(&table(&facts, false).csv())?;
    } else {
        let name = printable(&model.name);
        files::print(&format!("{name}\n{}{}", table(&facts, true).text(80), totals(&facts)))?;
    }
    print_findings(&model.findings);
    Ok(())
}

fn table(facts: &Summary, for_people: bool) -> Table {
    let row = |row: &SummaryRow| {
        let indent = "  ".repeat(row.depth);
        let name = if row.times > 1 { format!("{} ×{}", row.name, row.times) } else { row.name.clone() };
        let macs = size(&row.macs);
        if for_people {
            let kind = if row.kind == row.name { "" } else { row.kind.as_str() };
            let count = |n: String| if n == "0" { String::new() } else { n };
            vec![
                printable(&format!("{indent}{name}")),
                printable(kind),
                printable(&row.shape),
                count(short_count(row.parameters)),
                count(short(&macs)),
            ]
        } else {
            vec![
                row.depth.to_string(),
                row.name.clone(),
                row.kind.clone(),
                row.times.to_string(),
                row.shape.clone(),
                row.parameters.to_string(),
                exact(&macs),
            ]
        }
    };
    let rows = facts.rows.iter().map(row).collect();
    if for_people {
        let headings = vec!["Layer", "Type", "Output shape", "Params", "MACs"];
        Table { headings, numbers: vec![false, false, false, true, true], rows }
    } else {
        let headings = vec!["Depth", "Name", "Type", "Times", "Output shape", "Parameters", "MACs"];
        Table { headings, numbers: Vec::new(), rows }
    }
}

/// What stands under the table.
fn totals(facts: &Summary) -> String {
    let all = account(&facts.total);
    let mut out = String::new();
    let mut line = |label: &str, text: String| {
        let _ = writeln!(out, "{label:<18} {text}");
    };
    line("operators", facts.total.nodes.to_string());
    line("parameters", format!("{} ({})", all.parameters, short_count(all.parameters)));
    line("MACs", exact_and_short(&all.macs));
    line("FLOPs", exact_and_short(&all.flops));
    line("activation bytes", exact_and_short(&all.activation_bytes));
    let weights: Vec<String> =
        facts.total.weights.iter().map(|(dtype, bytes)| format!("{bytes} {dtype}")).collect();
    line("weight bytes", if weights.is_empty() { "0".into() } else { weights.join(", ") });
    out
}

fn json(facts: &Summary) -> String {
    #[derive(serde::Serialize)]
    struct Row<'a> {
        depth: usize,
        name: &'a str,
        r#type: &'a str,
        times: u64,
        output_shape: &'a str,
        parameters: u64,
        macs: crate::report::info::SizeInfo,
    }
    #[derive(serde::Serialize)]
    struct All<'a> {
        layers: Vec<Row<'a>>,
        total: AccountInfo,
    }
    let layers = facts.rows.iter().map(|row| Row {
        depth: row.depth,
        name: &row.name,
        r#type: &row.kind,
        times: row.times,
        output_shape: &row.shape,
        parameters: row.parameters,
        macs: size(&row.macs),
    });
    let all = All { layers: layers.collect(), total: account(&facts.total) };
    serde_json::to_string_pretty(&all).expect("strings and numbers can be written")
}
