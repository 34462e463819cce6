//! The constants that `Constant` makes from its attributes.

use std::borrow::Cow;

use bytes::Bytes;

use super::domains::DEFAULT_ALIAS;
use crate::model::{AttributeValue, DType, Op, Span, Tensor, TensorData};

/// The constant that an operator makes, if it is such an operator.
pub(super) fn constant(op: &Op) -> Option<Cow<'_, Tensor>> {
    if op.op != "Constant" || !matches!(op.domain.as_str(), "" | DEFAULT_ALIAS) {
        return None;
    }
    op.attributes.iter().find_map(|a| match (a.name.as_str(), &a.value) {
        ("value" | "sparse_value", AttributeValue::Tensor(tensor)) => Some(Cow::Borrowed(&**tensor)),
        ("value_float", AttributeValue::Float(x)) => Some(floats(vec![], &[*x])),
        ("value_floats", AttributeValue::Floats(v)) => Some(floats(vec![v.len() as i64], v)),
        ("value_int", AttributeValue::Int(n)) => Some(ints(vec![], &[*n])),
        ("value_ints", AttributeValue::Ints(v)) => Some(ints(vec![v.len() as i64], v)),
        ("value_string", AttributeValue::String(s)) => {
            Some(owned(DType::String, vec![], TensorData::Strings(vec![s.clone()])))
        }
        ("value_strings", AttributeValue::Strings(v)) => {
            Some(owned(DType::String, vec![v.len() as i64], TensorData::Strings(v.clone())))
        }
        _ => None,
    })
}

fn floats(dims: Vec<i64>, values: &[f32]) -> Cow<'static, Tensor> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    owned(DType::F32, dims, TensorData::Owned(Bytes::from(bytes)))
}

fn ints(dims: Vec<i64>, values: &[i64]) -> Cow<'static, Tensor> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    owned(DType::I64, dims, TensorData::Owned(Bytes::from(bytes)))
}

fn owned(dtype: DType, dims: Vec<i64>, data: TensorData) -> Cow<'static, Tensor> {
    Cow::Owned(Tensor { name: String::new(), dtype, dims, data, span: Span::default() })
}
