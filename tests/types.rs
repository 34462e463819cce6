//! The types that are derived, and what they cost.

mod common;

use std::collections::BTreeMap;

use common::models::{at, files, open};
use modelgram::model::{Dim, Expr, KnownFrom, Model, ValueType};
use modelgram::ops::{TypeOptions, derive_types};
use modelgram::report::account::accounts;

/// What is known of each value of the main graph, as text.
fn texts(model: &Model) -> BTreeMap<String, Option<String>> {
    let values = model.graph.values().iter();
    values.map(|v| (v.name.clone(), v.ty.as_ref().map(ToString::to_string))).collect()
}

fn derived(path: &str, options: &TypeOptions) -> Model {
    let mut model = open(path);
    derive_types(&mut model, options);
    model
}

fn ignoring() -> TypeOptions {
    with!(TypeOptions { ignore_declared: true, ..TypeOptions::default() })
}

#[test]
fn every_fixture_has_the_types_that_are_expected() {
    let expected = std::fs::read_to_string(at("fixtures/onnx/types/expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let expected = expected.as_object().unwrap();
    assert_eq!(expected.len(), files("fixtures/onnx/types", "onnx").len());
    for (name, facts) in expected {
        let model = derived(&format!("fixtures/onnx/types/{name}.onnx"), &TypeOptions::default());
        let found = texts(&model);
        for (value, ty) in facts["types"].as_object().unwrap() {
            assert_eq!(found[value].as_deref(), ty.as_str(), "{name}: {value}");
        }
        let rules: Vec<(String, String)> = model
            .findings
            .iter()
            .filter(|f| f.rule.starts_with(['H', 'O']))
            .map(|f| (f.rule.to_owned(), f.place.node.clone().or(f.place.value.clone()).unwrap_or_default()))
            .collect();
        let wanted: Vec<(String, String)> = serde_json::from_value(facts["findings"].clone()).unwrap();
        assert_eq!(rules, wanted, "{name}: {:?}", model.findings);
    }
}

/// Of whole networks every value is known, whatever the file declares.
#[test]
fn whole_networks_are_known_from_their_inputs_alone() {
    for path in ["squeezenet", "bert", "mobilenetv2", "digits"] {
        let model = derived(&format!("models/{path}.onnx"), &ignoring());
        for value in model.graph.values() {
            let shape = value.ty.as_ref().and_then(|ty| ty.tensor()).and_then(|ty| ty.shape.as_ref());
            let known = shape.is_some_and(|s| !s.0.contains(&Dim::Unknown));
            assert!(known, "{path}: {} is {:?}", value.name, value.ty);
        }
        assert!(!model.findings.iter().any(|f| f.rule.starts_with('H')), "{path}: {:?}", model.findings);
    }
}

/// What rules derive is what exporters declared.
#[test]
fn rules_agree_with_what_files_declare() {
    let mut compared = 0;
    for path in files("models", "onnx").into_iter().chain(files("fixtures/onnx/real", "onnx")) {
        let declared = modelgram::formats::open(&path).unwrap();
        let mut rules = declared.clone();
        derive_types(&mut rules, &ignoring());
        for (declared, rule) in declared.graph.values().iter().zip(rules.graph.values()) {
            let (Some(ValueType::Tensor(d)), Some(ValueType::Tensor(r))) = (&declared.ty, &rule.ty) else {
                continue;
            };
            assert_eq!(d.dtype, r.dtype, "{}: {}", path.display(), declared.name);
            let (Some(d), Some(r)) = (&d.shape, &r.shape) else { continue };
            assert_eq!(d.0.len(), r.0.len(), "{}: {}", path.display(), declared.name);
            for (d, r) in d.0.iter().zip(&r.0) {
                if let (Dim::Known(d), Dim::Known(r)) = (d, r) {
                    assert_eq!(d, r, "{}: {}", path.display(), declared.name);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 2_000, "only {compared} dimensions were compared");
}

#[test]
fn a_batch_can_be_a_symbol_or_a_number() {
    let symbol = |name: &str| Some(Expr::symbol(name));
    let number = |n: i64| Some(Expr::from(n));
    let mut options = TypeOptions::default();
    let input = open("models/squeezenet.onnx").graph;
    let name = input.node(input.inputs[0]).name.clone();
    options.inputs.insert(name, vec![symbol("batch"), number(3), number(224), number(224)]);
    let model = derived("models/squeezenet.onnx", &options);
    let graph = &model.graph;
    let output = graph.value(graph.input(graph.outputs[0], 0).unwrap());
    assert_eq!(output.ty.as_ref().unwrap().to_string(), "f32 batch×1000");
    assert_eq!(output.known_from, KnownFrom::Rule);
    assert_eq!(accounts(&model).total().cost.macs.as_ref().unwrap().to_string(), "349151936*batch");

    let mut options = TypeOptions::default();
    options.dims.insert("unk__40".into(), Expr::from(2));
    let model = derived("models/digits.onnx", &options);
    assert!(texts(&model)["image"].as_deref() == Some("f32 2×8×8×1"));
}

/// torchvision's figure for SqueezeNet 1.1 is 0.35 G, of one image.
#[test]
fn macs_are_those_of_the_literature() {
    let model = derived("models/squeezenet.onnx", &TypeOptions::default());
    let accounts = accounts(&model);
    let total = accounts.total();
    assert_eq!(total.cost.macs.as_ref().unwrap().known(), Some(349_151_936));
    assert_eq!(total.parameters, modelgram::ops::parameters(&model));
    // The first convolution: 64 channels of 111 by 111, each a sum over 3 by 3 by 3.
    let first = accounts.nodes.iter().find(|a| a.nodes == 1).unwrap();
    assert_eq!(first.cost.macs.as_ref().unwrap().known(), Some(64 * 111 * 111 * 27));
    assert_eq!(first.activations.as_ref().unwrap().known(), Some(4 * 64 * 111 * 111));
}

/// Gates times hidden units, each a sum over input and state, for each step and
/// direction.
#[test]
fn the_cost_of_a_recurrent_net_and_of_what_is_called() {
    let macs = |name: &str| {
        let model = derived(&format!("fixtures/onnx/types/{name}.onnx"), &TypeOptions::default());
        accounts(&model).total().cost.macs.clone().map(|m| m.to_string())
    };
    assert_eq!(macs("recurrent").as_deref(), Some(format!("{}*n", 7 * 2 * 4 * 5 * (4 + 5)).as_str()));
    // Two calls: 2×3 sums over 6, and 3×5 sums over 4.
    assert_eq!(macs("functions").as_deref(), Some("96"));
    assert_eq!(macs("unknown-operator"), None);
}

#[test]
fn a_function_that_doubles_ends_in_time() {
    let source = doubling(40);
    let mut model = modelgram::formats::read("doubling.onnx", source.into()).unwrap();
    derive_types(&mut model, &TypeOptions::default());
    assert_eq!(texts(&model)["y"].as_deref(), Some("f32 2"));
}

/// `F0` calls Relu twice, and each further function calls the one before twice: without
/// care that is 2^depth calls.
fn doubling(depth: usize) -> Vec<u8> {
    use modelgram::formats::onnx::schema as pb;
    use prost::Message;
    let node = |op: &str, domain: &str, input: &str, output: &str| pb::NodeProto {
        op_type: Some(op.into()),
        domain: Some(domain.into()),
        input: vec![input.into()],
        output: vec![output.into()],
        ..Default::default()
    };
    let opset = |domain: &str, version| pb::OperatorSetIdProto {
        domain: Some(domain.into()),
        version: Some(version),
    };
    let opsets = vec![opset("", 18), opset("acme", 1)];
    let function = |i: usize| {
        let (called, domain) = if i == 0 { ("Relu".into(), "") } else { (format!("F{}", i - 1), "acme") };
        pb::FunctionProto {
            name: Some(format!("F{i}")),
            domain: Some("acme".into()),
            input: vec!["a".into()],
            output: vec!["c".into()],
            node: vec![node(&called, domain, "a", "b"), node(&called, domain, "b", "c")],
            opset_import: opsets.clone(),
            ..Default::default()
        }
    };
    let dim = pb::tensor_shape_proto::Dimension {
        value: Some(pb::tensor_shape_proto::dimension::Value::DimValue(2)),
        ..Default::default()
    };
    let tensor =
        pb::type_proto::Tensor { elem_type: Some(1), shape: Some(pb::TensorShapeProto { dim: vec![dim] }) };
    let ty = pb::TypeProto { value: Some(pb::type_proto::Value::TensorType(tensor)), ..Default::default() };
    let info =
        |name: &str, ty| pb::ValueInfoProto { name: Some(name.into()), r#type: ty, ..Default::default() };
    let graph = pb::GraphProto {
        node: vec![node(&format!("F{}", depth - 1), "acme", "x", "y")],
        input: vec![info("x", Some(ty))],
        output: vec![info("y", None)],
        ..Default::default()
    };
    let model = pb::ModelProto {
        ir_version: Some(9),
        graph: Some(graph),
        functions: (0..depth).map(function).collect::<Vec<_>>(),
        opset_import: opsets.clone(),
        ..Default::default()
    };
    model.encode_to_vec()
}

#[test]
fn pictures_tell_macs_where_they_are_asked_for() {
    use modelgram::stages::diagram::{DiagramOptions, build};
    let model = derived("models/squeezenet.onnx", &TypeOptions::default());
    let view = modelgram::stages::view::whole(&model, &model.graph);
    let plain = build(&view, None, &DiagramOptions::default());
    assert!(plain.description.contains("349 M MACs"), "{}", plain.description);
    assert_eq!(plain.footer, None);
    let options = with!(DiagramOptions { show_macs: true, footer: true, ..DiagramOptions::default() });
    let told = build(&view, None, &options);
    assert_eq!(told.boxes[1].aside, "1.8 k · 21.3 M MACs");
    assert_eq!(told.footer.as_deref(), Some(told.description.as_str()));
}
