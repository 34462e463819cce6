//! Pictures and diagrams as files.

pub mod dot;
pub mod json;
mod number;
mod pages;
#[cfg(feature = "pdf")]
pub mod pdf;
#[cfg(feature = "png")]
pub mod png;
pub mod svg;
mod xml;

pub use pages::{Pages, Paper};
