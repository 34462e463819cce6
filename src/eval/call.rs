//! One call of an operator: its operands and attributes.

use super::elements::view;
use super::failure::Failure;
use super::value::Value;
use crate::files::arrays::Array;
use crate::model::{Attribute, AttributeValue, DType, Model, Tensor};

/// One call of an operator.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    /// The model that it is of: where contents of attributes lie.
    pub(crate) model: &'a Model,
    /// The operator.
    pub(crate) op: &'a str,
    /// Its domain; empty for the default one.
    pub(crate) domain: &'a str,
    /// The version of its operator set.
    pub(crate) opset: i64,
    /// Its attributes, references to those of a function's call resolved.
    pub(crate) attributes: Vec<Attribute>,
    /// The operands by slot; `None` for those that are left out.
    pub(crate) inputs: Vec<Option<Value>>,
    /// The number of results that are asked for: all up to the last one that something uses.
    pub(crate) outputs: usize,
}

impl<'a> Call<'a> {
    /// The operand of a slot, if it is there.
    pub(crate) fn value(&self, slot: usize) -> Option<&Value> {
        self.inputs.get(slot)?.as_ref()
    }

    /// The tensor of numbers at a slot, if it is there.
    pub(crate) fn maybe(&self, slot: usize) -> Result<Option<&Array>, Failure> {
        self.value(slot).map(Value::array).transpose()
    }

    /// The tensor of numbers at a slot.
    pub(crate) fn array(&self, slot: usize) -> Result<&Array, Failure> {
        self.maybe(slot)?.ok_or_else(|| Failure::Invalid(format!("operand {slot} is missing")))
    }

    /// The integers (i64 or i32) at a slot, if it is there.
    pub(crate) fn ints_at(&self, slot: usize) -> Result<Option<Vec<i64>>, Failure> {
        let Some(array) = self.maybe(slot)? else { return Ok(None) };
        Ok(Some(match array.dtype {
            DType::I32 => view::<i32>(array)?.iter().map(|&n| i64::from(n)).collect(),
            _ => view::<i64>(array)?.into_owned(),
        }))
    }

    /// The only integer at a slot, if it is there.
    pub(crate) fn int_at(&self, slot: usize) -> Result<Option<i64>, Failure> {
        match self.ints_at(slot)?.as_deref() {
            None => Ok(None),
            Some([n]) => Ok(Some(*n)),
            Some(list) => Failure::invalid(format!("operand {slot} has {} elements, not one", list.len())),
        }
    }

    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
    }

    /// Whether an attribute is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// What an attribute holds, if it is given: `pick` gives nothing for another sort of value than
    /// `wanted`.
    fn given<T>(
        &self,
        name: &str,
        wanted: &str,
        pick: impl FnOnce(&AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let other_sort = || Failure::Invalid(format!("the attribute {name} is not {wanted}"));
        self.attribute(name).map(|value| pick(value).ok_or_else(other_sort)).transpose()
    }

    /// An integer attribute, if it is given.
    pub(crate) fn maybe_int(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.given(name, "an integer", |value| match value {
            AttributeValue::Int(n) => Some(*n),
            _ => None,
        })
    }

    /// An integer attribute, or what holds without it.
    pub(crate) fn int(&self, name: &str, default: i64) -> Result<i64, Failure> {
        Ok(self.maybe_int(name)?.unwrap_or(default))
    }

    /// A list of integers, if it is given.
    pub(crate) fn ints(&self, name: &str) -> Result<Option<Vec<i64>>, Failure> {
        self.given(name, "a list of integers", |value| match value {
            AttributeValue::Ints(list) => Some(list.clone()),
            _ => None,
        })
    }

    /// A number, if it is given.
    pub(crate) fn maybe_float(&self, name: &str) -> Result<Option<f32>, Failure> {
        self.given(name, "a number", |value| match value {
            AttributeValue::Float(x) => Some(*x),
            _ => None,
        })
    }

    /// A number, or what holds without it.
    pub(crate) fn float(&self, name: &str, default: f32) -> Result<f32, Failure> {
        Ok(self.maybe_float(name)?.unwrap_or(default))
    }

    /// A list of numbers, if it is given.
    pub(crate) fn floats(&self, name: &str) -> Result<Option<Vec<f32>>, Failure> {
        self.given(name, "a list of numbers", |value| match value {
            AttributeValue::Floats(list) => Some(list.clone()),
            _ => None,
        })
    }

    /// A text, if it is given.
    pub(crate) fn maybe_text(&self, name: &str) -> Result<Option<String>, Failure> {
        self.given(name, "a string", |value| match value {
            AttributeValue::String(text) => Some(text.as_str().to_owned()),
            _ => None,
        })
    }

    /// A text, or what holds without it.
    pub(crate) fn text(&self, name: &str, default: &str) -> Result<String, Failure> {
        Ok(self.maybe_text(name)?.unwrap_or_else(|| default.to_owned()))
    }

    /// A list of texts, if it is given.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        self.given(name, "a list of strings", |value| match value {
            AttributeValue::Strings(list) => Some(list.iter().map(|text| text.as_str().to_owned()).collect()),
            _ => None,
        })
    }

    /// A tensor, if it is given.
    pub(crate) fn tensor(&self, name: &str) -> Result<Option<Value>, Failure> {
        let found = self.given(name, "a tensor", |value| match value {
            AttributeValue::Tensor(tensor) => Some(content(self.model, tensor)),
            _ => None,
        })?;
        found.transpose()
    }

    /// This call with other operands: of another operator of the default domain, with no
    /// attributes.
    pub(crate) fn like(&self, op: &'a str, inputs: Vec<Option<Value>>) -> Call<'a> {
        Call {
            model: self.model,
            opset: self.opset,
            op,
            domain: "",
            attributes: Vec::new(),
            inputs,
            outputs: 1,
        }
    }

    /// This call with an attribute more.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Call<'a> {
        self.attributes.retain(|a| a.name != name);
        self.attributes.push(Attribute { name: name.to_owned(), value, span: Default::default() });
        self
    }

    /// An axis as a position among `rank` ones; negative ones count from the end.
    pub(crate) fn axis(axis: i64, rank: usize) -> Result<usize, Failure> {
        let rank = rank as i64;
        match if axis < 0 { axis.checked_add(rank) } else { Some(axis) } {
            Some(at) if (0..rank).contains(&at) => Ok(at as usize),
            _ => Failure::invalid(format!("axis {axis} of {rank} axes")),
        }
    }
}

