//! What rules work on: what is known of values, and an operator with what is known of its
//! operands.
//!
//! Rules of every dialect read a [`call::Call`] and give a [`fact::Fact`] for each output;
//! the arithmetic on small contents is in `fold.rs`. Nothing here knows a dialect.

pub(crate) mod call;
pub(crate) mod fact;
pub(crate) mod fold;
