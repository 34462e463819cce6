//! One array from a file, in NumPy's format or as a format of models stores one.

use std::path::Path;

use super::FORMATS;
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::{Array, npy};
use crate::files::load;

/// Reads one array: `.npy`, or as a format of models stores one (ONNX: `.pb`).
///
/// # Errors
/// If it cannot be read, or is neither.
pub fn array(path: &Path) -> Result<Array> {
    let shown = path.display().to_string();
    let bytes = load(path)?;
    let read = if bytes.starts_with(b"\x93NUMPY") {
        let wrong = "not a valid array of numbers in NumPy's format";
        npy(bytes).ok_or_else(|| Error::new(ErrorKind::Undecodable, wrong))
    } else {
        // The last one that tries says what is wrong.
        let mut read = Err(Error::new(ErrorKind::Undecodable, "not a file of one array"));
        for array in FORMATS.iter().filter_map(|format| format.array) {
            read = read.or_else(|_| array(bytes.clone()));
        }
        read
    };
    read.map_err(|error| error.in_file(&shown))
}
