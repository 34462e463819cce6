//! The checked-in decoder is what the vendored schema generates.
//!
//! `UPDATE=1 cargo test --test schema` rewrites it.

mod common;

use common::golden::assert_golden;
use common::models::at;

#[test]
fn the_decoder_follows_from_the_schema() {
    let folder = at("src/formats/onnx/schema");
    let files = protox::compile([folder.join("onnx-ml.proto")], [&folder]).expect("the schema compiles");
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut config = prost_build::Config::new();
    config.bytes([".onnx.TensorProto.raw_data", ".onnx.AttributeProto.s", ".onnx.AttributeProto.strings"]);
    config.out_dir(out.path());
    config.compile_fds(files).expect("code is generated");
    let made = std::fs::read_to_string(out.path().join("onnx.rs")).expect("the generated code");
    assert_golden("src/formats/onnx/schema/onnx.rs", &made);
}
