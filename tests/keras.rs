//! Keras files: what is read of them, and what hostile ones can do.

mod common;

use common::models::{at, files};
use modelgram::model::{Model, NodeKind, TensorData};
use modelgram::ops::parameters;
use modelgram::ops::{TypeOptions, derive_types};
use modelgram::stages::diagram::{Badge, Diagram, DiagramOptions, build};
use modelgram::stages::view::whole;

fn open(path: &str) -> Model {
    let mut model = common::models::open(path);
    derive_types(&mut model, &TypeOptions::default());
    model
}

/// The number of layers, of parameters, and the types of the outputs.
fn facts(model: &Model) -> (usize, u64, Vec<String>) {
    let graph = &model.graph;
    let ty = |value| graph.value(value).ty.as_ref().map_or("?".into(), ToString::to_string);
    let outputs = graph.outputs.iter().map(|&o| graph.input(o, 0).map_or("?".into(), ty)).collect();
    (graph.ops().count(), parameters(model), outputs)
}

fn drawn(model: &Model) -> Diagram {
    build(&whole(model, &model.graph), None, &DiagramOptions::default())
}

#[test]
fn every_dialect_is_read() {
    for (file, layers, weights, outputs) in [
        ("models/digits.keras", 8, 19578, &["f32 batch×10"][..]),
        ("fixtures/keras/digits_cnn.h5", 8, 19578, &["f32 batch×10"]),
        ("fixtures/keras/nested.keras", 16, 22367, &["f32 batch×10", "f32 batch×1×3"]),
        ("fixtures/keras/nested.h5", 16, 22367, &["f32 batch×10", "f32 batch×1×3"]),
        ("fixtures/keras/nested.json", 16, 22367, &["f32 batch×10", "f32 batch×1×3"]),
        ("fixtures/keras/k2.keras", 6, 422, &["f32 batch×2"]),
        ("fixtures/keras/k2.json", 6, 422, &["f32 batch×2"]),
        ("fixtures/keras/k2.h5", 6, 422, &["f32"]),
        ("fixtures/keras/keras1.json", 5, 0, &["f32 batch×10"]),
        ("fixtures/keras/features.keras", 12, 233, &["f32 batch×3", "f16 batch×1"]),
        ("fixtures/keras/subclass.keras", 2, 26, &[]),
        ("fixtures/keras/only.weights.h5", 4, 230, &[]),
    ] {
        let model = open(file);
        assert_eq!(model.format, "keras", "{file}");
        let (count, parameters, types) = facts(&model);
        assert_eq!((count, parameters), (layers, weights), "{file}");
        assert_eq!(types, outputs, "{file}");
        assert!(!drawn(&model).boxes.is_empty());
    }
}

#[test]
fn one_network_is_the_same_in_each_format() {
    let models = ["models/digits.keras", "fixtures/keras/digits_cnn.h5", "models/digits.onnx"].map(open);
    assert_eq!(models.each_ref().map(parameters), [19578; 3]);
    for model in &models {
        let (_, _, outputs) = facts(model);
        assert!(outputs[0].ends_with("×10"), "{outputs:?}");
    }
    // The weights are where the file has them, not copied, and the same.
    let content = |model: &Model, name: &str| {
        let (_, _, tensor) =
            model.graph.constants().find(|(_, node, _)| node.name == name).expect("it is there");
        assert!(matches!(tensor.data, TensorData::In(_)));
        tensor.numbers(&model.source, 100_000).expect("it can be read")
    };
    for name in ["conv1/kernel", "conv1/bias", "hidden/kernel", "digits/bias"] {
        assert_eq!(content(&models[0], name), content(&models[1], name), "{name}");
    }
}

#[test]
fn the_content_tells_the_format() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in
        [("models/digits.keras", "a.onnx"), ("fixtures/keras/k2.json", "b.h5"), ("fixtures/keras/k2.h5", "c")]
    {
        let path = folder.path().join(to);
        std::fs::copy(at(from), &path).unwrap();
        assert_eq!(modelgram::formats::open(&path).unwrap().format, "keras", "{from} as {to}");
    }
    assert_eq!(open("models/digits.onnx").format, "onnx");
}

#[test]
fn nested_models_are_scopes_and_shared_weights_count_once() {
    let model = open("fixtures/keras/nested.keras");
    let names: Vec<&str> = model.graph.ops().map(|(_, node, _)| node.name.as_str()).collect();
    assert!(names.contains(&"encoder/conv2d") && names.contains(&"encoder:1/conv2d"), "{names:?}");
    let kernels = model.graph.constants().filter(|(_, node, _)| node.name == "encoder/conv2d/kernel").count();
    assert_eq!(kernels, 1);
    let scopes: Vec<_> =
        model.graph.scopes.scopes().iter().map(|s| (s.name.as_str(), s.class.as_deref())).collect();
    assert!(
        scopes.contains(&("encoder", Some("Functional"))) && scopes.contains(&("head", Some("Sequential")))
    );
    // Both towers end in the difference.
    let view = whole(&model, &model.graph);
    let into = |name: &str| view.edges.iter().filter(|e| view.nodes[e.to].name == name).count();
    assert_eq!(into("subtract"), 2);
}

