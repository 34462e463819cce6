//! Weights out of a file, and back into it.
//!
//! A stripped tensor keeps its name, type and shape; its content becomes a reference to
//! external data at `<stripped N bytes>`, with the length and a SHA-256. So every reader of
//! ONNX can open the file without data, and a later run can prove that what comes back is
//! what was there.

use std::collections::HashMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};
use crate::formats::Patch;
use crate::formats::encoding::splice::{Change, record};
use crate::formats::encoding::wire::{Field, Value, fields};
use crate::model::{Model, STRIPPED, Span, Tensor};
use crate::text::printable;

/// The fields of `TensorProto` that hold content.
const CONTENT: [u32; 7] = [4, 5, 6, 7, 9, 10, 11];
const NAME: u32 = 8;
const RAW: u32 = 9;
const EXTERNAL: u32 = 13;
const LOCATION: u32 = 14;

/// A tensor whose content is not in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    number: u32,
    span: Span,
    name: String,
    /// The type and the dimensions, as their records stand in the file.
    kind: Vec<u8>,
    sha256: String,
}

/// The changes that take the content of these tensors out.
///
/// # Errors
/// If the file cannot be walked.
pub(super) fn strip(bytes: &[u8], tensors: &[Span]) -> Result<Vec<Change>> {
    tensors.iter().map(|&span| Ok(Change::replace(span, stripped(bytes, span)?))).collect()
}

/// A tensor's record without its content.
fn stripped(bytes: &[u8], span: Span) -> Result<Vec<u8>> {
    let (number, payload) = outer(bytes, span)?;
    let mut kept = Vec::new();
    for field in fields(bytes, payload.clone()) {
        let field = field?;
        if !CONTENT.contains(&field.number) && ![EXTERNAL, LOCATION].contains(&field.number) {
            kept.extend_from_slice(&bytes[field.record]);
        }
    }
    let (len, sha256) = digest(bytes, payload)?;
    let entry = |key: &str, value: &str| {
        record(EXTERNAL, &[record(1, key.as_bytes()), record(2, value.as_bytes())].concat())
    };
    kept.extend(entry("location", &format!("{STRIPPED}{len} bytes>")));
    kept.extend(entry("length", &len.to_string()));
    kept.extend(entry("sha256", &sha256));
    // `data_location: EXTERNAL`.
    kept.extend([(LOCATION << 3) as u8, 1]);
    Ok(record(number, &kept))
}

/// The number of a record, and where its payload lies.
fn outer(bytes: &[u8], span: Span) -> Result<(u32, Range<usize>)> {
    let mut records = fields(bytes, span.start as usize..span.end() as usize);
    match records.next() {
        Some(Ok(Field { number, value: Value::Bytes(payload), .. })) => Ok((number, payload)),
        _ => Err(Error::new(ErrorKind::Undecodable, "a tensor is no record of the file")),
    }
}

