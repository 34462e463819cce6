//! Code that `tests/schema.rs` generates from `onnx-ml.proto`.

include!("onnx.rs");
