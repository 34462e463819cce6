//! Why the system refused something, in words.

use crate::error::{Error, ErrorKind};

/// The system's error at a file, where it is a frequent one without its number.
pub(super) fn failure(error: std::io::Error, shown: &str) -> Error {
    let fact = match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    };
    Error::new(ErrorKind::Io, fact).from_source(error).in_file(shown)
}
