//! A model for tract without its weights.
//!
//! Constants of more than a few elements become typed inputs, so no weight is read, and
//! operators that tract has no right idea of are left out, with what they give as inputs
//! of the types that are known.

use tract_onnx::pb;

use super::proto::{attribute, small_tensor, type_proto};
use crate::model::{Graph, Model, NodeId, NodeKind, Op, ValueId, ValueType};

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
                    match small_tensor(&self.model.source, tensor, name_of(value)) {
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
                .filter_map(|a| attribute(&self.model.source, &a.name, &a.value))
                .collect(),
            ..Default::default()
        }
    }
}
