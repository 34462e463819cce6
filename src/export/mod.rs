//! Pictures and diagrams as files.

pub(crate) mod dot;
pub(crate) mod json;
mod number;
mod pages;
#[cfg(feature = "pdf")]
pub(crate) mod pdf;
#[cfg(feature = "png")]
pub(crate) mod png;
pub mod svg;
mod xml;

pub use pages::{Pages, Paper};
