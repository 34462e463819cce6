//! One array from a file, in NumPy's format or as a format of models stores one.

use std::path::Path;

use super::onnx;
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::{Array, npy};
use crate::files::load;

/// Reads one array: `.npy`, or ONNX's `TensorProto` (`.pb`).
///
/// # Errors
/// If it cannot be read, or is neither.
pub fn array(path: &Path) -> Result<Array> {
    let shown = path.display().to_string();
    let bytes = load(path)?;
    let wrong = || Error::new(ErrorKind::Undecodable, "not a valid array of numbers in NumPy's format");
    let read =
        if bytes.starts_with(b"\x93NUMPY") { npy(bytes).ok_or_else(wrong) } else { onnx::array(bytes) };
    read.map_err(|error| error.in_file(&shown))
}
