//! Files that belong to another one, such as a model's external weights: found by a relative
//! path, and opened only where that is safe.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::reason::failure;
use crate::error::{Error, ErrorKind, Result};
use crate::model::external_path;
use crate::text::printable;

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Opens a regular file inside a folder, with its size.
///
/// The path is relative, has no `..`, and nothing on it is a symbolic link; the file has no
/// second name (a hard link), as onnx's checker demands.
///
/// # Errors
/// If one of that does not hold, or the file cannot be opened.
pub(crate) fn open_inside(folder: &Path, location: &str) -> Result<(File, u64)> {
    let relative = external_path(location)?;
    let mut path = PathBuf::from(folder);
    let mut facts = None;
    for part in relative.components() {
        path.push(part);
        let fail = |error: std::io::Error| {
            let shown = path.display().to_string();
            if error.kind() != std::io::ErrorKind::NotFound {
                return failure(error, &shown);
            }
            // Whoever tells the fact without its place still says which file.
            let fact = format!("the file `{}`, which the model refers to, is missing", printable(location));
            let error = Error::new(ErrorKind::Io, fact).from_source(error).in_file(&shown);
            error.hint("the two travel together: put it beside the model")
        };
        let there = std::fs::symlink_metadata(&path).map_err(fail)?;
        if there.is_symlink() {
            let error =
                Error::new(ErrorKind::Unsafe, "external data must not be reached through a symbolic link");
            return Err(error.in_file(&path.display().to_string()));
        }
        facts = Some(there);
    }
    let shown = path.display().to_string();
    #[cfg_attr(not(unix), allow(unused_variables))]
    let Some(facts) = facts.filter(std::fs::Metadata::is_file) else {
        return Err(Error::new(ErrorKind::Unsafe, "external data must be a regular file").in_file(&shown));
    };
    let fail = |error: std::io::Error| failure(error, &shown);
    let file = File::open(&path).map_err(fail)?;
    let opened = file.metadata().map_err(fail)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if (opened.dev(), opened.ino()) != (facts.dev(), facts.ino()) {
            let error = Error::new(ErrorKind::Unsafe, "the file changed while it was opened");
            return Err(error.in_file(&shown));
        }
        // As onnx's checker: another name of a file may be one that is no business of ours.
        if opened.nlink() > 1 {
            let error = Error::new(ErrorKind::Unsafe, "external data must not be a hard link");
            return Err(error.hint("copy the file").in_file(&shown));
        }
    }
    Ok((file, opened.len()))
}
