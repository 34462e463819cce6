//! `modelgram head`: another head, and everything else byte for byte as it was.
#![cfg(feature = "cli")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::models::{at, files};
use common::program::{run, stderr, was_written};
use modelgram::edit::onnx::{Activation, Confidence, HeadOptions, Pool, head, heads};
use modelgram::error::Result;
use modelgram::files::arrays::Array;
use modelgram::finding::Severity;
use modelgram::formats::Destination::New;
use modelgram::formats::{content, open, save};
use modelgram::model::{DType, Edit, Model, NodeKind, Record, Span, Tensor, ValueType};

fn fixture(name: &str) -> PathBuf {
    at(&format!("fixtures/onnx/heads/{name}.onnx"))
}

fn options(classes: i64) -> HeadOptions {
    with!(HeadOptions { classes, ..HeadOptions::default() })
}

/// The edit, and the model that it writes.
fn edited(path: &Path, options: &HeadOptions) -> Result<(Edit, Model, Model)> {
    let old = open(path)?;
    let edit = head(&old, options)?;
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new.onnx");
    save(&old, &edit, New(&target))?;
    let new = open(&target)?;
    Ok((edit, old, new))
}

fn made(name: &str, options: &HeadOptions) -> (Edit, Model, Model) {
    edited(&fixture(name), options).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn record(model: &Model, span: Span) -> Vec<u8> {
    model.source.bytes[span.start as usize..span.end() as usize].to_vec()
}

/// The records of nodes and constants.
fn records(model: &Model) -> Vec<(Record, Vec<u8>)> {
    let own = |kind: &NodeKind| matches!(kind, NodeKind::Op(_) | NodeKind::Constant { .. });
    let nodes = model.graph.nodes().filter(|(_, node)| own(&node.kind));
    nodes.map(|(_, node)| (node.record(), record(model, node.span))).collect()
}

fn ty(model: &Model, name: &str) -> String {
    let value = model.graph.values().iter().find(|v| v.name == name).unwrap_or_else(|| panic!("no `{name}`"));
    value.ty.as_ref().map_or_else(String::new, ValueType::to_string)
}

fn stored<'m>(model: &'m Model, name: &str) -> &'m Tensor {
    let found = model.graph.constants().find(|(_, node, _)| node.name == name);
    found.unwrap_or_else(|| panic!("no weights `{name}`")).2
}

fn ops(model: &Model) -> Vec<&str> {
    model.graph.ops().map(|(_, _, op)| op.op.as_str()).collect()
}

/// All that have a head that is found without help.
const FOUND: &[&str] = &[
    "gemm_features_first",
    "gemm_scaled_row_bias",
    "gemm_float_data",
    "matmul_bias_first",
    "matmul_log_softmax",
    "softmax_then_log",
    "sigmoid_labels",
    "conv_pool_flatten",
    "conv_pool_reshape",
    "conv_pool_squeeze_softmax",
    "conv_pool_map_old",
    "tokens_old",
    "tied_embedding",
    "quantized_qdq",
    "quantized_qlinear_matmul",
    "quantized_qlinear_conv",
    "quantized_dynamic",
    "logits_and_label",
    "function_weights_given",
    "function_weights_inside",
    "function_called_twice",
    "ir3_listed_weights",
    "captured_weights",
    "half_precision",
    "external/gemm",
];

