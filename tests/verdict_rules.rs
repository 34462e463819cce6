//! What a verdict must not call fine, finding by finding: rules, shapes and heads.

mod common;

use common::models::{at, files, open};
use modelgram::edit::onnx::{HeadOptions, head, heads};
use modelgram::finding::Severity;
use modelgram::model::Model;
use modelgram::ops::{TypeOptions, derive_types, typed};
use modelgram::rules::errors;

/// What the rules call an error in a fixture, one line each.
fn errors_of(path: &str) -> Vec<String> {
    errors(&typed(&open(&format!("fixtures/onnx/verdict/{path}.onnx")))).iter().map(shortened).collect()
}

/// Without the file's name, which depends on where the tests run.
fn shortened(finding: &modelgram::finding::Finding) -> String {
    let mut finding = finding.clone();
    finding.place.file = None;
    finding.place.offset = None;
    finding.to_string()
}

fn check(path: &str, expected: &str) {
    assert_eq!(errors_of(&format!("wrong/{path}")), [expected], "{path}");
}

#[test]
fn finding_8_a_version_that_nobody_knows_is_an_error() {
    check("opset_99", "error[S015]: operator set 99 of `ai.onnx` is newer than 28, the newest known");
    check("ml_opset_99", "error[S015]: operator set 99 of `ai.onnx.ml` is newer than 5, the newest known");
    let found = errors_of("wrong/ir_version_99");
    assert!(found[0].starts_with("error[S013]: IR version 99 is newer than 14"), "{found:?}");
}

#[test]
fn finding_9_an_attribute_that_stands_twice_is_an_error() {
    let mut model = open("fixtures/onnx/verdict/right/group_normalization_18.onnx");
    let (id, ..) = model.graph.ops().next().expect("a node");
    let modelgram::model::NodeKind::Op(op) = &mut model.graph.node_mut(id).kind else {
        panic!("no operator")
    };
    op.op = "Softmax".into();
    op.attributes[0].name = "axis".into();
    op.attributes.push(op.attributes[0].clone());
    let found: Vec<String> = errors(&typed(&model)).iter().map(shortened).collect();
    assert!(
        found.iter().any(|f| f == "error[O106]: node `node`: the attribute `axis` stands twice"),
        "{found:?}"
    );
}

#[test]
fn finding_12_operands_of_two_types_are_an_error() {
    check(
        "matmul_of_two_types",
        "error[O108]: node `node`: `A` of `MatMul` is f32 and `B` is f16; both have to be of one type",
    );
    let found = errors_of("wrong/relu_of_strings");
    assert!(found[0].contains("`X` of `Relu` is string"), "{found:?}");
}

#[test]
fn finding_22_an_unknown_attribute_is_an_error() {
    check("attribute_unknown", "error[O106]: node `node`: `Relu` has no attribute `slope`");
    check(
        "attribute_of_another_sort",
        "error[O106]: node `node`: the attribute `axis` has to be an integer, and is a float",
    );
}

#[test]
fn finding_22_a_missing_attribute_is_told_and_nothing_is_invented() {
    check(
        "attribute_missing",
        "error[O106]: node `node`: the attribute `axis` is missing, and `Concat` needs it",
    );
    let model = typed(&open("fixtures/onnx/verdict/wrong/attribute_missing.onnx"));
    assert!(model.findings.is_empty(), "{:?}", model.findings);
}

#[test]
fn finding_22_an_unknown_operator_is_an_error() {
    check(
        "operator_unknown",
        "error[O102]: node `node`: `Rellu` is no operator of `ai.onnx`; perhaps `Relu` is meant",
    );
    check(
        "operator_of_a_later_version",
        "error[O102]: node `node`: `Gelu` came with version 20 of `ai.onnx`, and the model imports 17",
    );
    check(
        "operator_deprecated",
        "error[O103]: node `node`: `Upsample` is deprecated since version 10, and the model imports 13",
    );
}

#[test]
fn finding_22_too_few_or_too_many_values_are_an_error() {
    check("too_few_operands", "error[O107]: node `node`: `Add` has 2 operands, and this one 1");
    check("too_many_results", "error[O107]: node `node`: `Relu` has 1 result, and this one 2");
}

#[test]
fn finding_22_a_wrong_declaration_or_order_is_an_error() {
    check("output_declared_f64", "error[H202]: value `y`: is declared as f64, and computed as f32");
    for path in ["wrong/nodes_reversed", "wrong/nodes_of_a_branch_reversed"] {
        let found = errors_of(path);
        assert!(!found.is_empty() && found.iter().all(|f| f.starts_with("error[S005]")), "{path}: {found:?}");
    }
}

