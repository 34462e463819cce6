//! Numbers on a model: times, errors, sparsity; each colours a box.
//!
//! A file is JSON, `{"title": "Time", "unit": "ms", "values": {"/conv1/Conv": 1.2}}`, or
//! CSV with a line `name,value` for each node.

use std::collections::HashMap;

use super::provenance::Provenance;
use super::sizes;
use super::theme::HEAT;
use super::types::{Diagram, Scale};
use crate::error::{Error, ErrorKind, Result};
use crate::text::printable;
use crate::view::View;

/// Numbers for the nodes of a model, by their names in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// What the numbers are.
    pub title: String,
    /// Their unit; may be empty.
    pub unit: String,
    /// How a box that stands for several nodes combines their numbers.
    pub combine: Combine,
    /// The numbers.
    pub values: HashMap<String, f64>,
}

/// One number from several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// Their sum, as of times.
    Sum,
    /// The greatest, as of errors.
    #[default]
    Max,
    /// Their mean, as of sparsity.
    Mean,
}

impl Overlay {
    /// Reads an overlay file: JSON if it begins with `{`, else CSV.
    ///
    /// # Errors
    /// If it is neither, or holds what is not a finite number; with the place.
    pub fn parse(text: &str) -> Result<Self> {
        let overlay = if text.trim_start().starts_with('{') { json(text)? } else { csv(text)? };
        if overlay.values.is_empty() {
            return Err(wrong("it contains no numbers".into()));
        }
        Ok(overlay)
    }
}

fn wrong(fact: String) -> Error {
    Error::new(ErrorKind::Usage, fact)
        .hint("JSON such as {\"title\": \"Time\", \"unit\": \"ms\", \"values\": {\"NODE\": 1.5}}, or CSV lines NODE,1.5")
}

fn json(text: &str) -> Result<Overlay> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        title: String,
        #[serde(default)]
        unit: String,
        #[serde(default)]
        combine: String,
        values: HashMap<String, f64>,
    }
    let file: File =
        serde_json::from_str(text).map_err(|error| wrong(error.to_string()).from_source(error))?;
    let combine = match file.combine.as_str() {
        "sum" => Combine::Sum,
        "" | "max" => Combine::Max,
        "mean" => Combine::Mean,
        other => return Err(wrong(format!("`combine` is `{}`, not sum, max or mean", printable(other)))),
    };
    Ok(Overlay { title: file.title, unit: file.unit, combine, values: file.values })
}

/// Lines `name,value`; the name may stand in quotation marks. A first line that has no
/// number names the columns: the second is the title.
fn csv(text: &str) -> Result<Overlay> {
    let mut overlay = Overlay::default();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) =
            line.rsplit_once(',').ok_or_else(|| wrong(format!("line {}: no comma", i + 1)))?;
        let name = name.trim();
        let quoted = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let name = quoted.map_or_else(|| name.to_owned(), |inside| inside.replace("\"\"", "\""));
        match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => {
                overlay.values.insert(name, number);
            }
            _ if i == 0 => overlay.title = value.trim().trim_matches('"').to_owned(),
            _ => {
                return Err(wrong(format!(
                    "line {}: `{}` is not a finite number",
                    i + 1,
                    printable(value.trim())
                )));
            }
        }
    }
    Ok(overlay)
}

/// Colours the boxes of a diagram, each of which stands for some nodes of the view.
pub(super) fn colour(view: &View<'_>, overlay: &Overlay, provenance: &Provenance, diagram: &mut Diagram) {
    let numbers: Vec<Option<f64>> =
        provenance.boxes.iter().map(|nodes| combined(view, overlay, nodes)).collect();
    let known = || numbers.iter().flatten().copied();
    let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    if least > most {
        return;
    }
    // A sum starts at zero, and so does its scale of colours.
    let least = if least > 0.0 && overlay.combine == Combine::Sum { 0.0 } else { least };
    let text = |x: f64| [short(x), overlay.unit.clone()].join(" ").trim_end().to_owned();
    for (node, number) in diagram.boxes.iter_mut().zip(&numbers) {
        let Some(number) = *number else { continue };
        let part = if most > least { (number - least) / (most - least) } else { 1.0 };
        let steps = HEAT.len() as f64;
        node.heat = Some(((part * steps) as usize).min(HEAT.len() - 1) as u8);
        node.aside = sizes::fit_aside(&printable(&text(number)));
    }
    diagram.scale = Some(Scale {
        title: sizes::fit_aside(&printable(&overlay.title)),
        ends: [least, most].map(|x| printable(&text(x))),
    });
}

fn combined(view: &View<'_>, overlay: &Overlay, nodes: &[usize]) -> Option<f64> {
    let ids = nodes.iter().flat_map(|&n| view.nodes[n].all());
    let numbers: Vec<f64> =
        ids.filter_map(|id| overlay.values.get(&view.graph.node(id).name).copied()).collect();
    let sum = || numbers.iter().sum::<f64>();
    match overlay.combine {
        _ if numbers.is_empty() => None,
        Combine::Sum => Some(sum()),
        Combine::Max => numbers.iter().copied().reduce(f64::max),
        Combine::Mean => Some(sum() / numbers.len() as f64),
    }
}

/// Three significant digits, as `1.25`, `0.0013`, `2.5e7`.
fn short(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || (1e-3..1e6).contains(&size) {
        let places = (2 - libm::log10(size.max(1e-12)).floor() as i32).clamp(0, 6) as usize;
        let text = format!("{x:.places$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    } else {
        format!("{x:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!(
            [1.25, 0.0013, 2.5e7, 123456.0, 0.0, -3.0].map(short),
            ["1.25", "0.0013", "2.50e7", "123456", "0", "-3"]
        );
    }

    #[test]
    fn both_forms_are_read() {
        let a = Overlay::parse("{\"title\": \"Time\", \"values\": {\"a,b\": 1.5}}").unwrap();
        let b = Overlay::parse("node,Time\n\"a,b\",1.5\n").unwrap();
        assert_eq!(a, b);
        for broken in ["", "a,b\nc,d\n", "x", "{\"values\": {}}", "{\"values\": {\"a\": 1}, \"unitt\": 1}"] {
            assert!(Overlay::parse(broken).is_err(), "{broken}");
        }
    }
}