/// The number of bytes of a tensor's content, and its hash: that of the raw bytes, or of the
/// records that hold numbers one by one.
fn digest(bytes: &[u8], payload: Range<usize>) -> Result<(usize, String)> {
    let (mut len, mut hash) = (0, Sha256::new());
    for field in fields(bytes, payload) {
        let field = field?;
        if !CONTENT.contains(&field.number) {
            continue;
        }
        let part = match (field.number, &field.value) {
            (RAW, Value::Bytes(raw)) => raw.clone(),
            _ => field.record,
        };
        len += part.len();
        hash.update(&bytes[part]);
    }
    Ok((len, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

/// The tensors of a file with their names, by hash, type and shape.
type Contents = HashMap<(String, Vec<u8>), Vec<(Span, String)>>;

/// The changes that put the content of all stripped tensors back, from the model that they
/// were taken out of; one for each.
///
/// # Errors
/// If a tensor is not in the original, or is another one there.
pub(super) fn restore(model: &Model, original: &Model) -> Result<Patch> {
    let (bytes, source) = (&model.source.bytes, &original.source.bytes);
    let marks: Vec<Mark> =
        tensors(bytes)?.into_iter().filter_map(|t| mark(bytes, t).transpose()).collect::<Result<_>>()?;
    let mut found: Contents = HashMap::new();
    for span in tensors(source)? {
        let (_, payload) = outer(source, span)?;
        let (len, sha256) = digest(source, payload)?;
        if len > 0 {
            let (name, kind) = head(source, span)?;
            found.entry((sha256, kind)).or_default().push((span, name));
        }
    }
    let mut changes = Vec::new();
    for mark in marks {
        let same = found.get(&(mark.sha256.clone(), mark.kind.clone()));
        // One of the same name first: it may be written in another way than its twin.
        let Some((span, name)) =
            same.and_then(|all| all.iter().find(|(_, n)| *n == mark.name).or(all.first()))
        else {
            let name = printable(&mark.name);
            let error = Error::new(
                ErrorKind::Usage,
                format!("the original has no tensor with the content of `{name}`"),
            );
            return Err(
                error.hint("its SHA-256, type and shape must be the same; give the model that was stripped")
            );
        };
        let old = &source[span.start as usize..span.end() as usize];
        let (number, payload) = outer(source, *span)?;
        let new = if *name == mark.name && number == mark.number {
            old.to_vec()
        } else {
            record(mark.number, &named(source, payload, &mark.name)?)
        };
        changes.push(Change::replace(mark.span, new));
    }
    Patch::of_records(bytes, changes)
}

/// The SHA-256 of a tensor's content as it stands in the file, or that of a stripped one;
/// nothing for content that is elsewhere.
pub(super) fn content_hash(model: &Model, tensor: &Tensor) -> Option<String> {
    let bytes = &model.source.bytes;
    let inside = tensor.span.end() <= bytes.len() as u64 && tensor.span.len > 0;
    let payload = inside.then(|| outer(bytes, tensor.span).ok())??.1;
    if let Some(mark) = mark(bytes, tensor.span).ok()? {
        return Some(mark.sha256);
    }
    let (len, sha256) = digest(bytes, payload).ok()?;
    (len > 0).then_some(sha256)
}

/// A tensor's fields with another name.
fn named(bytes: &[u8], payload: Range<usize>, name: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(payload.len() + name.len());
    for field in fields(bytes, payload) {
        let field = field?;
        if field.number == NAME {
            out.extend(record(NAME, name.as_bytes()));
        } else {
            out.extend_from_slice(&bytes[field.record]);
        }
    }
    Ok(out)
}

/// The records of all tensors: initializers, and those of attributes, at every depth.
fn tensors(bytes: &[u8]) -> Result<Vec<Span>> {
    #[derive(Clone, Copy)]
    enum Message {
        Model,
        Graph,
        Node,
        Attribute,
        Function,
    }
    let mut found = Vec::new();
    let mut todo = vec![(Message::Model, 0..bytes.len())];
    while let Some((message, range)) = todo.pop() {
        for field in fields(bytes, range) {
            let field = field?;
            let Value::Bytes(payload) = &field.value else { continue };
            let inner = match (message, field.number) {
                (Message::Graph, 5) | (Message::Attribute, 5 | 10) => {
                    found.push(field.span());
                    continue;
                }
                (Message::Model, 7) | (Message::Attribute, 6 | 11) => Message::Graph,
                (Message::Model, 25) => Message::Function,
                (Message::Graph, 1) | (Message::Function, 7) => Message::Node,
                (Message::Node, 5) => Message::Attribute,
                _ => continue,
            };
            todo.push((inner, payload.clone()));
        }
    }
    found.sort();
    Ok(found)
}

/// A tensor's name, and the records of its type and dimensions.
fn head(bytes: &[u8], span: Span) -> Result<(String, Vec<u8>)> {
    let (_, payload) = outer(bytes, span)?;
    let (mut name, mut kind) = (String::new(), Vec::new());
    for field in fields(bytes, payload) {
        let field = field?;
        match (field.number, &field.value) {
            (1 | 2, _) => kind.extend_from_slice(&bytes[field.record.clone()]),
            (NAME, Value::Bytes(text)) => name = String::from_utf8_lossy(&bytes[text.clone()]).into_owned(),
            _ => {}
        }
    }
    Ok((name, kind))
}

/// What a stripped tensor says; nothing for others.
fn mark(bytes: &[u8], span: Span) -> Result<Option<Mark>> {
    let (number, payload) = outer(bytes, span)?;
    let (mut sha256, mut is_stripped) = (String::new(), false);
    for field in fields(bytes, payload) {
        let field = field?;
        let (EXTERNAL, Value::Bytes(entry)) = (field.number, &field.value) else { continue };
        let (mut key, mut value) = (String::new(), String::new());
        for part in fields(bytes, entry.clone()) {
            let part = part?;
            if let (1 | 2, Value::Bytes(text)) = (part.number, &part.value) {
                let text = String::from_utf8_lossy(&bytes[text.clone()]).into_owned();
                if part.number == 1 { key = text } else { value = text }
            }
        }
        match key.as_str() {
            "location" => is_stripped = value.starts_with(STRIPPED),
            "sha256" => sha256 = value,
            _ => {}
        }
    }
    if !is_stripped {
        return Ok(None);
    }
    let (name, kind) = head(bytes, span)?;
    Ok(Some(Mark { number, span, name, kind, sha256 }))
}