/// A stored tensor with its content, sparse ones dense.
pub(super) fn content(model: &Model, tensor: &Tensor) -> Result<Value, Failure> {
    use crate::model::TensorData;
    match &tensor.data {
        TensorData::Strings(list) => Ok(Value::Strings(super::value::Strings {
            dims: tensor.dims.clone(),
            elements: std::sync::Arc::new(list.iter().map(|text| text.as_str().to_owned()).collect()),
        })),
        TensorData::Sparse { values, indices } => {
            let parts = (content(model, values)?, content(model, indices)?);
            dense(tensor, parts.0.array()?, parts.1.array()?).map(Value::Array)
        }
        _ if tensor.dtype == DType::String => Failure::unsupported("a long list of strings"),
        TensorData::Owned(content) => Ok(Value::Array(Array {
            dtype: tensor.dtype,
            dims: tensor.dims.clone(),
            content: content.clone(),
        })),
        _ => {
            let content = match tensor.bytes(&model.source) {
                Some(content) => content,
                None => model.content(tensor).map_err(Failure::Content)?,
            };
            Ok(Value::Array(Array { dtype: tensor.dtype, dims: tensor.dims.clone(), content }))
        }
    }
}

/// A sparse tensor with its zeros.
fn dense(tensor: &Tensor, values: &Array, indices: &Array) -> Result<Array, Failure> {
    use super::elements::{count, filled, width};
    let (total, width) = (count(&tensor.dims)?, width(values.dtype)?);
    let mut bytes: Vec<u8> = filled(total.saturating_mul(width), 0)?;
    let indices_list = view::<i64>(indices)?;
    let rank = if indices.dims.len() == 2 { indices.dims[1] as usize } else { 1 };
    if rank == 0 || (rank != 1 && rank != tensor.dims.len()) {
        return Failure::invalid("the positions of a sparse tensor have another rank");
    }
    for (number, position) in indices_list.chunks(rank).enumerate() {
        let at = match position {
            [at] => *at,
            _ => position
                .iter()
                .zip(&tensor.dims)
                .fold(0, |at: i64, (&p, &d)| at.saturating_mul(d).saturating_add(p)),
        };
        let at = usize::try_from(at).ok().filter(|&at| at < total);
        let from = values.content.get(number * width..(number + 1) * width);
        let (Some(at), Some(from)) = (at, from) else {
            return Failure::invalid("a position of a sparse tensor is outside of it");
        };
        bytes[at * width..(at + 1) * width].copy_from_slice(from);
    }
    Ok(Array { dtype: values.dtype, dims: tensor.dims.clone(), content: bytes.into() })
}
