//! Files of arrays: NumPy's `.npy` and `.npz`, safetensors, and ONNX's `.pb`.
//!
//! <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>,
//! <https://github.com/huggingface/safetensors>

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{DType, Source, Span, Tensor, TensorData};
use crate::text::printable;

/// An array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// The element type.
    pub dtype: DType,
    /// The dimensions.
    pub dims: Vec<i64>,
    /// The elements in row-major order, little-endian.
    pub content: Bytes,
}

impl Array {
    /// The elements as numbers; `None` for types that hold none.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        let tensor = Tensor {
            name: String::new(),
            dtype: self.dtype,
            dims: self.dims.clone(),
            data: TensorData::Owned(self.content.clone()),
            span: Span::default(),
        };
        tensor.numbers(&Source::default(), usize::MAX)
    }

    /// The array as a file in NumPy's format (version 1.0).
    ///
    /// # Errors
    /// If NumPy has no such type.
    pub fn to_npy(&self) -> Result<Vec<u8>> {
        let known = NUMPY.iter().find(|(_, dtype)| *dtype == self.dtype);
        let (descr, _) = known.ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("NumPy has no type for {}", self.dtype))
        })?;
        let dims: Vec<String> = self.dims.iter().map(i64::to_string).collect();
        let comma = if dims.len() == 1 { "," } else { "" };
        let mut header = format!(
            "{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}",
            dims.join(", ")
        );
        // The content begins at a multiple of 64 bytes.
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        let mut out = b"\x93NUMPY\x01\x00".to_vec();
        out.extend((header.len() as u16).to_le_bytes());
        out.extend(header.bytes());
        out.extend_from_slice(&self.content);
        Ok(out)
    }
}

/// NumPy's names of element types.
const NUMPY: &[(&str, DType)] = &[
    ("<f8", DType::F64),
    ("<f4", DType::F32),
    ("<f2", DType::F16),
    ("<i8", DType::I64),
    ("<i4", DType::I32),
    ("<i2", DType::I16),
    ("|i1", DType::I8),
    ("<u8", DType::U64),
    ("<u4", DType::U32),
    ("<u2", DType::U16),
    ("|u1", DType::U8),
    ("|b1", DType::Bool),
];

/// Arrays by their names.
pub type Arrays = BTreeMap<String, Array>;

/// An entry of an archive may unpack to this many bytes.
const MOST: u64 = 4 << 30;

/// Reads a file of arrays; its format is detected from the content.
///
/// # Errors
/// If it cannot be read, is of neither format, or holds what is not a number.
pub fn arrays(path: &Path) -> Result<Arrays> {
    let shown = path.display().to_string();
    let bytes = super::load(path)?;
    let read = if bytes.starts_with(b"PK\x03\x04") { npz(&bytes) } else { safetensors(&bytes) };
    read.map_err(|error| error.in_file(&shown))
}

fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Undecodable, what)
}

fn safetensors(bytes: &Bytes) -> Result<Arrays> {
    use safetensors::{Dtype, SafeTensors};
    let file = SafeTensors::deserialize(bytes).map_err(|error| {
        wrong(format!("this is neither .npz nor safetensors: {error}"))
            .hint("numpy.savez(FILE, weight=…, bias=…) writes the one, safetensors.numpy.save_file the other")
            .from_source(error)
    })?;
    let mut arrays = Arrays::new();
    for (name, view) in file.iter() {
        let dtype = match view.dtype() {
            Dtype::F64 => DType::F64,
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            // What is not a float cannot be a weight here.
            _ => continue,
        };
        let dims = view.shape().iter().map(|&d| d as i64).collect();
        arrays.insert(name.to_owned(), Array { dtype, dims, content: bytes.slice_ref(view.data()) });
    }
    Ok(arrays)
}

fn npz(bytes: &Bytes) -> Result<Arrays> {
    let fail = |error: zip::result::ZipError| wrong(error.to_string()).from_source(error);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes.as_ref())).map_err(fail)?;
    let mut arrays = Arrays::new();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(fail)?;
        let name = entry.name().to_owned();
        let Some(stem) = name.strip_suffix(".npy") else { continue };
        let mut content = Vec::new();
        let all = (&mut entry).take(MOST + 1).read_to_end(&mut content);
        all.map_err(|error| wrong(format!("`{}`: {error}", printable(&name))).from_source(error))?;
        if content.len() as u64 > MOST {
            return Err(Error::new(ErrorKind::Unsafe, format!("`{}` is over 4 GiB", printable(&name))));
        }
        let array = npy(Bytes::from(content)).ok_or_else(|| {
            wrong(format!("`{}` is not an array of numbers in NumPy's format", printable(&name)))
        })?;
        if arrays.insert(stem.to_owned(), array).is_some() {
            return Err(wrong(format!("`{}` appears twice", printable(&name))));
        }
    }
    Ok(arrays)
}

