//! Files that are written whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind as Kind;
use std::path::{Path, PathBuf};

use super::Unfinished;
use super::map::unchanged;
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
/// Those of [`write_whole`], those of `check`, and if a file that is mapped has changed since it
/// was opened: what was written may then be made of two halves.
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
    let (temporary, mut file) = Unfinished::beside(&target).map_err(fail)?;
    let written = write(&mut file).and_then(|()| file.sync_all());
    drop(file);
    // That a file was cut short explains a read that failed.
    unchanged()?;
    written.map_err(fail)?;
    check(temporary.path())?;
    unchanged()?;
    temporary.finish(&target).map_err(fail)
}
