//! What holds a configuration and weights: a zip archive, an HDF5 file, a JSON text.

use std::io::{Cursor, Read};
use std::ops::Range;

use bytes::Bytes;
use serde_json::Value;

use super::findings::find;
use super::hdf5::File;
use super::json;
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{Finding, Severity};
use crate::formats::{Inputs, Score};

/// The first bytes of an HDF5 file, perhaps after a block of the user.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n";
/// The most that compressed weights are unpacked to, in bytes.
const MOST_WEIGHTS: u64 = 256 << 20;
/// The most entries of an archive.
const MOST_ENTRIES: usize = 10_000;

/// What a file holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) config: Option<Value>,
    pub(super) weights: Option<File>,
    /// The version of Keras that wrote it.
    pub(super) version: Option<String>,
    pub(super) findings: Vec<Finding>,
}

/// A Keras archive, an HDF5 file (no other format of models is one), or JSON with a layer's
/// class.
pub(super) fn detect(inputs: &Inputs) -> Score {
    let bytes = inputs.bytes();
    if bytes.starts_with(b"PK\x03\x04") {
        let head = &bytes[..bytes.len().min(4096)];
        let names: [&[u8]; 3] = [b"config.json", b"metadata.json", b"model.weights.h5"];
        let named = names.iter().any(|name| contains(head, name)) || archive_names(bytes);
        return Score::Certain.when(named);
    }
    match hdf5_start(bytes) {
        Some(0) => Score::Certain,
        // MATLAB puts a head of its own before an HDF5 file.
        Some(_) => Score::Likely,
        None => Score::Certain.when(is_json(bytes)),
    }
}

fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    let head = &text[..text.len().min(64 << 10)];
    (text.starts_with(b"{") || text.starts_with(b"[")) && contains(head, b"\"class_name\"")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether an archive's folder names a configuration of Keras.
fn archive_names(bytes: &Bytes) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(4096)..];
    contains(tail, b"config.json") && contains(tail, b"model.weights.h5")
}

/// Where an HDF5 file begins: at 0, 512, 1024, and so on.
fn hdf5_start(bytes: &[u8]) -> Option<usize> {
    let starts = std::iter::once(0).chain((9..24).map(|n| 1 << n));
    starts.into_iter().find(|&at| bytes.get(at..).is_some_and(|rest| rest.starts_with(HDF5)))
}

/// Takes a file apart.
///
/// # Errors
/// If it is damaged, or holds no model.
pub(super) fn open(bytes: &Bytes) -> Result<Content> {
    if bytes.starts_with(b"PK\x03\x04") {
        return archive(bytes);
    }
    if let Some(start) = hdf5_start(bytes) {
        return legacy(File::open(bytes.clone(), (start == 0).then_some(0))?);
    }
    let config = json::parse(bytes, "the file")?;
    Ok(Content { config: Some(config), ..Content::default() })
}

/// A legacy file: the configuration is an attribute of the root, if it is there at all.
fn legacy(file: File) -> Result<Content> {
    let config = match file.attribute("", "model_config") {
        Some(text) => Some(json::parse(text.as_bytes(), "`model_config`")?),
        None => None,
    };
    let version = file.attribute("", "keras_version");
    let known =
        config.is_some() || ["layer_names", "backend"].iter().any(|key| file.attribute("", key).is_some());
    if !known && !file.has_group("layers") && !file.has_group("_layer_checkpoint_dependencies") {
        let error = Error::new(ErrorKind::Unsupported, "this HDF5 file holds no model of Keras");
        return Err(
            error.hint("a model saved by `model.save()`, or its weights by `save_weights()`, is read")
        );
    }
    Ok(Content { config, weights: Some(file), version, findings: Vec::new() })
}

