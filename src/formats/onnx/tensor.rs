//! Tensors: their head is decoded, their content stays where it is.

use std::ops::Range;

use bytes::Bytes;
use prost::Message;

use super::draft::Reader;
use super::schema::{StringStringEntryProto, TensorProto, tensor_proto::DataLocation};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::files::arrays::Array;
use crate::finding::Severity;
use crate::formats::contents::inside;
use crate::formats::encoding::wire::{Field, Value, varint};
use crate::model::{DType, Source, Span, Tensor, TensorData, external_path};
use crate::ops::onnx_dtype;

/// Typed content of at most this many bytes in the file is decoded at once, so
/// that small constants can be shown.
const SMALL: usize = 1024;

/// The numbers of the fields that hold content, in any encoding.
const CONTENT: [u32; 7] = [4, 5, 6, 7, 9, 10, 11];

impl Reader {
    /// A `TensorProto` at `range`, whose record is `span`.
    pub(super) fn tensor(&mut self, range: Range<usize>, span: Span) -> Result<Tensor> {
        let mut head = Vec::new();
        let mut raw = None;
        let mut typed = 0;
        let mut any_typed = false;
        for field in self.fields(range.clone()) {
            let field = field?;
            if field.number == 9 {
                raw = Some(field.bytes()?);
            } else if CONTENT.contains(&field.number) {
                typed += field.record.len();
                any_typed = true;
            } else {
                head.push(field.record);
            }
        }
        let takes: usize = head.iter().map(|r| r.len()).sum();
        // Dimensions take eight bytes each, and may take one in the file.
        self.budget.charge(range.start, takes, size_of::<Tensor>() + 8 * takes)?;
        let head: TensorProto = self.decode_parts(range.start, &head)?;
        let dtype = onnx_dtype(head.data_type.unwrap_or(0));
        let data = if head.data_location() == DataLocation::External {
            self.external(&head, &range)
        } else if let Some(raw) = raw {
            TensorData::In(Span::new(raw.start, raw.end))
        } else if any_typed && typed <= SMALL {
            self.small(range.clone(), dtype)?
        } else if any_typed {
            TensorData::Encoded(Span::new(range.start, range.end))
        } else {
            TensorData::Owned(Bytes::new())
        };
        let both = any_typed && matches!(data, TensorData::In(_));
        let tensor = Tensor { name: head.name.unwrap_or_default(), dtype, dims: head.dims, data, span };
        if both {
            let place = self.place().at_value(&tensor.name);
            self.find(
                "X706",
                Severity::Error,
                place,
                "the tensor has raw data and typed data; the raw data count",
            );
        }
        if let DType::Other(number) = dtype {
            let place = self.place().at_value(&tensor.name);
            self.find("O104", Severity::Error, place, format!("data type {number} is not known"));
        }
        self.check_length(&tensor);
        Ok(tensor)
    }

    fn external(&mut self, head: &TensorProto, range: &Range<usize>) -> TensorData {
        let entry = |key: &str| {
            let found = head.external_data.iter().find(|e: &&StringStringEntryProto| e.key() == key);
            found.map(|e| e.value().to_owned())
        };
        let path = entry("location").unwrap_or_default();
        if let Err(error) = external_path(&path) {
            let place = Place { offset: Some(range.start as u64), ..self.place().at_value(head.name()) };
            self.find("X701", Severity::Error, place, error.message);
        }
        let number = |key: &str| entry(key).and_then(|text| text.trim().parse::<u64>().ok());
        TensorData::External { path, at: number("offset").unwrap_or(0), len: number("length") }
    }

    fn small(&mut self, range: Range<usize>, dtype: DType) -> Result<TensorData> {
        let proto = TensorProto::decode(self.bytes.slice(range.clone())).map_err(|error| {
            let fact = format!("a tensor does not follow the ONNX schema: {error}");
            Error::new(ErrorKind::Undecodable, fact).from_source(error).at(Place::offset(range.start as u64))
        })?;
        if dtype == DType::String {
            let strings = proto.string_data.iter();
            return Ok(TensorData::Strings(
                strings.map(|s| crate::model::Text::new(s.clone().into())).collect(),
            ));
        }
        Ok(match elements(&proto, dtype) {
            Some(bytes) => TensorData::Owned(bytes),
            None => TensorData::Encoded(Span::new(range.start, range.end)),
        })
    }

