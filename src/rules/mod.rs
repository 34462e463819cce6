//! Rules that a model is held to.
//!
//! Each has an identifier that never changes its meaning, a page that explains it, and, unless
//! it is noticed while a file is read, drawn or written, a function that checks it. All stand in
//! one table, [`RULES`]; each is a file of `catalogue/`. The engine applies the built-in table,
//! or any other.
//!
//! The structural rules are what every program that reads a model relies on; an edit that would
//! break one is not written.

mod calls;
mod catalogue;
mod definitions;
mod engine;
mod lookup;
mod page;
mod rule;
mod subject;

pub use catalogue::RULES;
pub(crate) use engine::structure;
pub use engine::{check, check_with, errors, everything};
pub(crate) use lookup::is_structural;
pub use lookup::{nearest_ids, rule};
pub use page::{catalogue, page};
pub use rule::{Check, Family, Findings, Rule};
pub use subject::Subject;
