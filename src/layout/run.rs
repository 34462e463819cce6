//! What one run of the layered engine goes by.

use super::memory::Memory;
use super::options::Options;

/// Options, an earlier picture, and an observer.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) options: Options,
    pub(super) memory: Option<&'a Memory>,
    /// Called with the name of each phase when it ends.
    pub(super) done: &'a dyn Fn(&'static str),
}

impl Run<'_> {
    /// Runs a phase.
    pub(super) fn phase<T>(&self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let result = work();
        (self.done)(name);
        result
    }
}
