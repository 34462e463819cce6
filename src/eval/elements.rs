//! Typed elements of arrays, and arrays of typed elements, without copies where memory allows.

use std::borrow::Cow;

use bytemuck::Pod;
use bytes::Bytes;
use half::slice::HalfBitsSliceExt;
use half::vec::{HalfBitsVecExt, HalfFloatVecExt};
use half::{bf16, f16};

use super::failure::Failure;
use crate::files::arrays::Array;
use crate::model::{DType, Shape};

/// More elements than any array may have that a node makes.
const MOST_ELEMENTS: u64 = 1 << 31;

/// A type of elements as Rust has it. Bools are bytes of 0 and 1, and have no type of their own
/// here: see [`bools`] and [`of_bools`].
pub(crate) trait Element:
    Copy + Default + Send + Sync + PartialOrd + std::fmt::Debug + 'static
{
    /// Its name in models.
    const DTYPE: DType;

    /// These bytes as elements; without a copy where they are aligned.
    fn read(bytes: &[u8]) -> Cow<'_, [Self]>;

    /// These elements as bytes, without a copy.
    fn write(elements: Vec<Self>) -> Bytes;
}

struct Owned<T>(Vec<T>);

impl<T: Pod> AsRef<[u8]> for Owned<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

fn read<T: Pod>(bytes: &[u8]) -> Cow<'_, [T]> {
    match bytemuck::try_cast_slice(bytes) {
        Ok(slice) => Cow::Borrowed(slice),
        Err(_) => Cow::Owned(bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned).collect()),
    }
}

macro_rules! elements {
    ($($ty:ty => $dtype:ident),*) => {
        $(impl Element for $ty {
            const DTYPE: DType = DType::$dtype;

            fn read(bytes: &[u8]) -> Cow<'_, [Self]> {
                read(bytes)
            }

            fn write(elements: Vec<Self>) -> Bytes {
                Bytes::from_owner(Owned(elements))
            }
        })*
    };
}
elements!(f32 => F32, f64 => F64, i8 => I8, i16 => I16, i32 => I32, i64 => I64,
    u8 => U8, u16 => U16, u32 => U32, u64 => U64);

macro_rules! halves {
    ($($ty:ty => $dtype:ident),*) => {
        $(impl Element for $ty {
            const DTYPE: DType = DType::$dtype;

            fn read(bytes: &[u8]) -> Cow<'_, [Self]> {
                match read::<u16>(bytes) {
                    Cow::Borrowed(bits) => Cow::Borrowed(bits.reinterpret_cast()),
                    Cow::Owned(bits) => Cow::Owned(bits.reinterpret_into()),
                }
            }

            fn write(elements: Vec<Self>) -> Bytes {
                let bits: Vec<u16> = elements.reinterpret_into();
                u16::write(bits)
            }
        })*
    };
}
halves!(f16 => F16, bf16 => BF16);

/// The elements of an array of this type; without a copy where they are aligned.
pub(crate) fn view<T: Element>(array: &Array) -> Result<Cow<'_, [T]>, Failure> {
    if array.dtype != T::DTYPE {
        return Failure::invalid(format!("an operand is {}, and should be {}", array.dtype, T::DTYPE));
    }
    sized(array)?;
    Ok(T::read(&array.content))
}

/// The elements of an array of bools, one byte each: 0 is false.
pub(crate) fn bools(array: &Array) -> Result<&[u8], Failure> {
    if array.dtype != DType::Bool {
        return Failure::invalid(format!("an operand is {}, and should be bool", array.dtype));
    }
    sized(array)?;
    Ok(&array.content)
}

/// An array of these elements.
///
/// # Panics
/// In tests, if there are not as many as the dimensions say.
pub(crate) fn of<T: Element>(dims: Vec<i64>, elements: Vec<T>) -> Array {
    debug_assert_eq!(count(&dims), Ok(elements.len()), "{dims:?}");
    Array { dtype: T::DTYPE, dims, content: T::write(elements) }
}

/// An array of bools.
pub(crate) fn of_bools(dims: Vec<i64>, elements: impl IntoIterator<Item = bool>) -> Array {
    let content: Vec<u8> = elements.into_iter().map(u8::from).collect();
    debug_assert_eq!(count(&dims), Ok(content.len()), "{dims:?}");
    Array { dtype: DType::Bool, dims, content: content.into() }
}