/// An `.npy` file: a magic number, a version, and a header of one fixed form, such as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
pub(crate) fn npy(bytes: Bytes) -> Option<Array> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
    let (start, len): (usize, usize) = match rest.first()? {
        1 => (10, usize::from(u16::from_le_bytes(rest.get(2..4)?.try_into().ok()?))),
        2 | 3 => (12, usize::try_from(u32::from_le_bytes(rest.get(2..6)?.try_into().ok()?)).ok()?),
        _ => return None,
    };
    let end = start.checked_add(len)?;
    let header = std::str::from_utf8(bytes.get(start..end)?).ok()?;
    let value = |key: &str| header.split_once(&format!("'{key}':")).map(|(_, rest)| rest.trim_start());
    let descr = value("descr")?.get(1..4)?;
    let (_, dtype) = *NUMPY.iter().find(|(name, _)| *name == descr)?;
    let shape = value("shape")?.strip_prefix('(')?.split_once(')')?.0;
    let dims: Vec<i64> = shape
        .split(',')
        .map(str::trim)
        .filter(|d| !d.is_empty())
        .map(|d| d.parse().ok())
        .collect::<Option<_>>()?;
    let item = (dtype.bits()? / 8) as usize;
    let count = dims.iter().try_fold(1usize, |n, &d| n.checked_mul(usize::try_from(d).ok()?))?;
    let content = bytes.slice(end..);
    if content.len() != count.checked_mul(item)? {
        return None;
    }
    let content =
        if value("fortran_order")?.starts_with("True") { rows(&content, &dims, item) } else { content };
    Some(Array { dtype, dims, content })
}

/// The elements in row-major order, from column-major order.
fn rows(content: &Bytes, dims: &[i64], item: usize) -> Bytes {
    if content.is_empty() {
        return Bytes::new();
    }
    // The last index runs fastest in the result, the first one in `content`.
    let size = |dims: &[i64]| dims.iter().map(|&dim| dim as usize).product::<usize>();
    let strides: Vec<(usize, usize)> =
        (0..dims.len()).map(|axis| (size(&dims[axis + 1..]), size(&dims[..axis]))).collect();
    let mut out = Vec::with_capacity(content.len());
    for i in 0..content.len() / item {
        let (mut rest, mut at) = (i, 0);
        for &(there, here) in &strides {
            at += rest / there * here;
            rest %= there;
        }
        out.extend_from_slice(&content[at * item..(at + 1) * item]);
    }
    Bytes::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[f32]) -> Bytes {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        numbers.iter().for_each(|n| bytes.extend(n.to_le_bytes()));
        Bytes::from(bytes)
    }

    fn floats(array: &Array) -> Vec<f32> {
        array.content.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    #[test]
    fn both_orders_are_read() {
        let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let c = npy(file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", &numbers)).unwrap();
        assert_eq!((c.dims.clone(), floats(&c)), (vec![2, 3], numbers.to_vec()));
        let f = npy(file("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", &numbers)).unwrap();
        assert_eq!(floats(&f), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (dtype, dims) in
            [(DType::F32, vec![2, 3]), (DType::Bool, vec![]), (DType::I64, vec![0]), (DType::U8, vec![5])]
        {
            let count = dims.iter().product::<i64>() as usize * (dtype.bits().unwrap() / 8) as usize;
            let array = Array { dtype, dims, content: Bytes::from(vec![1; count]) };
            let file = array.to_npy().unwrap();
            assert_eq!(file.len() % 64, count % 64);
            assert_eq!(npy(file.into()).unwrap(), array);
        }
    }

    #[test]
    fn what_is_no_array_is_refused() {
        for header in [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3), }",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 4611686018427387904, 4), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
            "",
        ] {
            assert!(npy(file(header, &[0.0; 6])).is_none(), "{header}");
        }
        assert!(npy(Bytes::from_static(b"\x93NUMPY\x02\x00\xff\xff\xff\xff")).is_none());
    }
}
