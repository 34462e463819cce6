//! Numbers that were once wrong and called verified, and models that were refused without need:
//! each test is named after what was found.

#![cfg(feature = "infer")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::program::{run, stderr, stdout};
use modelgram::files::arrays::{Array, arrays};
use modelgram::formats::array;

fn path(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).to_string_lossy().into_owned()
}

/// The models whose names begin so.
fn models(prefix: &str) -> Vec<PathBuf> {
    let all = common::models::files("fixtures/onnx/findings", "onnx");
    let named = |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(prefix));
    let found: Vec<PathBuf> = all.into_iter().filter(named).collect();
    assert!(!found.is_empty(), "{prefix}");
    found
}

/// Runs a model on its stored inputs; its outputs go into `folder`.
fn run_model(model: &Path, folder: &Path, more: &[&str]) -> Output {
    let mut args =
        vec!["run".to_owned(), model.to_string_lossy().into_owned(), "--output-dir".into(), ".".into()];
    let stored = arrays(&model.with_extension("npz")).unwrap();
    for (name, array) in stored.iter().filter(|(name, _)| name.starts_with("in/")) {
        let file = format!("{}.npy", args.len());
        std::fs::write(folder.join(&file), array.to_npy().unwrap()).unwrap();
        args.extend(["--input".into(), format!("{}={file}", &name[3..])]);
    }
    args.extend(more.iter().map(|word| (*word).to_owned()));
    run(folder, &args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The outputs of a run, by number.
fn outputs(folder: &Path) -> BTreeMap<String, Array> {
    let files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let number = |path: PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name.split_once('_')?.0.to_owned(), array(&path).unwrap()))
    };
    files.filter_map(number).collect()
}

/// Each model runs, is called verified, and gives what onnxruntime gave.
fn right(prefix: &str) {
    for model in models(prefix) {
        let (name, folder) = (model.display(), tempfile::tempdir().unwrap());
        let out = run_model(&model, folder.path(), &[]);
        assert_eq!(out.status.code(), Some(0), "{name}: {}", stderr(&out));
        let found = outputs(folder.path());
        let stored = arrays(&model.with_extension("npz")).unwrap();
        let wanted: Vec<_> = stored.iter().filter(|(name, _)| name.starts_with("out/")).collect();
        assert_eq!(found.len(), wanted.len(), "{name}");
        for (number, wanted) in wanted {
            let found = &found[&number[4..]];
            assert_eq!((found.dtype, &found.dims), (wanted.dtype, &wanted.dims), "{name}");
            let (a, b) = (found.numbers().unwrap(), wanted.numbers().unwrap());
            let most = b.iter().filter(|x| x.is_finite()).map(|x| x.abs()).fold(0.0, f64::max);
            let near = |(a, b): (&f64, &f64)| {
                a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-6 + 1e-6 * most
            };
            assert!(a.iter().zip(&b).all(near), "{name}: {a:?} for {b:?}");
        }
    }
}

#[test]
fn finding_1_a_cast_keeps_64_bits() {
    right("01");
}

#[test]
fn finding_2_celu_with_another_alpha() {
    right("02");
}

#[test]
fn finding_3_softplus_of_large_numbers_is_finite() {
    right("03");
}

#[test]
fn finding_4_more_than_there_are_is_no_result() {
    let folder = tempfile::tempdir().unwrap();
    let out = run_model(&models("04")[0], folder.path(), &[]);
    assert!(matches!(out.status.code(), Some(1 | 2)), "{}", stderr(&out));
    assert!(outputs(folder.path()).is_empty());
}

#[test]
fn finding_5_nan_stays_nan_and_its_origin_is_told() {
    right("05");
    let folder = tempfile::tempdir().unwrap();
    let weight = run_model(&models("05-nan-weight")[0], folder.path(), &[]);
    assert!(stdout(&weight).contains("NaN in `w`"), "{}", stdout(&weight));
    let inside = run_model(&models("05-nan-inside")[0], folder.path(), &[]);
    assert!(stdout(&inside).contains("NaN first in `l`, which Log gives"), "{}", stdout(&inside));
    let out = run(folder.path(), &["validate", &path("fixtures/onnx/findings/05-nan-weight.onnx")]);
    assert_eq!(out.status.code(), Some(1), "{}", stdout(&out));
    assert!(stdout(&out).contains("NaN in `w`") && !stdout(&out).contains("no NaN"), "{}", stdout(&out));
}

#[test]
fn finding_5_weights_that_differ_in_nan_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let old = path("fixtures/onnx/findings/05-nan-weight.onnx");
    let bytes = std::fs::read(&old).unwrap();
    // The only NaN of the file becomes 2.
    let at = bytes.windows(4).position(|w| w == f32::NAN.to_le_bytes()).unwrap();
    let mut other = bytes.clone();
    other[at..at + 4].copy_from_slice(&2f32.to_le_bytes());
    std::fs::write(folder.path().join("new.onnx"), other).unwrap();
    let out = run(folder.path(), &["diff", &old, "new.onnx"]);
    assert!(stdout(&out).contains("1 of 4 elements differ, 1 of them in being NaN"), "{}", stdout(&out));
}

#[test]
fn finding_6_a_repeated_run_gives_the_same_numbers() {
    right("06");
    for model in models("06").into_iter().chain([PathBuf::from(path("models/digits.onnx"))]) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let args: [&[&str]; 2] = [&[], &["--repeat", "2"]];
        let both = [0, 1].map(|i| {
            let out = match model.with_extension("npz").exists() {
                true => run_model(&model, folders[i].path(), args[i]),
                false => {
                    let plain = ["run", model.to_str().unwrap(), "--output-dir", "."];
                    run(folders[i].path(), &[&plain, args[i]].concat())
                }
            };
            assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
            outputs(folders[i].path())
        });
        assert!(!both[0].is_empty());
        assert_eq!(both[0], both[1], "{}", model.display());
    }
}

#[test]
fn finding_7_slices_backwards_and_reductions_of_nothing() {
    right("07");
}

#[test]
fn finding_13_a_large_constant_in_a_node() {
    right("13");
}

#[test]
fn finding_16_a_sparse_weight() {
    right("16");
    let out = run(Path::new("."), &["validate", &path("fixtures/onnx/findings/16-sparse-weight.onnx")]);
    assert_eq!(out.status.code(), Some(0), "{}", stdout(&out));
}

#[test]
fn finding_16_what_has_no_definition_is_not_verified_and_does_not_fail() {
    let out = run(Path::new("."), &["validate", &path("fixtures/onnx/types/unknown-operator.onnx")]);
    assert_eq!(out.status.code(), Some(4), "{}", stdout(&out));
    assert!(!stdout(&out).contains("FAILS"), "{}", stdout(&out));
}

#[test]
fn finding_17_usual_operators_are_verified() {
    right("17");
}