fn archive(bytes: &Bytes) -> Result<Content> {
    let damaged = |error: zip::result::ZipError| {
        Error::new(ErrorKind::Undecodable, format!("the archive is damaged: {error}"))
            .hint("the file may be cut off")
            .from_source(error)
    };
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes.clone())).map_err(damaged)?;
    if zip.len() > MOST_ENTRIES {
        return Err(Error::new(ErrorKind::Unsafe, format!("the archive has {} entries", zip.len())));
    }
    if entries(bytes).is_some_and(|all| all != zip.len()) {
        let error = Error::new(ErrorKind::Unsafe, "the archive names an entry twice");
        return Err(error.hint("programs differ in which of the two they read; pack it anew"));
    }
    let mut content = Content::default();
    let text = |zip: &mut zip::ZipArchive<Cursor<Bytes>>, name: &str| -> Result<Option<Value>> {
        let Some(index) = zip.index_for_name(name) else { return Ok(None) };
        let entry = zip.by_index(index).map_err(damaged)?;
        if entry.size() > json::MOST as u64 {
            let message =
                format!("`{name}` would have {} bytes; at most {} are read", entry.size(), json::MOST);
            return Err(Error::new(ErrorKind::Unsafe, message));
        }
        let mut text = Vec::new();
        entry.take(json::MOST as u64 + 1).read_to_end(&mut text).map_err(|error| {
            let fact = format!("`{name}` cannot be unpacked: {error}");
            Error::new(ErrorKind::Undecodable, fact).from_source(error)
        })?;
        json::parse(&text, &format!("`{name}`")).map(Some)
    };
    content.config = text(&mut zip, "config.json")?;
    if let Ok(Some(metadata)) = text(&mut zip, "metadata.json") {
        content.version = metadata.get("keras_version").and_then(Value::as_str).map(str::to_owned);
    }
    if content.config.is_none() {
        let error = Error::new(ErrorKind::Unsupported, "the archive has no `config.json`");
        return Err(error.hint("this is no archive of Keras"));
    }
    match weights(bytes, &mut zip) {
        Ok(file) => content.weights = file,
        // The layers can be drawn without them.
        Err(error) => find(&mut content.findings, "K002", Severity::Warning, "", error.message.clone()),
    }
    Ok(content)
}

/// The number of entries that the end of an archive gives (APPNOTE 4.3.16); nothing where
/// it is given elsewhere.
fn entries(bytes: &Bytes) -> Option<usize> {
    let from = bytes.len().saturating_sub(22 + 0xFFFF);
    let at = from + bytes[from..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let number: [u8; 2] = bytes.get(at + 10..at + 12)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(number))).filter(|&n| n != 0xFFFF)
}

/// The weights in an archive: a part of the file where they are stored as they are.
fn weights(bytes: &Bytes, zip: &mut zip::ZipArchive<Cursor<Bytes>>) -> Result<Option<File>> {
    let Some(index) = zip.index_for_name("model.weights.h5") else { return Ok(None) };
    let damaged = |what: String| Error::new(ErrorKind::Undecodable, format!("`model.weights.h5`: {what}"));
    let entry = zip.by_index(index).map_err(|error| damaged(error.to_string()).from_source(error))?;
    if entry.compression() == zip::CompressionMethod::Stored {
        let start = entry.data_start().ok_or_else(|| damaged("it has no content".into()))?;
        let range = part(bytes, start, entry.size()).ok_or_else(|| damaged("it is cut off".into()))?;
        let offset = range.start as u64;
        return File::open(bytes.slice(range), Some(offset)).map(Some);
    }
    if entry.size() > MOST_WEIGHTS {
        let message = format!("`model.weights.h5` would be unpacked to {} bytes", entry.size());
        return Err(Error::new(ErrorKind::Unsafe, message));
    }
    let mut content = Vec::new();
    let read = entry.take(MOST_WEIGHTS).read_to_end(&mut content);
    read.map_err(|error| damaged(error.to_string()).from_source(error))?;
    File::open(content.into(), None).map(Some)
}

fn part(bytes: &Bytes, start: u64, len: u64) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    (end <= bytes.len()).then_some(start..end)
}
