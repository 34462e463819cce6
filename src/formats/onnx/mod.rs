//! ONNX models: protobuf files after the `onnx-ml.proto` of ONNX 1.23 (IR 14).
//!
//! The containers (model, graph, node, attribute, tensor, function) are walked
//! with a wire cursor, which gives the span of every record at every depth and
//! passes over weights in any encoding without touching them. The records inside
//! (types, operator sets, scalar attributes, the head of a tensor) are decoded by
//! prost from the checked-in code of the vendored schema.
//!
//! What can be decoded opens, however invalid: names are resolved as far as they
//! can be, and what is wrong becomes findings.
//!
//! <https://github.com/onnx/onnx/blob/main/docs/IR.md>

mod attribute;
mod draft;
mod function;
mod graph;
mod limits;
mod lower;
mod model;
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub, rustdoc::all)]
pub mod schema;
mod scopes;
mod strip;
mod tensor;
mod types;

pub use lower::lower;
pub use model::read;
pub use strip::restore;
pub(crate) use strip::{content_hash, same_stripped};
pub use tensor::{array, decode};
pub(crate) use types::dtype_number;

use bytes::Bytes;

use super::encoding::wire::{Value, fields};

/// Whether `bytes` look like an ONNX model: their first fields are those of a
/// `ModelProto`, and they hold a graph or an IR version.
pub fn is_onnx(bytes: &Bytes) -> bool {
    const ENOUGH: usize = 64;
    let mut known = false;
    for field in fields(bytes, 0..bytes.len()).take(ENOUGH) {
        // What is cut off may still have begun as a model.
        let Ok(field) = field else { return known };
        let fits = match field.number {
            1 | 5 => matches!(field.value, Value::Varint(_)),
            2..=4 | 6..=8 | 14 | 20 | 25 | 26 => matches!(field.value, Value::Bytes(_)),
            _ => true,
        };
        if !fits {
            return false;
        }
        known |= match field.number {
            1 => matches!(field.value, Value::Varint(v) if v < 1000),
            7 => true,
            _ => false,
        };
    }
    known
}
