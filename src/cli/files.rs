//! Files: models are opened; results are written whole or not at all.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{ErrorKind as Kind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::EditArgs;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{unchanged, write_whole};
use crate::formats::{Destination, FORMATS, Format};
use crate::model::Model;
use crate::text::{is_inert, printable_lines};

/// The path that means standard input or output, and the name of a model from there.
pub(super) const STDIN: &str = "-";

/// Whether a path means standard input or output.
pub(super) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// Opens a model; `-` is standard input, which can be read once.
pub(super) fn open(path: &Path) -> Result<Model> {
    static READ: AtomicBool = AtomicBool::new(false);
    if !is_stream(path) {
        return crate::formats::open(path);
    }
    if READ.swap(true, Ordering::Relaxed) {
        let error = Error::new(ErrorKind::Usage, "standard input holds one model and not two");
        return Err(error.hint("give one of them as a file"));
    }
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut content)
        .map_err(|e| Error::new(ErrorKind::Io, e.to_string()).in_file(STDIN))?;
    let mut model = crate::formats::read(STDIN, content.into())?;
    model.name = "standard input".into();
    Ok(model)
}

/// Writes to standard output, if the models that it was made of are still what was read. A
/// reader that has gone away is not an error.
pub(super) fn to_stdout(content: &[u8]) -> Result<()> {
    unchanged()?;
    let mut out = std::io::stdout().lock();
    match out.write_all(content).and_then(|()| out.flush()) {
        Err(error) if error.kind() != Kind::BrokenPipe => {
            Err(Error::new(ErrorKind::Io, error.to_string()).in_file("standard output"))
        }
        _ => Ok(()),
    }
}

/// Prints text to standard output: of the characters that control a terminal only line ends
/// are left.
pub(super) fn print(text: &str) -> Result<()> {
    to_stdout(printable_lines(text).as_bytes())
}

/// Prints JSON to standard output, with a line end: the same characters are escaped as JSON has
/// it, so that a program reads the names as they are.
pub(super) fn print_json(json: &str) -> Result<()> {
    to_stdout(format!("{}\n", inert_json(json)).as_bytes())
}

/// Prints a line or several to standard error, as [`print`] does.
pub(super) fn note(text: impl Display) {
    eprintln!("{}", printable_lines(&text.to_string()));
}

/// JSON with the characters escaped that are not inert. Outside of strings there are none but
/// white space.
fn inert_json(json: &str) -> Cow<'_, str> {
    if json.chars().all(|c| is_inert(c) || c == '\n') {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            c if is_inert(c) || c == '\n' => out.push(c),
            // All of them are in the first plane.
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    Cow::Owned(out)
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
/// If nothing says it, or it cannot go there.
pub(super) fn target<'a>(model: &Path, args: &'a EditArgs) -> Result<Destination<'a>> {
    let wrong = |fact: &str, hint: &str| Err(Error::new(ErrorKind::Usage, fact).hint(hint));
    let way = "-o FILE writes a new model";
    match (args.output.as_deref(), args.in_place) {
        (Some(path), false) if is_stream(path) => {
            let fact = "an edited model is read again before it gets its name, so it needs a file";
            wrong(fact, &format!("{way}; -o ./- writes one that is called `-`"))
        }
        (Some(path), false) => Ok(Destination::New(path)),
        (None, true) if is_stream(model) => {
            wrong("a model from standard input cannot be changed in place", way)
        }
        (None, true) => Ok(Destination::InPlace),
        _ => wrong("no output is given", &format!("{way}, --in-place changes this one")),
    }
}

/// Extensions that say what a file is, and are none of a format that we write.
const OTHERS: [&str; 13] = [
    "dot",
    "gguf",
    "mlmodel",
    "npy",
    "npz",
    "ort",
    "pdf",
    "png",
    "pt",
    "pth",
    "safetensors",
    "svg",
    "tflite",
];

/// Fails if edits of a model cannot be written, or the new one's name says that it is of another
/// format than it will be.
pub(super) fn fits(model: &Model, to: Destination<'_>) -> Result<()> {
    model.editable()?;
    let Destination::New(path) = to else { return Ok(()) };
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let Some(own) = FORMATS.iter().find(|format| format.name == model.format) else { return Ok(()) };
    let is = |format: &&Format| format.extensions.contains(&extension.as_str());
    if is(&own) || !(FORMATS.iter().any(|format| is(&format)) || OTHERS.contains(&extension.as_str())) {
        return Ok(());
    }
    let fact = format!("a file of this name is no {} file, and the edited model is one", own.title);
    let usual = own.extensions.first().copied().unwrap_or(own.name);
    let way = format!("end the name in .{usual}; an edit does not convert");
    Err(Error::new(ErrorKind::Usage, fact).hint(way).in_file(&path.display().to_string()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_characters_that_control_a_terminal() {
        let names = ["plain", "a\u{1b}[2J", "b\u{9b}1m\u{202e}c"];
        let json = serde_json::json!(names).to_string();
        let inert = inert_json(&json);
        assert!(inert.chars().all(is_inert), "{inert}");
        let read: Vec<String> = serde_json::from_str(&inert).unwrap();
        assert_eq!(read, names);
    }
}
