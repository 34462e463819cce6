//! Draws neural-network model files.
//!
//! The way of a model through this library:
//!
//! ```text
//! bytes --formats--> Model --view--> View --diagram--> Diagram --layout--> Layout --picture--> Picture --export--> bytes
//! ```

#[cfg(feature = "cli")]
#[allow(clippy::print_stdout, clippy::print_stderr)]
pub mod cli;
pub mod diagram;
pub mod diff;
pub mod draw;
pub mod edit;
pub mod error;
pub mod export;
pub mod files;
pub mod finding;
pub mod formats;
pub mod infer;
pub mod layout;
pub mod model;
pub mod ops;
pub mod picture;
pub mod prove;
pub mod report;
pub mod rules;
pub mod save;
pub mod text;
pub mod view;

pub use error::{Error, Result};
pub use formats::{open, read};
pub use save::save;
