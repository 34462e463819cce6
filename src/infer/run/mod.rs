//! Runs a model by tract.
//!
//! It runs in this process and on this thread: callers that do not trust the model give it a
//! process of its own, with limits.

mod prepare;
mod session;
mod value;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::files::arrays::Array;
use crate::model::Model;

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The inputs of each run, by name.
    pub runs: Vec<BTreeMap<String, Array>>,
    /// Values inside that are wanted too, by name.
    pub dump: Vec<String>,
    /// How often each run is repeated, to measure it; an optimised plan is made for more than
    /// one.
    pub repeat: usize,
    /// Whether the time of each node is measured.
    pub times: bool,
}

/// What a run gave.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// For each run the outputs and the values that were wanted, by name and in order.
    pub runs: Vec<Vec<(String, Array)>>,
    /// Seconds for making plans, and for running them once (the fastest of the repeats).
    pub seconds: (f64, f64),
    /// Seconds of each node, by its name in the file as far as that is left.
    pub times: BTreeMap<String, f64>,
    /// Inputs that had to be constants of the plan.
    pub baked: Vec<String>,
}

/// Runs a model.
///
/// # Errors
/// If an input is missing or does not fit, the model uses what tract has not, or its run
/// fails.
pub fn run(model: &Model, request: &Request) -> Result<Outcome> {
    let prepared = prepare::prepare(model)?;
    session::run(&prepared, request)
}
