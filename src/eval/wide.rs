//! Floats as f64, and back: for definitions that compute in f64 and round once.

use half::{bf16, f16};

use super::elements::{Element, dispatch, of, view};
use super::failure::Failure;
use crate::files::arrays::Array;
use crate::model::DType;

/// A float of any width.
pub(super) trait Float: Element {
    /// The same number.
    fn wide(self) -> f64;

    /// The nearest number of this type.
    fn narrow(x: f64) -> Self;
}

macro_rules! floats {
    ($($ty:ty: $wide:expr, $narrow:expr);*) => {
        $(impl Float for $ty {
            fn wide(self) -> f64 {
                $wide(self)
            }

            fn narrow(x: f64) -> Self {
                $narrow(x)
            }
        })*
    };
}
floats!(f32: f64::from, |x| x as f32; f64: |x| x, |x| x; f16: f64::from, f16::from_f64;
    bf16: f64::from, bf16::from_f64);

/// The elements of an array of floats as f64.
pub(super) fn wide(array: &Array) -> Result<Vec<f64>, Failure> {
    dispatch!(array.dtype, floats, T => Ok(view::<T>(array)?.iter().map(|&x| Float::wide(x)).collect()))
}

/// The elements of an array of floats or integers (i32, i64) as f64.
pub(super) fn numbers(array: &Array) -> Result<Vec<f64>, Failure> {
    match array.dtype {
        DType::I32 => Ok(view::<i32>(array)?.iter().map(|&n| f64::from(n)).collect()),
        DType::I64 => Ok(view::<i64>(array)?.iter().map(|&n| n as f64).collect()),
        _ => wide(array),
    }
}

/// An array of floats of this type with these elements, each rounded.
pub(super) fn narrow(dtype: DType, dims: Vec<i64>, elements: &[f64]) -> Result<Array, Failure> {
    dispatch!(dtype, floats, T => Ok(of(dims, elements.iter().map(|&x| <T as Float>::narrow(x)).collect())))
}

/// The same array in a type that engines compute in: halves become f32.
pub(super) fn engine_form(array: &Array) -> Result<Array, Failure> {
    fn single<T: Element + Into<f32>>(array: &Array) -> Result<Array, Failure> {
        Ok(of(array.dims.clone(), view::<T>(array)?.iter().map(|&x| x.into()).collect()))
    }
    match array.dtype {
        DType::F32 | DType::F64 => Ok(array.clone()),
        DType::F16 => single::<f16>(array),
        DType::BF16 => single::<bf16>(array),
        other => Failure::unsupported(format!("{other} has no definition here")),
    }
}

/// What an engine computed for operands of this type: f32 is rounded to halves where they were
/// halves.
pub(super) fn from_engine(dtype: DType, array: Array) -> Result<Array, Failure> {
    fn half<T: Element>(array: &Array, round: fn(f32) -> T) -> Result<Array, Failure> {
        Ok(of(array.dims.clone(), view::<f32>(array)?.iter().map(|&x| round(x)).collect()))
    }
    match dtype {
        DType::F16 => half(&array, f16::from_f32),
        DType::BF16 => half(&array, bf16::from_f32),
        _ => Ok(array),
    }
}

/// A number as it is between two operations on this type: f64, or f32 for all others.
pub(super) fn rounded(dtype: DType, x: f64) -> f64 {
    if dtype == DType::F64 { x } else { f64::from(x as f32) }
}
