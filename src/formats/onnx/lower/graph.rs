//! Nodes, constants and types of the main graph: what comes, goes and changes.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::encode;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::encoding::splice::{Change, record};
use crate::formats::encoding::wire::{Field, Value, fields};
use crate::model::{
    Edit, Model, NewNode, NewTensor, NodeKind, Position, Record, Shape, TensorType, ValueType,
};

/// The fields of `GraphProto` that declare types, and those of `NodeProto` that name values.
const GRAPH_INPUT: u32 = 11;
const GRAPH_OUTPUT: u32 = 12;
const VALUE_INFO: u32 = 13;
const ANNOTATION: u32 = 14;
const NODE_INPUT: u32 = 1;
const NODE_OUTPUT: u32 = 2;

/// The changes to the main graph and to the list of functions.
pub(super) fn changes(model: &Model, edit: &Edit) -> Result<Vec<Change>> {
    let bytes = &model.source.bytes;
    let mut changes = nodes(bytes, model, edit)?;
    for new in &edit.tensors {
        let content = encode::tensor(new);
        changes.push(match new.replaces {
            Some(old) => Change::replace(old.span(), content),
            None => Change::append(model.graph.span, content),
        });
    }
    declarations(bytes, model, edit, &mut changes)?;
    Ok(changes)
}

/// What happens at the record of one node.
#[derive(Default)]
struct At<'a> {
    gone: bool,
    operands: BTreeMap<u32, &'a str>,
    results: BTreeMap<u32, &'a str>,
    before: Vec<&'a NewNode>,
    after: Vec<&'a NewNode>,
}

fn nodes(bytes: &[u8], model: &Model, edit: &Edit) -> Result<Vec<Change>> {
    let mut places: BTreeMap<Record, At> = BTreeMap::new();
    let replaced: HashSet<Record> = edit.tensors.iter().filter_map(|t| t.replaces).collect();
    for &record in edit.removed.iter().filter(|record| !replaced.contains(record)) {
        places.entry(record).or_default().gone = true;
    }
    for ((record, slot), name) in &edit.operands {
        places.entry(*record).or_default().operands.insert(*slot, name);
    }
    for ((record, slot), name) in &edit.results {
        places.entry(*record).or_default().results.insert(*slot, name);
    }
    let mut changes = Vec::new();
    for new in &edit.added {
        match new.position {
            Position::Before(record) => places.entry(record).or_default().before.push(new),
            Position::After(record) => places.entry(record).or_default().after.push(new),
            Position::End => changes.push(Change::append(model.graph.span, encode::node(bytes, new)?)),
        }
    }
    for (record, at) in places {
        let mut content = Vec::new();
        for new in &at.before {
            content.extend(encode::node(bytes, new)?);
        }
        if !at.gone {
            content.extend(connected(bytes, record.span(), &at)?);
        }
        for new in &at.after {
            content.extend(encode::node(bytes, new)?);
        }
        changes.push(Change::replace(record.span(), content));
    }
    Ok(changes)
}

/// A node's record with other operands and results.
fn connected(bytes: &[u8], span: crate::model::Span, at: &At) -> Result<Vec<u8>> {
    let own = &bytes[span.start as usize..span.end() as usize];
    if at.operands.is_empty() && at.results.is_empty() {
        return Ok(own.to_vec());
    }
    let (number, payload) = match fields(bytes, span.start as usize..span.end() as usize).next() {
        Some(Ok(Field { number, value: Value::Bytes(payload), .. })) => (number, payload),
        _ => return Err(Error::new(ErrorKind::Usage, "an edit is at no node of the file")),
    };
    let mut content = Vec::with_capacity(own.len() + 64);
    let (mut input, mut output) = (0, 0);
    for field in fields(bytes, payload) {
        let field = field?;
        let (names, slot) = match field.number {
            NODE_INPUT => (&at.operands, &mut input),
            NODE_OUTPUT => (&at.results, &mut output),
            _ => {
                content.extend_from_slice(&bytes[field.record]);
                continue;
            }
        };
        match names.get(slot) {
            Some(name) => content.extend(record(field.number, name.as_bytes())),
            None => content.extend_from_slice(&bytes[field.record]),
        }
        *slot += 1;
    }
    // Slots that the file leaves out at the end.
    for (number, names, mut next) in [(NODE_INPUT, &at.operands, input), (NODE_OUTPUT, &at.results, output)] {
        for (&slot, name) in names.range(next..) {
            (next..slot).for_each(|_| content.extend(record(number, b"")));
            content.extend(record(number, name.as_bytes()));
            next = slot + 1;
        }
    }
    Ok(record(number, &content))
}

