//! An independent decoder reads the same.
//!
//! `onnx-protobuf` is generated from ONNX's schema at IR 9 by another code
//! generator. Every fixture up to that version must read alike: nodes, slots,
//! attributes, constants with their bytes, types, metadata, subgraphs, functions.

mod common;

use common::models::all;
use modelgram::formats;
use modelgram::model::{
    Attribute, AttributeValue, DType, Graph, Model, NodeId, NodeKind, Op, Property, Slot, Tensor, TensorData,
};
use onnx_protobuf::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, StringStringEntryProto, TensorProto,
};
use protobuf::Message;

#[test]
fn another_decoder_agrees_on_every_fixture() {
    let mut compared = 0;
    for path in all() {
        let bytes = std::fs::read(&path).unwrap();
        let model = formats::open(&path).unwrap();
        // A name that is not UTF-8 is an error to the other decoder.
        let Ok(other) = ModelProto::parse_from_bytes(&bytes) else {
            panic!("{}: only we can read it", path.display());
        };
        // It keeps the last of two parts of a message, where Protocol Buffers (and
        // the onnx package) merge them.
        if other.ir_version > 9 || path.ends_with("duplicate-field.onnx") {
            continue;
        }
        let check = Check { model: &model, file: path.display().to_string() };
        check.model(&other);
        compared += 1;
    }
    assert!(compared >= 30, "only {compared} models were compared");
}

struct Check<'a> {
    model: &'a Model,
    file: String,
}

