//! `modelgram run`, `validate` and `diff`: numbers, proofs, and what is not claimed.
#![cfg(all(feature = "cli", feature = "infer"))]

mod common;

use std::path::{Path, PathBuf};

use common::models::at;
use common::program::{run, stderr, stdout};
use modelgram::formats::array;
use modelgram::formats::open;
use modelgram::model::{Model, Node, NodeKind, Span, Tensor, TensorData};
use modelgram::stages::encoding::splice::{Change, record, splice, write};
use modelgram::stages::encoding::wire::fields;

fn path(name: &str) -> String {
    at(name).to_string_lossy().into_owned()
}

/// A folder with `old.onnx` and, by a head edit of it, `new.onnx`.
fn edited(model: &str, args: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(at(model), folder.path().join("old.onnx")).unwrap();
    let args = [&["head", "old.onnx", "-o", "new.onnx", "--no-validate"], args].concat();
    let out = run(folder.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    folder
}

/// Changes `new.onnx`.
fn damage(folder: &Path, changes: impl Fn(&Model) -> Vec<Change>) {
    let target = folder.join("new.onnx");
    let model = open(&target).unwrap();
    let bytes = model.source.bytes.to_vec();
    let mut out = Vec::new();
    write(&bytes, &splice(&bytes, changes(&model)).unwrap(), &mut out).unwrap();
    std::fs::write(target, out).unwrap();
}

/// Changes the content of the first stored constant of which this holds.
fn refill(model: &Model, which: impl Fn(&Node, &Tensor) -> bool, change: impl Fn(&mut [u8])) -> Vec<Change> {
    let (_, node, tensor) = model.graph.constants().find(|(_, n, t)| which(n, t)).expect("it is there");
    let TensorData::In(content) = tensor.data else { panic!("{} is not in the file", node.name) };
    let mut own = model.source.bytes[node.span.start as usize..node.span.end() as usize].to_vec();
    let at = (content.start - node.span.start) as usize;
    change(&mut own[at..at + content.len as usize]);
    vec![Change::replace(node.span, own)]
}

/// Changes one byte of a stored constant.
fn flip(model: &Model, name: &str, byte: usize, by: u8) -> Vec<Change> {
    refill(model, |node, _| node.name.contains(name), |content| content[byte] ^= by)
}

/// The verdict on `new.onnx` as an edit of `old.onnx`, with the exit code.
fn verdict(folder: &Path, more: &[&str]) -> (i32, String) {
    let out = run(folder, &[&["validate", "new.onnx", "--against", "old.onnx"], more].concat());
    (out.status.code().unwrap_or(-1), stdout(&out) + &stderr(&out))
}

#[test]
fn a_head_edit_is_proved_line_by_line() {
    let folder = edited("models/digits.onnx", &["--classes", "14", "--keep"]);
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 0, "{text}");
    for line in [
        "changed     weights ",
        "backbone    ok: 20 of 20 nodes",
        "features    ok: `digits_cnn_1/hidden_1/Relu:0` bit for bit as before on 16 inputs",
        "rules       ok: 0 errors, 0 warnings",
        "run         ok: 16 inputs; `Identity:0` f32 1×14, `Identity:0` f32 3×14; no NaN",
        "softmax     ok: `Identity:0` sums to 1 within 1e-6",
        "not vacuous ok: `Identity:0` differs",
        "batch       ok: ",
        "contract    outputs `Identity:0`",
        "NOT PROVEN  accuracy",
    ] {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
    // The edit says the same by itself, and what it writes is what was proved.
    let out = run(folder.path(), &["head", "old.onnx", "--classes", "14", "--keep", "-o", "again.onnx"]);
    assert!(out.status.success() && stderr(&out).contains("features    ok"), "{}", stderr(&out));
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("again.onnx"), read("new.onnx"));
}

#[test]
fn a_flipped_bit_of_the_backbone_is_found() {
    let folder = edited("models/digits.onnx", &["--classes", "14", "--keep"]);
    damage(folder.path(), |model| flip(model, "conv1", 1, 1));
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("backbone    FAILS: `") && text.contains("1 of "), "{text}");
}

#[test]
fn softmax_over_another_axis_is_found() {
    let folder = edited("models/digits.onnx", &["--classes", "14"]);
    damage(folder.path(), |model| {
        let (_, node, op) = model.graph.ops().find(|(_, _, op)| op.op == "Softmax").unwrap();
        let zero = [record(1, b"axis"), vec![0x18, 0, 0xa0, 0x01, 2]].concat();
        match op.attributes.iter().find(|a| a.name == "axis") {
            Some(own) => vec![Change::replace(own.span, record(5, &zero))],
            None => vec![Change::append(node.span, record(5, &zero))],
        }
    });
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("softmax     FAILS: `Identity:0` sums over its classes"), "{text}");
}

