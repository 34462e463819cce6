//! Files: models are opened; results are written whole or not at all.

use std::io::{ErrorKind as Kind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use super::args::EditArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::files::write_whole;
use crate::formats::Destination;

/// Opens a model; `-` is standard input.
pub(super) fn open(path: &Path) -> Result<crate::model::Model> {
    if path.as_os_str() != "-" {
        return crate::formats::open(path);
    }
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut content)
        .map_err(|e| Error::new(ErrorKind::Io, e.to_string()).in_file("-"))?;
    let mut model = crate::formats::read("-", content.into())?;
    model.name = "standard input".into();
    Ok(model)
}

/// Writes to standard output. A reader that has gone away is not an error.
pub(super) fn to_stdout(content: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(content).and_then(|()| out.flush()) {
        Err(error) if error.kind() != Kind::BrokenPipe => {
            Err(Error::new(ErrorKind::Io, error.to_string()).in_file("standard output"))
        }
        _ => Ok(()),
    }
}

/// Whether standard output is a terminal.
pub(super) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether a file has this content; one that is not there has not.
///
/// # Errors
/// If it is there and cannot be read.
pub(super) fn is(path: &Path, content: &[u8]) -> Result<bool> {
    let fail = |error: std::io::Error| {
        Error::new(ErrorKind::Io, error.to_string()).in_file(&path.display().to_string())
    };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == Kind::NotFound => Ok(false),
        Err(error) => Err(fail(error)),
        // Another length is another content, and need not be read.
        Ok(facts) if facts.len() != content.len() as u64 || !facts.is_file() => Ok(false),
        Ok(_) => std::fs::read(path).map(|old| old == content).map_err(fail),
    }
}

/// Where an edited model goes.
///
/// # Errors
/// If nothing says it.
pub(super) fn target(args: &EditArgs) -> Result<Destination<'_>> {
    match (args.output.as_deref(), args.in_place) {
        (Some(path), false) => Ok(Destination::New(path)),
        (None, true) => Ok(Destination::InPlace),
        _ => {
            let error = Error::new(ErrorKind::Usage, "no output is given");
            Err(error.hint("-o FILE writes a new model, --in-place changes this one"))
        }
    }
}

/// The text of a file of at most 64 MiB.
///
/// # Errors
/// If it cannot be read, is larger, or is not UTF-8.
pub(super) fn text(path: &Path) -> Result<String> {
    const MOST: u64 = 64 << 20;
    let fail = |what: String| Error::new(ErrorKind::Io, what).in_file(&path.display().to_string());
    let file = std::fs::File::open(path).map_err(|error| fail(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(fail("this is more than 64 MiB".into()));
    }
    String::from_utf8(bytes).map_err(|_| fail("this is not UTF-8 text".into()))
}

/// Writes a file: into a temporary one in the same folder first, which then takes
/// its name.
///
/// # Errors
/// If that fails, or if `path` is one of `inputs`. The old file is then as it was.
pub(super) fn to_file(path: &Path, content: &[u8], inputs: &[PathBuf]) -> Result<()> {
    write_whole(path, inputs, &mut |file| file.write_all(content))
}
