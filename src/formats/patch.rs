//! A new file, made of parts of an old one.

use std::io::{self, Write};
use std::ops::Range;

use super::encoding::splice::{Change, Piece, length, splice, write};
use crate::error::{Error, ErrorKind, Result};

/// What becomes of a file: parts of it that are copied, and new bytes between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    pieces: Vec<Piece>,
    changes: usize,
}

impl Patch {
    /// Changes of records of Protocol Buffers: the lengths around them follow.
    ///
    /// # Errors
    /// If a change is at no record, or two are at one, or the file cannot be walked.
    pub fn of_records(source: &[u8], changes: Vec<Change>) -> Result<Self> {
        let count = changes.len();
        Ok(Patch { pieces: splice(source, changes)?, changes: count })
    }

    /// Changes of ranges of a file that has no lengths in it, such as a text.
    ///
    /// # Errors
    /// If two changes overlap, or one leaves the file.
    pub fn of_ranges(source: &[u8], mut changes: Vec<Change>) -> Result<Self> {
        let mut patch = Patch { pieces: Vec::new(), changes: changes.len() };
        let place = |change: &Change| match change.append {
            true => change.at.end()..change.at.end(),
            false => change.at.start..change.at.end(),
        };
        changes.sort_by_key(|change| (place(change).start, place(change).end));
        let mut copied = 0;
        for change in changes {
            let Range { start, end } = place(&change);
            if start < copied as u64 || end > source.len() as u64 {
                return Err(Error::new(ErrorKind::Usage, format!("the change at byte {start} has no place")));
            }
            patch.pieces.push(Piece::Copy(copied..start as usize));
            patch.pieces.push(Piece::New(change.bytes));
            copied = end as usize;
        }
        patch.pieces.push(Piece::Copy(copied..source.len()));
        Ok(patch)
    }

    /// The number of changes that it was made of.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// The number of bytes of the new file.
    pub fn bytes(&self) -> u64 {
        length(&self.pieces)
    }

    /// Writes the new file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, source: &[u8], out: &mut impl Write) -> io::Result<()> {
        write(source, &self.pieces, out)
    }

    /// The new file in memory.
    pub(super) fn applied(&self, source: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.bytes() as usize);
        self.write(source, &mut out).expect("memory takes all bytes");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn ranges_are_replaced_and_the_rest_is_copied() {
        let source = b"one two three";
        let changes = vec![
            Change::append(Span::new(0, 13), b"!".to_vec()),
            Change::replace(Span::new(4, 7), b"2".to_vec()),
            Change::replace(Span::new(0, 3), b"1".to_vec()),
        ];
        let patch = Patch::of_ranges(source, changes).unwrap();
        assert_eq!(patch.applied(source), b"1 2 three!");
        assert_eq!((patch.changes(), patch.bytes()), (3, 10));
    }

    #[test]
    fn changes_that_overlap_or_leave_the_file_are_errors() {
        let at = |start, end| Change::replace(Span::new(start, end), Vec::new());
        assert!(Patch::of_ranges(b"abc", vec![at(0, 2), at(1, 3)]).is_err());
        assert!(Patch::of_ranges(b"abc", vec![at(2, 4)]).is_err());
    }
}
