//! Changes to a Protocol Buffers file that leave every other byte as it is.
//!
//! A change replaces a record, or appends to a message. The records around it get their
//! new lengths; everything else is a range of the source, to be copied. A length that does
//! not change keeps its bytes, so a record replaced by itself gives the same file.

use std::io::{self, Write};
use std::ops::Range;

use super::wire::{Field, Value, fields, varint};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::model::Span;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The record that goes, or the message that is appended to: its record, or the whole
    /// file.
    pub at: Span,
    /// Whether the message at `at` stays and this goes to its end.
    pub append: bool,
    /// The new records.
    pub bytes: Vec<u8>,
}

impl Change {
    /// New records in place of one; none to remove it.
    pub fn replace(at: Span, bytes: Vec<u8>) -> Self {
        Change { at, append: false, bytes }
    }

    /// New records at the end of a message.
    pub fn append(at: Span, bytes: Vec<u8>) -> Self {
        Change { at, append: true, bytes }
    }
}

/// A part of the new file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes of the source.
    Copy(Range<usize>),
    /// New bytes.
    New(Vec<u8>),
}

/// Messages inside messages, at most.
const DEPTH: usize = 512;

/// The new file, in parts.
///
/// # Errors
/// If a change is at no record, or two are at one, or the source cannot be walked.
pub fn splice(source: &[u8], mut changes: Vec<Change>) -> Result<Vec<Piece>> {
    changes.sort_by_key(|change| (change.at.start, std::cmp::Reverse(change.at.len), change.append));
    let all = 0..source.len();
    let mut out = Parts::default();
    let mut at_end = Vec::new();
    let whole = Span::new(0, source.len());
    let (root, inner): (Vec<&Change>, Vec<&Change>) =
        changes.iter().partition(|change| change.append && change.at == whole);
    root.iter().for_each(|change| at_end.extend_from_slice(&change.bytes));
    message(source, all, &inner, 0, &mut out)?;
    out.own(at_end);
    Ok(out.pieces)
}

/// Writes a file that was spliced.
///
/// # Errors
/// Those of the writer.
pub fn write(source: &[u8], pieces: &[Piece], out: &mut impl Write) -> io::Result<()> {
    for piece in pieces {
        match piece {
            Piece::Copy(range) => out.write_all(&source[range.clone()])?,
            Piece::New(bytes) => out.write_all(bytes)?,
        }
    }
    Ok(())
}

/// The number of bytes of a file that was spliced.
pub fn length(pieces: &[Piece]) -> u64 {
    let len = |piece: &Piece| match piece {
        Piece::Copy(range) => range.len() as u64,
        Piece::New(bytes) => bytes.len() as u64,
    };
    pieces.iter().map(len).sum()
}

/// A length-delimited record.
pub fn record(number: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 12);
    push_varint(&mut out, u64::from(number) << 3 | 2);
    push_varint(&mut out, payload.len() as u64);
    out.extend_from_slice(payload);
    out
}

fn push_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[derive(Default)]
struct Parts {
    pieces: Vec<Piece>,
}

impl Parts {
    fn copy(&mut self, range: Range<usize>) {
        match self.pieces.last_mut() {
            _ if range.is_empty() => {}
            Some(Piece::Copy(last)) if last.end == range.start => last.end = range.end,
            _ => self.pieces.push(Piece::Copy(range)),
        }
    }

    fn own(&mut self, bytes: Vec<u8>) {
        match self.pieces.last_mut() {
            _ if bytes.is_empty() => {}
            Some(Piece::New(last)) => last.extend(bytes),
            _ => self.pieces.push(Piece::New(bytes)),
        }
    }

    fn extend(&mut self, other: Parts) {
        for piece in other.pieces {
            match piece {
                Piece::Copy(range) => self.copy(range),
                Piece::New(bytes) => self.own(bytes),
            }
        }
    }
}

/// Adds the message at `range` with its changes, which stand in order; gives its new length.
fn message(
    source: &[u8],
    range: Range<usize>,
    changes: &[&Change],
    depth: usize,
    out: &mut Parts,
) -> Result<()> {
    if depth > DEPTH {
        return Err(Error::new(ErrorKind::Unsafe, format!("records are nested more than {DEPTH} deep")));
    }
    let mut rest = changes;
    let mut copied = range.start;
    for field in fields(source, range.clone()) {
        let Some(first) = rest.first() else { break };
        let field = field?;
        if (field.record.end as u64) <= first.at.start {
            continue;
        }
        let count = rest.iter().take_while(|change| change.at.start < field.record.end as u64).count();
        let (own, after) = rest.split_at(count);
        rest = after;
        out.copy(copied..field.record.start);
        copied = field.record.end;
        changed(source, &field, own, depth, out)?;
    }
    if let Some(lost) = rest.first() {
        return Err(nowhere(lost));
    }
    out.copy(copied..range.end);
    Ok(())
}

