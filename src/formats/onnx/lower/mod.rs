//! Edits as changes of an ONNX file's bytes.
//!
//! For names the file is walked by the few fields that hold them, at every depth: subgraphs,
//! functions, annotations. Only the records of names that change are replaced, so unknown
//! fields, weights and everything else stay as they are. What an edit does to the nodes,
//! constants and types of the main graph is in `graph.rs`.

mod encode;
mod graph;

use std::ops::Range;

use super::strip::strip;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::Patch;
use crate::formats::encoding::splice::{Change, record};
use crate::formats::encoding::wire::{Value, fields};
use crate::model::{Edit, Model, Span};

/// A message that can hold names.
#[derive(Clone, Copy, Debug)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    ValueInfo,
    Annotation,
    Entry,
    Function,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
enum Holds {
    Inside(Message),
    NodeName,
    ValueName,
}

/// The fields of `onnx-ml.proto` that hold names, or messages that do.
fn holds(message: Message, field: u32) -> Option<Holds> {
    use Holds::*;
    Some(match (message, field) {
        (Message::Model, 7) => Inside(Message::Graph),
        (Message::Model, 25) => Inside(Message::Function),
        (Message::Graph, 1) | (Message::Function, 7) => Inside(Message::Node),
        (Message::Graph, 5) => Inside(Message::Tensor),
        (Message::Graph, 15) => Inside(Message::Sparse),
        (Message::Graph, 11..=13) | (Message::Function, 12) => Inside(Message::ValueInfo),
        (Message::Graph, 14) => Inside(Message::Annotation),
        (Message::Node, 1 | 2) | (Message::Function, 4 | 5) => ValueName,
        (Message::Node, 3) => NodeName,
        (Message::Node, 5) => Inside(Message::Attribute),
        (Message::Attribute, 6 | 11) => Inside(Message::Graph),
        (Message::Tensor, 8) | (Message::ValueInfo, 1) | (Message::Annotation, 1) => ValueName,
        (Message::Sparse, 1) => Inside(Message::Tensor),
        (Message::Annotation, 2) => Inside(Message::Entry),
        (Message::Entry, 2) => ValueName,
        _ => return None,
    })
}

/// The changes of the file that an edit means.
///
/// # Errors
/// If the file cannot be walked, or holds names where they cannot be changed.
pub(in crate::formats::onnx) fn lower(model: &Model, edit: &Edit) -> Result<Patch> {
    let bytes = &model.source.bytes;
    let mut changes = names(bytes, edit)?;
    let graph = graph::changes(model, edit)?;
    changes.extend(strip(bytes, &whole(edit, &graph))?);
    changes.extend(graph);
    for (key, value) in &edit.properties {
        changes.push(property(model, key, value)?);
    }
    Patch::of_records(bytes, changes).map_err(|error| error.in_file(&model.source.name))
}

/// The tensors that are stripped and stay: what goes, or is new, has nothing to strip.
fn whole(edit: &Edit, graph: &[Change]) -> Vec<Span> {
    let mut replaced: Vec<Span> = graph.iter().filter(|c| !c.append).map(|c| c.at).collect();
    replaced.sort_unstable();
    // The furthest end of those that begin no later.
    let mut ends: Vec<u64> = replaced.iter().map(|span| span.end()).collect();
    (1..ends.len()).for_each(|i| ends[i] = ends[i].max(ends[i - 1]));
    let is_whole = |span: &Span| {
        let before = replaced.partition_point(|other| other.start <= span.start);
        before == 0 || ends[before - 1] < span.end()
    };
    edit.stripped.iter().map(|record| record.span()).filter(is_whole).collect()
}

/// The changes of names, at every depth.
fn names(bytes: &[u8], edit: &Edit) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    if !edit.nodes.is_empty() || !edit.values.is_empty() {
        // Messages that are still to be walked; a list, since files nest as they like.
        let mut todo: Vec<(Message, Range<usize>)> = vec![(Message::Model, 0..bytes.len())];
        while let Some((message, range)) = todo.pop() {
            for field in fields(bytes, range) {
                let field = field?;
                if matches!(message, Message::Model) && field.number == 20 {
                    let error = Error::new(ErrorKind::Unsupported, "the model has training information");
                    return Err(error.hint("its names refer to nodes and values; rename before it is added"));
                }
                let (Some(holds), Value::Bytes(payload)) = (holds(message, field.number), &field.value)
                else {
                    continue;
                };
                let names = match holds {
                    Holds::Inside(inner) => {
                        todo.push((inner, payload.clone()));
                        continue;
                    }
                    Holds::NodeName => &edit.nodes,
                    Holds::ValueName => &edit.values,
                };
                let new = std::str::from_utf8(&bytes[payload.clone()]).ok().and_then(|name| names.get(name));
                if let Some(new) = new {
                    changes.push(Change::replace(field.span(), record(field.number, new.as_bytes())));
                }
            }
        }
    }
    Ok(changes)
}

/// An entry of the metadata, changed or added.
fn property(model: &Model, key: &str, value: &str) -> Result<Change> {
    const METADATA: u32 = 14;
    let bytes = &model.source.bytes;
    let Some(old) = model.meta.properties.iter().find(|p| p.key.as_str() == key) else {
        let entry = [record(1, key.as_bytes()), record(2, value.as_bytes())].concat();
        return Ok(Change::append(Span::new(0, bytes.len()), record(METADATA, &entry)));
    };
    let (start, end) = (old.span.start as usize, old.span.end() as usize);
    let mut entry = Vec::new();
    for field in fields(bytes, start..end) {
        for part in fields(bytes, field?.bytes()?) {
            let part = part?;
            if part.number != 2 {
                entry.extend_from_slice(&bytes[part.record]);
            }
        }
    }
    entry.extend(record(2, value.as_bytes()));
    Ok(Change::replace(old.span, record(METADATA, &entry)))
}
