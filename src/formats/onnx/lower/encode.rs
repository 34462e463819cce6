//! New records.

use prost::Message;

use crate::error::Result;
use crate::formats::encoding::splice::record;
use crate::formats::encoding::wire::fields;
use crate::formats::onnx::schema::attribute_proto::AttributeType;
use crate::formats::onnx::schema::{
    AttributeProto, NodeProto, TensorProto, TensorShapeProto, TypeProto, ValueInfoProto,
    tensor_shape_proto::{Dimension, dimension},
    type_proto,
};
use crate::model::{Dim, NewNode, NewTensor, NewValue, TensorType, ValueType};
use crate::ops::onnx_dtype_number;

/// The record of a node in a graph.
pub(super) fn node(bytes: &[u8], node: &NewNode) -> Result<Vec<u8>> {
    const ATTRIBUTE: u32 = 5;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let mut proto = NodeProto {
        input: node.inputs.clone(),
        output: node.outputs.clone(),
        name: some(&node.name),
        op_type: Some(node.op.clone()),
        domain: some(&node.domain),
        overload: some(&node.overload),
        ..NodeProto::default()
    };
    let mut copied = Vec::new();
    for (name, value) in &node.attributes {
        let mut new = AttributeProto { name: Some(name.clone()), ..AttributeProto::default() };
        match value {
            NewValue::Int(n) => (new.i, new.r#type) = (Some(*n), Some(AttributeType::Int as i32)),
            NewValue::Float(x) => (new.f, new.r#type) = (Some(*x), Some(AttributeType::Float as i32)),
            NewValue::Ints(list) => {
                (new.ints, new.r#type) = (list.clone(), Some(AttributeType::Ints as i32));
            }
            NewValue::Copy(own) => {
                let span = own.span();
                // Everything but the name, which is another one where a function's
                // attribute refers to that of a call.
                let mut own = record(1, name.as_bytes());
                for outer in fields(bytes, span.start as usize..span.end() as usize) {
                    for field in fields(bytes, outer?.bytes()?) {
                        let field = field?;
                        if field.number != 1 {
                            own.extend_from_slice(&bytes[field.record]);
                        }
                    }
                }
                copied.extend(record(ATTRIBUTE, &own));
                continue;
            }
        }
        proto.attribute.push(new);
    }
    let mut payload = proto.encode_to_vec();
    payload.extend(copied);
    Ok(record(1, &payload))
}

/// The record of a stored constant in a graph.
pub(super) fn tensor(tensor: &NewTensor) -> Vec<u8> {
    const RAW: u32 = 9;
    let proto = TensorProto {
        dims: tensor.dims.clone(),
        data_type: Some(onnx_dtype_number(tensor.dtype)),
        name: Some(tensor.name.clone()),
        ..TensorProto::default()
    };
    let mut payload = proto.encode_to_vec();
    payload.extend(record(RAW, &tensor.content));
    record(5, &payload)
}

/// The record of an input, an output or a value with its type, as field `number` of a graph.
pub(super) fn value_info(number: u32, name: &str, ty: Option<&ValueType>) -> Vec<u8> {
    let info = ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: ty.map(value_type),
        ..ValueInfoProto::default()
    };
    record(number, &info.encode_to_vec())
}

/// A type as ONNX has it. What follows from symbols is written as its expression.
pub(super) fn value_type(ty: &ValueType) -> TypeProto {
    use type_proto::Value;
    let inner = |ty: &ValueType| Some(Box::new(value_type(ty)));
    let value = match ty {
        ValueType::Tensor(ty) => Value::TensorType(type_proto::Tensor {
            elem_type: Some(onnx_dtype_number(ty.dtype)),
            shape: shape(ty),
        }),
        ValueType::SparseTensor(ty) => Value::SparseTensorType(type_proto::SparseTensor {
            elem_type: Some(onnx_dtype_number(ty.dtype)),
            shape: shape(ty),
        }),
        ValueType::Sequence(item) => {
            Value::SequenceType(Box::new(type_proto::Sequence { elem_type: inner(item) }))
        }
        ValueType::Optional(item) => {
            Value::OptionalType(Box::new(type_proto::Optional { elem_type: inner(item) }))
        }
        ValueType::Map(key, value) => Value::MapType(Box::new(type_proto::Map {
            key_type: Some(onnx_dtype_number(*key)),
            value_type: inner(value),
        })),
        ValueType::Opaque(domain, name) => {
            Value::OpaqueType(type_proto::Opaque { domain: Some(domain.clone()), name: Some(name.clone()) })
        }
    };
    TypeProto { denotation: None, value: Some(value) }
}

fn shape(ty: &TensorType) -> Option<TensorShapeProto> {
    let dim = |dim: &Dim| {
        let value = match dim {
            Dim::Known(n) => Some(dimension::Value::DimValue(*n)),
            Dim::Named(name) => Some(dimension::Value::DimParam(name.clone())),
            Dim::Computed(expr) => Some(dimension::Value::DimParam(expr.to_string())),
            Dim::Unknown => None,
        };
        Dimension { denotation: None, value }
    };
    ty.shape.as_ref().map(|shape| TensorShapeProto { dim: shape.0.iter().map(dim).collect() })
}