#[test]
fn a_softmax_of_a_softmax_is_found() {
    let folder = edited("models/digits.onnx", &["--classes", "14"]);
    damage(folder.path(), |model| {
        let (_, node, _) = model.graph.ops().find(|(_, _, op)| op.op == "Softmax").unwrap();
        let own = &model.source.bytes[node.span.start as usize..node.span.end() as usize];
        let payload = fields(own, 0..own.len()).next().unwrap().unwrap().bytes().unwrap();
        let mut first = Vec::new();
        for field in fields(own, payload) {
            let field = field.unwrap();
            match field.number {
                2 => first.extend(record(2, b"once")),
                3 => first.extend(record(3, b"first")),
                _ => first.extend_from_slice(&own[field.record]),
            }
        }
        let second =
            [record(1, b"once"), record(2, b"Identity:0"), record(3, b"second"), record(4, b"Softmax")];
        vec![Change::replace(node.span, [record(1, &first), record(1, &second.concat())].concat())]
    });
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("rules       FAILS: error[G406]: node `second`: softmax of a softmax\n"), "{text}");
}

#[test]
fn numbers_that_are_none_are_found() {
    let folder = edited("models/digits.onnx", &["--classes", "14"]);
    // The exponent of a number that is not infinite, all ones, and a fraction: not a number.
    damage(folder.path(), |model| {
        let new = |_: &Node, tensor: &Tensor| tensor.dims == [64, 14];
        refill(model, new, |content| content[..4].copy_from_slice(&f32::NAN.to_le_bytes()))
    });
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("run         FAILS: `Identity:0` has NaN"), "{text}");
}

#[test]
fn inputs_in_another_order_are_found() {
    let folder = edited("fixtures/onnx/heads/captured_weights.onnx", &["--classes", "14"]);
    damage(folder.path(), |model| {
        let spans: Vec<Span> = model.graph.inputs.iter().map(|&id| model.graph.node(id).span).collect();
        let own = |s: Span| model.source.bytes[s.start as usize..s.end() as usize].to_vec();
        vec![Change::replace(spans[0], own(spans[1])), Change::replace(spans[1], own(spans[0]))]
    });
    let (code, text) = verdict(folder.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("contract    FAILS: inputs `x`"), "{text}");
}

#[test]
fn a_head_one_layer_too_early_is_found() {
    let early = ["--classes", "14", "--at", "digits_cnn_1/flatten_1/Reshape:0", "--no-record"];
    let folder = edited("models/digits.onnx", &early);
    let (code, text) = verdict(folder.path(), &["--head"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("backbone    FAILS: ") && text.contains("is gone"), "{text}");
    // Where it was asked for, it is what was asked for.
    let out = run(folder.path(), &[&["head", "old.onnx", "-o", "asked.onnx"], &early[..4]].concat());
    assert!(out.status.success(), "{}", stderr(&out));
}

#[test]
fn an_output_that_depends_on_nothing_is_found_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let digits = path("models/digits.onnx");
    let out = run(folder.path(), &["head", &digits, "--classes", "14", "--init", "zeros", "-o", "new.onnx"]);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("not vacuous: `Identity:0` is the same for all inputs"),
        "{}",
        stderr(&out)
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
}

#[test]
fn digits_agree_with_keras_and_are_told_apart_with_fourteen_classes() {
    let folder = edited("models/digits.onnx", &["--classes", "14", "--keep"]);
    let images = format!("image={}", path("fixtures/digits/input.npy"));
    let expected = format!("Identity:0={}", path("fixtures/digits/expected.npy"));
    let labels = path("fixtures/digits/labels.npy");
    let args = ["validate", "old.onnx", "--input", &images, "--expect", &expected, "--labels", &labels];
    let out = run(folder.path(), &args);
    assert!(out.status.success(), "{}{}", stdout(&out), stderr(&out));
    assert!(stdout(&out).contains("expected    ok: `Identity:0` is within"), "{}", stdout(&out));
    assert!(stdout(&out).contains("355 of 360 right, 98.6 %"), "{}", stdout(&out));
    let (code, text) = verdict(folder.path(), &["--input", &images, "--labels", &labels]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("over all 14 classes 355 of 360 right, 98.6 %"), "{text}");
    assert!(text.contains("over the first 10 classes 355 of 360 right, 98.6 %"), "{text}");
}

