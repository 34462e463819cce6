//! What types are derived from.

use std::collections::BTreeMap;

use crate::model::Expr;
use crate::ops::facts::fact::Size;

/// What to derive types from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct TypeOptions {
    /// Sizes for symbols of the file, such as `batch`.
    pub dims: BTreeMap<String, Expr>,
    /// Other shapes for graph inputs, by name. What the file declares of other values is
    /// then not used, since it holds for its own shapes only.
    pub inputs: BTreeMap<String, Vec<Size>>,
    /// Whether what the file declares of values inside is left out, and only its inputs
    /// count.
    pub ignore_declared: bool,
}
