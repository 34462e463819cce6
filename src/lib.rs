//! Draws neural-network model files.
//!
//! The way of a model through this library:
//!
//! ```text
//! bytes --formats--> Model --view--> View --diagram--> Diagram --layout--> Layout --picture--> Picture --export--> bytes
//! ```

pub mod account;
pub mod check;
#[cfg(feature = "cli")]
#[allow(clippy::print_stdout, clippy::print_stderr)]
pub mod cli;
pub mod diagram;
pub mod diff;
pub mod draw;
pub mod edit;
pub mod error;
pub mod export;
pub mod finding;
pub mod formats;
#[cfg(feature = "infer")]
pub mod infer;
pub mod info;
pub mod layout;
pub mod model;
pub mod ops;
pub mod picture;
pub mod summary;
#[cfg(feature = "infer")]
pub mod validate;
pub mod view;