/// A scalar.
pub(crate) fn scalar<T: Element>(element: T) -> Array {
    of(Vec::new(), vec![element])
}

/// The number of elements of these dimensions, if memory can hold so many.
pub(crate) fn count(dims: &[i64]) -> Result<usize, Failure> {
    let shape = || Shape::known(dims.iter().copied());
    if dims.iter().any(|&d| d < 0) {
        return Failure::invalid(format!("{} has a negative dimension", shape()));
    }
    // Where one dimension is zero, the others may be anything.
    if dims.contains(&0) {
        return Ok(0);
    }
    let product = dims.iter().try_fold(1u64, |n, &d| n.checked_mul(d as u64));
    match product.filter(|&n| n <= MOST_ELEMENTS).and_then(|n| usize::try_from(n).ok()) {
        Some(n) => Ok(n),
        None => Err(Failure::TooLarge(format!("{} has too many elements", shape()))),
    }
}

/// A vector of `n` equal elements, or an error where memory is short.
pub(crate) fn filled<T: Copy>(n: usize, element: T) -> Result<Vec<T>, Failure> {
    let mut list = room(n)?;
    list.resize(n, element);
    Ok(list)
}

/// An empty vector with room for `n` elements, or an error where memory is short.
pub(crate) fn room<T>(n: usize) -> Result<Vec<T>, Failure> {
    let mut list = Vec::new();
    let short = || Failure::TooLarge(format!("no memory for {n} elements"));
    list.try_reserve_exact(n).map_err(|_| short())?;
    Ok(list)
}

/// The bytes of one element.
pub(crate) fn width(dtype: DType) -> Result<usize, Failure> {
    match dtype.bits() {
        Some(bits) if bits >= 8 => Ok(bits as usize / 8),
        _ => Failure::unsupported(format!("{dtype} has no definition here")),
    }
}

/// The content is as long as the dimensions say.
fn sized(array: &Array) -> Result<(), Failure> {
    let wanted = count(&array.dims)?.checked_mul(width(array.dtype)?);
    if wanted != Some(array.content.len()) {
        return Failure::invalid("a content is not as long as its shape says");
    }
    Ok(())
}

/// Runs `$body` with `$ty` as the element type of `$dtype`, among those listed; else the given
/// failure.
macro_rules! dispatch {
    ($dtype:expr, [$($name:ident $ty:ty),* $(,)?], $t:ident => $body:expr) => {
        match $dtype {
            $(crate::model::DType::$name => { type $t = $ty; $body })*
            other => $crate::eval::Failure::unsupported(format!("{other} has no definition here")),
        }
    };
    ($dtype:expr, floats, $t:ident => $body:expr) => {
        $crate::eval::elements::dispatch!($dtype,
            [F32 f32, F64 f64, F16 half::f16, BF16 half::bf16], $t => $body)
    };
    ($dtype:expr, integers, $t:ident => $body:expr) => {
        $crate::eval::elements::dispatch!($dtype,
            [I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64], $t => $body)
    };
    ($dtype:expr, numbers, $t:ident => $body:expr) => {
        $crate::eval::elements::dispatch!($dtype,
            [F32 f32, F64 f64, F16 half::f16, BF16 half::bf16,
             I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64], $t => $body)
    };
}
pub(crate) use dispatch;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_that_is_not_aligned_is_read_all_the_same() {
        let bytes = Bytes::from(vec![0u8, 1, 0, 0, 0, 2, 0, 0, 0]);
        let array = Array { dtype: DType::I32, dims: vec![2], content: bytes.slice(1..) };
        assert_eq!(view::<i32>(&array).unwrap().as_ref(), [1, 2]);
    }

    #[test]
    fn a_content_of_another_length_is_an_error() {
        let array = Array { dtype: DType::I32, dims: vec![3], content: vec![0u8; 8].into() };
        assert!(matches!(view::<i32>(&array), Err(Failure::Invalid(_))));
    }

    #[test]
    fn too_many_elements_are_an_error_before_they_are_allocated() {
        assert!(matches!(count(&[1 << 40, 1 << 40]), Err(Failure::TooLarge(_))));
        assert_eq!(count(&[0, 1 << 62, 1 << 62]), Ok(0));
    }
}