/// What onnxruntime runs has no error: nor have its own operators, and those of other domains.
#[test]
fn finding_22_unusual_models_that_are_right_have_no_error() {
    for path in files("fixtures/onnx/verdict/right", "onnx")
        .iter()
        .chain(&files("fixtures/onnx/verdict/heads", "onnx"))
    {
        let model = modelgram::formats::open(path).expect("the model opens");
        let found: Vec<String> = errors(&typed(&model)).iter().map(shortened).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
    let heads = files("fixtures/onnx/heads", "onnx");
    for path in heads.iter().chain(&files("models", "onnx")).chain(&files("fixtures/onnx/real", "onnx")) {
        let model = modelgram::formats::open(path).expect("the model opens");
        let found: Vec<String> = errors(&typed(&model)).iter().map(shortened).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

fn fixture(name: &str) -> Model {
    modelgram::formats::open(&at(&format!("fixtures/onnx/verdict/heads/{name}.onnx")))
        .expect("the model opens")
}

fn options(classes: i64) -> HeadOptions {
    let mut options = HeadOptions::default();
    options.classes = classes;
    options
}

/// Why a head of this many classes is refused.
fn refusal(name: &str, options: &HeadOptions) -> String {
    match head(&fixture(name), options) {
        Ok(edit) => panic!("{name}: not refused: {:?}", edit.account),
        Err(error) => error.to_string(),
    }
}

#[test]
fn finding_11_a_head_that_what_follows_cannot_take_is_refused() {
    for (name, classes, why) in [
        ("squeezed", 14, "axis 1 is of size 14, and only one of 1 can go"),
        ("best_five", 3, "the best 5 of 3 are asked for"),
        ("computed_reshape", 14, "elements cannot become"),
    ] {
        let text = refusal(name, &options(classes));
        assert!(text.contains("does not fit its new head") && text.contains(why), "{name}: {text}");
    }
    assert!(head(&fixture("best_five"), &options(7)).is_ok());
    for (name, why) in [("ssd", "into parts of 21"), ("yolo", "into parts of 3")] {
        let mut options = options(14);
        options.at = Some("conv".into());
        let text = refusal(name, &options);
        assert!(text.contains(why), "{name}: {text}");
    }
}

#[test]
fn finding_14_names_of_the_old_classes_are_noticed() {
    for name in ["names_gathered", "label_encoder", "zip_map"] {
        let text = refusal(name, &options(14));
        assert!(text.contains("`label` names the 10 old classes, and 14 are asked for"), "{name}: {text}");
        let edit = head(&fixture(name), &options(10)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let told = edit.account.iter().any(|line| line.contains("still names the old classes"));
        assert!(told, "{name}: {:?}", edit.account);
    }
}

#[test]
fn finding_15_a_head_that_is_not_recognised_gets_no_second_layer() {
    for (name, why) in [
        ("einsum", "it ends in Einsum `fc`"),
        ("cosine", "it ends in MatMul `fc`"),
        ("batch_normalization_behind", "BatchNormalization `bn` stands behind Gemm `fc`"),
        ("summed_layers", "it ends in Add `sum`"),
        ("joined_weights", "it ends in MatMul `fc`"),
        ("branches", "it ends in If `choice`"),
        ("linear_classifier", "it ends in LinearClassifier `fc`"),
        ("softmax_of_einsum", "it ends in"),
    ] {
        let text = refusal(name, &options(14));
        assert!(text.contains("may already be of classes") && text.contains(why), "{name}: {text}");
        assert!(text.contains("`at` names the value"), "{name}: no way out in {text}");
    }
    // Asked for by name it is put where it is wanted.
    let mut wanted = options(14);
    wanted.at = Some("f".into());
    assert!(head(&fixture("einsum"), &wanted).is_ok());
}

#[test]
fn finding_15_convolutions_of_detectors_are_not_of_one_point() {
    for name in ["ssd", "yolo"] {
        let found = heads(&fixture(name)).expect("it can be searched");
        let text: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(text.iter().all(|t| t.contains("unsure") && !t.contains("one point")), "{name}: {text:?}");
        assert!(refusal(name, &options(14)).contains("it is not sure that this is a head"));
    }
}

#[test]
fn finding_25_shapes_go_through_pads_that_floats_compute() {
    let shape = |h: Option<i64>| {
        let mut model = open("fixtures/onnx/types/same-padding.onnx");
        let mut options = TypeOptions::default();
        if let Some(h) = h {
            options.dims.insert("h".into(), h.into());
        }
        derive_types(&mut model, &options);
        assert!(model.findings.iter().all(|f| f.severity == Severity::Note), "{:?}", model.findings);
        let value = model.graph.values().iter().find(|v| v.name == "y").expect("the output");
        value.ty.as_ref().map_or_else(String::new, ToString::to_string)
    };
    assert_eq!(shape(Some(225)), "f32 1×8×113×112");
    assert_eq!(shape(Some(224)), "f32 1×8×112×112");
    assert!(!shape(None).contains('?'), "{}", shape(None));
}