impl Check<'_> {
    fn model(&self, other: &ModelProto) {
        let meta = &self.model.meta;
        assert_eq!(meta.ir_version.unwrap_or(0), other.ir_version, "{}", self.file);
        assert_eq!((&meta.producer, &meta.producer_version), (&other.producer_name, &other.producer_version));
        let ours: Vec<(&str, i64)> = meta.opsets.iter().map(|o| (o.domain.as_str(), o.version)).collect();
        let theirs: Vec<(&str, i64)> =
            other.opset_import.iter().map(|o| (plain(&o.domain), o.version)).collect();
        assert_eq!(ours, theirs, "{}", self.file);
        self.properties(&meta.properties, &other.metadata_props);
        self.graph(&self.model.graph, &other.graph);
        assert_eq!(self.model.functions.len(), other.functions.len(), "{}", self.file);
        for (ours, theirs) in self.model.functions.iter().zip(&other.functions) {
            self.function(ours, theirs);
        }
    }

    fn properties(&self, ours: &[Property], theirs: &[StringStringEntryProto]) {
        let ours: Vec<(&str, &str)> = ours.iter().map(|p| (p.key.as_str(), p.value.as_str())).collect();
        let theirs: Vec<(&str, &str)> = theirs.iter().map(|p| (p.key.as_str(), p.value.as_str())).collect();
        assert_eq!(ours, theirs, "{}", self.file);
    }

    fn graph(&self, ours: &Graph, theirs: &GraphProto) {
        assert_eq!(
            (&ours.name, ours.doc.as_str()),
            (&theirs.name, theirs.doc_string.as_str()),
            "{}",
            self.file
        );
        self.nodes(ours, &theirs.node);
        let defaults: Vec<&str> = theirs.initializer.iter().map(|t| t.name.as_str()).collect();
        let inputs: Vec<&str> =
            theirs.input.iter().map(|v| v.name.as_str()).filter(|name| !defaults.contains(name)).collect();
        let names = |ids: &[NodeId]| ids.iter().map(|&id| ours.node(id).name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&ours.inputs), inputs, "{}", self.file);
        let outputs: Vec<&str> = theirs.output.iter().map(|v| v.name.as_str()).collect();
        assert_eq!(names(&ours.outputs), outputs, "{}", self.file);
        let dense = ours.constants().filter(|(_, _, t)| !matches!(t.data, TensorData::Sparse { .. }));
        let dense: Vec<&Tensor> = dense.map(|(_, _, t)| t).collect();
        assert_eq!(dense.len(), theirs.initializer.len(), "{}", self.file);
        dense.iter().zip(&theirs.initializer).for_each(|(ours, theirs)| self.tensor(ours, theirs));
        assert_eq!(ours.constants().count() - dense.len(), theirs.sparse_initializer.len());
        for info in theirs.value_info.iter().chain(&theirs.output).chain(&theirs.input) {
            let value = ours.values().iter().find(|v| v.name == info.name);
            let ty = value.and_then(|v| v.ty.as_ref()).and_then(|ty| ty.tensor());
            if let (Some(ty), true) = (ty, info.type_.has_tensor_type()) {
                let theirs = info.type_.tensor_type();
                let contradicts = self
                    .model
                    .findings
                    .iter()
                    .any(|f| f.rule == "H202" && f.place.value.as_ref() == Some(&info.name));
                let rank = ty.shape.as_ref().map(|s| s.0.len());
                let same = rank == theirs.shape.as_ref().map(|s| s.dim.len()) || theirs.shape.is_none();
                assert!(same || contradicts, "{}: value `{}`", self.file, info.name);
            }
        }
    }

    fn nodes(&self, graph: &Graph, theirs: &[NodeProto]) {
        let ours: Vec<(NodeId, String, &Op)> =
            graph.ops().map(|(id, n, op)| (id, n.name.clone(), op)).collect();
        assert_eq!(ours.len(), theirs.len(), "{}", self.file);
        for ((id, name, op), other) in ours.iter().zip(theirs) {
            assert_eq!(
                (name, &op.op, op.domain.as_str()),
                (&other.name, &other.op_type, plain(&other.domain))
            );
            let mut inputs = vec![String::new(); op.input_slots as usize];
            for (used, _) in graph.uses_at(*id) {
                if let Slot::Input(slot) = used.to {
                    inputs[slot as usize].clone_from(&graph.value(used.value).name);
                }
            }
            assert_eq!(inputs, other.input, "{}: node `{name}`", self.file);
            let outputs = graph.node(*id).outputs.iter();
            let outputs: Vec<&str> =
                outputs.map(|o| o.map_or("", |v| graph.value(v).name.as_str())).collect();
            assert_eq!(outputs, other.output, "{}: node `{name}`", self.file);
            assert_eq!(op.attributes.len(), other.attribute.len(), "{}: node `{name}`", self.file);
            op.attributes
                .iter()
                .zip(&other.attribute)
                .for_each(|(ours, theirs)| self.attribute(ours, theirs));
        }
    }

    fn attribute(&self, ours: &Attribute, theirs: &AttributeProto) {
        let place = format!("{}: attribute `{}`", self.file, ours.name);
        assert_eq!(ours.name, theirs.name, "{place}");
        match &ours.value {
            AttributeValue::Int(n) => assert_eq!(*n, theirs.i, "{place}"),
            AttributeValue::Float(x) => assert_eq!(x.to_bits(), theirs.f.to_bits(), "{place}"),
            AttributeValue::String(s) => {
                assert_eq!(s.as_str(), String::from_utf8_lossy(&theirs.s), "{place}")
            }
            AttributeValue::Ints(list) => assert_eq!(*list, theirs.ints, "{place}"),
            AttributeValue::Floats(list) => {
                let bits = |list: &[f32]| list.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(list), bits(&theirs.floats), "{place}");
            }
            AttributeValue::Strings(list) => {
                let list: Vec<&str> = list.iter().map(|s| s.as_str()).collect();
                let theirs: Vec<_> = theirs.strings.iter().map(|s| String::from_utf8_lossy(s)).collect();
                assert_eq!(list, theirs, "{place}");
            }
            AttributeValue::Tensor(tensor) if !matches!(tensor.data, TensorData::Sparse { .. }) => {
                self.tensor(tensor, &theirs.t);
            }
            AttributeValue::Tensors(list) if list.len() == theirs.tensors.len() => {
                list.iter().zip(&theirs.tensors).for_each(|(ours, theirs)| self.tensor(ours, theirs));
            }
            AttributeValue::Graph(graph) => self.graph(graph, &theirs.g),
            AttributeValue::Graphs(graphs) => {
                assert_eq!(graphs.len(), theirs.graphs.len(), "{place}");
                graphs.iter().zip(&theirs.graphs).for_each(|(ours, theirs)| self.graph(ours, theirs));
            }
            AttributeValue::Reference(name) => assert_eq!(*name, theirs.ref_attr_name, "{place}"),
            AttributeValue::Type(_) => assert!(theirs.tp.is_some(), "{place}"),
            AttributeValue::Types(types) => assert_eq!(types.len(), theirs.type_protos.len(), "{place}"),
            AttributeValue::Tensor(_) => assert!(theirs.sparse_tensor.is_some(), "{place}"),
            AttributeValue::Tensors(list) => assert_eq!(list.len(), theirs.sparse_tensors.len(), "{place}"),
            AttributeValue::Other(_) | AttributeValue::Absent => {}
        }
    }

    fn tensor(&self, ours: &Tensor, theirs: &TensorProto) {
        let place = format!("{}: tensor `{}`", self.file, theirs.name);
        assert_eq!((&ours.name, &ours.dims), (&theirs.name, &theirs.dims), "{place}");
        match &ours.data {
            TensorData::External { path, .. } => {
                let location = theirs.external_data.iter().find(|e| e.key == "location");
                assert_eq!(*path, location.map(|e| e.value.clone()).unwrap_or_default(), "{place}");
            }
            TensorData::Strings(list) => {
                let list: Vec<&[u8]> = list.iter().map(|s| s.as_str().as_bytes()).collect();
                assert_eq!(list, theirs.string_data, "{place}");
            }
            _ => {
                let bad = self.model.findings.iter().any(|f| ["W304", "X702", "O104"].contains(&f.rule));
                let Ok(bytes) = formats::content(self.model, ours) else {
                    assert!(bad || ours.dtype == DType::String, "{place} cannot be decoded");
                    return;
                };
                assert_eq!(bytes, content(ours.dtype, theirs), "{place}");
            }
        }
    }

    fn function(&self, ours: &modelgram::model::Function, theirs: &FunctionProto) {
        assert_eq!(
            (&ours.name, ours.domain.as_str()),
            (&theirs.name, plain(&theirs.domain)),
            "{}",
            self.file
        );
        assert_eq!(ours.required, theirs.attribute, "{}", self.file);
        assert_eq!(ours.defaults.len(), theirs.attribute_proto.len(), "{}", self.file);
        ours.defaults
            .iter()
            .zip(&theirs.attribute_proto)
            .for_each(|(ours, theirs)| self.attribute(ours, theirs));
        let names =
            |ids: &[NodeId]| ids.iter().map(|&id| ours.graph.node(id).name.clone()).collect::<Vec<_>>();
        assert_eq!(
            (names(&ours.graph.inputs), names(&ours.graph.outputs)),
            (theirs.input.clone(), theirs.output.clone())
        );
        self.nodes(&ours.graph, &theirs.node);
    }
}

