//! A model as tract takes it: functions in place, and weights apart.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use tract_onnx::pb;
use tract_onnx::prelude::Tensor;

use super::value::filled;
use crate::error::{Error, ErrorKind, Result};
use crate::formats::{opened, preview};
use crate::infer::plain::plain;
use crate::model::{Edit, Model, TensorData};
use crate::text::printable;

/// A graph without weights, and the weights, each stored once.
pub(super) struct Prepared {
    pub(super) proto: pb::ModelProto,
    pub(super) weights: Vec<(String, Arc<Tensor>)>,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
}

/// Takes a model apart. External data is read by our rules, and not by tract's.
pub(super) fn prepare(model: &Model) -> Result<Prepared> {
    let small = match plain(model)? {
        Some(written) => written,
        None => preview(model, &Edit::default())?,
    };
    let mut proto = decode(&small.source.bytes)?;
    let graph =
        proto.graph.as_mut().ok_or_else(|| Error::new(ErrorKind::Undecodable, "there is no graph"))?;
    graph.value_info.clear();
    graph.node.iter_mut().for_each(explicit);
    let mut weights = Vec::new();
    // Stored content that is large, or elsewhere, does not go through a message.
    for (_, node, stored) in model.graph.constants() {
        let Some(at) = graph.initializer.iter().position(|t| t.name == node.name) else { continue };
        let external = matches!(stored.data, TensorData::External { .. });
        if !external
            && graph.initializer[at].data_location != Some(pb::tensor_proto::DataLocation::External as i32)
        {
            continue;
        }
        let own = opened(model, stored)?;
        let weight = filled(stored.dtype, &stored.dims, |place| own.fill(place))
            .map_err(|error| error.at(crate::error::Place::default().at_value(&node.name)))?;
        let proto = graph.initializer.swap_remove(at);
        graph.input.retain(|input| input.name != proto.name);
        graph.input.push(input(&proto));
        weights.push((proto.name, Arc::new(weight)));
    }
    let inputs = model.graph.inputs.iter().map(|&id| model.graph.node(id).name.clone()).collect();
    let outputs = graph.output.iter().map(|output| output.name.clone()).collect();
    Ok(Prepared { proto, weights, inputs, outputs })
}

fn decode(bytes: &Bytes) -> Result<pb::ModelProto> {
    pb::ModelProto::decode(bytes.clone())
        .map_err(|error| Error::new(ErrorKind::Undecodable, format!("tract's schema: {error}")))
}

/// Writes defaults out that tract has other ones for.
fn explicit(node: &mut pb::NodeProto) {
    if node.op_type == "ConstantOfShape" && node.attribute.is_empty() {
        let zero =
            pb::TensorProto { dims: vec![1], data_type: 1, raw_data: vec![0; 4], ..Default::default() };
        node.attribute.push(pb::AttributeProto {
            name: "value".into(),
            r#type: pb::attribute_proto::AttributeType::Tensor as i32,
            t: Some(zero),
            ..Default::default()
        });
    }
}

fn input(tensor: &pb::TensorProto) -> pb::ValueInfoProto {
    use pb::tensor_shape_proto::{Dimension, dimension::Value};
    let dim =
        tensor.dims.iter().map(|&n| Dimension { denotation: String::new(), value: Some(Value::DimValue(n)) });
    let ty = pb::type_proto::Tensor {
        elem_type: tensor.data_type,
        shape: Some(pb::TensorShapeProto { dim: dim.collect() }),
    };
    pb::ValueInfoProto {
        name: tensor.name.clone(),
        r#type: Some(pb::TypeProto {
            denotation: String::new(),
            value: Some(pb::type_proto::Value::TensorType(ty)),
        }),
        ..Default::default()
    }
}

/// Whether a name is one of tract's inputs, for messages.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", printable(name))
}