#[test]
fn every_head_gets_fourteen_classes_and_nothing_else_changes() {
    for name in FOUND {
        let wanted = with!(HeadOptions { activation: Some(Activation::Softmax), ..options(14) });
        let (edit, old, new) = made(name, &wanted);
        let worst = new.findings.iter().filter(|f| f.severity >= Severity::Warning).collect::<Vec<_>>();
        assert!(worst.is_empty(), "{name}: {worst:?}");
        let mut output = new.graph.outputs.iter().map(|&id| ty(&new, &new.graph.node(id).name));
        let output = output.find(|ty| ty.starts_with('f')).unwrap_or_default();
        assert!(output.split(['×', ' ']).any(|dim| dim == "14"), "{name}: {output}");
        // What the edit does not name is there as it was, in the same order.
        let mut touched: BTreeSet<Record> = edit.removed.clone();
        touched.extend(edit.operands.keys().chain(edit.results.keys()).map(|(span, _)| *span));
        touched.extend(edit.tensors.iter().filter_map(|t| t.replaces));
        let kept: Vec<Vec<u8>> =
            records(&old).into_iter().filter(|(span, _)| !touched.contains(span)).map(|(_, r)| r).collect();
        let all: Vec<Vec<u8>> = records(&new).into_iter().map(|(_, r)| r).collect();
        let mut rest = all.iter();
        assert!(kept.iter().all(|record| rest.any(|r| r == record)), "{name}: a record changed");
        assert!(kept.len() + 1 >= old.graph.ops().count().saturating_sub(6), "{name}: {} kept", kept.len());
        // Nobody's name is taken twice, and no type is declared for what is gone.
        assert!(
            !new.findings.iter().any(|f| ["S002", "S007", "H203"].contains(&f.rule)),
            "{name}: {:?}",
            new.findings
        );
    }
    let all: BTreeSet<String> = files("fixtures/onnx/heads", "onnx")
        .iter()
        .map(|p| p.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let elsewhere = ["conv_points", "two_heads", "features_tokens", "features_map", "external/gemm"];
    let listed: BTreeSet<String> = FOUND.iter().chain(&elsewhere).map(|s| (*s).to_owned()).collect();
    assert!(all.iter().all(|name| listed.contains(name)), "a fixture is in no test");
}

#[test]
fn kept_rows_are_the_old_ones_bit_for_bit() {
    for name in FOUND.iter().filter(|n| !n.starts_with("quantized")) {
        let (edit, old, new) = made(name, &with!(HeadOptions { keep: true, ..options(14) }));
        let weight =
            edit.tensors.iter().filter(|t| t.dims.contains(&14)).max_by_key(|t| t.content.len()).unwrap();
        let before = content(&old, old_weight(&old, name)).unwrap();
        let after = content(&new, stored(&new, &weight.name)).unwrap();
        let old_dims = &old_weight(&old, name).dims;
        let item = before.len() / old_dims.iter().product::<i64>() as usize;
        // A row stays a row in either layout.
        let last = if weight.dims[0] == 14 { (10, after.len() / 14) } else { (10 * item, 14 * item) };
        let kept = if weight.dims[0] == 14 {
            after[..10 * last.1].to_vec()
        } else {
            after.chunks(last.1).flat_map(|row| row[..last.0].to_vec()).collect()
        };
        let before = if (weight.dims[0] == 14) == (old_dims[0] == 10) {
            before.to_vec()
        } else {
            turned(&before, old_dims, item)
        };
        assert!(kept == before, "{name}: {:?} of {old_dims:?}", weight.dims);
        assert!(edit.account.iter().any(|line| line.contains("bit for bit")), "{:?}", edit.account);
    }
}

fn turned(bytes: &[u8], dims: &[i64], item: usize) -> Vec<u8> {
    let (rows, columns) = (dims[0] as usize, dims[1] as usize);
    let cell = |r: usize, c: usize| bytes[(r * columns + c) * item..][..item].to_vec();
    (0..columns).flat_map(|c| (0..rows).flat_map(move |r| cell(r, c))).collect()
}

/// The weights of a fixture's head: the largest of its constants with ten rows or columns.
fn old_weight<'m>(model: &'m Model, name: &str) -> &'m Tensor {
    let inner = model.functions.iter().flat_map(|f| f.graph.ops().flat_map(|(_, _, op)| &op.attributes));
    let inside = inner.flat_map(|a| a.value.tensors());
    let all = model.graph.constants().map(|(_, _, t)| t).chain(inside);
    let found = all
        .filter(|t| t.dims.len() >= 2 && t.dims.contains(&10) && t.dims[0] != 1)
        .max_by_key(|t| t.elements());
    found.unwrap_or_else(|| panic!("{name} has no weights of ten classes"))
}

