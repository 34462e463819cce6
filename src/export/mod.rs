//! Pictures and diagrams as files.

pub mod dot;
pub mod json;
mod number;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(feature = "png")]
pub mod png;
pub mod svg;
mod xml;
