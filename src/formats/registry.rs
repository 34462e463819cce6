//! The table of formats, and how a file finds its own.
//!
//! A format is a plug: an entry of a table. [`FORMATS`] is the built-in table; [`open_with`]
//! takes any other. Each entry gives a [`Score`] for the content, and the best one reads it.
//! [`KNOWN`](super::KNOWN) formats, which are recognised and cannot be read, take part in that, so
//! that such a file is never read as something that it resembles.
//!
//! An entry gives a [`Model`]. One that knows no model but boxes and lines (DOT) would give a
//! `Diagram`, which stands above this layer: it belongs in a table of its own there, which is
//! asked by the same scores.

use std::path::Path;

use bytes::Bytes;

use super::known::{KNOWN, Known};
use super::{Format, Inputs, Score, keras, onnx};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::model::Model;

/// The formats that can be read. The first of equals counts.
pub const FORMATS: &[Format] = &[keras::FORMAT, onnx::FORMAT];

/// Opens a model.
///
/// # Errors
/// If the file cannot be read, is of no format that can be read, or cannot be decoded.
pub fn open(path: &Path) -> Result<Model> {
    open_with(path, FORMATS)
}

/// Opens a model by formats of your own; add [`FORMATS`] to have those too.
///
/// # Errors
/// As [`open`].
pub fn open_with(path: &Path, formats: &'static [Format]) -> Result<Model> {
    find(&Inputs::open(path)?, formats)
}

/// Reads a model from bytes; `name` is what to call the file in messages.
///
/// # Errors
/// If the bytes are of no format that can be read, or cannot be decoded.
pub fn read(name: &str, bytes: Bytes) -> Result<Model> {
    read_with(name, bytes, FORMATS)
}

/// Reads a model from bytes by formats of your own.
///
/// # Errors
/// As [`read`].
pub fn read_with(name: &str, bytes: Bytes, formats: &'static [Format]) -> Result<Model> {
    find(&Inputs::memory(name, bytes), formats)
}

/// Reads a model as the format that it fits best.
fn find(inputs: &Inputs, formats: &'static [Format]) -> Result<Model> {
    if inputs.bytes().is_empty() && !inputs.is_folder() {
        return Err(Error::new(ErrorKind::Undecodable, "the file is empty").in_file(inputs.name()));
    }
    let extension = inputs.extension();
    let by_name = |format: &&Format| format.extensions.contains(&extension.as_str());
    let rank = |format: &'static Format| ((format.detect)(inputs), by_name(&format));
    let mut best = None;
    for format in formats {
        let rank = rank(format);
        if rank.0 > Score::No && best.is_none_or(|(before, _)| rank > before) {
            best = Some((rank, format));
        }
    }
    let known = KNOWN.iter().map(|known| ((known.detect)(inputs), known));
    // The first of equals.
    let known = known.filter(|(score, _)| *score > Score::No).reduce(|a, b| if b.0 > a.0 { b } else { a });
    match (best, known) {
        (Some(((score, _), format)), known) if known.is_none_or(|(other, _)| other <= score) => {
            format.open(inputs)
        }
        (_, Some((_, known))) => Err(unreadable(known, inputs)),
        _ if inputs.is_folder() => Err(Error::new(ErrorKind::Io, "this is a folder").in_file(inputs.name())),
        _ => match formats.iter().find(by_name) {
            // It will fail, and say where.
            Some(format) => format.open(inputs).and_then(|_| Err(unknown(inputs))),
            None => Err(unknown(inputs)),
        },
    }
}

fn unreadable(known: &Known, inputs: &Inputs) -> Error {
    let error = Error::new(ErrorKind::Unsupported, format!("this is {}, {}", known.name, known.but));
    let error = if known.way_out.is_empty() { error } else { error.hint(known.way_out) };
    error.hint("`modelgram formats` lists what can be read").in_file(inputs.name())
}

fn unknown(inputs: &Inputs) -> Error {
    Error::new(ErrorKind::Undecodable, "the file is of no known format")
        .at(Place::offset(0).in_file(inputs.name()))
        .hint("`modelgram formats` lists what can be read")
}