#[test]
fn tied_weights_stay_with_their_other_user() {
    let (_, old, new) = made("tied_embedding", &options(14));
    assert_eq!(content(&new, stored(&new, "E")).unwrap(), content(&old, stored(&old, "E")).unwrap());
    assert_eq!(stored(&new, "E_2").dims, [14, 6]);
    let uses = |name: &str| {
        let (id, ..) = new.graph.constants().find(|(_, n, _)| n.name == name).unwrap();
        new.graph.uses_of(id).iter().map(|(_, user)| new.graph.node(*user).name.clone()).collect::<Vec<_>>()
    };
    assert_eq!((uses("E"), uses("E_2")), (vec!["embed".to_owned()], vec!["turn".to_owned()]));
}

#[test]
fn what_a_branch_captures_stays_and_no_name_is_taken_twice() {
    let hidden = vec!["5:relu".parse().unwrap()];
    let (_, old, new) = made("captured_weights", &with!(HeadOptions { hidden, ..options(14) }));
    // The branch adds up the old bias.
    assert_eq!(
        content(&new, stored(&new, "fc.bias")).unwrap(),
        content(&old, stored(&old, "fc.bias")).unwrap()
    );
    assert_eq!(stored(&new, "fc.bias_2").dims, [14]);
    // `head/hidden_1` and its weight are names in the other branch.
    assert_eq!(stored(&new, "head/hidden_1.weight_2").dims, [5, 6]);
    assert!(new.graph.ops().any(|(_, n, _)| n.name == "head/hidden_1_2"));
}

#[test]
fn before_version_four_weights_are_listed_as_inputs() {
    let hidden = vec!["5:tanh".parse().unwrap()];
    let (_, _, new) = made("ir3_listed_weights", &with!(HeadOptions { hidden, ..options(14) }));
    for (_, node) in new.graph.nodes() {
        if let NodeKind::Constant { overridable, .. } = node.kind {
            assert!(overridable, "{} is no input", node.name);
        }
    }
    assert_eq!(new.graph.constants().count(), 4);
}

#[test]
fn declared_types_behind_the_head_are_true_again() {
    let (_, old, new) = made("gemm_float_data", &options(14));
    assert_eq!(
        (ty(&old, "l"), ty(&new, "l"), ty(&new, "y")),
        ("f32 N×10".into(), "f32 N×14".into(), "f32 N×14".into())
    );
    // That of the features is not behind it, and neither are the records of nodes.
    assert_eq!(ty(&new, "f"), "f32 N×6");
    let hidden = vec!["5:none".parse().unwrap()];
    let (_, _, none) = made(
        "gemm_float_data",
        &with!(HeadOptions { activation: Some(Activation::None), hidden, ..options(3) }),
    );
    assert!(none.graph.values().iter().all(|v| v.name != "l"), "the declared type of `l` went with it");
    assert!(!none.findings.iter().any(|f| f.rule == "H203"), "{:?}", none.findings);
}

#[test]
fn quantized_heads_become_numbers() {
    for (name, gone) in [
        ("quantized_qdq", vec!["lq", "Wd", "bd"]),
        ("quantized_qlinear_matmul", vec!["l"]),
        ("quantized_qlinear_conv", vec!["m"]),
        ("quantized_dynamic", vec!["fq", "pi", "pf"]),
    ] {
        let (edit, old, new) = made(name, &with!(HeadOptions { keep: true, ..options(14) }));
        for value in gone {
            assert!(new.graph.values().iter().all(|v| v.name != value), "{name}: `{value}` is still there");
        }
        let integers = ops(&new).iter().filter(|op| op.contains("Integer") || op.contains("QLinear")).count();
        assert_eq!(integers, 0, "{name}: {:?}", ops(&new));
        let constants: Vec<&str> = new.graph.constants().map(|(_, n, _)| n.name.as_str()).collect();
        assert!(!constants.contains(&"Wq") && !constants.contains(&"ws"), "{name}: {constants:?}");
        assert!(
            new.graph.constants().all(|(id, ..)| !new.graph.uses_of(id).is_empty()),
            "{name}: {constants:?}"
        );
        // The kept rows are what the integers stand for.
        let weight = edit.tensors.iter().find(|t| t.dims.contains(&14) && t.dims.len() >= 2).unwrap();
        let integers = content(&old, stored(&old, "Wq")).unwrap();
        let first = f32::from_le_bytes(weight.content[..4].try_into().unwrap());
        assert_eq!(first, f32::from(integers[0] as i8) * 0.01, "{name}");
    }
}