#[test]
fn settings_are_kept_and_drawn() {
    let diagram = drawn(&open("fixtures/keras/features.keras"));
    let node =
        |name: &str| diagram.boxes.iter().find(|b| b.name == name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(node("norm").badge, Some(Badge::Frozen));
    assert_eq!(node("drop").badge, Some(Badge::Dropout));
    assert_eq!(node("classes").strips[0].header, "softmax");
    assert_eq!(node("shared").strips[0].header, "silu");
    let rows = |name: &str| -> Vec<String> {
        node(name).rows.iter().map(|r| format!("{} {}", r.label, r.value)).collect()
    };
    assert!(rows("up").contains(&"kernel_constraint MaxNorm(3)".to_owned()), "{:?}", rows("up"));
    assert!(rows("relu").contains(&"max_value Infinity".to_owned()), "{:?}", rows("relu"));
    assert!(rows("score").contains(&"dtype mixed_float16".to_owned()), "{:?}", rows("score"));
    assert_eq!(rows("shared")[..3], ["depthwise_kernel 3×3×3×1", "pointwise_kernel 1×1×3×4", "bias 4"]);
}

#[test]
fn an_activation_layer_is_a_pill_with_its_function() {
    let model = common::models::open("fixtures/keras/keras1.json");
    let text = std::fs::read_to_string(at("fixtures/keras/keras1.json")).unwrap();
    let text =
        text.replace("\"Flatten\", \"config\": {", "\"Activation\", \"config\": {\"activation\": \"tanh\", ");
    let bent = modelgram::formats::read("bent.json", text.into_bytes().into()).unwrap();
    assert_eq!(model.graph.ops().count(), bent.graph.ops().count());
    let diagram = drawn(&bent);
    let node = diagram.boxes.iter().find(|b| b.op == "Activation").unwrap();
    assert_eq!((node.aside.as_str(), node.rows.len(), node.strips.len()), ("tanh", 0, 0));
}

/// Layers whose types are told by the file are the same by rules alone.
#[test]
fn rules_derive_what_the_file_says() {
    for file in ["models/digits.keras", "fixtures/keras/nested.json", "fixtures/keras/features.keras"] {
        let told = open(file);
        let mut ruled = common::models::open(file);
        derive_types(&mut ruled, &with!(TypeOptions { ignore_declared: true, ..TypeOptions::default() }));
        assert!(told.findings.iter().all(|f| f.rule != "H202"), "{file}: {:?}", told.findings);
        for (a, b) in told.graph.values().iter().zip(ruled.graph.values()) {
            let by_code = told.graph.node(a.definition.node).kind.clone();
            let NodeKind::Op(op) = by_code else { continue };
            // What an index picks, rules do not follow; nor what comes of it.
            if file.contains("nested")
                && b.ty.as_ref().is_none_or(|ty| ty.tensor().is_none_or(|t| t.shape.is_none()))
            {
                continue;
            }
            assert_eq!(a.ty, b.ty, "{file}: {} ({})", a.name, op.op);
        }
    }
}

#[test]
fn hostile_files_are_errors_or_harmless() {
    for (file, expected) in [
        ("bomb.keras", "`config.json` would have 268435456 bytes"),
        ("deep.keras", "recursion limit exceeded"),
        ("twice.keras", "names an entry twice"),
        ("empty.keras", "there is no layer"),
        ("other.h5", "holds no model of Keras"),
    ] {
        let error = modelgram::formats::open(&at(&format!("fixtures/keras/{file}"))).unwrap_err().to_string();
        assert!(error.contains(expected), "{file}: {error}");
    }
    for (file, finding) in [
        ("weights-bomb.keras", Some("K002")),
        ("links.h5", None),
        ("chunks.h5", None),
        ("traversal.keras", None),
    ] {
        let model = open(&format!("fixtures/keras/{file}"));
        assert_eq!(model.graph.ops().count(), 1, "{file}");
        assert!(finding.is_none_or(|rule| model.findings.iter().any(|f| f.rule == rule)), "{file}");
    }
    let code = open("fixtures/keras/k2.h5");
    assert!(code.findings.iter().any(|f| f.rule == "K006"));
    let lambda = drawn(&code).boxes.into_iter().find(|b| b.op == "Lambda").unwrap();
    assert_eq!(lambda.rows[0].value, "(code, not run)");
}

/// Wherever a file is cut off, and whatever byte is damaged, there is an answer.
#[test]
fn damaged_files_never_panic() {
    for path in
        [files("fixtures/keras", "keras"), files("fixtures/keras", "h5"), files("fixtures/keras", "json")]
            .concat()
    {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.len() > 200_000 {
            continue;
        }
        for i in 0..200 {
            let cut = bytes.len() * i / 200;
            let _ = modelgram::formats::read("cut", bytes[..cut].to_vec().into());
            let mut damaged = bytes.clone();
            damaged[cut] ^= 1 << (i % 8);
            if let Ok(mut model) = modelgram::formats::read("damaged", damaged.into()) {
                derive_types(&mut model, &TypeOptions::default());
                let _ = drawn(&model);
            }
        }
    }
}
