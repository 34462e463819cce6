//! The diagram in the language of Graphviz, for `dot -Tsvg`.
//!
//! Boxes are tables in HTML-like labels, coloured by category; frames are
//! clusters. Names are escaped twice: as HTML text and as a DOT string.

use std::fmt::Write;

use super::xml::escape;
use crate::diagram::theme::{COLOURS, LIGHT, colour_index};
use crate::diagram::{Diagram, FrameId, NodeBox, Outline, WireKind};

/// The diagram as a DOT graph.
pub(crate) fn dot(diagram: &Diagram) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "digraph {} {{", quoted(&diagram.title));
    // Without limits Graphviz needs minutes for a DenseNet.
    let limits = if diagram.boxes.len() > 300 { ", nslimit=1, nslimit1=1, mclimit=0.2" } else { "" };
    let _ = writeln!(out, "  graph [rankdir={}, ranksep=0.3, nodesep=0.25{limits}]", diagram.direction);
    let _ = writeln!(out, "  node [shape=plain, fontname=\"Helvetica,Arial,sans-serif\", fontsize=9]");
    let _ = writeln!(
        out,
        "  edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=8, arrowsize=0.6, color=\"{}\", fontcolor=\"{}\"]",
        LIGHT.line, LIGHT.muted
    );
    clusters(&mut out, diagram);
    for wire in &diagram.wires {
        let mut attributes = Vec::new();
        if let Some(label) = &wire.label {
            attributes.push(format!("label={}", quoted(&label.text)));
        }
        match wire.kind {
            WireKind::Plain => {}
            WireKind::Control => attributes.push("style=dashed".into()),
            WireKind::Bypass => attributes.push("style=dotted".into()),
        }
        let list =
            if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
        let _ = writeln!(out, "  n{} -> n{}{list}", wire.from.0, wire.to.0);
    }
    out.push_str("}\n");
    out
}

/// Frames as nested clusters with their boxes. Frames stand after their parents,
/// so each is closed when one that is not inside it begins.
fn clusters(out: &mut String, diagram: &Diagram) {
    let mut open: Vec<usize> = Vec::new();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); diagram.frames.len()];
    for (f, frame) in diagram.frames.iter().enumerate() {
        if let Some(parent) = frame.parent {
            children[parent.index()].push(f);
        }
    }
    let mut boxes: Vec<Vec<usize>> = vec![Vec::new(); diagram.frames.len().max(1)];
    for (i, node) in diagram.boxes.iter().enumerate() {
        boxes[node.frame.index()].push(i);
    }
    enum Step {
        Open(usize),
        Close,
    }
    let mut steps = vec![Step::Open(FrameId::PAGE.index())];
    while let Some(step) = steps.pop() {
        match step {
            Step::Close => {
                open.pop();
                let _ = writeln!(out, "{}}}", "  ".repeat(open.len().max(1)));
            }
            Step::Open(f) => {
                if f != FrameId::PAGE.index() {
                    let title = quoted(&diagram.frames[f].title);
                    let _ = writeln!(
                        out,
                        "{}subgraph cluster_{f} {{ label={title}",
                        "  ".repeat(open.len().max(1))
                    );
                    steps.push(Step::Close);
                    open.push(f);
                }
                for &i in &boxes[f] {
                    let _ = writeln!(out, "  n{i} [label=<{}>]", table(&diagram.boxes[i]));
                }
                steps.extend(children[f].iter().rev().map(|&child| Step::Open(child)));
            }
        }
    }
}

/// A box as an HTML-like table.
fn table(node: &NodeBox) -> String {
    let (ground, text) = match (node.outline, colour_index(node.category)) {
        (Outline::Terminal | Outline::Undefined, _) => (LIGHT.terminal, LIGHT.text.to_string()),
        (_, Some(i)) => (COLOURS[i].1, "#ffffff".into()),
        (_, None) => (LIGHT.plain, LIGHT.text.to_string()),
    };
    let mut html = format!(
        "<table border=\"1\" cellborder=\"0\" cellspacing=\"0\" cellpadding=\"3\" color=\"{}\" style=\"rounded\">",
        LIGHT.border
    );
    let aside = if node.aside.is_empty() { String::new() } else { format!("  {}", safe(&node.aside)) };
    let _ = write!(
        html,
        "<tr><td bgcolor=\"{ground}\"><font color=\"{text}\"><b>{}</b>{aside}</font></td></tr>",
        nonempty(&safe(&node.header))
    );
    for row in &node.rows {
        let label =
            if row.constant { format!("<b>{}</b>", nonempty(&safe(&row.label))) } else { safe(&row.label) };
        let _ = write!(html, "<tr><td align=\"left\">{label} {}</td></tr>", safe(&row.value));
    }
    for strip in &node.strips {
        let ground = colour_index(strip.category).map_or(LIGHT.muted, |i| COLOURS[i].1);
        let _ = write!(
            html,
            "<tr><td align=\"left\" bgcolor=\"{ground}\"><font color=\"#ffffff\"><b>{}</b> {}</font></td></tr>",
            nonempty(&safe(&strip.header)),
            safe(&strip.aside)
        );
    }
    html + "</table>"
}

/// Escaped text without line breaks.
fn safe(text: &str) -> String {
    escape(text)
}

/// Graphviz refuses empty elements.
fn nonempty(text: &str) -> &str {
    if text.trim().is_empty() { "&#160;" } else { text }
}

/// A string between quotation marks. `\` would begin an escape of its own.
fn quoted(text: &str) -> String {
    let inert = text.chars().map(|c| if crate::text::is_inert(c) { c } else { '\u{fffd}' });
    format!("\"{}\"", inert.collect::<String>().replace('\\', "\\\\").replace('"', "\\\""))
}