#[test]
fn a_function_goes_with_its_last_call() {
    let (_, _, new) = made("function_weights_inside", &options(14));
    assert!(new.functions.is_empty(), "nothing calls it");
    assert_eq!(ops(&new), ["Tanh", "MatMul", "Softmax"]);
    let (_, old, new) = made("function_called_twice", &options(14));
    assert_eq!(new.functions.len(), 1, "the other call needs it");
    assert_eq!(ops(&new), ["Linear", "Transpose", "MatMul", "Add"]);
    assert_eq!(record(&new, new.functions[0].span), record(&old, old.functions[0].span));
}

#[test]
fn activations_are_put_in_taken_out_and_left() {
    let cases = [
        ("gemm_features_first", Some(Activation::Sigmoid), vec!["Tanh", "Gemm", "Sigmoid"]),
        ("gemm_float_data", Some(Activation::Softmax), vec!["Tanh", "Gemm", "Softmax"]),
        ("gemm_float_data", None, vec!["Tanh", "Gemm", "Softmax"]),
        ("gemm_float_data", Some(Activation::None), vec!["Tanh", "Gemm"]),
        ("gemm_float_data", Some(Activation::LogSoftmax), vec!["Tanh", "Gemm", "LogSoftmax"]),
        ("softmax_then_log", Some(Activation::LogSoftmax), vec!["Tanh", "Gemm", "Softmax", "Log"]),
        ("softmax_then_log", Some(Activation::Softmax), vec!["Tanh", "Gemm", "Softmax"]),
        ("sigmoid_labels", Some(Activation::None), vec!["Tanh", "Gemm"]),
        ("logits_and_label", Some(Activation::Softmax), vec!["Tanh", "Gemm", "Softmax", "ArgMax"]),
    ];
    for (name, activation, expected) in cases {
        let (_, old, new) = made(name, &with!(HeadOptions { activation, ..options(14) }));
        assert_eq!(ops(&new), expected, "{name} {activation:?}");
        let names =
            |m: &Model| m.graph.outputs.iter().map(|&id| m.graph.node(id).name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&new), names(&old), "{name}: outputs keep their names");
    }
    // Before version 13 softmax takes all axes from its own: points are turned.
    let wanted =
        with!(HeadOptions { activation: Some(Activation::Softmax), at: Some("y".into()), ..options(14) });
    let (_, _, new) = made("conv_points", &wanted);
    assert!(ops(&new).ends_with(&["Transpose", "Softmax", "Transpose"]), "{:?}", ops(&new));
    let (_, _, new) = made("conv_pool_map_old", &with!(HeadOptions { at: None, ..wanted }));
    assert!(ops(&new).ends_with(&["GlobalAveragePool", "Softmax"]), "a map of one point need not be");
}

#[test]
fn heads_that_are_not_clear_are_listed() {
    let model = open(&fixture("two_heads")).unwrap();
    let error = head(&model, &options(3)).unwrap_err();
    assert_eq!(error.hints.len(), 2, "{error}");
    assert!(error.to_string().contains("at `sex`: Gemm `sex_fc`: 2 classes of 6 features `f`"), "{error}");
    for at in ["sex", "sex_fc"] {
        let (_, _, new) = made("two_heads", &with!(HeadOptions { at: Some(at.into()), ..options(3) }));
        assert_eq!((ty(&new, "age"), ty(&new, "sex")), ("f32 N×10".into(), "f32 N×3".into()));
    }
    let model = open(&fixture("conv_points")).unwrap();
    let error = head(&model, &options(3)).unwrap_err().to_string();
    assert!(error.contains("not sure") && error.contains("at `y`"), "{error}");
    assert_eq!(heads(&model).unwrap()[0].confidence, Confidence::Unsure);
}

