//! What the ONNX reader makes of models, valid and broken.

mod common;

use bytes::Bytes;
use common::models::{all, at, files, open};
use modelgram::error::ErrorKind;
use modelgram::formats::{self, onnx};
use modelgram::model::{
    AttributeValue, DType, Graph, KnownFrom, Model, NodeKind, ScopeId, Slot, Span, TensorData, property,
};
use prost::Message;

fn find<'a>(graph: &'a Graph, name: &str) -> (modelgram::model::NodeId, &'a modelgram::model::Op) {
    let found = graph.ops().find(|(_, node, _)| node.name == name);
    let (id, _, op) = found.unwrap_or_else(|| panic!("no node `{name}`"));
    (id, op)
}

#[test]
fn a_real_model_has_its_nodes_types_and_metadata() {
    let model = open("fixtures/onnx/real/resnet50_dy.onnx");
    assert_eq!(model.graph.ops().count(), 122);
    assert_eq!((model.meta.ir_version, model.meta.opsets[0].version), (Some(10), 20));
    let known = model.graph.values().iter().filter(|v| v.known_from == KnownFrom::File).count();
    assert_eq!(known, model.graph.values().len(), "the exporter declares every value");
    let (id, conv) = model.graph.ops().map(|(id, _, op)| (id, op)).next().unwrap();
    assert_eq!((conv.op.as_str(), conv.input_slots), ("Conv", 2));
    let ty = model.graph.value(model.graph.node(id).outputs[0].unwrap()).ty.as_ref().unwrap();
    assert_eq!(ty.to_string(), "f32 1×64×112×112");
    assert!(property(&conv.properties, "pkg.torch.onnx.stack_trace").is_some());
    let scope = model.graph.scopes.path(model.graph.node(id).scope);
    assert_eq!(scope, ["bn1"], "the exporter folded the normalization into the convolution");
    assert!(model.findings.is_empty(), "{:?}", model.findings);
}

#[test]
fn a_subgraph_captures_through_every_level() {
    let model = open("fixtures/onnx/control-flow.onnx");
    let (outer, op) = find(&model.graph, "outer_if");
    let captured: Vec<String> = model
        .graph
        .uses_at(outer)
        .into_iter()
        .filter(|(u, _)| u.to == Slot::Capture)
        .map(|(u, _)| model.graph.value(u.value).name.clone())
        .collect();
    assert!(captured.contains(&"x".into()) && captured.contains(&"w".into()), "{captured:?}");
    assert!(!captured.contains(&"middle".into()), "a value of the branch is not captured from outside");
    let then = &op.attribute("then_branch").unwrap().graphs()[0];
    let (inner, _) = find(then, "inner_if");
    let inside: Vec<_> = then.uses_at(inner).into_iter().filter(|(u, _)| u.to == Slot::Capture).collect();
    let names: Vec<&str> = inside.iter().map(|(u, _)| then.value(u.value).name.as_str()).collect();
    assert!(names.contains(&"middle") && names.contains(&"w"), "{names:?}");
    assert!(then.nodes().any(|(_, n)| n.name == "w" && matches!(n.kind, NodeKind::Captured)));
}

