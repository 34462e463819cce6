//! The whole file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::draft::{Reader, cap};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::finding::Severity;
use crate::formats::Inputs;
use crate::model::{Function, Graph, Meta, Model, Opset, Span};
use crate::ops::newest_version;

/// The newest version of the format that the schema knows.
const NEWEST_IR: i64 = 14;
/// Findings of one rule in one graph, at most.
const PER_RULE: usize = 20;

/// Reads an ONNX model.
///
/// # Errors
/// If the bytes cannot be decoded, hold no graph, or would take too much memory.
/// The error names the position in the file.
pub(super) fn read(inputs: &Inputs) -> Result<Model> {
    let name = inputs.name();
    let mut reader = Reader::new(inputs.bytes().clone());
    let (meta, graph, functions) = reader.model().map_err(|error| error.in_file(name))?;
    reader.check_opsets(&meta, &graph, &functions);
    let mut findings = cap(reader.findings, PER_RULE);
    for finding in &mut findings {
        finding.place.file = Some(name.to_owned());
    }
    Ok(Model { meta, functions: functions.into(), findings, ..Model::of("onnx", inputs.source(), graph) })
}

impl Reader {
    fn model(&mut self) -> Result<(Meta, Graph, Vec<Function>)> {
        let mut meta = Meta::default();
        let mut graphs: Vec<(Range<usize>, Span)> = Vec::new();
        let mut functions = Vec::new();
        for field in self.fields(0..self.bytes.len()) {
            let field = field?;
            match field.number {
                1 => {
                    let version = field.varint()? as i64;
                    meta.ir_version = Some(version);
                    meta.constants_are_inputs = version < 4;
                }
                2 => meta.producer = self.string(&field)?,
                3 => meta.producer_version = self.string(&field)?,
                4 => meta.domain = self.string(&field)?,
                5 => meta.model_version = Some(field.varint()? as i64),
                6 => meta.doc = self.text(&field)?,
                7 => graphs.push((field.bytes()?, field.span())),
                8 => meta.opsets.push(self.opset(&field)?),
                14 => meta.properties.push(self.property(&field)?),
                20 => self.find(
                    "R001",
                    Severity::Note,
                    Place::offset(field.record.start as u64),
                    "training information is not shown",
                ),
                25 => functions.push(self.function(&field)?),
                _ => {}
            }
        }
        let Some(&(_, span)) = graphs.first() else {
            let error = Error::new(ErrorKind::Undecodable, "the model has no graph");
            return Err(error.hint("the file may be cut off, or hold something else than a model"));
        };
        let parts: Vec<Range<usize>> = graphs.into_iter().map(|(range, _)| range).collect();
        let graph = self.graph(&parts, span)?;
        if graph.ops().next().is_none() {
            self.find("S012", Severity::Warning, Place::default(), "the graph has no operators");
        }
        Ok((meta, graph, functions))
    }

    fn check_opsets(&mut self, meta: &Meta, graph: &Graph, functions: &[Function]) {
        let place = Place::default;
        match meta.ir_version {
            None => self.find("S013", Severity::Warning, place(), "the file gives no IR version"),
            Some(v) if v > NEWEST_IR => {
                let fact = format!(
                    "IR version {v} is newer than {NEWEST_IR}, the newest known; new fields are not shown"
                );
                self.find("S013", Severity::Error, place(), fact);
            }
            Some(_) => {}
        }
        if meta.opsets.is_empty() {
            self.find("S016", Severity::Error, place(), "the model imports no operator set");
        }
        let mut versions: BTreeMap<&str, i64> = BTreeMap::new();
        for Opset { domain, version, span } in &meta.opsets {
            let at = Place::offset(span.start);
            let shown = if domain.is_empty() { "ai.onnx" } else { domain };
            if let Some(first) = versions.insert(domain, *version) {
                let fact =
                    format!("operator set `{shown}` is imported twice, as version {first} and {version}");
                let severity = if first == *version { Severity::Warning } else { Severity::Error };
                self.find("S014", severity, at, fact);
            } else if let Some(newest) = newest_version("onnx", domain) {
                let (severity, fact) = match version {
                    v if *v > newest => (
                        Severity::Error,
                        format!("operator set {v} of `{shown}` is newer than {newest}, the newest known"),
                    ),
                    v if *v < 1 => {
                        (Severity::Warning, format!("there is no version {v} of operator set `{shown}`"))
                    }
                    _ => continue,
                };
                self.find("S015", severity, at, fact);
            }
        }
        self.check_domains(meta, graph, functions);
    }

    /// Finds operators whose domain is not imported.
    fn check_domains(&mut self, meta: &Meta, graph: &Graph, functions: &[Function]) {
        let imported: BTreeSet<&str> = meta.opsets.iter().map(|o| o.domain.as_str()).collect();
        let own: BTreeSet<&str> = functions.iter().map(|f| f.domain.as_str()).collect();
        let mut reported = BTreeSet::new();
        let mut graphs = vec![graph];
        while let Some(graph) = graphs.pop() {
            for (_, node, op) in graph.ops() {
                graphs.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
                let known = imported.contains(op.domain.as_str()) || own.contains(op.domain.as_str());
                if !known && !meta.opsets.is_empty() && reported.insert(op.domain.as_str()) {
                    let domain = if op.domain.is_empty() { "ai.onnx" } else { &op.domain };
                    let fact =
                        format!("`{}` is of domain `{domain}`, which the model does not import", op.op);
                    self.find("S016", Severity::Error, Place::default().at_node(&node.name), fact);
                }
            }
        }
    }
}
