//! Edits that know the operators of ONNX.

mod decompose;
mod head;

#[doc(hidden)] // for our own tests alone
pub use decompose::{decompose, decomposes};
pub use head::{
    Activation, CLASSES, Candidate, Confidence, HeadOptions, Hidden, HiddenActivation, Pool, head, heads,
};
