//! Small pictures that must not change by accident, one for each way to draw.
//!
//! Types come from the file and our rules alone (`--infer off`), so that a program with
//! tract and one without write the same bytes.
#![cfg(feature = "cli")]

mod common;

use common::golden::assert_all_golden;
use common::models::{at, unpacked};
use common::program::{run, stderr, stdout};

/// The file in `tests/golden`, and the command that draws it.
const PICTURES: &[(&str, &str)] = &[
    // Where data flows, the form of lines, columns.
    ("lr.svg", "models/digits.onnx --rankdir LR"),
    ("lr-ortho.svg", "models/digits.onnx --rankdir LR --splines ortho"),
    ("focus.svg", "models/squeezenet.onnx --focus features/features.4 --hops 1"),
    ("ortho.svg", "models/squeezenet.onnx --focus features/features.4 --hops 1 --splines ortho"),
    ("polyline.svg", "models/squeezenet.onnx --focus features/features.4 --hops 1 --splines polyline"),
    ("columns.svg", "models/digits.onnx --group off --columns 2"),
    ("aspect.svg", "fixtures/onnx/lstm.onnx --aspect 1.5"),
    ("cycle.svg", "fixtures/broken/cycle.onnx"),
    // Colours and styles, what boxes say, what stands around.
    ("dark.svg", "fixtures/onnx/control-flow.onnx --theme dark"),
    ("light.svg", "fixtures/onnx/functions.onnx --theme light --background #fff8e8"),
    ("compact.svg", "models/digits.onnx --style compact"),
    ("plain.svg", "models/digits.onnx --style plain --show-shapes --show-dtype --show-layer-names"),
    ("names.svg", "fixtures/onnx/value-types.onnx --show-layer-names --show-dtype"),
    ("no-shapes.svg", "fixtures/onnx/frozen.onnx --no-show-shapes --show-macs --show-trainable"),
    ("notes.svg", "fixtures/onnx/qdq.onnx --title=Quantized --legend --footer"),
    (
        "overlay.svg",
        "models/squeezenet.onnx --from features/features.11 --overlay docs/guide/time.json --legend --title",
    ),
    // What is shown: hubs, equal blocks, closed and open frames, parts, other names.
    ("folded.svg", "fixtures/onnx/real/resnet50_dy.onnx --depth 1"),
    ("unfolded.svg", "models/bert.onnx --fold off --depth 0"),
    ("expanded.svg", "models/bert.onnx --depth 0 --expand **/layer.0 --collapse **/attention"),
    ("hidden.svg", "models/digits.onnx --hide shape-chains --hide constants"),
    ("renamed.svg", "fixtures/onnx/inception-names.onnx --rename s/_/\\// --to mixed3a --depth 0"),
    ("keras.svg", "fixtures/keras/features.keras"),
    // Other files.
    ("digits.json", "models/digits.onnx -T json"),
    ("digits.dot", "models/digits.onnx -T dot"),
    ("control-flow.json", "fixtures/onnx/control-flow.onnx -T json"),
    ("control-flow.dot", "fixtures/onnx/control-flow.onnx -T dot --rankdir LR --theme dark"),
];

/// What `modelgram ARGS` writes, in the folder of the repository.
fn drawn(args: &[&str]) -> String {
    let out = run(&at(""), &[args, &["--infer", "off"]].concat());
    assert!(out.status.success(), "{args:?}: {}", stderr(&out));
    stdout(&out)
}

#[test]
fn each_way_to_draw_gives_what_it_gave() {
    assert_all_golden(PICTURES.iter().map(|(file, command)| {
        let args: Vec<&str> = command.split(' ').collect();
        (format!("tests/golden/{file}"), drawn(&args))
    }));
}

/// Each block of the encoder adds the same bias to its attention.
#[test]
fn a_value_with_many_far_uses_is_drawn_as_pills() {
    let folder = tempfile::tempdir().unwrap();
    let model = unpacked("fixtures/onnx/packed/t5_ts.onnx.gz", folder.path());
    let model = model.to_str().expect("a temporary path is UTF-8");
    assert_all_golden([("hubs.svg", "svg"), ("hubs.json", "json"), ("hubs.dot", "dot")].map(
        |(file, kind)| {
            let made = drawn(&[model, "--fold", "off", "--depth", "1", "-T", kind]);
            (format!("tests/golden/{file}"), made)
        },
    ));
}

#[cfg(feature = "layout-rs")]
#[test]
fn the_second_engine_places_boxes_where_it_did() {
    let made = drawn(&["fixtures/onnx/training.onnx", "--engine", "layout-rs"]);
    assert_all_golden([("tests/golden/layout-rs.svg", made)]);
}

/// Nothing is proved here, so that no run of the model is needed.
#[test]
fn an_edit_is_drawn_before_and_after_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let edits: [(&str, &[&str]); 3] = [
        ("head.svg", &["head", "fixtures/onnx/heads/gemm_features_first.onnx", "--classes", "14"]),
        ("rename.svg", &["rename", "fixtures/onnx/functions.onnx", "s/e/E/"]),
        ("strip.svg", &["strip", "fixtures/onnx/lstm.onnx"]),
    ];
    assert_all_golden(edits.map(|(file, edit)| {
        let picture = folder.path().join(file).to_string_lossy().into_owned();
        let model = folder.path().join("edited.onnx").to_string_lossy().into_owned();
        let out = run(&at(""), &[edit, &["--no-validate", "-o", &model, "--picture", &picture]].concat());
        assert!(out.status.success(), "{edit:?}: {}", stderr(&out));
        (format!("tests/golden/{file}"), std::fs::read_to_string(picture).unwrap())
    }));
}
