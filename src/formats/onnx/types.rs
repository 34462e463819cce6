//! ONNX's types in our words.

use super::schema::{TypeProto, ValueInfoProto, tensor_shape_proto::dimension, type_proto};
use crate::model::{DType, Dim, Shape, TensorType, ValueType};
use crate::ops::onnx_dtype;

/// The type of a declared value, if it says any.
pub(super) fn declared(info: &ValueInfoProto) -> Option<ValueType> {
    info.r#type.as_ref().and_then(value_type)
}

/// A type in our words. prost has bounded how deep it nests.
pub(super) fn value_type(ty: &TypeProto) -> Option<ValueType> {
    use type_proto::Value;
    let inner = |ty: &Option<Box<TypeProto>>| {
        let unknown = ValueType::Tensor(TensorType { dtype: DType::Undefined, shape: None });
        Box::new(ty.as_deref().and_then(value_type).unwrap_or(unknown))
    };
    Some(match ty.value.as_ref()? {
        Value::TensorType(t) => ValueType::Tensor(tensor_type(t.elem_type, t.shape.as_ref())),
        Value::SparseTensorType(t) => ValueType::SparseTensor(tensor_type(t.elem_type, t.shape.as_ref())),
        Value::SequenceType(t) => ValueType::Sequence(inner(&t.elem_type)),
        Value::OptionalType(t) => ValueType::Optional(inner(&t.elem_type)),
        Value::MapType(t) => ValueType::Map(onnx_dtype(t.key_type.unwrap_or(0)), inner(&t.value_type)),
        Value::OpaqueType(t) => ValueType::Opaque(t.domain().to_owned(), t.name().to_owned()),
    })
}

fn tensor_type(elem_type: Option<i32>, shape: Option<&super::schema::TensorShapeProto>) -> TensorType {
    let shape = shape.map(|shape| {
        let dims = shape.dim.iter().map(|dim| match &dim.value {
            Some(dimension::Value::DimValue(n)) => Dim::Known(*n),
            Some(dimension::Value::DimParam(name)) if !name.is_empty() => Dim::Named(name.clone()),
            _ => Dim::Unknown,
        });
        Shape(dims.collect())
    });
    TensorType { dtype: onnx_dtype(elem_type.unwrap_or(0)), shape }
}

/// Whether two types cannot both be true: other kinds, element types, ranks, or
/// numbers.
pub(super) fn contradict(a: &ValueType, b: &ValueType) -> bool {
    match (a, b) {
        (ValueType::Tensor(a), ValueType::Tensor(b))
        | (ValueType::SparseTensor(a), ValueType::SparseTensor(b)) => {
            let undefined = [a.dtype, b.dtype].contains(&DType::Undefined);
            let shapes = match (&a.shape, &b.shape) {
                (Some(a), Some(b)) => {
                    let differ =
                        |(x, y): (&Dim, &Dim)| matches!((x, y), (Dim::Known(x), Dim::Known(y)) if x != y);
                    a.0.len() != b.0.len() || a.0.iter().zip(&b.0).any(differ)
                }
                _ => false,
            };
            (!undefined && a.dtype != b.dtype) || shapes
        }
        (ValueType::Sequence(a), ValueType::Sequence(b))
        | (ValueType::Optional(a), ValueType::Optional(b)) => contradict(a, b),
        (ValueType::Map(k, a), ValueType::Map(l, b)) => k != l || contradict(a, b),
        (ValueType::Opaque(..), ValueType::Opaque(..)) => a != b,
        _ => true,
    }
}
