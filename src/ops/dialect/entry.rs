//! One entry of the table of dialects.

use std::borrow::Cow;

use super::definition::Defined;
use super::signature::Signature;
use crate::model::{AttributeValue, Cost, DType, Op, Tensor};
use crate::ops::Meaning;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::Fact;

/// What a format's words mean.
pub(super) struct Dialect {
    /// The format, as in [`Model::format`](crate::model::Model::format).
    pub(super) format: &'static str,
    /// The meaning of an operator, by domain and name.
    pub(super) meaning: fn(&str, &str) -> Option<Meaning>,
    /// Slots and defaults of an operator, by domain, name and version.
    pub(super) signature: fn(&str, &str, Option<i64>) -> Option<&'static Signature>,
    /// What a node of an operator has to keep to, by domain, name and version.
    pub(super) defined: fn(&str, &str, i64) -> Defined,
    /// The newest version of a domain that is known; nothing for one that is not the format's.
    pub(super) newest: fn(&str) -> Option<i64>,
    /// The sets of types that definitions give numbers of.
    pub(super) sets: &'static [&'static str],
    /// The constant that an operator with [`Role::Constant`](crate::ops::Role) makes.
    pub(super) constant: fn(&Op) -> Option<Cow<'_, Tensor>>,
    /// The types that an operator gives, by slot.
    pub(super) outputs: fn(&Call<'_>) -> Outputs,
    /// What an operator costs that gives these types.
    pub(super) cost: fn(&Call<'_>, &[Fact]) -> Cost,
    /// The element type that an attribute stands for, by name and value.
    pub(super) dtype: fn(&str, &AttributeValue) -> Option<DType>,
}
