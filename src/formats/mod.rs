//! From bytes to a [`Model`]: one folder for each format.
//!
//! The format is told by the content; the extension only helps to say what a file
//! might have been.

mod arrays;
mod contents;
pub mod encoding;
pub mod keras;
pub mod onnx;
mod preview;
mod save;

pub use arrays::array;
pub use contents::{Content, External, content, opened};
pub use preview::preview;
pub(crate) use save::can_be_written;
pub use save::{Saved, save, save_changes, save_proved};

use std::path::Path;

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::model::Model;

/// A format that can be read.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name, as in [`Model::format`].
    pub name: &'static str,
    /// One line on it.
    pub summary: &'static str,
    /// Usual file extensions.
    pub extensions: &'static [&'static str],
    /// Whether the content is of this format.
    pub detect: fn(&Bytes) -> bool,
    /// Whether that is certain, whatever else the content may look like.
    pub certain: bool,
    /// Reads the content; the string is the file's name for messages.
    pub read: fn(&str, Bytes) -> Result<Model>,
}

/// The formats that can be read, in the order in which they are tried.
pub const FORMATS: &[Format] = &[
    Format {
        name: "keras",
        summary: "Keras 3, 2 and 1: archives, HDF5 files, JSON, weights",
        extensions: &["keras", "h5", "hdf5", "json"],
        detect: keras::is_keras,
        certain: true,
        read: keras::read,
    },
    Format {
        name: "onnx",
        summary: "Open Neural Network Exchange, IR 1 to 14",
        extensions: &["onnx"],
        detect: onnx::is_onnx,
        certain: false,
        read: onnx::read,
    },
];

/// Opens a model file.
///
/// # Errors
/// If the file cannot be read, is of no known format, or cannot be decoded.
pub fn open(path: &Path) -> Result<Model> {
    let bytes = crate::files::load(path)?;
    read(&path.display().to_string(), bytes)
}

/// Reads a model from bytes; `name` is what to call the file in messages.
///
/// # Errors
/// If the bytes are of no known format, or cannot be decoded.
pub fn read(name: &str, bytes: Bytes) -> Result<Model> {
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::Undecodable, "the file is empty").in_file(name));
    }
    if let Some(format) = FORMATS.iter().find(|format| format.certain && (format.detect)(&bytes)) {
        return (format.read)(name, bytes);
    }
    if let Some(what) = foreign(&bytes) {
        let error = Error::new(ErrorKind::Unsupported, format!("this is {what}, which cannot be read yet"));
        return Err(error.hint("`modelgram formats` lists what can").in_file(name));
    }
    if let Some(format) = FORMATS.iter().find(|format| (format.detect)(&bytes)) {
        return (format.read)(name, bytes);
    }
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).map(str::to_lowercase);
    let by_name = FORMATS.iter().find(|f| extension.as_deref().is_some_and(|e| f.extensions.contains(&e)));
    if let Some(format) = by_name {
        // It will fail, and say where.
        return (format.read)(name, bytes).and_then(|_| Err(unknown(name)));
    }
    Err(unknown(name))
}

fn unknown(name: &str) -> Error {
    Error::new(ErrorKind::Undecodable, "the file is of no known format")
        .at(Place::offset(0).in_file(name))
        .hint("`modelgram formats` lists what can be read")
}

/// What a file of another format is, by its first bytes.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.trim_ascii_start();
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match () {
        () if at(0, b"\x89HDF\r\n\x1a\n") || at(512, b"\x89HDF\r\n\x1a\n") => {
            "an HDF5 file (perhaps of Keras)"
        }
        () if at(0, b"PK\x03\x04") => "a zip archive (perhaps of PyTorch)",
        () if at(4, b"TFL3") => "a TensorFlow Lite model",
        () if at(0, b"GGUF") => "a GGUF file, which has no graph",
        () if at(8, b"{\"") && at(4, &[0; 4]) => "a safetensors file, which has no graph",
        () if at(0, b"\x80\x02") || at(0, b"\x80\x04") => "a Python pickle (perhaps of PyTorch)",
        () if at(0, b"\x1f\x8b") => "a gzip archive",
        () if at(0, b"MATLAB 5.0") => "a MATLAB file",
        () if text.starts_with(b"<?xml") || text.starts_with(b"<net") => "an XML file (perhaps of OpenVINO)",
        () if text.starts_with(b"{\"") || text.starts_with(b"{\n") || text.starts_with(b"[{") => {
            "a JSON file"
        }
        () if text.starts_with(b"digraph") || text.starts_with(b"strict digraph") => "a DOT graph",
        () if text.starts_with(b"version https://git-lfs") => "a Git LFS pointer, not the file itself",
        () => return None,
    })
}
