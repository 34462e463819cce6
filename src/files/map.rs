//! The bytes of a file, mapped into memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;

use super::{folder_of, open_inside};
use crate::error::{Error, ErrorKind, Result};
use crate::text::nearest;

/// Files up to this many bytes are read: a map costs more.
const SMALL: u64 = 64 << 10;

/// The content of a regular file.
///
/// # Errors
/// If it cannot be opened, or is a folder, a pipe or a device (which could block
/// for ever).
pub(crate) fn load(path: &Path) -> Result<Bytes> {
    let fail = |error: std::io::Error| {
        let error = failure(error, path);
        match near_miss(path) {
            Some(name) => error.hint(format!("did you mean `{name}`?")),
            None => error,
        }
    };
    let kind = std::fs::metadata(path).map_err(fail)?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "a folder" } else { "not a regular file" };
        return Err(Error::new(ErrorKind::Io, format!("this is {what}")).in_file(&path.display().to_string()));
    }
    let file = File::open(path).map_err(fail)?;
    content(file, kind.len()).map_err(fail)
}

/// The content of a regular file inside a folder, found by the rules of [`open_inside`].
///
/// # Errors
/// Those of [`open_inside`].
pub(crate) fn load_inside(folder: &Path, location: &str) -> Result<Bytes> {
    let (file, len) = open_inside(folder, location)?;
    content(file, len).map_err(|error| failure(error, &folder.join(location)))
}

/// What is in a file of `len` bytes: read if that is little, else mapped.
fn content(mut file: File, len: u64) -> std::io::Result<Bytes> {
    if len <= SMALL {
        let mut content = Vec::new();
        (&mut file).take(SMALL + 1).read_to_end(&mut content)?;
        if content.len() as u64 <= SMALL {
            return Ok(content.into());
        }
    }
    map(&file)
}

/// Maps a file.
///
/// If another process shortens the file while we read it, the operating system
/// ends our process (`SIGBUS`); like other tools that map models, we accept this
/// for never copying weights.
fn map(file: &File) -> std::io::Result<Bytes> {
    // SAFETY: the map is private and read-only, and lives as long as the `Bytes`.
    // That the content may change while we read is stated above; no code relies on
    // two reads being equal for memory safety.
    #[allow(unsafe_code)]
    let map = unsafe { memmap2::Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}

/// The system's error, where it is a frequent one without its number.
fn failure(error: std::io::Error, path: &Path) -> Error {
    let fact = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    };
    Error::new(ErrorKind::Io, fact).from_source(error).in_file(&path.display().to_string())
}

/// The name of a file beside `path` that differs in little.
fn near_miss(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = folder_of(path);
    let names = std::fs::read_dir(folder).ok()?.take(2000).flatten();
    let mut names: Vec<String> = names.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_and_a_missing_file_are_said_to_be_so() {
        let folder = tempfile::tempdir().unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().ends_with("this is a folder"));
        std::fs::write(folder.path().join("resnet50.onnx"), "x").unwrap();
        let error = load(&folder.path().join("resnet5.onnx")).unwrap_err().to_string();
        assert!(error.contains("no such file\n  hint: did you mean `resnet50.onnx`?"), "{error}");
    }
}