/// A record with changes to itself or inside.
fn changed(source: &[u8], field: &Field, changes: &[&Change], depth: usize, out: &mut Parts) -> Result<()> {
    let span = field.span();
    if let [only] = changes
        && only.at == span
        && !only.append
    {
        out.own(only.bytes.clone());
        return Ok(());
    }
    let Value::Bytes(payload) = &field.value else { return Err(nowhere(changes[0])) };
    let (append, inner): (Vec<&Change>, Vec<&Change>) =
        changes.iter().copied().partition(|change| change.append && change.at == span);
    if inner.iter().any(|change| change.at == span) {
        let message = "two changes are at one record";
        return Err(Error::new(ErrorKind::Usage, message).at(Place::offset(span.start)));
    }
    let mut content = Parts::default();
    message(source, payload.clone(), &inner, depth + 1, &mut content)?;
    append.iter().for_each(|change| content.own(change.bytes.clone()));
    let new_len = length(&content.pieces);
    if new_len == payload.len() as u64 {
        out.copy(field.record.start..payload.start);
    } else {
        let (_, after_tag) = varint(source, field.record.start)?;
        out.copy(field.record.start..after_tag);
        let mut len = Vec::new();
        push_varint(&mut len, new_len);
        out.own(len);
    }
    out.extend(content);
    Ok(())
}

fn nowhere(change: &Change) -> Error {
    Error::new(ErrorKind::Usage, "a change is at no record of the file").at(Place::offset(change.at.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spliced(source: &[u8], changes: Vec<Change>) -> Vec<u8> {
        let pieces = splice(source, changes).unwrap();
        let mut out = Vec::new();
        write(source, &pieces, &mut out).unwrap();
        assert_eq!(out.len() as u64, length(&pieces));
        out
    }

    #[test]
    fn lengths_around_a_change_are_made_anew() {
        // 7: { 1: { 3: "ab" } 9: 1 }
        let inner = record(1, &record(3, b"ab"));
        let source = record(7, &[inner, vec![0x48, 1]].concat());
        let name = Span::new(4, 8);
        assert_eq!(&source[4..8], &[0x1a, 2, b'a', b'b']);
        let longer = spliced(&source, vec![Change::replace(name, record(3, &[b'x'; 200]))]);
        let expected = record(7, &[record(1, &record(3, &[b'x'; 200])), vec![0x48, 1]].concat());
        assert_eq!(longer, expected);
        let gone = spliced(&source, vec![Change::replace(name, Vec::new())]);
        assert_eq!(gone, record(7, &[record(1, b""), vec![0x48, 1]].concat()));
        let whole = Span::new(0, source.len());
        let node = Span::new(2, 8);
        let more = vec![Change::append(node, vec![0x10, 5]), Change::append(whole, vec![0x08, 9])];
        // The file is one record, so the whole file and that record are one place.
        let expected = [
            record(7, &[record(1, &[record(3, b"ab"), vec![0x10, 5]].concat()), vec![0x48, 1]].concat()),
            vec![0x08, 9],
        ]
        .concat();
        assert_eq!(spliced(&source, more), expected);
    }

    #[test]
    fn a_record_in_its_own_place_changes_nothing() {
        // A length in more bytes than it needs.
        let source = [vec![0x3a, 0x84, 0x00], vec![0x1a, 2, b'a', b'b']].concat();
        let name = Span::new(3, 7);
        assert_eq!(spliced(&source, vec![Change::replace(name, source[3..7].to_vec())]), source);
    }

    #[test]
    fn changes_that_are_nowhere_are_errors() {
        let source = record(7, &record(1, b"ab"));
        for at in [Span::new(3, 5), Span::new(1, 2), Span::new(90, 99)] {
            assert!(splice(&source, vec![Change::replace(at, Vec::new())]).is_err(), "{at:?}");
        }
        let twice = vec![Change::replace(Span::new(2, 6), Vec::new()); 2];
        assert!(splice(&source, twice).is_err());
    }
}
