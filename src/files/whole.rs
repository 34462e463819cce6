//! Files that are written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind as Kind;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// Writes a file: into a temporary one in the same folder first, which then takes
/// its name.
///
/// # Errors
/// If that fails, or if `path` is one of `inputs`. The old file is then as it was.
pub fn write_whole(
    path: &Path,
    inputs: &[PathBuf],
    write: &mut dyn FnMut(&mut File) -> std::io::Result<()>,
) -> Result<()> {
    write_checked(path, inputs, write, &mut |_| Ok(()))
}

/// The same; what was written is shown to `check` before it takes its name.
///
/// # Errors
/// Those of [`write_whole`], and those of `check`.
pub(crate) fn write_checked(
    path: &Path,
    inputs: &[PathBuf],
    write: &mut dyn FnMut(&mut File) -> std::io::Result<()>,
    check: &mut dyn FnMut(&Path) -> Result<()>,
) -> Result<()> {
    let shown = path.display().to_string();
    let fail = |error: std::io::Error| {
        let what = match error.kind() {
            Kind::NotFound => "the folder does not exist".into(),
            Kind::PermissionDenied => "permission denied".into(),
            _ => error.to_string(),
        };
        Error::new(ErrorKind::Io, what).from_source(error).in_file(&shown)
    };
    // A link is followed, so that it stays one.
    let target = match path.canonicalize() {
        Ok(real) if real.is_dir() => {
            return Err(Error::new(ErrorKind::Io, "this is a folder").in_file(&shown));
        }
        Ok(real) if real.is_file() => real,
        // Pipes and devices are written in place.
        Ok(_) => {
            let mut file = OpenOptions::new().write(true).open(path).map_err(fail)?;
            return write(&mut file).map_err(fail);
        }
        Err(_) => path.to_owned(),
    };
    if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input == target)) {
        let error = Error::new(ErrorKind::Usage, "this is the model itself");
        return Err(error.hint("give another name to -o").in_file(&shown));
    }
    let (temporary, mut file) = beside(&target, &shown)?.map_err(fail)?;
    let written = write(&mut file).and_then(|()| file.sync_all()).map_err(fail);
    drop(file);
    let done = written
        .and_then(|()| check(&temporary))
        .and_then(|()| std::fs::rename(&temporary, &target).map_err(fail));
    if done.is_err() {
        // What is half written, or wrong, goes away; the first error counts.
        let _ = std::fs::remove_file(&temporary);
    }
    done
}

type Opened = std::io::Result<(PathBuf, File)>;

/// A new file beside `target`, with a hidden name.
fn beside(target: &Path, shown: &str) -> Result<Opened> {
    let name = target
        .file_name()
        .ok_or_else(|| Error::new(ErrorKind::Usage, "this names no file").in_file(shown))?;
    let opened = (0..100).find_map(|n| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{n}.tmp", std::process::id()));
        let path = target.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == Kind::AlreadyExists => None,
            opened => Some(opened.map(|file| (path, file))),
        }
    });
    opened.ok_or_else(|| Error::new(ErrorKind::Io, "no temporary name is free").in_file(shown))
}
