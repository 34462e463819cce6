//! Runs of models: the request and its outcome, inputs that make sense, and the engine.
//!
//! Operators are computed by their definitions in [`eval`](crate::eval); matrix products and
//! convolutions by [tract](https://github.com/sonos/tract), behind the feature `infer`. Its
//! interface is not under semver below its facade, so nothing outside of `tract/` names it.
//! Everything else here is there without it too: whoever proves an edit gives a [`Runner`] in.

pub mod check;
pub mod inputs;
mod request;
#[cfg(feature = "infer")]
mod run;
#[cfg(feature = "infer")]
mod tract;

pub use crate::eval::{Oddity, Sighting};
pub use request::{Outcome, Request, Runner};
#[cfg(feature = "infer")]
pub use tract::{InProcess, THREAD, fill_types};

/// The engine of matrix products and convolutions.
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
