//! Elements of f32 or f64 as numbers.

use std::borrow::Cow;

use crate::eval::elements::view;
use crate::eval::failure::{Computed, Failure};
use crate::files::arrays::Array;
use crate::model::DType;

/// The elements of an array.
pub(super) enum Numbers<'a> {
    Single(Cow<'a, [f32]>),
    Double(Cow<'a, [f64]>),
}

impl<'a> Numbers<'a> {
    /// Those of an array of f32 or f64.
    pub(super) fn of(array: &'a Array) -> Computed<Self> {
        match array.dtype {
            DType::F32 => Ok(Numbers::Single(view(array)?)),
            DType::F64 => Ok(Numbers::Double(view(array)?)),
            other => Failure::unsupported(format!("sums of {other} are not computed directly")),
        }
    }

    /// The element at a position; 0 outside.
    pub(super) fn at(&self, at: usize) -> f64 {
        match self {
            Numbers::Single(list) => list.get(at).copied().map_or(0.0, f64::from),
            Numbers::Double(list) => list.get(at).copied().unwrap_or(0.0),
        }
    }
}