#[test]
fn features_get_a_head() {
    let pool = |pool, at: &str| with!(HeadOptions { pool: Some(pool), at: Some(at.into()), ..options(14) });
    let (_, _, new) = made("features_tokens", &options(14));
    assert_eq!(
        (ty(&new, "logits"), ty(&new, "last")),
        ("f32 N×14".into(), "f32 N×T×6".into()),
        "the pooled ones"
    );
    let (_, _, new) = made("features_tokens", &pool(Pool::First, "last"));
    assert_eq!((ty(&new, "logits"), ty(&new, "pooled")), ("f32 N×14".into(), "f32 N×6".into()));
    assert!(ops(&new).contains(&"Gather"));
    let wanted = with!(HeadOptions { activation: Some(Activation::Softmax), ..pool(Pool::None, "last") });
    let (_, _, new) = made("features_tokens", &wanted);
    assert_eq!(ty(&new, "probabilities"), "f32 N×T×14");
    let (_, _, new) = made("features_map", &options(14));
    assert!(ops(&new).ends_with(&["GlobalAveragePool", "Flatten", "Gemm"]), "{:?}", ops(&new));
    assert_eq!(ty(&new, "logits"), "f32 N×14");
    let (_, _, new) = made("features_map", &pool(Pool::None, "map"));
    assert_eq!(ty(&new, "logits"), "f32 N×14×6×6");
    let error = head(
        &open(&fixture("features_tokens")).unwrap(),
        &with!(HeadOptions { at: Some("last".into()), ..options(2) }),
    );
    assert!(error.unwrap_err().to_string().contains("`first` takes"), "which is not guessed");
}

#[test]
fn hidden_layers_dropout_names_and_weights_from_a_file() {
    let array = |dims: Vec<i64>, first: f32| {
        let count = dims.iter().product::<i64>();
        let bytes: Vec<u8> = (0..count).flat_map(|i| (first + i as f32).to_le_bytes()).collect();
        Array { dtype: DType::F32, dims, content: bytes.into() }
    };
    let weights = BTreeMap::from([
        ("a.weight".to_owned(), array(vec![5, 6], 0.0)),
        ("a.bias".to_owned(), array(vec![5], 100.0)),
        ("b/kernel".to_owned(), array(vec![5, 14], 200.0)),
        ("b/bias".to_owned(), array(vec![14], 300.0)),
    ]);
    let wanted = with!(HeadOptions {
        hidden: vec!["5:silu".parse().unwrap()],
        dropout: Some(0.3),
        weights: Some(weights),
        output_name: Some("scores".into()),
        class_names: (0..14).map(|i| format!("class {i}")).collect(),
        ..options(14)
    });
    let (edit, _, new) = made("gemm_features_first", &wanted);
    assert_eq!(ops(&new), ["Tanh", "Gemm", "Sigmoid", "Mul", "Dropout", "Gemm"]);
    assert_eq!(ty(&new, "scores"), "f32 N×14");
    assert!(edit.properties["modelgram.classes"].starts_with("[\"class 0\","));
    // A kernel has the units last, as this `Gemm` has.
    let kernel = content(&new, stored(&new, "fc.weight")).unwrap();
    assert_eq!(f32::from_le_bytes(kernel[4..8].try_into().unwrap()), 201.0);
    assert_eq!(stored(&new, "head/hidden_1.weight").dims, [5, 6]);
    let none = with!(HeadOptions { weights: Some(BTreeMap::new()), ..options(14) });
    assert!(head(&open(&fixture("gemm_features_first")).unwrap(), &none).is_err());
}

#[test]
fn external_data_goes_along_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let source = fixture("external/gemm");
    let target = folder.path().join("new.onnx");
    let args =
        ["head", source.to_str().unwrap(), "--classes", "14", "--keep", "-o", target.to_str().unwrap()];
    let out = run(folder.path(), &args);
    assert!(was_written(&out), "{}", stderr(&out));
    // The old head's weights were all there was: nothing refers to the data any more.
    let new = open(&target).unwrap();
    assert!(new.graph.constants().all(|(_, _, t)| content(&new, t).is_ok()));
    let renamed = folder.path().join("renamed.onnx");
    let out = run(
        folder.path(),
        &["rename", source.to_str().unwrap(), "s/fc/head/", "-o", renamed.to_str().unwrap()],
    );
    assert!(was_written(&out), "{}", stderr(&out));
    let data = folder.path().join("gemm.data");
    assert_eq!(std::fs::read(&data).unwrap(), std::fs::read(source.with_file_name("gemm.data")).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(&data).unwrap().nlink(), 1, "onnx's checker refuses data of two names");
    }
}

