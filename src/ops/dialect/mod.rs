//! The words of each format. A new format is one file here and one line in
//! [`DIALECTS`].

use std::borrow::Cow;

use super::Meaning;
use super::facts::call::{Call, Outputs};
use super::facts::fact::Fact;
use crate::model::{AttributeValue, Cost, DType, Model, Op, Tensor, opset_version};

mod definition;
mod entry;
mod keras;
mod onnx;
mod signature;

pub(crate) use definition::{Defined, Operand};
pub(crate) use onnx::dtypes::{onnx_dtype, onnx_dtype_number};
pub(super) use signature::Signature;

use entry::Dialect;

const DIALECTS: &[Dialect] = &[onnx::DIALECT, keras::DIALECT];

fn dialect(format: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|d| d.format == format)
}

/// The meaning of an operator; [`Meaning::default`] for one that is not known.
pub fn meaning_of(format: &str, domain: &str, op: &str) -> Meaning {
    dialect(format).and_then(|d| (d.meaning)(domain, op)).unwrap_or_default()
}

/// Slots and defaults of an operator in `version` of its domain; in the newest
/// version that is known if none is given.
pub fn signature_of(
    format: &str,
    domain: &str,
    op: &str,
    version: Option<i64>,
) -> Option<&'static Signature> {
    (dialect(format)?.signature)(domain, op, version)
}

/// The same, in the version that a model imports.
pub(crate) fn signature_in(model: &Model, op: &Op) -> Option<&'static Signature> {
    let version = opset_version(&model.meta.opsets, &op.domain);
    signature_of(model.format, &op.domain, &op.op, version)
}

/// What a node of an operator has to keep to in `version` of its domain.
pub(crate) fn defined(format: &str, domain: &str, op: &str, version: i64) -> Defined {
    dialect(format).map_or(Defined::Foreign, |d| (d.defined)(domain, op, version))
}

/// The newest version of a format's own domain that is known.
pub(crate) fn newest_version(format: &str, domain: &str) -> Option<i64> {
    (dialect(format)?.newest)(domain)
}

/// The sets of types that a format's definitions give numbers of.
pub(crate) fn type_sets(format: &str) -> &'static [&'static str] {
    dialect(format).map_or(&[], |d| d.sets)
}

/// The constant that `op` makes from its attributes alone, if it is such an
/// operator.
pub(crate) fn constant_of<'a>(format: &str, op: &'a Op) -> Option<Cow<'a, Tensor>> {
    (dialect(format)?.constant)(op)
}

/// The element type that the attribute `name` stands for, such as the `to` of
/// ONNX's `Cast`.
pub(crate) fn dtype_of(format: &str, name: &str, value: &AttributeValue) -> Option<DType> {
    (dialect(format)?.dtype)(name, value)
}

/// The types that an operator gives, by slot; what is past the end is not known.
pub(crate) fn outputs_of(call: &Call<'_>) -> Outputs {
    dialect(call.format).map_or_else(Vec::new, |d| (d.outputs)(call))
}

/// What an operator costs that gives these types.
pub(crate) fn cost_of(call: &Call<'_>, outputs: &[Fact]) -> Cost {
    dialect(call.format).map_or_else(Cost::unknown, |d| (d.cost)(call, outputs))
}
