//! tract: what it can tell of a model.
//!
//! The crate's interface is not under semver below its facade, so nothing outside of
//! this module names it.

pub mod features;
pub mod inputs;
mod plain;
pub mod run;
mod skeleton;
pub mod trust;
mod types;

pub use types::{THREAD, fill_types};
