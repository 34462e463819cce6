//! Reading state: the source, the findings, the budget, the way to where we are.

use std::ops::Range;

use bytes::Bytes;

use super::limits::Budget;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::finding::{Finding, Severity};
use crate::formats::encoding::wire::{Field, Fields, fields};
use crate::model::{Property, Text};

/// What reading a model carries along.
pub(super) struct Reader {
    pub(super) bytes: Bytes,
    pub(super) findings: Vec<Finding>,
    pub(super) budget: Budget,
    /// The way to the graph that is being read.
    pub(super) path: Vec<String>,
    /// How many graphs stand around it.
    pub(super) depth: u32,
    /// How often each rule has fired in this graph.
    bad_text: bool,
}

impl Reader {
    pub(super) fn new(bytes: Bytes) -> Self {
        Reader {
            bytes,
            findings: Vec::new(),
            budget: Budget::default(),
            path: Vec::new(),
            depth: 0,
            bad_text: false,
        }
    }

    /// The fields of the message at `range`; holds its own handle of the bytes.
    pub(super) fn fields(&self, range: Range<usize>) -> impl Iterator<Item = Result<Field>> + use<> {
        let bytes = self.bytes.clone();
        let mut at = range.start;
        std::iter::from_fn(move || {
            let mut rest: Fields<'_> = fields(&bytes, at..range.end);
            let field = rest.next()?;
            at = field.as_ref().map_or(range.end, |f| f.record.end);
            Some(field)
        })
    }

    /// The text of a field; what is not UTF-8 is replaced, with a finding.
    pub(super) fn string(&mut self, field: &Field) -> Result<String> {
        let range = field.bytes()?;
        match std::str::from_utf8(&self.bytes[range.clone()]) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => {
                self.note_bad_text(range.start);
                Ok(String::from_utf8_lossy(&self.bytes[range]).into_owned())
            }
        }
    }

    /// The text of a field, sharing memory with the source.
    pub(super) fn text(&mut self, field: &Field) -> Result<Text> {
        let range = field.bytes()?;
        Ok(Text::new(self.bytes.slice(range)))
    }

    fn note_bad_text(&mut self, at: usize) {
        if !std::mem::replace(&mut self.bad_text, true) {
            let place = Place::offset(at as u64);
            self.find("S001", Severity::Warning, place, "a name is not UTF-8; what is not was replaced");
        }
    }

    /// A metadata entry (`StringStringEntryProto`).
    pub(super) fn property(&mut self, field: &Field) -> Result<Property> {
        let range = field.bytes()?;
        self.budget.charge(range.start, field.record.len(), size_of::<Property>())?;
        let mut property = Property { key: Text::default(), value: Text::default(), span: field.span() };
        for part in self.fields(range) {
            let part = part?;
            match part.number {
                1 => property.key = self.text(&part)?,
                2 => property.value = self.text(&part)?,
                _ => {}
            }
        }
        Ok(property)
    }

    /// Decodes a small message by prost, with a place if that fails.
    pub(super) fn decode<M: prost::Message + Default>(&self, range: Range<usize>) -> Result<M> {
        let at = range.start;
        M::decode(self.bytes.slice(range)).map_err(|error| undecodable(error, at))
    }

    /// Decodes a message of which only the given parts are wanted.
    pub(super) fn decode_parts<M: prost::Message + Default>(
        &self,
        at: usize,
        parts: &[Range<usize>],
    ) -> Result<M> {
        let mut small = Vec::with_capacity(parts.iter().map(|p| p.len()).sum());
        parts.iter().for_each(|part| small.extend_from_slice(&self.bytes[part.clone()]));
        M::decode(small.as_slice()).map_err(|error| undecodable(error, at))
    }

    /// The place of the graph that is being read.
    pub(super) fn place(&self) -> Place {
        Place { graph: self.path.clone(), ..Place::default() }
    }

    /// Adds a finding.
    pub(super) fn find(
        &mut self,
        rule: &'static str,
        severity: Severity,
        place: Place,
        message: impl Into<String>,
    ) {
        // More than anyone reads, and a bound on what a hostile file can make us keep.
        if self.findings.len() < 10_000 {
            self.findings.push(Finding { rule, severity, place, message: message.into() });
        }
    }
}

fn undecodable(error: prost::DecodeError, at: usize) -> Error {
    Error::new(ErrorKind::Undecodable, format!("a record does not follow the ONNX schema: {error}"))
        .from_source(error)
        .at(Place::offset(at as u64))
}

/// Keeps at most `most` findings of one rule in one graph, and says how many more
/// there were.
pub(super) fn cap(findings: Vec<Finding>, most: usize) -> Vec<Finding> {
    use std::collections::HashMap;
    let mut count: HashMap<(&'static str, Vec<String>), usize> = HashMap::new();
    for finding in &findings {
        *count.entry((finding.rule, finding.place.graph.clone())).or_default() += 1;
    }
    let mut seen: HashMap<(&'static str, Vec<String>), usize> = HashMap::new();
    let mut kept = Vec::new();
    for mut finding in findings {
        let key = (finding.rule, finding.place.graph.clone());
        let all = count[&key];
        let number = seen.entry(key).or_default();
        *number += 1;
        if *number == most && all > most {
            finding.message.push_str(&format!(" (and {} more of this rule here)", all - most));
        }
        if *number <= most {
            kept.push(finding);
        }
    }
    kept
}
