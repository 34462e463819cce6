//! tract: the only place that names its crate.

mod engine;
mod proto;
mod skeleton;
mod types;
mod value;

pub use types::{THREAD, fill_types};

use super::run::run;
use super::{Outcome, Request, Runner};
use crate::error::Result;
use crate::eval::Engine;
use crate::model::Model;

/// Runs models in this process and on this thread, without limits of memory or time: for
/// models that are trusted, and for a process that is given to one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Runner for InProcess {
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome> {
        let (mut engine, mut whatever) = (engine::Tract::default(), engine::Whatever);
        let fallback = request.unverified.then_some(&mut whatever as &mut dyn Engine);
        run(model, request, &mut engine, fallback)
    }
}
