//! A model without its weights.

use crate::model::{DType, Edit, Model, Tensor, TensorData};
use crate::text::counted;

/// Which tensors lose their content.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StripOptions {
    /// Those of more bytes than this.
    pub min_bytes: u64,
    /// Integers of 32 and 64 bits, booleans and strings too, which shapes are made of.
    pub all: bool,
}

impl Default for StripOptions {
    fn default() -> Self {
        StripOptions { min_bytes: 32, all: false }
    }
}

/// The edit that takes the content of tensors out: initializers, and those of attributes, in
/// subgraphs and functions too. Names, types and shapes stay. External data stays as it is.
///
/// ```
/// # fn main() -> modelgram::error::Result<()> {
/// let model = modelgram::formats::open("models/digits.onnx".as_ref())?;
/// let edit = modelgram::edit::strip(&model, &modelgram::edit::StripOptions::default());
/// assert_eq!(edit.stripped.len(), 8);
/// # Ok(())
/// # }
/// ```
pub fn strip(model: &Model, options: &StripOptions) -> Edit {
    let mut edit = Edit::default();
    let mut bytes = 0;
    for graph in model.graphs() {
        let stored = graph.constants().map(|(_, _, tensor)| tensor);
        let attributes = graph.ops().flat_map(|(_, _, op)| &op.attributes).flat_map(|a| a.value.tensors());
        for tensor in stored.chain(attributes) {
            if let Some(len) = length(tensor).filter(|&len| len > options.min_bytes)
                && (options.all || is_weight(tensor.dtype))
            {
                edit.stripped.push(tensor.record());
                bytes += len;
            }
        }
    }
    edit.stripped.sort_unstable();
    edit.stripped.dedup();
    edit.account =
        vec![format!("{} without {bytes} bytes of content", counted(edit.stripped.len(), "tensor"))];
    edit
}

/// The bytes of a content that is in the file.
fn length(tensor: &Tensor) -> Option<u64> {
    match &tensor.data {
        TensorData::In(span) => Some(span.len),
        TensorData::Encoded(_) => tensor.byte_len(),
        _ => None,
    }
}

/// Whether weights are of this type, and shapes are not.
fn is_weight(dtype: DType) -> bool {
    use DType::*;
    !matches!(dtype, I64 | I32 | I16 | U64 | U32 | U16 | Bool | String | Undefined | Other(_))
}
