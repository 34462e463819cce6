//! Runs of models: what is asked and answered, inputs that make sense, what the engine is
//! trusted with, and the engine itself.
//!
//! The engine is [tract](https://github.com/sonos/tract), behind the feature `infer`. Its
//! interface is not under semver below its facade, so nothing outside of `tract/` names it.
//! Everything else here is there without it too: whoever proves an edit gives a [`Runner`] in.

pub mod features;
pub mod inputs;
mod plain;
mod request;
#[cfg(feature = "infer")]
mod tract;
pub mod trust;

pub use request::{Outcome, Request, Runner};
#[cfg(feature = "infer")]
pub use tract::{InProcess, THREAD, fill_types};

/// The engine whose results the list of trust is about.
pub const ENGINE: &str = "tract 0.23.9";

#[cfg(test)]
mod tests {
    #[test]
    fn the_engine_is_the_release_that_is_built_in() {
        let (name, version) = super::ENGINE.split_once(' ').unwrap();
        let line = format!("{name}-onnx = {{ version = \"={version}\"");
        assert!(include_str!("../../Cargo.toml").contains(&line), "{line}");
    }
}
