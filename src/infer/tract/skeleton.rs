//! A model for tract without its weights.
//!
//! Constants of more than a few elements become typed inputs, so no weight is read, and
//! operators that tract has no right idea of are left out, with what they give as inputs
//! of the types that are known.

use tract_onnx::pb;

use crate::model::{
    AttributeValue, DType, Dim, Graph, Model, NodeId, NodeKind, Op, Tensor, TensorType, ValueId, ValueType,
};

/// Constants of more elements than this are inputs.
const MOST_ELEMENTS: u64 = 64;
/// The deepest that subgraphs are nested.
const DEEPEST: usize = 32;

/// The main graph of `model`, data-free. Values are named by their numbers, so that two
/// of one name are told apart: see [`name_of`].
pub(super) fn skeleton(model: &Model) -> pb::ModelProto {
    let builder = Builder { model };
    let opsets = model
        .meta
        .opsets
        .iter()
        .map(|o| pb::OperatorSetIdProto { domain: o.domain.clone(), version: o.version });
    pb::ModelProto {
        ir_version: 8,
        opset_import: opsets.collect(),
        graph: Some(builder.main()),
        ..Default::default()
    }
}

/// The name that a value of the main graph has in the skeleton.
pub(super) fn name_of(value: ValueId) -> String {
    format!("v{}", value.0)
}

struct Builder<'a> {
    model: &'a Model,
}

impl Builder<'_> {
    fn main(&self) -> pb::GraphProto {
        let graph = &self.model.graph;
        let mut made = pb::GraphProto { name: "skeleton".into(), ..Default::default() };
        for id in graph.flow_order() {
            let node = graph.node(id);
            match &node.kind {
                NodeKind::Op(op) if self.can_be_told(op) => {
                    let outputs = node.outputs.iter().map(|o| o.map(name_of).unwrap_or_default()).collect();
                    made.node.push(self.node(graph, id, op, outputs));
                }
                NodeKind::Constant { tensor, .. } => {
                    let Some(value) = node.outputs.first().copied().flatten() else { continue };
                    match self.tensor(tensor, name_of(value)) {
                        Some(tensor) => made.initializer.push(tensor),
                        None => self.add_input(graph, value, &mut made),
                    }
                }
                _ => node.outputs.iter().flatten().for_each(|&v| self.add_input(graph, v, &mut made)),
            }
        }
        // tract wants to know what is asked for.
        let known = graph.outputs.iter().filter_map(|&o| graph.input(o, 0));
        let outputs = known.map(|v| pb::ValueInfoProto { name: name_of(v), ..Default::default() });
        made.output = outputs.collect();
        made
    }

    /// Not a custom operator of a standard name, which tract would take for the standard
    /// one, nor one that holds graphs: its types are ours to find.
    fn can_be_told(&self, op: &Op) -> bool {
        let standard = matches!(op.domain.as_str(), "" | "ai.onnx");
        let function = self.model.functions.iter().any(|f| f.name == op.op && f.domain == op.domain);
        let graphs = op.attributes.iter().any(|a| !a.value.graphs().is_empty());
        // Its default is taken for another type than the standard has.
        let odd = op.op == "ConstantOfShape" && op.attribute("value").is_none();
        standard && !function && !graphs && !odd
    }

    fn add_input(&self, graph: &Graph, value: ValueId, made: &mut pb::GraphProto) {
        let ty = graph.value(value).ty.as_ref().and_then(ValueType::tensor);
        made.input.push(pb::ValueInfoProto {
            name: name_of(value),
            r#type: Some(type_proto(ty)),
            ..Default::default()
        });
    }

    fn node(&self, graph: &Graph, id: NodeId, op: &Op, output: Vec<String>) -> pb::NodeProto {
        let mut input = vec![String::new(); (op.input_slots as usize).min(100_000)];
        for (used, _) in graph.uses_at(id) {
            if let crate::model::Slot::Input(n) = used.to
                && let Some(slot) = input.get_mut(n as usize)
            {
                *slot = name_of(used.value);
            }
        }
        pb::NodeProto {
            input,
            output,
            name: format!("n{}", id.index()),
            op_type: op.op.clone(),
            domain: String::new(),
            attribute: op
                .attributes
                .iter()
                .filter_map(|a| self.attribute(&a.name, &a.value, DEEPEST))
                .collect(),
            ..Default::default()
        }
    }

    fn attribute(&self, name: &str, value: &AttributeValue, left: usize) -> Option<pb::AttributeProto> {
        use pb::attribute_proto::AttributeType;
        left.checked_sub(1)?;
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
                made.t = Some(self.tensor(tensor, String::new())?);
                AttributeType::Tensor
            }
            _ => return None,
        };
        made.r#type = ty as i32;
        Some(made)
    }

    /// A small constant with its content.
    fn tensor(&self, tensor: &Tensor, name: String) -> Option<pb::TensorProto> {
        tensor.elements().filter(|&n| n <= MOST_ELEMENTS)?;
        let bytes = tensor.bytes(&self.model.source).filter(|b| Some(b.len() as u64) == tensor.byte_len())?;
        Some(pb::TensorProto {
            name,
            dims: tensor.dims.clone(),
            data_type: number_of(tensor.dtype)?,
            raw_data: bytes.to_vec(),
            ..Default::default()
        })
    }
}

fn type_proto(ty: Option<&TensorType>) -> pb::TypeProto {
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
fn number_of(dtype: DType) -> Option<i32> {
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
