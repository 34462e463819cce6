//! Edits that know the operators of ONNX.

mod head;

pub use head::{
    Activation, CLASSES, Candidate, Confidence, HeadOptions, Hidden, HiddenActivation, Pool, head, heads,
};
