//! What flows while a graph is run.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::failure::Failure;
use crate::files::arrays::Array;
use crate::model::{DType, Shape};

/// What flows while a graph is run. Copies share their content.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A dense tensor of numbers or bools.
    Array(Array),
    /// A dense tensor of strings, in row-major order.
    Strings(Strings),
    /// A sequence.
    List(Arc<Vec<Value>>),
    /// A map to numbers, as classifiers give their scores.
    Map(Arc<BTreeMap<Key, f32>>),
    /// An optional that holds nothing.
    Nothing,
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A number.
    Number(i64),
    /// A string.
    Text(String),
}

/// A dense tensor of strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Strings {
    /// The dimensions.
    pub(crate) dims: Vec<i64>,
    /// The elements in row-major order.
    pub(crate) elements: Arc<Vec<String>>,
}

impl Value {
    /// The array that this is.
    pub(crate) fn array(&self) -> Result<&Array, Failure> {
        match self {
            Value::Array(array) => Ok(array),
            Value::Strings(_) => Failure::unsupported("of strings it has no definition here"),
            other => Failure::invalid(format!("{} is not a tensor of numbers", other.sort())),
        }
    }

    /// The dimensions of a tensor.
    pub(crate) fn dims(&self) -> Result<&[i64], Failure> {
        match self {
            Value::Array(array) => Ok(&array.dims),
            Value::Strings(strings) => Ok(&strings.dims),
            other => Failure::invalid(format!("{} is not a tensor", other.sort())),
        }
    }

    /// The element type of a tensor.
    pub(crate) fn dtype(&self) -> DType {
        match self {
            Value::Array(array) => array.dtype,
            Value::Strings(_) => DType::String,
            _ => DType::Undefined,
        }
    }

    /// The type in words.
    pub(crate) fn sort(&self) -> String {
        match self {
            Value::Array(array) => format!("{} {}", array.dtype, Shape::known(array.dims.iter().copied())),
            Value::Strings(s) => format!("string {}", Shape::known(s.dims.iter().copied())),
            Value::List(list) => format!("a sequence of {}", list.len()),
            Value::Map(map) => format!("a map of {}", map.len()),
            Value::Nothing => "an empty optional".to_owned(),
        }
    }
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Value::Array(array)
    }
}

impl From<Strings> for Value {
    fn from(strings: Strings) -> Self {
        Value::Strings(strings)
    }
}
