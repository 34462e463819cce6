//! Encodings that several formats share.

pub mod splice;
pub mod wire;
