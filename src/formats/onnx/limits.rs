//! Guards against files that are small and become large.
//!
//! An empty node is two bytes in a file and hundreds in memory. Each record that
//! is read is charged with what it will take; honest files stay far below a
//! multiple of their own size, which is the limit.

use crate::error::{Error, ErrorKind, Place, Result};

/// Memory that a model may take whatever its file's size, in bytes.
const FREE: u64 = 96 << 20;
/// Memory that it may take for each byte of metadata read so far.
const FACTOR: u64 = 24;

/// Graphs inside graphs, and types inside types, at most.
pub(super) const DEPTH: u32 = 64;

/// What has been read, and what it takes.
#[derive(Debug, Default)]
pub(super) struct Budget {
    read: u64,
    taken: u64,
}

impl Budget {
    /// Charges a record at `at`, of `read` bytes in the file, with `takes` bytes.
    pub(super) fn charge(&mut self, at: usize, read: usize, takes: usize) -> Result<()> {
        self.read += read as u64;
        self.taken += takes as u64;
        if self.taken > FREE + FACTOR * self.read {
            let message = format!(
                "the file's records would take more than {} MB of memory, {FACTOR} times what they have in the file",
                self.taken >> 20
            );
            let error = Error::new(ErrorKind::Unsafe, message).at(Place::offset(at as u64));
            return Err(error.hint("a model of this size has larger records; the file is damaged or hostile"));
        }
        Ok(())
    }
}

/// The error for nesting below `DEPTH`.
pub(super) fn too_deep(at: usize) -> Error {
    let message = format!("graphs are nested more than {DEPTH} deep");
    Error::new(ErrorKind::Unsafe, message).at(Place::offset(at as u64))
}
