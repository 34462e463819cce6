//! What an edit makes of a model, without writing it.

use super::Inputs;
use super::writer::written_as;
use crate::error::Result;
use crate::model::{Edit, Model, Tensor, TensorData};

/// Larger contents are left out.
const MOST_BYTES: u64 = 4096;

/// The edited model without its weights: its graph, names, declared types, and the small
/// constants that shapes are made of. Takes time and memory for the graph alone.
///
/// # Errors
/// If the format cannot be written, or the edit does not fit the model.
pub fn preview(model: &Model, edit: &Edit) -> Result<Model> {
    let (format, writer) = written_as(model)?;
    let mut small = edit.clone();
    for graph in model.graphs() {
        let stored = graph.constants().map(|(_, _, tensor)| tensor);
        let attributes = graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.tensors());
        small.stripped.extend(stored.chain(attributes).filter(|t| is_large(t)).map(Tensor::record));
    }
    small.stripped.sort_unstable();
    small.stripped.dedup();
    let bytes = (writer.lower)(model, &small)?.applied(&model.source.bytes);
    let mut new = format.open(&Inputs::memory(&model.source.name, bytes.into()))?;
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
