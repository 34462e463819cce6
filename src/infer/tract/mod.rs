//! tract: the only place that names its crate.

mod prepare;
mod session;
mod skeleton;
mod types;
mod value;

pub use types::{THREAD, fill_types};

use super::{Outcome, Request, Runner};
use crate::error::Result;
use crate::model::Model;

/// Runs models in this process and on this thread, without limits of memory or time: for
/// models that are trusted, and for a process that is given to one run.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Runner for InProcess {
    fn run(&mut self, model: &Model, request: &Request) -> Result<Outcome> {
        session::run(&prepare::prepare(model)?, request)
    }
}
