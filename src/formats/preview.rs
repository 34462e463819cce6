//! What an edit makes of a model, without writing it.

use bytes::Bytes;

use super::encoding::splice::{splice, write};
use super::onnx;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Edit, Model, Tensor, TensorData};

/// Larger contents are left out.
const MOST_BYTES: u64 = 4096;

/// The edited model without its weights: its graph, names, declared types, and the small
/// constants that shapes are made of. Takes time and memory for the graph alone.
///
/// # Errors
/// If the format cannot be written, or the edit does not fit the model.
pub fn preview(model: &Model, edit: &Edit) -> Result<Model> {
    super::save::can_be_written(model)?;
    let mut small = edit.clone();
    for graph in model.graphs() {
        let stored = graph.constants().map(|(_, _, tensor)| tensor);
        let attributes = graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.tensors());
        small.stripped.extend(stored.chain(attributes).filter(|t| is_large(t)).map(|t| t.span));
    }
    small.stripped.sort_unstable();
    small.stripped.dedup();
    let source = &model.source.bytes;
    let mut bytes = Vec::new();
    write(source, &splice(source, onnx::lower(model, &small)?)?, &mut bytes)
        .map_err(|error| Error::new(ErrorKind::Io, error.to_string()))?;
    let mut new = onnx::read(&model.source.name, Bytes::from(bytes))?;
    new.name.clone_from(&model.name);
    Ok(new)
}

fn is_large(tensor: &Tensor) -> bool {
    let bytes = match &tensor.data {
        TensorData::In(span) | TensorData::Encoded(span) => span.len,
        TensorData::Owned(bytes) => bytes.len() as u64,
        _ => 0,
    };
    bytes > MOST_BYTES
}
