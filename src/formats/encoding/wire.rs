//! A cursor over Protocol Buffers records, with every length checked.
//!
//! Nothing is decoded but the frame of each field, so payloads of any size are
//! passed over without being read. Positions are absolute within the file.
//! <https://protobuf.dev/programming-guides/encoding/>

use std::ops::Range;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::model::Span;

/// One field of a message.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its number in the schema; never 0.
    pub number: u32,
    /// Its content.
    pub value: Value,
    /// The whole record: tag, length, payload.
    pub record: Range<usize>,
}

/// The content of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number of variable length.
    Varint(u64),
    /// Eight bytes, little-endian.
    Fixed64(u64),
    /// Four bytes, little-endian.
    Fixed32(u32),
    /// Text, bytes, a message, or packed numbers: where they lie.
    Bytes(Range<usize>),
    /// A group, as protobuf 1 had them; passed over.
    Group,
}

impl Field {
    /// The record as a span.
    pub fn span(&self) -> Span {
        Span::new(self.record.start, self.record.end)
    }

    /// Where the payload lies.
    ///
    /// # Errors
    /// If the field is a number.
    pub fn bytes(&self) -> Result<Range<usize>> {
        match &self.value {
            Value::Bytes(range) => Ok(range.clone()),
            _ => Err(self.unexpected("text, bytes or a message")),
        }
    }

    /// The number.
    ///
    /// # Errors
    /// If the field is not a number of variable length.
    pub fn varint(&self) -> Result<u64> {
        match self.value {
            Value::Varint(n) => Ok(n),
            _ => Err(self.unexpected("a number")),
        }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let fact = format!("field {} does not hold {wanted}", self.number);
        undecodable(fact, self.record.start)
    }
}

/// The fields of a message that lies at `range` of `bytes`.
pub fn fields(bytes: &[u8], range: Range<usize>) -> Fields<'_> {
    Fields { bytes: &bytes[..range.end.min(bytes.len())], at: range.start }
}

/// Iterates over the fields of a message; ends after the first error.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Fields<'_> {
    type Item = Result<Field>;

    fn next(&mut self) -> Option<Result<Field>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        self.at = field.as_ref().map_or(self.bytes.len(), |f| f.record.end);
        Some(field)
    }
}

impl Fields<'_> {
    fn field(&self) -> Result<Field> {
        let start = self.at;
        let (tag, at) = varint(self.bytes, start)?;
        let number = u32::try_from(tag >> 3).ok().filter(|n| (1..1 << 29).contains(n));
        let number = number.ok_or_else(|| undecodable("not a field of Protocol Buffers", start))?;
        let (value, end) = match tag & 7 {
            0 => {
                let (value, end) = varint(self.bytes, at)?;
                (Value::Varint(value), end)
            }
            1 => (Value::Fixed64(u64::from_le_bytes(self.array(at)?)), at + 8),
            2 => {
                let (len, begin) = varint(self.bytes, at)?;
                let end = usize::try_from(len).ok().and_then(|len| begin.checked_add(len));
                let end = end.filter(|&end| end <= self.bytes.len()).ok_or_else(|| {
                    let left = self.bytes.len() - begin;
                    undecodable(format!("field {number} claims {len} bytes where {left} are left"), start)
                })?;
                (Value::Bytes(begin..end), end)
            }
            3 => (Value::Group, self.group_end(number, at)?),
            5 => (Value::Fixed32(u32::from_le_bytes(self.array(at)?)), at + 4),
            other => {
                return Err(undecodable(format!("field {number} has the unknown wire type {other}"), start));
            }
        };
        Ok(Field { number, value, record: start..end })
    }

    /// Where the group `number` ends whose content begins at `at`.
    fn group_end(&self, number: u32, mut at: usize) -> Result<usize> {
        const DEPTH: usize = 64;
        let start = at;
        let mut open = vec![number];
        while !open.is_empty() {
            let (tag, after) = varint(self.bytes, at)?;
            at = match tag & 7 {
                3 if open.len() < DEPTH => {
                    open.push((tag >> 3) as u32);
                    after
                }
                4 if open.pop() == Some((tag >> 3) as u32) => after,
                3 | 4 => return Err(undecodable("groups are not nested as they should be", start)),
                _ => Fields { bytes: self.bytes, at }.field()?.record.end,
            };
        }
        Ok(at)
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        let bytes = at.checked_add(N).and_then(|end| self.bytes.get(at..end));
        bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| undecodable("the file ends inside a number", at))
    }
}

/// The number at `at`, and where it ends.
///
/// # Errors
/// If it is cut off, or longer than ten bytes.
pub fn varint(bytes: &[u8], at: usize) -> Result<(u64, usize)> {
    let mut value = 0u64;
    for i in 0..10 {
        let Some(&byte) = bytes.get(at + i) else {
            return Err(undecodable("the data ends inside a number", at));
        };
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Ok((value, at + i + 1));
        }
    }
    Err(undecodable("a number is longer than ten bytes", at))
}

fn undecodable(fact: impl Into<String>, at: usize) -> Error {
    Error::new(ErrorKind::Undecodable, fact).at(Place::offset(at as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<Field>> {
        fields(bytes, 0..bytes.len()).collect()
    }

    #[test]
    fn fields_have_their_numbers_and_places() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1d, 1, 0, 0, 0];
        let found = all(&bytes).unwrap();
        assert_eq!(found[0].value, Value::Varint(150));
        assert_eq!(found[1].value, Value::Bytes(5..7));
        assert_eq!(found[2].value, Value::Fixed32(1));
        assert_eq!(found[1].record, 3..7);
    }

    #[test]
    fn a_group_is_passed_over() {
        let found = all(&[0x0b, 0x13, 0x08, 7, 0x14, 0x0c, 0x08, 1]).unwrap();
        assert_eq!((found.len(), &found[0].value, found[0].record.clone()), (2, &Value::Group, 0..6));
    }

    #[test]
    fn bad_bytes_are_errors_with_a_place() {
        let text = |bytes: &[u8]| all(bytes).unwrap_err().to_string();
        assert_eq!(text(&[0x12, 0x05, 1]), "byte 0: field 2 claims 5 bytes where 1 are left");
        assert_eq!(text(&[0x08, 0x80]), "byte 1: the data ends inside a number");
        assert_eq!(text(&[0x08, 1, 0x80]), "byte 2: the data ends inside a number");
        assert!(text(&[0xff; 11]).contains("longer than ten bytes"));
        assert!(text(&[0x00]).contains("not a field"));
        assert!(text(&[0x0e]).contains("wire type 6"));
        assert!(text(&[0x0b, 0x14]).contains("groups are not nested"));
        assert!(text(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).contains("claims"));
    }
}
