//! The bytes of a file, mapped into memory.
//!
//! A map shows what the file is now, not what it was: [`unchanged`] tells whether the files that
//! are mapped are still those that were opened, and is asked before anything that was made of
//! them is given away.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

use super::reason::failure;
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
        let error = failure(error, &path.display().to_string());
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
    content(file, &path.display().to_string()).map_err(fail)
}

/// The content of a regular file inside a folder, found by the rules of [`open_inside`].
///
/// # Errors
/// Those of [`open_inside`].
pub(crate) fn load_inside(folder: &Path, location: &str) -> Result<Bytes> {
    let (file, _) = open_inside(folder, location)?;
    let shown = folder.join(location).display().to_string();
    content(file, &shown).map_err(|error| failure(error, &shown))
}

/// Whether all files that are mapped and in use are as they were when they were opened.
///
/// # Errors
/// If one was cut short or written to, which is then the place.
pub(crate) fn unchanged() -> Result<()> {
    let maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    maps.iter().filter_map(Weak::upgrade).find_map(|file| file.change()).map_or(Ok(()), Err)
}

/// What is in a file: read if that is little, else mapped.
fn content(mut file: File, shown: &str) -> std::io::Result<Bytes> {
    let facts = file.metadata()?;
    if facts.len() <= SMALL {
        let mut content = Vec::new();
        (&mut file).take(SMALL + 1).read_to_end(&mut content)?;
        if content.len() as u64 <= SMALL {
            return Ok(content.into());
        }
    }
    map(file, facts, shown)
}

/// The files that are mapped and in use.
static MAPS: Mutex<Vec<Weak<Mapped>>> = Mutex::new(Vec::new());

/// A file that is mapped.
struct Mapped {
    file: File,
    /// What to call it.
    shown: String,
    /// What it was when it was mapped.
    before: Metadata,
}

impl Mapped {
    /// How it is not what it was.
    fn change(&self) -> Option<Error> {
        let now = self.file.metadata().ok()?;
        let (had, has) = (self.before.len(), now.len());
        let fact = if has < had {
            format!("the file was cut short while it was read: it has {has} bytes, and had {had}")
        } else if has != had || now.modified().ok() != self.before.modified().ok() {
            "the file was written to while it was read".to_owned()
        } else {
            return None;
        };
        let error = Error::new(ErrorKind::Io, fact).in_file(&self.shown);
        Some(error.hint("wait until the other program is done with it, and start again"))
    }
}

/// A map with the file that it is of.
struct Map {
    map: memmap2::Mmap,
    _file: Arc<Mapped>,
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

/// Maps a file.
///
/// If another process shortens the file while we read it, the operating system sends us a
/// signal (`SIGBUS`) at the first byte that is gone. The program catches it and says what
/// happened (`cli/signals.rs`); a program that uses the library ends by it, unless it does the
/// same. That is the price for never copying weights.
fn map(file: File, before: Metadata, shown: &str) -> std::io::Result<Bytes> {
    // SAFETY: the map is private and read-only, and lives as long as the `Bytes`.
    // That the content may change while we read is stated above; no code relies on
    // two reads being equal for memory safety.
    #[allow(unsafe_code)]
    let map = unsafe { memmap2::Mmap::map(&file)? };
    let file = Arc::new(Mapped { file, shown: shown.to_owned(), before });
    let mut maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    maps.retain(|other| other.strong_count() > 0);
    maps.push(Arc::downgrade(&file));
    drop(maps);
    Ok(Bytes::from_owner(Map { map, _file: file }))
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

    #[test]
    fn a_mapped_file_that_is_cut_short_or_written_to_is_told_while_it_is_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.bin");
        let len = SMALL * 2;
        std::fs::write(&path, vec![0; len as usize]).unwrap();
        let facts = |file: &Arc<Mapped>| file.change().map(|error| error.message);
        let mapped = |path: &Path| {
            let file = File::open(path).unwrap();
            Arc::new(Mapped { before: file.metadata().unwrap(), file, shown: "weights.bin".into() })
        };
        let file = mapped(&path);
        assert_eq!(facts(&file), None);
        File::options().write(true).open(&path).unwrap().set_len(10).unwrap();
        let cut = "the file was cut short while it was read: it has 10 bytes, and had 131072";
        assert_eq!(facts(&file).as_deref(), Some(cut));
        let file = mapped(&path);
        std::fs::write(&path, "0123456789 and more").unwrap();
        assert_eq!(facts(&file).as_deref(), Some("the file was written to while it was read"));
    }
}
