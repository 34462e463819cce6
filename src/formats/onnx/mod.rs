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
#[doc(hidden)] // generated, and public for our own tests alone
pub mod schema;
mod scopes;
mod strip;
mod tensor;
mod types;

use super::encoding::wire::{Value, fields};
use super::{Format, Inputs, Score, Writer};

/// The entry in the table of formats.
pub(super) const FORMAT: Format = Format {
    title: "ONNX",
    summary: "Open Neural Network Exchange, IR 1 to 14",
    extensions: &["onnx"],
    decode: Some(tensor::decode),
    array: Some(tensor::array),
    writer: Some(&Writer {
        lower: lower::lower,
        restore: Some(strip::restore),
        content_hash: Some(strip::content_hash),
    }),
    ..Format::new("onnx", detect, model::read)
};

/// The first fields of a `ModelProto` are as its schema says; that it has a graph among them is
/// more likely so in ONNX than in other schemas, and an IR version is where most begin.
fn detect(inputs: &Inputs) -> Score {
    const ENOUGH: usize = 64;
    let bytes = inputs.bytes();
    let mut score = Score::No;
    for field in fields(bytes, 0..bytes.len()).take(ENOUGH) {
        // What is cut off may still have begun as a model.
        let Ok(field) = field else { return score };
        let fits = match field.number {
            1 | 5 => matches!(field.value, Value::Varint(_)),
            2..=4 | 6..=8 | 14 | 20 | 25 | 26 => matches!(field.value, Value::Bytes(_)),
            _ => true,
        };
        if !fits {
            return Score::No;
        }
        score = score.max(match field.number {
            1 => Score::Possible.when(matches!(field.value, Value::Varint(0..1000))),
            7 => Score::Likely,
            _ => Score::No,
        });
    }
    score
}