/// `ai.onnx` is another name of the default domain.
fn plain(domain: &str) -> &str {
    if domain == "ai.onnx" { "" } else { domain }
}

/// The content of a tensor as bytes, by the other decoder.
fn content(dtype: DType, tensor: &TensorProto) -> Vec<u8> {
    if !tensor.raw_data.is_empty() {
        return tensor.raw_data.clone();
    }
    let width = dtype.bits().unwrap_or(8).div_ceil(8) as usize;
    if !tensor.float_data.is_empty() {
        tensor.float_data.iter().flat_map(|x| x.to_le_bytes()).collect()
    } else if !tensor.double_data.is_empty() {
        tensor.double_data.iter().flat_map(|x| x.to_le_bytes()).collect()
    } else if !tensor.int64_data.is_empty() {
        tensor.int64_data.iter().flat_map(|n| n.to_le_bytes()).collect()
    } else if !tensor.uint64_data.is_empty() {
        tensor.uint64_data.iter().flat_map(|n| n.to_le_bytes()[..width].to_vec()).collect()
    } else {
        tensor.int32_data.iter().flat_map(|n| n.to_le_bytes()[..width].to_vec()).collect()
    }
}

/// The kinds that a node can be of are all met in the fixtures.
#[test]
fn the_fixtures_hold_every_kind_of_node() {
    let mut seen = [false; 6];
    for path in all() {
        let model = formats::open(&path).unwrap();
        let mut graphs: Vec<&Graph> = vec![&model.graph];
        while let Some(graph) = graphs.pop() {
            for (_, node) in graph.nodes() {
                seen[match &node.kind {
                    NodeKind::Input => 0,
                    NodeKind::Output => 1,
                    NodeKind::Constant { .. } => 2,
                    NodeKind::Op(op) => {
                        graphs.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
                        3
                    }
                    NodeKind::Captured => 4,
                    NodeKind::Undefined => 5,
                }] = true;
            }
        }
    }
    assert_eq!(seen, [true; 6]);
}
