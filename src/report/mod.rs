//! What is known of a model, in numbers and lists.

pub mod account;
pub mod info;
pub mod summary;
