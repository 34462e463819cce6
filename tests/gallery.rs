//! The pictures of `docs/gallery` and of the README are what the program draws today.
//!
//! `docs/gallery/make.sh` says how its pictures are made, so the test runs it; each
//! model it names lies in the repository, some of them packed.
#![cfg(feature = "cli")]

mod common;

use common::golden::assert_all_golden;
use common::models::{at, files};
use common::program::{run, stderr, stdout};

/// The pictures of the README and their models.
const PICTURES: &[(&str, &str)] = &[
    ("docs/pictures/digits.svg", "models/digits.onnx"),
    ("docs/pictures/resnet50.svg", "fixtures/onnx/real/resnet50_dy.onnx"),
];

#[test]
fn the_pictures_of_the_readme_are_what_is_drawn_today() {
    let readme = std::fs::read_to_string(at("README.md")).unwrap();
    assert_eq!(files("docs/pictures", "svg").len(), PICTURES.len(), "a picture is not in the table");
    assert_all_golden(PICTURES.iter().map(|&(picture, model)| {
        assert!(readme.contains(picture), "the README does not show {picture}");
        let out = run(&at(""), &[model]);
        assert!(out.status.success(), "{model}: {}", stderr(&out));
        (picture, stdout(&out))
    }));
}

/// Skipped where there is no `sh`.
#[cfg(unix)]
#[test]
fn the_gallery_is_what_its_script_draws_today() {
    let (models, pictures) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    collect_models(models.path());
    let script = pictures.path().join("make.sh");
    std::fs::copy(at("docs/gallery/make.sh"), &script).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_modelgram")).parent().expect("it is in a folder");
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(program.to_owned()).chain(std::env::split_paths(&others));
    let out = std::process::Command::new("sh")
        .arg(&script)
        .arg(models.path())
        .env("PATH", std::env::join_paths(path).unwrap())
        .output()
        .expect("a shell");
    assert!(out.status.success(), "make.sh: {}", stderr(&out));
    let names = |folder: &std::path::Path| {
        let files = files(folder.to_str().expect("UTF-8"), "svg").into_iter();
        files.map(|f| f.file_name().expect("a name").to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let drawn = names(pictures.path());
    assert_eq!(drawn, names(&at("docs/gallery")), "make.sh draws other pictures than there are");
    let readme = std::fs::read_to_string(at("docs/gallery/README.md")).unwrap();
    assert_all_golden(drawn.iter().map(|name| {
        assert!(readme.contains(&format!("]({name})")), "the gallery does not show {name}");
        let made = std::fs::read_to_string(pictures.path().join(name)).unwrap();
        (format!("docs/gallery/{name}"), made)
    }));
}

/// Puts all models that `make.sh` may name into one folder.
#[cfg(unix)]
fn collect_models(folder: &std::path::Path) {
    std::fs::copy(at("models/bert.onnx"), folder.join("bert12_dy.onnx")).unwrap();
    for model in files("fixtures/onnx/real", "onnx") {
        std::fs::copy(&model, folder.join(model.file_name().expect("a name"))).unwrap();
    }
    for packed in files("fixtures/onnx/packed", "gz") {
        common::models::unpacked(packed.to_str().expect("UTF-8"), folder);
    }
}
