//! What to prove, and on what.

use std::collections::BTreeMap;

use super::verdict::Promise;
use crate::files::arrays::Array;
use crate::infer::inputs::InputSource;

/// What to prove, and on what.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ValidateOptions {
    /// How many inputs are drawn.
    pub inputs: u64,
    /// What they are drawn from: this, and the numbers after it.
    pub seed: u64,
    /// Inputs that are given.
    pub given: BTreeMap<String, InputSource>,
    /// Sizes of symbols.
    pub dims: BTreeMap<String, i64>,
    /// Outputs as they must be, by name.
    pub expect: BTreeMap<String, Array>,
    /// The class of each given input.
    pub labels: Option<Array>,
    /// What the model promises beside the one that it is compared with.
    pub promise: Promise,
    /// How far outputs may be from what is expected, in parts of the greatest.
    pub tolerance: f64,
}

impl Default for ValidateOptions {
    fn default() -> Self {
        ValidateOptions {
            inputs: 8,
            seed: 0,
            given: BTreeMap::new(),
            dims: BTreeMap::new(),
            expect: BTreeMap::new(),
            labels: None,
            promise: Promise::default(),
            tolerance: 1e-5,
        }
    }
}