#[test]
fn wrong_use_says_so_and_leaves_no_file() {
    let model = at("models/digits.onnx");
    let model = model.to_str().unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--classes", "0"], "at least one class"),
        (&["--classes", "-3"], "at least one class"),
        (&["--classes", "1000000000"], "1 GiB"),
        (&["--classes", "14", "--at", "Identity:1"], "did you mean `Identity:0`"),
        (&["--classes", "5", "--keep"], "`keep` keeps 10 classes"),
        (&["--classes", "14", "--keep", "--hidden", "32"], "cannot be combined"),
        (&["--classes", "14", "--hidden", "32:step"], "functions: relu"),
        (&["--classes", "14", "--dropout", "1"], "below 1"),
        (&["--classes", "14", "--init", "ones"], "xavier_uniform"),
        (&["--classes", "14", "--pool", "mean"], "here is one already"),
        (&["--classes", "14", "--output-name", "digits_cnn_1/hidden_1/Relu:0"], "cannot be named"),
        (&["--classes", "14", "--weights", "none.npz"], "no such file"),
        (&[], "--classes N"),
    ];
    for (args, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let out = run(folder.path(), &[&["head", model, "-o", "new.onnx"], *args].concat());
        assert_eq!(out.status.code(), Some(2), "{args:?}: {}", stderr(&out));
        assert!(stderr(&out).contains(expected), "{args:?}: {}", stderr(&out));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{args:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("model.onnx");
    std::fs::copy(model, &copy).unwrap();
    let before = std::fs::read(&copy).unwrap();
    let out = run(folder.path(), &["head", "model.onnx", "--classes", "14", "-o", "./model.onnx"]);
    assert!(stderr(&out).contains("this is the model itself"), "{}", stderr(&out));
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    let out = run(folder.path(), &["head", "model.onnx", "--classes", "14", "--in-place"]);
    assert!(was_written(&out) && std::fs::read(&copy).unwrap() != before, "{}", stderr(&out));
}

/// A write that fails in the middle, as on a full disk, leaves nothing behind.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_read_only_folder_leave_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = at("models/digits.onnx");
    // The system refuses to write more than some kilobytes to a file.
    let script = "trap '' XFSZ; ulimit -f 16; exec \"$0\" head \"$1\" --classes 14 -o new.onnx";
    let program = env!("CARGO_BIN_EXE_modelgram");
    let out = Command::new("sh")
        .args(["-c", script, program, model.to_str().unwrap()])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    assert!(stderr(&out).contains("new.onnx: "), "{}", stderr(&out));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // A file that was there stays as it was.
    std::fs::write(folder.path().join("new.onnx"), "old").unwrap();
    Command::new("sh")
        .args(["-c", script, program, model.to_str().unwrap()])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(std::fs::read(folder.path().join("new.onnx")).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    // Nobody may write there, root neither.
    let out =
        run(folder.path(), &["head", model.to_str().unwrap(), "--classes", "14", "-o", "/sys/new.onnx"]);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    assert!(stderr(&out).contains("/sys/new.onnx: "), "{}", stderr(&out));
}

#[test]
fn the_edit_is_recorded_and_the_report_is_json() {
    let folder = tempfile::tempdir().unwrap();
    let model = at("models/digits.onnx");
    let args =
        ["head", model.to_str().unwrap(), "--classes", "14", "--keep", "--report", "json", "-o", "new.onnx"];
    let out = run(folder.path(), &args);
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(report["classes"], 14);
    let new = open(&folder.path().join("new.onnx")).unwrap();
    let list = modelgram::model::property(&new.meta.properties, "modelgram.edits").unwrap();
    assert!(list.contains("\"edit\":\"head\"") && list.contains("\"keep\":true"), "{list}");
    assert!(!list.contains('/'), "no path is in it: {list}");
    let out = run(folder.path(), &["head", "new.onnx", "--list"]);
    assert!(String::from_utf8_lossy(&out.stdout).contains("14 classes of 64 features"), "{}", stderr(&out));
    // The same edit gives the same bytes.
    run(folder.path(), &[&args[..7], &["-o", "again.onnx"]].concat());
    assert_eq!(
        std::fs::read(folder.path().join("again.onnx")).unwrap(),
        std::fs::read(folder.path().join("new.onnx")).unwrap()
    );
}
