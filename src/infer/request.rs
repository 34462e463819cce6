//! The request for a run, and its outcome.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::eval::Sighting;
use crate::files::arrays::Array;
use crate::model::Model;

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The inputs of each run, by name.
    pub runs: Vec<BTreeMap<String, Array>>,
    /// Values inside that are wanted too, by name.
    pub dump: Vec<String>,
    /// How often each run is repeated, to measure it.
    pub repeat: usize,
    /// Whether the time of each node is measured.
    pub times: bool,
    /// Whether what has no definition is left to whatever the engine makes of it.
    pub unverified: bool,
}

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// For each run the outputs and the values that were wanted, by name and in order.
    pub runs: Vec<Vec<(String, Array)>>,
    /// Seconds that the first run took more than the fastest one, for making plans, and that the
    /// fastest one took.
    pub seconds: (f64, f64),
    /// Seconds of each node, by its name in the file as far as that is left.
    pub times: BTreeMap<String, f64>,
    /// Where NaN, infinite and subnormal numbers were first seen: in stored constants, and NaN in
    /// any value.
    pub sightings: Vec<Sighting>,
}

/// What runs models: this process, another one with limits, or a test's own function.
///
/// Hostile or unlucky models make any engine panic, hang or allocate without end, so a runner
/// for models from elsewhere should give each run a process of its own.
pub trait Runner {
    /// Runs a model.
    ///
    /// # Errors
    /// If an input is missing or does not fit, the model uses operators that the engine lacks, its
    /// weights are not available ([`ErrorKind::Io`](crate::error::ErrorKind::Io)), or its run
    /// fails.
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome>;
}

impl<F: FnMut(&Model, &Request) -> Result<Outcome>> Runner for F {
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome> {
        self(model, request)
    }
}