#[test]
fn slots_that_are_left_out_stay_out() {
    let model = open("fixtures/onnx/control-flow.onnx");
    let (id, op) = find(&model.graph, "loop");
    assert_eq!(op.input_slots, 3);
    let slots: Vec<Slot> =
        model.graph.uses_at(id).iter().map(|(u, _)| u.to).filter(|s| *s != Slot::Capture).collect();
    assert_eq!(slots, [Slot::Input(0), Slot::Input(2)]);
    let model = open("fixtures/onnx/functions.onnx");
    let (id, _) = find(&model.graph, "second_with_defaults");
    assert_eq!(model.graph.node(id).outputs.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn functions_have_bodies_attributes_and_references() {
    let model = open("fixtures/onnx/functions.onnx");
    let names: Vec<&str> = model.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["Block", "ScaledLeakyRelu", "KeepIf", "NeverCalled"]);
    let scaled = &model.functions[1];
    assert_eq!(scaled.required, ["alpha"]);
    assert!(matches!(scaled.defaults[0].value, AttributeValue::Float(f) if f == 2.0));
    let (_, leaky) = find(&scaled.graph, "leaky");
    assert!(matches!(leaky.attribute("alpha"), Some(AttributeValue::Reference(name)) if name == "alpha"));
}

#[test]
fn a_default_of_an_input_is_a_constant_and_no_input() {
    let model = open("fixtures/onnx/ir3-initializers.onnx");
    let overridable =
        model.graph.nodes().filter(|(_, n)| matches!(n.kind, NodeKind::Constant { overridable: true, .. }));
    assert!(overridable.count() > 0);
    let listed: Vec<&str> = model.graph.inputs.iter().map(|&i| model.graph.node(i).name.as_str()).collect();
    let constants: Vec<&str> = model.graph.constants().map(|(_, n, _)| n.name.as_str()).collect();
    assert!(listed.iter().all(|name| !constants.contains(name)), "{listed:?} and {constants:?}");
}

/// Raw and typed encodings give the same bytes, for every type of ONNX.
#[test]
fn every_data_type_reads_alike_raw_and_typed() {
    for (raw, typed) in [
        ("dtypes-raw", "dtypes-typed"),
        ("dtypes-float8-raw", "dtypes-float8-typed"),
        ("dtypes-new-raw", "dtypes-new-typed"),
    ] {
        let [raw, typed] = [raw, typed].map(|name| open(&format!("fixtures/onnx/{name}.onnx")));
        let mut compared = 0;
        for (_, node, tensor) in raw.graph.constants() {
            let other =
                typed.graph.constants().find(|(_, n, _)| n.name == node.name).expect("both have it").2;
            assert_eq!(tensor.dtype, other.dtype);
            assert!(!matches!(tensor.dtype, DType::Other(_) | DType::Undefined), "{}", node.name);
            let [a, b] = [formats::content(&raw, tensor), formats::content(&typed, other)];
            assert_eq!(a.unwrap(), b.unwrap(), "{}", node.name);
            compared += 1;
        }
        assert!(compared >= 8);
    }
}

#[test]
fn numbers_are_those_that_the_onnx_package_reads() {
    let expected = std::fs::read_to_string(at("fixtures/onnx/dtypes.expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let mut compared = 0;
    for path in files("fixtures/onnx", "onnx").iter().filter(|p| p.to_string_lossy().contains("dtypes-")) {
        let model = formats::open(path).unwrap();
        for (_, node, tensor) in model.graph.constants().filter(|(_, n, _)| n.name.ends_with("_vector")) {
            let kind = node.name.trim_end_matches("_vector").to_uppercase();
            let Some(numbers) = tensor.numbers(&model.source, 16) else { continue };
            for (number, text) in numbers.iter().zip(expected[&kind].as_array().unwrap()) {
                let text: f64 = text.as_str().unwrap().replace("True", "1").parse().unwrap();
                let same = *number == text || (number.is_nan() && text.is_nan());
                assert!(same, "{kind}: {number} is not {text}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "only {compared} numbers were compared");
}

#[test]
fn external_data_is_named_and_not_opened() {
    let model = open("fixtures/onnx/external-data.onnx");
    let (_, _, tensor) = model.graph.constants().find(|(_, n, _)| n.name == "b1").unwrap();
    assert!(
        matches!(&tensor.data, TensorData::External { path, at: 4096, len: Some(16) } if path == "external-data.data")
    );
    let unsafe_paths = open("fixtures/onnx/external-unsafe.onnx");
    assert!(unsafe_paths.findings.iter().any(|f| f.rule == "X701" && f.message.contains("`..`")));
}

/// Each span, decoded by prost on its own, is the record of the same name.
#[test]
fn every_record_is_where_its_span_says() {
    for path in all() {
        let model = formats::open(&path).unwrap();
        let mut graphs: Vec<&Graph> = vec![&model.graph];
        graphs.extend(model.functions.iter().map(|f| &f.graph));
        while let Some(graph) = graphs.pop() {
            for (_, node) in graph.nodes() {
                check_span(&model, node, &path);
                if let NodeKind::Op(op) = &node.kind {
                    graphs.extend(op.attributes.iter().flat_map(|a| a.value.graphs()));
                    for attribute in &op.attributes {
                        let proto =
                            onnx::schema::AttributeProto::decode(payload(&model, attribute.span)).unwrap();
                        assert_eq!(proto.name(), attribute.name, "{}", path.display());
                    }
                }
            }
        }
    }
}

fn check_span(model: &Model, node: &modelgram::model::Node, path: &std::path::Path) {
    if matches!(node.kind, NodeKind::Undefined | NodeKind::Captured) {
        return;
    }
    let bytes = payload(model, node.span);
    match &node.kind {
        NodeKind::Op(op) => {
            let Ok(proto) = onnx::schema::NodeProto::decode(bytes) else { return };
            assert_eq!(
                (proto.name(), proto.op_type()),
                (node.name.as_str(), op.op.as_str()),
                "{}",
                path.display()
            );
        }
        NodeKind::Constant { tensor, .. } if !matches!(tensor.data, TensorData::Sparse { .. }) => {
            let proto = onnx::schema::TensorProto::decode(bytes).unwrap();
            assert_eq!((proto.name(), &proto.dims), (tensor.name.as_str(), &tensor.dims));
        }
        NodeKind::Input | NodeKind::Output => {
            // The inputs of functions are mere names.
            if let Ok(proto) = onnx::schema::ValueInfoProto::decode(bytes) {
                assert!(proto.name() == node.name || proto.name().is_empty());
            }
        }
        _ => {}
    }
}

/// The payload of a length-delimited record.
fn payload(model: &Model, span: Span) -> Bytes {
    let record = model.source.slice(span).expect("the span is inside");
    let (_, at) = modelgram::stages::encoding::wire::varint(&record, 0).unwrap();
    let (len, at) = modelgram::stages::encoding::wire::varint(&record, at).unwrap();
    assert_eq!(at as u64 + len, span.len, "the span is one whole record");
    record.slice(at..)
}

#[test]
fn scopes_come_from_pytorchs_metadata() {
    let model = open("models/bert.onnx");
    let scoped = model.graph.ops().filter(|(_, node, _)| node.scope != ScopeId::ROOT).count();
    assert!(scoped > 300, "only {scoped} nodes have a scope");
    let classes = model.graph.scopes.scopes().iter().filter_map(|s| s.class.as_deref());
    assert!(classes.into_iter().any(|c| c.ends_with("BertLayer")));
}

/// What each invalid model opens with: a rule, and a word of its place.
#[test]
fn invalid_models_open_with_findings_that_name_the_place() {
    let expected = [
        ("cycle", "S006", "`a`"),
        ("duplicate-definition", "S002", "`second`"),
        ("duplicate-initializer", "S008", "`w`"),
        ("duplicate-input", "S008", "`x`"),
        ("duplicate-node-name", "S007", "`same`"),
        ("duplicate-opset", "S014", "byte"),
        ("empty-graph", "S012", "empty-graph.onnx"),
        ("huge-dims", "X702", "`w`"),
        ("huge-dims-wrapping", "X702", "`w`"),
        ("ir-version-999", "S013", "999"),
        ("missing-elem-type", "H201", "`x`"),
        ("missing-type", "H201", "`x`"),
        ("negative-dims", "X702", "`w`"),
        ("no-data", "W304", "`w`"),
        ("no-ir-version", "S013", "no-ir-version.onnx"),
        ("no-nodes", "S012", "no-nodes.onnx"),
        ("no-op-type", "O101", "`nameless`"),
        ("no-opset", "S016", "no-opset.onnx"),
        ("opset-99", "S015", "byte"),
        ("raw-and-typed", "X706", "`w`"),
        ("self-loop", "S006", "`add`"),
        ("stale-value-info", "H203", "`renamed_long_ago`"),
        ("too-long", "W304", "`w`"),
        ("undefined-input", "S003", "`add`"),
        ("undefined-output", "S004", "`ghost`"),
        ("unknown-data-type", "O104", "`w`"),
        ("unknown-domain", "S016", "`custom`"),
        ("unknown-elem-type", "O104", "`x`"),
        ("unsorted", "S005", "`second`"),
        ("wrong-length", "W304", "`w`"),
        ("wrong-typed-field", "W304", "`w`"),
    ];
    for (name, rule, place) in expected {
        let model = open(&format!("fixtures/broken/{name}.onnx"));
        let found = model.findings.iter().find(|f| f.rule == rule);
        let found = found.unwrap_or_else(|| panic!("{name}: no {rule} in {:?}", model.findings));
        assert!(found.to_string().contains(place), "{name}: {found} does not name {place}");
    }
    // What only a check of operators, weights or functions can see: these open.
    let silent = [
        "attribute-two-values",
        "control-in-name",
        "dead-node",
        "function-bomb",
        "function-recursion",
        "shadowing",
        "sparse-index-outside",
        "unknown-attribute",
        "unknown-op",
        "wrong-value-info",
    ];
    for name in silent {
        let model = open(&format!("fixtures/broken/{name}.onnx"));
        assert!(model.graph.ops().count() > 0, "{name}");
    }
    // A file without a graph is an error, see below.
    let listed = expected.len() + silent.len() + 1;
    assert_eq!(listed, files("fixtures/broken", "onnx").len(), "a fixture is not listed here");
}

#[test]
fn undecodable_files_are_errors_with_a_place_or_a_name() {
    use ErrorKind::{Undecodable, Unsafe, Unsupported};
    let expected = [
        ("deep-groups.bin", Undecodable, "byte 24: groups are not nested"),
        ("deep-nesting.bin", Unsafe, "nested more than 64 deep"),
        ("empty.bin", Undecodable, "empty"),
        ("garbage.bin", Undecodable, "no known format"),
        ("group-unclosed.bin", Undecodable, "byte 26: the data ends inside a number"),
        (
            "length-negative.bin",
            Undecodable,
            "byte 22: field 7 claims 18446744073709551615 bytes where 20 are left",
        ),
        ("length-past-end.bin", Undecodable, "byte 22: field 7 claims 1099511627776 bytes where 20 are left"),
        ("length-past-parent.bin", Undecodable, "byte 24: field 1 claims 64 bytes where 3 are left"),
        ("not-onnx-hdf5.bin", Undecodable, "HDF5"),
        ("not-onnx-html.bin", Unsupported, "a web page"),
        ("not-onnx-json.bin", Unsupported, "no layer"),
        ("not-onnx-pickle.bin", Unsupported, "pickle"),
        ("not-onnx-tensor.bin", Undecodable, "no known format"),
        ("not-onnx-text.bin", Unsupported, "Git LFS pointer"),
        ("not-onnx-tflite.bin", Unsupported, "TensorFlow Lite"),
        ("not-onnx-zip.bin", Unsupported, "zip"),
        ("truncated-in-weights.bin", Undecodable, "byte 22: field 7 claims 89 bytes where 37 are left"),
        ("truncated.bin", Undecodable, "byte 22: field 7 claims 89 bytes where 55 are left"),
        ("varint-too-long.bin", Undecodable, "no known format"),
        ("wrong-wire-type.bin", Undecodable, "no known format"),
        ("zeros.bin", Undecodable, "no known format"),
        ("no-graph.onnx", Undecodable, "has no graph"),
    ];
    for (name, kind, text) in expected {
        let error = formats::open(&at(&format!("fixtures/broken/{name}"))).expect_err(name);
        assert_eq!(error.kind, kind, "{name}");
        assert!(error.to_string().contains(text), "{name}: {error}");
    }
    // One opens, with its bad name replaced.
    let model = open("fixtures/broken/bad-utf8.bin");
    assert!(model.findings.iter().any(|f| f.rule == "S001"));
    assert_eq!(expected.len(), files("fixtures/broken", "bin").len(), "a fixture is not listed here");
}

/// The extension decides what is tried, so that the error says what is wrong.
#[test]
fn a_damaged_onnx_file_is_told_where_it_is_damaged() {
    let bytes = std::fs::read(at("fixtures/broken/varint-too-long.bin")).unwrap();
    let error = formats::read("model.onnx", bytes.into()).unwrap_err().to_string();
    assert!(error.contains("a number is longer than ten bytes"), "{error}");
}

#[test]
fn the_content_tells_the_format_and_not_the_name() {
    let bytes = Bytes::from(std::fs::read(at("models/digits.onnx")).unwrap());
    assert_eq!(formats::read("weights.h5", bytes).unwrap().format, "onnx");
}

#[test]
fn what_stopped_a_reader_can_be_asked_for() {
    use std::error::Error as _;
    let missing = formats::open("fixtures/none.onnx".as_ref()).expect_err("there is none");
    let system = missing.source().and_then(|source| source.downcast_ref::<std::io::Error>());
    assert_eq!(system.map(std::io::Error::kind), Some(std::io::ErrorKind::NotFound));
    // The type of an input says a number where its record should be.
    let input: &[u8] = b"\x0a\x01x\x12\x02\x08\x01";
    let graph = [&[0x5a, input.len() as u8], input].concat();
    let file = [&[0x08, 0x08, 0x3a, graph.len() as u8], graph.as_slice()].concat();
    let error = formats::read("bad.onnx", file.into()).expect_err("it is no model");
    assert!(error.source().is_some_and(|source| source.is::<prost::DecodeError>()), "{error}");
    // An archive that lost its end.
    let archive = std::fs::read("fixtures/keras/nested.keras").expect("it is there");
    let error = formats::read("cut.keras", archive[..archive.len() / 2].to_vec().into());
    let error = error.expect_err("it is no archive");
    assert!(error.source().is_some(), "{error}");
}
