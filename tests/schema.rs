//! The checked-in decoder is what the vendored schema generates.
//!
//! `UPDATE=1 cargo test --test schema` rewrites it.

use std::path::Path;

#[test]
fn the_decoder_follows_from_the_schema() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/formats/onnx/schema");
    let files = protox::compile([folder.join("onnx-ml.proto")], [&folder]).expect("the schema compiles");
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut config = prost_build::Config::new();
    config.bytes([".onnx.TensorProto.raw_data", ".onnx.AttributeProto.s", ".onnx.AttributeProto.strings"]);
    config.out_dir(out.path());
    config.compile_fds(files).expect("code is generated");
    let made = std::fs::read_to_string(out.path().join("onnx.rs")).expect("the generated code");
    let path = folder.join("onnx.rs");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).expect("the checked-in code can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == checked_in,
        "src/formats/onnx/schema/onnx.rs is stale: run UPDATE=1 cargo test --test schema"
    );
}
