//! The bytes a model was read from, and names for parts of them.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};

/// A range of the source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// Number of bytes.
    pub len: u64,
}

impl Span {
    /// The range `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Span { start: start as u64, len: (end - start) as u64 }
    }

    /// One past the last byte.
    pub fn end(self) -> u64 {
        self.start + self.len
    }
}

/// The bytes of a model file: memory-mapped or owned, never copied.
#[derive(Clone, Default)]
pub struct Source {
    /// The file's name as the user gave it, for messages; `-` for standard input.
    pub name: String,
    /// The content.
    pub bytes: Bytes,
}

impl Source {
    /// The file's name without folder and extension.
    pub fn stem(&self) -> String {
        let stem = Path::new(&self.name).file_stem();
        stem.map_or_else(|| self.name.clone(), |stem| stem.to_string_lossy().into_owned())
    }

    /// The bytes of `span`, sharing memory; `None` if it leaves the source.
    pub fn slice(&self, span: Span) -> Option<Bytes> {
        let start = usize::try_from(span.start).ok()?;
        let end = start.checked_add(usize::try_from(span.len).ok()?)?;
        (end <= self.bytes.len()).then(|| self.bytes.slice(start..end))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({}, {} bytes)", self.name, self.bytes.len())
    }
}

/// Text that may be a part of the source: cloning and reading never copy it.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Text {
    // Valid UTF-8.
    bytes: Bytes,
}

impl Text {
    /// The text in `bytes`; what is not UTF-8 is replaced (and then copied).
    pub fn new(bytes: Bytes) -> Self {
        match std::str::from_utf8(&bytes) {
            Ok(_) => Text { bytes },
            Err(_) => Text { bytes: Bytes::from(String::from_utf8_lossy(&bytes).into_owned()) },
        }
    }

    /// The bytes, as the file has them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("checked when made")
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text { bytes: Bytes::copy_from_slice(text.as_bytes()) }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The path of an external data file, relative to the model's folder.
///
/// Follows ONNX's own rule (its `checker.cc`, and the advisories on it): a
/// relative path of plain names, no `..`, no root, no drive, no NUL. Symbolic
/// links and what leaves the folder are refused by whoever opens the file.
///
/// # Errors
/// [`ErrorKind::Unsafe`] for any other path.
pub fn external_path(location: &str) -> Result<PathBuf> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::Unsafe, format!("external data path `{location}` {why}"))
            .hint("external data must be a file inside the model's folder"))
    };
    if location.is_empty() {
        return refuse("is empty");
    }
    if location.chars().any(char::is_control) {
        return refuse("has control characters");
    }
    // Windows reads both as separators or drives, wherever the model was made.
    if location.contains(['\\', ':']) {
        return refuse("has `\\` or `:`");
    }
    let mut clean = PathBuf::new();
    for part in Path::new(location).components() {
        match part {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            Component::ParentDir => return refuse("leaves the model's folder by `..`"),
            Component::RootDir | Component::Prefix(_) => return refuse("is absolute"),
        }
    }
    if clean.as_os_str().is_empty() { refuse("names no file") } else { Ok(clean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_inside_the_folder_is_safe() {
        assert_eq!(external_path("weights/a.data").unwrap(), PathBuf::from("weights/a.data"));
        assert_eq!(external_path("./a.data").unwrap(), PathBuf::from("a.data"));
    }

    #[test]
    fn a_path_that_could_leave_the_folder_is_refused() {
        for bad in ["", ".", "..", "a/../../b", "/etc/passwd", "C:\\x", "a\\b", "a\0b", "c:d"] {
            assert!(external_path(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_span_outside_the_source_is_nothing() {
        let source = Source { name: "x".into(), bytes: Bytes::from_static(b"abc") };
        assert_eq!(source.slice(Span::new(1, 3)).unwrap().as_ref(), b"bc");
        assert!(source.slice(Span { start: 2, len: 2 }).is_none());
        assert!(source.slice(Span { start: u64::MAX, len: u64::MAX }).is_none());
    }
}
