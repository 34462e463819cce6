//! Constants: their type, and where their content lies.

use bytes::Bytes;

use super::{DType, Dim, Shape, Source, Span, Text, ValueType};

/// A stored constant. The content stays where it is.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// The tensor's own name; may be empty.
    pub name: String,
    /// The element type.
    pub dtype: DType,
    /// The dimensions, as the file gives them (negative in invalid files).
    pub dims: Vec<i64>,
    /// Where the content is.
    pub data: TensorData,
    /// The whole record in the file.
    pub span: Span,
}

/// What the path of external data begins with, where a content was stripped.
pub(crate) const STRIPPED: &str = "<stripped ";

/// Where a tensor's content is.
#[derive(Clone, Debug)]
pub enum TensorData {
    /// In the source: elements in row-major order, little-endian, types of less
    /// than a byte packed from the low bits up.
    In(Span),
    /// In the source, in the format's own encoding, inside this record
    /// (ONNX's `float_data` and its like).
    Encoded(Span),
    /// In memory, laid out as in [`TensorData::In`].
    Owned(Bytes),
    /// Strings; few and short ones only, others are [`TensorData::Encoded`].
    Strings(Vec<Text>),
    /// In another file.
    External {
        /// The path as the file spells it; check it by [`external_path`](super::external_path).
        path: String,
        /// First byte in that file.
        at: u64,
        /// Number of bytes, if given.
        len: Option<u64>,
    },
    /// Non-zero elements and their positions.
    Sparse {
        /// The non-zero elements.
        values: Box<Tensor>,
        /// Their positions: linear, or one row of coordinates each.
        indices: Box<Tensor>,
    },
    /// Nowhere.
    Absent,
}

impl Tensor {
    /// The shape.
    pub fn shape(&self) -> Shape {
        Shape(self.dims.iter().map(|&n| Dim::Known(n)).collect())
    }

    /// The type as a value's type.
    pub fn value_type(&self) -> ValueType {
        let ty = super::TensorType { dtype: self.dtype, shape: Some(self.shape()) };
        match self.data {
            TensorData::Sparse { .. } => ValueType::SparseTensor(ty),
            _ => ValueType::Tensor(ty),
        }
    }

    /// Whether its content was taken out of the file, and a reference that says so stands for it.
    pub fn is_stripped(&self) -> bool {
        matches!(&self.data, TensorData::External { path, .. } if path.starts_with(STRIPPED))
    }

    /// The number of elements, if the dimensions are sound.
    pub fn elements(&self) -> Option<u64> {
        self.shape().elements()
    }

    /// The bytes that the elements take in memory, if that is fixed and fits.
    pub fn byte_len(&self) -> Option<u64> {
        Some(self.elements()?.checked_mul(self.dtype.bits()?)?.div_ceil(8))
    }

