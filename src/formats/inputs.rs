//! What a format is detected in and read from: one file with its neighbours, or a folder.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::error::Result;
use crate::files::{folder_of, load, load_inside};
use crate::model::Source;

/// A file, and a safe way to the files beside it; or a folder that is a model as a whole.
///
/// Bytes in memory have nothing beside them.
#[derive(Clone, Debug)]
pub struct Inputs {
    source: Source,
    /// Where neighbours are looked for.
    folder: Option<PathBuf>,
    is_folder: bool,
}

impl Inputs {
    /// Opens a file or a folder.
    ///
    /// # Errors
    /// If it cannot be opened, or is a pipe or a device.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        if path.is_dir() {
            let source = Source { name, bytes: Bytes::new() };
            return Ok(Inputs { source, folder: Some(path.to_owned()), is_folder: true });
        }
        let source = Source { name, bytes: load(path)? };
        Ok(Inputs { source, folder: Some(folder_of(path).to_owned()), is_folder: false })
    }

    /// Bytes in memory; `name` is what to call them in messages.
    pub fn memory(name: &str, bytes: Bytes) -> Self {
        Inputs { source: Source { name: name.to_owned(), bytes }, folder: None, is_folder: false }
    }

    /// What to call it in messages.
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// The content of the file; empty for a folder.
    pub fn bytes(&self) -> &Bytes {
        &self.source.bytes
    }

    /// The file as a model keeps it, sharing memory.
    pub fn source(&self) -> Source {
        self.source.clone()
    }

    /// Whether this is a folder.
    pub fn is_folder(&self) -> bool {
        self.is_folder
    }

    /// Whether a file of this name is beside the file, or in the folder; it may still be one
    /// that [`Inputs::sibling`] refuses.
    pub fn has(&self, name: &str) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.join(name).is_file())
    }

    /// The content of a file beside this one, or in the folder, by a relative path; nothing for
    /// bytes in memory.
    ///
    /// # Errors
    /// If it cannot be opened, or lies where it is not safe to read: outside the folder, behind
    /// a link.
    pub fn sibling(&self, path: &str) -> Result<Option<Bytes>> {
        self.folder.as_ref().map(|folder| load_inside(folder, path)).transpose()
    }

    /// The extension of the name, in lower case; empty if it has none.
    pub(super) fn extension(&self) -> String {
        let extension = Path::new(self.name()).extension();
        extension.map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
    }
}