    /// Says when the content cannot have the size that the dimensions give.
    fn check_length(&mut self, tensor: &Tensor) {
        let place = || self.place().at_value(&tensor.name);
        let Some(expected) = tensor.byte_len() else {
            if tensor.elements().is_none() {
                let (place, dims) = (place(), tensor.shape());
                self.find("X702", Severity::Error, place, format!("the dimensions {dims} are not a size"));
            }
            return;
        };
        let found = match &tensor.data {
            TensorData::In(span) => Some(span.len),
            TensorData::Owned(bytes) => Some(bytes.len() as u64),
            TensorData::External { len, .. } => *len,
            _ => None,
        };
        if let Some(found) = found.filter(|&found| found != expected) {
            let ty = tensor.value_type();
            let fact = format!("the tensor has {found} bytes where {ty} takes {expected}");
            let place = place();
            self.find("W304", Severity::Error, place, fact);
        }
    }

    /// A `SparseTensorProto` at `range`.
    pub(super) fn sparse(&mut self, range: Range<usize>, span: Span) -> Result<Tensor> {
        self.budget.charge(range.start, span.len.min(64) as usize, 4 * size_of::<Tensor>())?;
        let (mut values, mut indices) = (None, None);
        let mut dims = Vec::new();
        for field in self.fields(range) {
            let field = field?;
            match field.number {
                1 => values = Some(self.tensor(field.bytes()?, field.span())?),
                2 => indices = Some(self.tensor(field.bytes()?, field.span())?),
                3 => self.integers(&field, &mut dims)?,
                _ => {}
            }
        }
        let empty = || Tensor {
            name: String::new(),
            dtype: DType::Undefined,
            dims: vec![0],
            data: TensorData::Absent,
            span,
        };
        let values = Box::new(values.unwrap_or_else(empty));
        let indices = Box::new(indices.unwrap_or_else(empty));
        let (name, dtype) = (values.name.clone(), values.dtype);
        Ok(Tensor { name, dtype, dims, data: TensorData::Sparse { values, indices }, span })
    }

    /// Appends the integers of a field, packed or not.
    fn integers(&mut self, field: &Field, to: &mut Vec<i64>) -> Result<()> {
        match &field.value {
            Value::Bytes(range) => {
                self.budget.charge(range.start, range.len(), 8 * range.len())?;
                let mut at = range.start;
                while at < range.end {
                    let (n, next) = varint(&self.bytes[..range.end], at)?;
                    to.push(n as i64);
                    at = next;
                }
            }
            _ => to.push(field.varint()? as i64),
        }
        Ok(())
    }
}

/// The array in a file that holds a `TensorProto` alone.
///
/// # Errors
/// If the bytes are no such message, or hold no numbers.
pub(super) fn array(bytes: Bytes) -> Result<Array> {
    let mut reader = Reader::new(bytes.clone());
    let tensor = reader.tensor(0..bytes.len(), Span::new(0, bytes.len()))?;
    let content = inside(&tensor, &Source { name: String::new(), bytes }, Some(decode))?;
    Ok(Array { dtype: tensor.dtype, dims: tensor.dims, content })
}

/// The elements of a `TensorProto` that stores them one by one.
pub(super) fn decode(tensor: &Tensor, record: Bytes) -> Option<Bytes> {
    elements(&TensorProto::decode(record).ok()?, tensor.dtype)
}

/// The typed fields as little-endian elements. `TensorProto` says which field
/// holds which type.
fn elements(proto: &TensorProto, dtype: DType) -> Option<Bytes> {
    fn all<T: Copy, const N: usize>(items: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
        items.iter().flat_map(|&item| bytes(item)).collect()
    }
    let ints = &proto.int32_data;
    Some(Bytes::from(match dtype {
        DType::F32 | DType::C64 => all(&proto.float_data, f32::to_le_bytes),
        DType::F64 | DType::C128 => all(&proto.double_data, f64::to_le_bytes),
        DType::I64 => all(&proto.int64_data, i64::to_le_bytes),
        DType::U64 => all(&proto.uint64_data, u64::to_le_bytes),
        DType::U32 => all(&proto.uint64_data, |n| (n as u32).to_le_bytes()),
        DType::I32 => all(ints, i32::to_le_bytes),
        DType::F16 | DType::BF16 | DType::I16 | DType::U16 => all(ints, |n| (n as u16).to_le_bytes()),
        DType::F6E2M3 | DType::F6E3M2 => pack_six_bits(ints),
        DType::String | DType::Other(_) | DType::Undefined => return None,
        // One byte each, or several elements packed into one.
        _ => all(ints, |n| [n as u8]),
    }))
}

/// Six-bit codes one after another, the first in the lowest bits. (Typed fields hold
/// one code in each number; narrower types are packed there already.)
fn pack_six_bits(codes: &[i32]) -> Vec<u8> {
    let mut bytes = vec![0u8; (codes.len() * 6).div_ceil(8)];
    for (i, &code) in codes.iter().enumerate() {
        for bit in 0..6 {
            if code >> bit & 1 == 1 {
                let at = i * 6 + bit;
                bytes[at / 8] |= 1 << (at % 8);
            }
        }
    }
    bytes
}
