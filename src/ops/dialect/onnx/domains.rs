//! The domains of ONNX.

/// The name that the default domain may also be spelled by.
pub(super) const DEFAULT_ALIAS: &str = "ai.onnx";