#[test]
fn run_writes_outputs_and_tells_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let digits = path("models/digits.onnx");
    let args = ["run", &digits, "--dim", "unk__40=2", "--output", "Identity:0=out.npy", "--times", "t.json"];
    let out = run(folder.path(), &args);
    assert!(out.status.success(), "{}", stderr(&out));
    let file = array(&folder.path().join("out.npy")).unwrap();
    assert_eq!(file.dims, [2, 10]);
    let sum: f64 = file.numbers().unwrap().iter().sum();
    assert!((sum - 2.0).abs() < 1e-5, "{sum}");
    let times = std::fs::read_to_string(folder.path().join("t.json")).unwrap();
    assert!(times.contains("\"unit\":\"ms\"") && times.contains("conv1"), "{times}");
    let out = run(folder.path(), &[&args[..2], &["--input", "image=zeros", "--dump", "nothing"]].concat());
    assert!(stderr(&out).contains("no value is named `nothing`"), "{}", stderr(&out));
    let out = run(folder.path(), &[&args[..2], &["--input", "images=zeros"]].concat());
    assert!(stderr(&out).contains("the inputs are image"), "{}", stderr(&out));
}

#[test]
fn what_has_no_definition_is_not_verified() {
    let folder = tempfile::tempdir().unwrap();
    for (name, why) in [
        ("fixtures/onnx/types/shadowed-operator.onnx", "is not defined here"),
        ("fixtures/onnx/types/unknown-operator.onnx", "not verified: "),
    ] {
        let out = run(folder.path(), &["run", &path(name), "--output-dir", "."]);
        assert_eq!(out.status.code(), Some(4), "{name}: {}", stderr(&out));
        assert!(stderr(&out).contains(why), "{name}: {}", stderr(&out));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{name}: no numbers");
    }
}

/// Some of onnx's backend cases: what is called verified is right, and most is.
#[test]
fn what_is_verified_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let (mut right, mut not) = (0, 0);
    for model in common::models::files("fixtures/onnx/backend", "onnx") {
        let arrays = modelgram::files::arrays::arrays(&model.with_extension("npz")).unwrap();
        let mut args =
            vec!["run".to_owned(), model.to_string_lossy().into_owned(), "--output-dir".into(), ".".into()];
        for (name, array) in arrays.iter().filter(|(name, _)| name.starts_with("in/")) {
            let file = format!("{}.npy", args.len());
            std::fs::write(folder.path().join(&file), array.to_npy().unwrap()).unwrap();
            args.extend(["--input".into(), format!("{}={file}", &name[3..])]);
        }
        let out = run(folder.path(), &args.iter().map(String::as_str).collect::<Vec<_>>());
        if out.status.code() != Some(0) {
            not += 1;
            continue;
        }
        let outputs = arrays.iter().filter(|(name, _)| name.starts_with("out/")).count();
        for (name, wanted) in arrays.iter().filter(|(name, _)| name.starts_with("out/")) {
            let number = &name[4..];
            let file = std::fs::read_dir(folder.path()).unwrap().flatten().map(|e| e.path()).find(|p| {
                p.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&format!("{number}_")))
            });
            let found = array(&file.expect("an output")).unwrap();
            assert_eq!((found.dtype, &found.dims), (wanted.dtype, &wanted.dims), "{}", model.display());
            let (a, b) = (found.numbers().unwrap(), wanted.numbers().unwrap());
            let near = |(a, b): (&f64, &f64)| {
                a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-5 + 2e-3 * b.abs()
            };
            assert!(a.iter().zip(&b).all(near), "{}", model.display());
        }
        assert!(outputs > 0);
        right += 1;
        for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    assert!(right >= 60 && right > 2 * not, "{right} verified and right, {not} not verified");
}

#[test]
fn a_diff_names_what_differs() {
    let folder =
        edited("models/squeezenet.onnx", &["--classes", "14", "--activation", "softmax", "--no-record"]);
    let out = run(folder.path(), &["diff", "old.onnx", "new.onnx"]);
    assert_eq!(out.status.code(), Some(1));
    for line in [
        "+ Softmax `117/Softmax`",
        "weights `classifier.1.weight`: f32 1000×512×1×1 → f32 14×512×1×1",
        "! outputs `117` f32 1×1000 → `117` f32 1×14",
        "nodes and 32 initializers are the same",
    ] {
        assert!(stdout(&out).contains(line), "no `{line}` in\n{}", stdout(&out));
    }
    let out = run(folder.path(), &["diff", "old.onnx", "old.onnx"]);
    assert_eq!(out.status.code(), Some(0), "{}", stdout(&out));
    // A weight that differs is compared number by number.
    damage(folder.path(), |model| flip(model, "features.0.weight", 3, 0x80));
    let out = run(folder.path(), &["diff", "old.onnx", "new.onnx"]);
    assert!(stdout(&out).contains("1 of 1728 elements differ"), "{}", stdout(&out));
    let model = open(&folder.path().join("new.onnx")).unwrap();
    assert!(model.graph.nodes().any(|(_, n)| matches!(n.kind, NodeKind::Op(_))));
    let _: PathBuf = folder.path().into();
}
