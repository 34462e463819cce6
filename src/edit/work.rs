//! Counts how often an edit does its expensive steps, for tests; elsewhere nothing is counted.

/// The expensive steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    /// Drafts made of a model.
    pub(super) drafts: usize,
    /// Searches for a head, one for each output.
    pub(super) searches: usize,
    /// Previews: the edit lowered, spliced and read again.
    pub(super) previews: usize,
}

#[cfg(test)]
thread_local! {
    static DONE: std::cell::Cell<Work> = std::cell::Cell::default();
}

#[cfg(test)]
pub(super) fn count(add: impl FnOnce(&mut Work)) {
    let mut work = DONE.get();
    add(&mut work);
    DONE.set(work);
}

#[cfg(not(test))]
pub(super) fn count(_add: impl FnOnce(&mut Work)) {}

/// What a call does.
#[cfg(test)]
pub(super) fn of<T>(call: impl FnOnce() -> T) -> (T, Work) {
    DONE.set(Work::default());
    let result = call();
    (result, DONE.get())
}