    /// The content, laid out as in [`TensorData::In`], where it is at hand
    /// without decoding or opening another file.
    pub fn bytes(&self, source: &Source) -> Option<Bytes> {
        match &self.data {
            TensorData::In(span) => source.slice(*span),
            TensorData::Owned(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }

    /// The elements as numbers, for at most `limit` of them.
    ///
    /// Nothing if there are more, if the content is not at hand, or if its
    /// length contradicts the dimensions.
    pub fn numbers(&self, source: &Source, limit: usize) -> Option<Vec<f64>> {
        let count = usize::try_from(self.elements()?).ok().filter(|&n| n <= limit)?;
        let bytes = self.bytes(source)?;
        if bytes.len() as u64 != self.byte_len()? {
            return None;
        }
        (0..count).map(|i| number(self.dtype, &bytes, i)).collect()
    }
}

/// The largest difference between numbers of two lists at one place; infinite where one alone is
/// NaN, and nothing between two NaN or two equal infinities.
pub(crate) fn furthest(a: &[f64], b: &[f64]) -> f64 {
    let one = |(a, b): (&f64, &f64)| match (a - b).abs() {
        _ if a == b || a.is_nan() && b.is_nan() => 0.0,
        x if x.is_nan() => f64::INFINITY,
        x => x,
    };
    a.iter().zip(b).map(one).fold(0.0, f64::max)
}

/// Element `i` of little-endian `bytes` as a number; exact for integers below 2^53.
fn number(dtype: DType, bytes: &[u8], i: usize) -> Option<f64> {
    fn array<const N: usize>(bytes: &[u8], i: usize) -> Option<[u8; N]> {
        bytes.get(i * N..(i + 1) * N)?.try_into().ok()
    }
    let low_bits = |width: usize| -> Option<u8> {
        let at = i * width;
        Some((bytes.get(at / 8)? >> (at % 8)) & ((1 << width) - 1))
    };
    let signed = |value: u8, width: u32| ((value << (8 - width)) as i8 >> (8 - width)) as f64;
    Some(match dtype {
        DType::F32 => f32::from_le_bytes(array(bytes, i)?) as f64,
        DType::F64 => f64::from_le_bytes(array(bytes, i)?),
        DType::F16 => small_float(u16::from_le_bytes(array(bytes, i)?) as u32, 5, 10),
        DType::BF16 => f32::from_bits((u16::from_le_bytes(array(bytes, i)?) as u32) << 16) as f64,
        DType::I64 => i64::from_le_bytes(array(bytes, i)?) as f64,
        DType::I32 => i32::from_le_bytes(array(bytes, i)?) as f64,
        DType::I16 => i16::from_le_bytes(array(bytes, i)?) as f64,
        DType::I8 => i8::from_le_bytes(array(bytes, i)?) as f64,
        DType::U64 => u64::from_le_bytes(array(bytes, i)?) as f64,
        DType::U32 => u32::from_le_bytes(array(bytes, i)?) as f64,
        DType::U16 => u16::from_le_bytes(array(bytes, i)?) as f64,
        DType::U8 | DType::Bool => *bytes.get(i)? as f64,
        DType::I4 => signed(low_bits(4)?, 4),
        DType::U4 => low_bits(4)? as f64,
        DType::I2 => signed(low_bits(2)?, 2),
        DType::U2 => low_bits(2)? as f64,
        _ => return None,
    })
}

/// An IEEE 754 number of less than 32 bits.
fn small_float(bits: u32, exponent_bits: u32, fraction_bits: u32) -> f64 {
    let bias = (1i32 << (exponent_bits - 1)) - 1;
    let fraction = bits & ((1 << fraction_bits) - 1);
    let exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1);
    let sign = if bits >> (fraction_bits + exponent_bits) & 1 == 1 { -1.0 } else { 1.0 };
    let scale = f64::from(fraction) / f64::from(1u32 << fraction_bits);
    if exponent == (1 << exponent_bits) - 1 {
        return if fraction == 0 { sign * f64::INFINITY } else { f64::NAN };
    }
    match exponent {
        0 => sign * scale * 2f64.powi(1 - bias),
        e => sign * (1.0 + scale) * 2f64.powi(e as i32 - bias),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(dtype: DType, dims: &[i64], bytes: &'static [u8]) -> Tensor {
        let data = TensorData::Owned(Bytes::from_static(bytes));
        Tensor { name: String::new(), dtype, dims: dims.to_vec(), data, span: Span::default() }
    }

    #[test]
    fn half_precision_reads_as_numbers() {
        let t = tensor(DType::F16, &[3], &[0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00]);
        assert_eq!(t.numbers(&Source::default(), 8), Some(vec![1.0, -2.0, 2f64.powi(-24)]));
    }

    #[test]
    fn four_bit_integers_are_packed_from_the_low_bits_up() {
        let t = tensor(DType::I4, &[3], &[0x7f, 0x08]);
        assert_eq!(t.numbers(&Source::default(), 8), Some(vec![-1.0, 7.0, -8.0]));
    }

    #[test]
    fn a_length_that_contradicts_the_dimensions_gives_no_numbers() {
        assert_eq!(tensor(DType::F32, &[2], &[0, 0, 0, 0]).numbers(&Source::default(), 8), None);
        assert_eq!(tensor(DType::F32, &[-1], &[0, 0, 0, 0]).numbers(&Source::default(), 8), None);
    }
}
