//! Parts of tract's messages.

use tract_onnx::pb;

use crate::model::{AttributeValue, DType, Dim, Source, Tensor, TensorType};

/// Constants of more elements than this are not put into messages.
const MOST_ELEMENTS: u64 = 64;

/// An attribute; nothing for those that hold graphs or types.
pub(super) fn attribute(source: &Source, name: &str, value: &AttributeValue) -> Option<pb::AttributeProto> {
    use pb::attribute_proto::AttributeType;
    let mut made = pb::AttributeProto { name: name.to_owned(), ..Default::default() };
    let ty = match value {
        AttributeValue::Int(n) => {
            made.i = *n;
            AttributeType::Int
        }
        AttributeValue::Float(x) => {
            made.f = *x;
            AttributeType::Float
        }
        AttributeValue::String(text) => {
            made.s = text.as_bytes().to_vec();
            AttributeType::String
        }
        AttributeValue::Ints(v) => {
            made.ints = v.clone();
            AttributeType::Ints
        }
        AttributeValue::Floats(v) => {
            made.floats = v.clone();
            AttributeType::Floats
        }
        AttributeValue::Strings(v) => {
            made.strings = v.iter().map(|s| s.as_bytes().to_vec()).collect();
            AttributeType::Strings
        }
        AttributeValue::Tensor(tensor) => {
            made.t = Some(small_tensor(source, tensor, String::new())?);
            AttributeType::Tensor
        }
        _ => return None,
    };
    made.r#type = ty as i32;
    Some(made)
}

/// A small constant with its content.
pub(super) fn small_tensor(source: &Source, tensor: &Tensor, name: String) -> Option<pb::TensorProto> {
    tensor.elements().filter(|&n| n <= MOST_ELEMENTS)?;
    let bytes = tensor.bytes(source).filter(|b| Some(b.len() as u64) == tensor.byte_len())?;
    Some(pb::TensorProto {
        name,
        dims: tensor.dims.clone(),
        data_type: number_of(tensor.dtype)?,
        raw_data: bytes.to_vec(),
        ..Default::default()
    })
}

/// The type of a value.
pub(super) fn type_proto(ty: Option<&TensorType>) -> pb::TypeProto {
    use pb::tensor_shape_proto::Dimension;
    use pb::tensor_shape_proto::dimension::Value;
    let shape = ty.and_then(|ty| ty.shape.as_ref()).map(|shape| pb::TensorShapeProto {
        dim: shape
            .0
            .iter()
            .map(|dim| Dimension {
                denotation: String::new(),
                value: match dim {
                    Dim::Known(n) if *n >= 0 => Some(Value::DimValue(*n)),
                    Dim::Named(name) => Some(Value::DimParam(name.clone())),
                    _ => None,
                },
            })
            .collect(),
    });
    let elem_type = ty.and_then(|ty| number_of(ty.dtype)).unwrap_or(0);
    let tensor = pb::type_proto::Tensor { elem_type, shape };
    pb::TypeProto { denotation: String::new(), value: Some(pb::type_proto::Value::TensorType(tensor)) }
}

/// `TensorProto.DataType` of the types that tract has.
pub(super) fn number_of(dtype: DType) -> Option<i32> {
    Some(match dtype {
        DType::F32 => 1,
        DType::U8 => 2,
        DType::I8 => 3,
        DType::U16 => 4,
        DType::I16 => 5,
        DType::I32 => 6,
        DType::I64 => 7,
        DType::Bool => 9,
        DType::F16 => 10,
        DType::F64 => 11,
        DType::U32 => 12,
        DType::U64 => 13,
        _ => return None,
    })
}
