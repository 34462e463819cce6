//! Files with a mark at a fixed place.

use super::texts::contains;
use crate::formats::{Inputs, Score};

fn at(inputs: &Inputs, offset: usize, mark: &[u8]) -> bool {
    inputs.bytes().get(offset..).is_some_and(|rest| rest.starts_with(mark))
}

/// A FlatBuffers file with this identifier: the first number is the place of its root.
fn flat_buffer(inputs: &Inputs, identifier: &[u8; 4]) -> bool {
    let root = inputs.bytes().first_chunk::<4>().map(|number| u32::from_le_bytes(*number));
    let inside = root.is_some_and(|root| root >= 8 && (root as usize) < inputs.bytes().len());
    inside && at(inputs, 4, identifier)
}

pub(super) fn tensorflow_lite(inputs: &Inputs) -> Score {
    Score::Certain.when(flat_buffer(inputs, b"TFL3"))
}

pub(super) fn ort(inputs: &Inputs) -> Score {
    Score::Certain.when(flat_buffer(inputs, b"ORTM"))
}

pub(super) fn zip(inputs: &Inputs) -> Score {
    Score::Possible.when(at(inputs, 0, b"PK\x03\x04"))
}

/// `torch.save` writes a zip archive whose first entries have these names.
pub(super) fn pytorch(inputs: &Inputs) -> Score {
    const ENTRIES: [&[u8]; 4] = [b"data.pkl", b"/constants.pkl", b"/byteorder", b"/.format_version"];
    let bytes = inputs.bytes();
    let head = &bytes[..bytes.len().min(1024)];
    Score::Likely.when(at(inputs, 0, b"PK\x03\x04") && ENTRIES.iter().any(|name| contains(head, name)))
}

pub(super) fn pickle(inputs: &Inputs) -> Score {
    Score::Likely.when((2..=5).any(|version| at(inputs, 0, &[0x80, version])))
}

pub(super) fn gguf(inputs: &Inputs) -> Score {
    Score::Certain.when(at(inputs, 0, b"GGUF"))
}

/// A 64-bit length, and a JSON object of that length.
pub(super) fn safetensors(inputs: &Inputs) -> Score {
    let len = inputs.bytes().first_chunk::<8>().map(|number| u64::from_le_bytes(*number));
    let inside = len.is_some_and(|len| (2..1 << 32).contains(&len));
    Score::Certain.when(inside && at(inputs, 8, b"{\""))
}

pub(super) fn matlab(inputs: &Inputs) -> Score {
    Score::Certain.when(at(inputs, 0, b"MATLAB 5.0") || at(inputs, 0, b"MATLAB 7.3"))
}

pub(super) fn gzip(inputs: &Inputs) -> Score {
    Score::Certain.when(at(inputs, 0, b"\x1f\x8b\x08"))
}

pub(super) fn numpy(inputs: &Inputs) -> Score {
    Score::Certain.when(at(inputs, 0, b"\x93NUMPY"))
}