/// The names of values that are no longer there.
fn gone<'a>(model: &'a Model, edit: &'a Edit) -> BTreeSet<&'a str> {
    let graph = &model.graph;
    let mut gone = BTreeSet::new();
    for (_, node) in graph.nodes().filter(|(_, node)| edit.removed.contains(&node.record())) {
        gone.extend(node.outputs.iter().flatten().map(|&id| graph.value(id).name.as_str()));
    }
    if !edit.results.is_empty() {
        for (_, node) in graph.nodes().filter(|(_, node)| matches!(node.kind, NodeKind::Op(_))) {
            let other = |&(slot, _): &(usize, _)| edit.results.contains_key(&(node.record(), slot as u32));
            let old = node.outputs.iter().enumerate().filter(other).filter_map(|(_, &id)| id);
            gone.extend(old.map(|id| graph.value(id).name.as_str()));
        }
    }
    let outputs = edit.added.iter().flat_map(|node| &node.outputs).map(String::as_str);
    let tensors = edit.tensors.iter().map(|tensor| tensor.name.as_str());
    for name in outputs.chain(tensors).chain(edit.results.values().map(String::as_str)) {
        gone.remove(name);
    }
    gone
}

/// The declared types: others for some values, none for those that are gone.
fn declarations(bytes: &[u8], model: &Model, edit: &Edit, changes: &mut Vec<Change>) -> Result<()> {
    let gone = gone(model, edit);
    let tensors: BTreeMap<&str, &NewTensor> = edit.tensors.iter().map(|t| (t.name.as_str(), t)).collect();
    let mut listed = BTreeSet::new();
    if gone.is_empty() && tensors.is_empty() && edit.types.is_empty() && edit.outputs.is_empty() {
        return Ok(());
    }
    for top in fields(bytes, 0..bytes.len()) {
        let top = top?;
        let (7, Value::Bytes(graph)) = (top.number, &top.value) else { continue };
        for field in fields(bytes, graph.clone()) {
            let field = field?;
            if !(GRAPH_INPUT..=ANNOTATION).contains(&field.number) {
                continue;
            }
            let name = name_of(bytes, &field)?;
            if [GRAPH_INPUT, VALUE_INFO].contains(&field.number)
                && let Some(tensor) = tensors.get(name.as_str())
            {
                if field.number == GRAPH_INPUT {
                    listed.insert(tensor.name.as_str());
                }
                let ty = tensor_type(tensor);
                changes.push(Change::replace(field.span(), retyped(bytes, &field, &name, Some(&ty))?));
                continue;
            }
            if gone.contains(name.as_str()) && field.number != GRAPH_OUTPUT {
                changes.push(Change::replace(field.span(), Vec::new()));
                continue;
            }
            let new_name = match field.number {
                GRAPH_OUTPUT => edit.outputs.get(&name).unwrap_or(&name),
                _ => &name,
            };
            match (field.number, edit.types.get(new_name)) {
                (VALUE_INFO, Some(None)) => changes.push(Change::replace(field.span(), Vec::new())),
                (GRAPH_INPUT..=VALUE_INFO, Some(ty)) => {
                    let new = retyped(bytes, &field, new_name, ty.as_ref())?;
                    changes.push(Change::replace(field.span(), new));
                }
                (GRAPH_OUTPUT, None) if *new_name != name => {
                    changes.push(Change::replace(field.span(), renamed(bytes, &field, new_name)?));
                }
                _ => {}
            }
        }
    }
    // One that replaces another is listed as that is.
    let unlisted = |t: &&&NewTensor| t.replaces.is_none() && !listed.contains(t.name.as_str());
    for tensor in tensors.values().filter(|_| model.meta.constants_are_inputs).filter(unlisted) {
        let info = encode::value_info(GRAPH_INPUT, &tensor.name, Some(&tensor_type(tensor)));
        changes.push(Change::append(model.graph.span, info));
    }
    Ok(())
}

fn tensor_type(tensor: &NewTensor) -> ValueType {
    ValueType::Tensor(TensorType {
        dtype: tensor.dtype,
        shape: Some(Shape::known(tensor.dims.iter().copied())),
    })
}

/// The name in a `ValueInfoProto`, or of the tensor in a `TensorAnnotation`.
fn name_of(bytes: &[u8], field: &Field) -> Result<String> {
    let mut name = String::new();
    for part in fields(bytes, field.bytes()?) {
        let part = part?;
        if part.number == 1 {
            name = String::from_utf8_lossy(&bytes[part.bytes()?]).into_owned();
        }
    }
    Ok(name)
}

/// A declaration with another name and type; documentation, metadata and whatever else is
/// there stays.
fn retyped(bytes: &[u8], field: &Field, name: &str, ty: Option<&ValueType>) -> Result<Vec<u8>> {
    let mut head = record(1, name.as_bytes());
    if let Some(ty) = ty {
        head.extend(record(2, &prost::Message::encode_to_vec(&encode::value_type(ty))));
    }
    with_head(bytes, field, head, 2)
}

/// A declaration with another name.
fn renamed(bytes: &[u8], field: &Field, name: &str) -> Result<Vec<u8>> {
    with_head(bytes, field, record(1, name.as_bytes()), 1)
}

/// A message with other records in place of those numbered up to `replaced`.
fn with_head(bytes: &[u8], field: &Field, mut content: Vec<u8>, replaced: u32) -> Result<Vec<u8>> {
    for part in fields(bytes, field.bytes()?) {
        let part = part?;
        if part.number > replaced {
            content.extend_from_slice(&bytes[part.record]);
        }
    }
    Ok(record(field.number, &content))
}
