//! Files that are not finished: they go away unless they are kept, whatever ends the work.
//!
//! An error or a panic drops them. A signal does not, so whoever catches signals calls
//! [`remove_unfinished`]. What even that cannot do (a kill, a power cut) the next writing of the
//! same file does: each unfinished file is locked, and one that nobody holds is removed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The unfinished files of this process.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The end of a temporary name.
const END: &str = ".tmp";

/// Removes all unfinished files, for a process that is about to end: none can be begun after it.
pub fn remove_unfinished() {
    let mut paths = paths();
    std::mem::take(&mut *paths).iter().for_each(|path| remove(path));
    // Another thread may still be at work, and must not begin another file.
    std::mem::forget(paths);
}

/// A file that is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
    /// Held for its lock.
    _lock: Option<File>,
}

impl Unfinished {
    /// A new file beside `target`, with a hidden name, open for writing.
    pub(crate) fn beside(target: &Path) -> Result<(Self, File)> {
        let missing = || Error::new(ErrorKind::InvalidInput, "this names no file");
        let name = target.file_name().ok_or_else(missing)?;
        let mut begin = OsString::from(".");
        begin.push(name);
        begin.push(".");
        sweep(target, &begin);
        for n in 0..100 {
            let mut hidden = begin.clone();
            hidden.push(format!("{}-{n}{END}", std::process::id()));
            let path = target.with_file_name(hidden);
            match create(path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                done => return done,
            }
        }
        Err(Error::new(ErrorKind::AlreadyExists, "no temporary name is free"))
    }

    /// A temporary folder that is there, with all that will be in it.
    #[cfg(feature = "infer")]
    pub(crate) fn folder(path: &Path) -> Self {
        paths().insert(path.to_owned());
        Unfinished { path: path.to_owned(), _lock: None }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it another name; under that it is still unfinished.
    pub(crate) fn named(mut self, target: &Path) -> Result<Self> {
        let mut paths = paths();
        std::fs::rename(&self.path, target)?;
        paths.remove(&self.path);
        paths.insert(target.to_owned());
        target.clone_into(&mut self.path);
        Ok(self)
    }

    /// Keeps it.
    pub(crate) fn keep(self) {
        paths().remove(&self.path);
    }

    /// Gives it the name of what it is written for, in place of what was there, and keeps it.
    pub(crate) fn finish(self, target: &Path) -> Result<()> {
        let mut paths = paths();
        std::fs::rename(&self.path, target)?;
        paths.remove(&self.path);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // The first error counts, not that there is nothing to remove.
        if paths().remove(&self.path) {
            remove(&self.path);
        }
    }
}

/// Removes a file or a folder.
fn remove(path: &Path) {
    let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
}

fn paths() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Creates a file, noted before it is there.
fn create(path: PathBuf) -> Result<(Unfinished, File)> {
    let mut paths = paths();
    let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    paths.insert(path.clone());
    drop(paths);
    // A second handle would not read a locked file on other systems.
    let lock = if cfg!(unix) { file.try_clone().ok().filter(|f| f.try_lock().is_ok()) } else { None };
    Ok((Unfinished { path, _lock: lock }, file))
}

/// Removes what processes left that were killed while they wrote the same file.
fn sweep(target: &Path, begin: &OsString) {
    if !cfg!(unix) {
        return;
    }
    let begin = begin.to_string_lossy().into_owned();
    let own = format!("{}-", std::process::id());
    let entries = std::fs::read_dir(super::folder_of(target)).into_iter().flatten().flatten();
    for entry in entries.take(2_000) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(&begin).and_then(|rest| rest.strip_suffix(END)) else { continue };
        let is_ours = rest.split_once('-').is_some_and(|(process, n)| {
            [process, n].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        });
        if !is_ours || rest.starts_with(&own) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let path = entry.path();
        let free = OpenOptions::new().write(true).open(&path).is_ok_and(|file| file.try_lock().is_ok());
        // A moment passes between a file's creation and its lock.
        let old = entry.metadata().ok().and_then(|facts| facts.modified().ok()?.elapsed().ok());
        if free && old.is_some_and(|age| age.as_secs() > 2) {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn an_unfinished_file_goes_away_unless_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.onnx");
        let (file, _) = Unfinished::beside(&target).unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(file);
        assert!(names(folder.path()).is_empty());
        let (file, _) = Unfinished::beside(&target).unwrap();
        file.finish(&target).unwrap();
        assert_eq!(names(folder.path()), ["a.onnx"]);
        let (file, _) = Unfinished::beside(&folder.path().join("b.data")).unwrap();
        let file = file.named(&folder.path().join("b.data")).unwrap();
        assert_eq!(names(folder.path()), ["a.onnx", "b.data"]);
        drop(file);
        assert_eq!(names(folder.path()), ["a.onnx"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_killed_process_left_of_the_same_file_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let others = [".a.onnx.1-0.tmp", ".a.onnx.notes.tmp", ".b.onnx.1-0.tmp", ".a.onnx.2-0.tmp"];
        for name in others {
            let file = File::create(folder.path().join(name)).unwrap();
            let then = file.metadata().unwrap().modified().unwrap() - std::time::Duration::from_secs(60);
            file.set_modified(then).unwrap();
        }
        // One that is still written.
        let held = File::open(folder.path().join(others[3])).unwrap();
        held.lock().unwrap();
        let (file, _) = Unfinished::beside(&folder.path().join("a.onnx")).unwrap();
        drop(file);
        assert_eq!(names(folder.path()), [".a.onnx.2-0.tmp", ".a.onnx.notes.tmp", ".b.onnx.1-0.tmp"]);
    }
}
