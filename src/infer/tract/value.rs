//! Arrays in and out of tract.

use bytes::Bytes;
use tract_onnx::prelude::*;

use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Array;
use crate::model::DType;

/// tract's type; nothing for types that it has not.
pub(super) fn datum_type(dtype: DType) -> Option<DatumType> {
    Some(match dtype {
        DType::F16 => DatumType::F16,
        DType::F32 => DatumType::F32,
        DType::F64 => DatumType::F64,
        DType::Bool => DatumType::Bool,
        DType::I8 => DatumType::I8,
        DType::I16 => DatumType::I16,
        DType::I32 => DatumType::I32,
        DType::I64 => DatumType::I64,
        DType::U8 => DatumType::U8,
        DType::U16 => DatumType::U16,
        DType::U32 => DatumType::U32,
        DType::U64 => DatumType::U64,
        _ => return None,
    })
}

/// A tensor with this content.
pub(super) fn tensor(dtype: DType, dims: &[i64], content: &[u8]) -> Result<Tensor> {
    filled(dtype, dims, |place| {
        if place.len() != content.len() {
            return Err(Error::new(ErrorKind::Undecodable, "a content is not as long as its shape says"));
        }
        place.copy_from_slice(content);
        Ok(())
    })
}

/// A tensor whose content is written into its place.
pub(super) fn filled(
    dtype: DType,
    dims: &[i64],
    fill: impl FnOnce(&mut [u8]) -> Result<()>,
) -> Result<Tensor> {
    let unsupported = || Error::new(ErrorKind::Unsupported, format!("tract has no type for {dtype}"));
    let shape: Vec<usize> = dims.iter().map(|&d| d as usize).collect();
    let fail = |error: TractError| Error::new(ErrorKind::Unsupported, format!("tract: {error}"));
    let mut tensor = Tensor::zero_dt(datum_type(dtype).ok_or_else(unsupported)?, &shape).map_err(fail)?;
    let mut plain = tensor.try_as_plain_ram_mut().map_err(fail)?;
    let bytes = plain.as_bytes_mut();
    fill(bytes)?;
    if dtype == DType::Bool {
        // Any number but zero is true, and only one of them is a bool.
        bytes.iter_mut().for_each(|byte| *byte = u8::from(*byte != 0));
    }
    Ok(tensor)
}

/// The array that a tensor is. Sizes are integers of 64 bits.
pub(super) fn array(tensor: &Tensor) -> Result<Array> {
    let fail = |error: TractError| Error::new(ErrorKind::Unsupported, format!("tract: {error}"));
    let cast;
    let tensor = match tensor.datum_type() {
        DatumType::TDim => {
            cast = tensor.cast_to::<i64>().map_err(fail)?.into_owned();
            &cast
        }
        _ => tensor,
    };
    let dtype = match tensor.datum_type() {
        DatumType::F16 => DType::F16,
        DatumType::F32 => DType::F32,
        DatumType::F64 => DType::F64,
        DatumType::Bool => DType::Bool,
        DatumType::I8 | DatumType::QI8(_) => DType::I8,
        DatumType::I16 => DType::I16,
        DatumType::I32 | DatumType::QI32(_) => DType::I32,
        DatumType::I64 => DType::I64,
        DatumType::U8 | DatumType::QU8(_) => DType::U8,
        DatumType::U16 => DType::U16,
        DatumType::U32 => DType::U32,
        DatumType::U64 => DType::U64,
        other => return Err(Error::new(ErrorKind::Unsupported, format!("a result of type {other:?}"))),
    };
    let plain = tensor.try_as_plain_ram().map_err(fail)?;
    let dims = tensor.shape().iter().map(|&d| d as i64).collect();
    Ok(Array { dtype, dims, content: Bytes::copy_from_slice(plain.as_bytes()) })
}
