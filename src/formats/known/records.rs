//! Files of Protocol Buffers, told apart by the fields of their first records.
//!
//! The encoding has no mark, and small numbers of fields mean something in every schema: the
//! first two fields of a SavedModel are also those of an ONNX model. So a detector looks
//! inside: field 2 of ONNX is a name, and that of a SavedModel a message with a graph.

use std::ops::Range;

use crate::formats::encoding::wire::{Field, Value, fields};
use crate::formats::{Inputs, Score};

/// Fields of one message that are looked at.
const ENOUGH: usize = 64;

/// The first fields of a message, as far as they can be walked.
fn first(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Field> {
    fields(bytes, range).take(ENOUGH).map_while(Result::ok)
}

/// Where the first field of this number lies in a message, if it has a content.
fn inside(bytes: &[u8], range: Range<usize>, number: u32) -> Option<Range<usize>> {
    first(bytes, range).filter(|field| field.number == number).find_map(|field| payload(&field))
}

fn payload(field: &Field) -> Option<Range<usize>> {
    match &field.value {
        Value::Bytes(range) => Some(range.clone()),
        _ => None,
    }
}

fn whole(bytes: &[u8]) -> Range<usize> {
    0..bytes.len()
}

/// Whether all of the first fields have one of these numbers, and there is one.
fn only(bytes: &[u8], range: Range<usize>, numbers: &[u32]) -> bool {
    let mut all = first(bytes, range).peekable();
    all.peek().is_some() && all.all(|field| numbers.contains(&field.number))
}

/// A folder with `saved_model.pb` (or its text).
pub(super) fn saved_model_folder(inputs: &Inputs) -> Score {
    let graph = inputs.has("saved_model.pb") || inputs.has("saved_model.pbtxt");
    Score::Certain.when(inputs.is_folder() && graph)
}

/// `SavedModel`: a version (1) and `MetaGraphDef`s (2).
pub(super) fn saved_model(inputs: &Inputs) -> Score {
    let bytes = inputs.bytes();
    let graph = inside(bytes, whole(bytes), 2);
    let fits = only(bytes, whole(bytes), &[1, 2]) && graph.is_some_and(|graph| is_meta_graph(bytes, graph));
    Score::Certain.when(fits)
}

pub(super) fn meta_graph(inputs: &Inputs) -> Score {
    let bytes = inputs.bytes();
    Score::Likely.when(is_meta_graph(bytes, whole(bytes)))
}

/// `MetaGraphDef`: facts on it (1), a `GraphDef` (2), and more.
fn is_meta_graph(bytes: &[u8], range: Range<usize>) -> bool {
    let graph = inside(bytes, range.clone(), 2);
    only(bytes, range, &[1, 2, 3, 4, 5, 6, 7]) && graph.is_some_and(|graph| is_graph_def(bytes, graph))
}

pub(super) fn graph_def(inputs: &Inputs) -> Score {
    let bytes = inputs.bytes();
    Score::Likely.when(is_graph_def(bytes, whole(bytes)))
}

/// `GraphDef`: nodes (1), a library of functions (2), versions (3, 4), debug information (5).
fn is_graph_def(bytes: &[u8], range: Range<usize>) -> bool {
    let node = inside(bytes, range.clone(), 1);
    only(bytes, range, &[1, 2, 3, 4, 5]) && node.is_some_and(|node| is_node_def(bytes, node))
}

/// `NodeDef`: its name (1), the operator (2), inputs (3), device (4), attributes (5).
fn is_node_def(bytes: &[u8], range: Range<usize>) -> bool {
    let word = |number| {
        let text = inside(bytes, range.clone(), number).map(|range| &bytes[range]);
        text.is_some_and(|text| {
            !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || b"_./>-".contains(b))
        })
    };
    only(bytes, range.clone(), &[1, 2, 3, 4, 5, 6, 7]) && word(1) && word(2)
}

/// Core ML's `Model`: a version (1), a description (2), and what it is, by a large number.
pub(super) fn core_ml(inputs: &Inputs) -> Score {
    let bytes = inputs.bytes();
    let version = first(bytes, whole(bytes)).next();
    let version = version.is_some_and(|f| f.number == 1 && matches!(f.value, Value::Varint(1..100)));
    let kind = |field: &Field| (200..=3000).contains(&field.number) && payload(field).is_some();
    // Other schemas have fields of large numbers too, and more of the small ones.
    let own = |field: &Field| [1, 2, 10].contains(&field.number) || kind(field);
    let all = first(bytes, whole(bytes)).all(|field| own(&field));
    Score::Certain.when(version && all && first(bytes, whole(bytes)).any(|field| kind(&field)))
}

/// Caffe's `NetParameter`: a name (1), and layers of today (100) or before (2), each with a
/// name.
pub(super) fn caffe(inputs: &Inputs) -> Score {
    const LAYER: u32 = 100;
    const OLD_LAYER: u32 = 2;
    let bytes = inputs.bytes();
    let text = |range: Range<usize>| std::str::from_utf8(&bytes[range]).is_ok_and(|text| !text.is_empty());
    let named = |field: Field| {
        let name = match field.number {
            LAYER => 1,
            OLD_LAYER => 4,
            _ => return false,
        };
        payload(&field).and_then(|layer| inside(bytes, layer, name)).is_some_and(text)
    };
    let known = only(bytes, whole(bytes), &[1, OLD_LAYER, 3, 4, 5, 6, 7, 8, LAYER]);
    let name = inside(bytes, whole(bytes), 1).is_some_and(text);
    Score::Likely.when(known && name && first(bytes, whole(bytes)).any(named))
}
