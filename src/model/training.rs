//! What training leaves alone: weights that are frozen, and the rates of others.
//!
//! ONNX has no field for either. They stand in the model's metadata under two keys:
//! `modelgram.frozen` is a JSON list of names of initializers, `modelgram.lr_mult` a JSON
//! object from such names to factors of the learning rate.

use std::collections::{HashMap, HashSet};

use super::{Model, property};

/// The key of the list of frozen initializers.
pub(crate) const FROZEN: &str = "modelgram.frozen";
/// The key of the factors of the learning rate.
pub(crate) const LR_MULT: &str = "modelgram.lr_mult";

/// What a model says of training.
#[derive(Clone, Debug, Default)]
pub struct Training {
    frozen: HashSet<String>,
    rates: HashMap<String, f64>,
}

impl Training {
    /// What the metadata of `model` says; what is not JSON of the right form says nothing.
    pub fn of(model: &Model) -> Self {
        let read = |key| property(&model.meta.properties, key);
        let frozen = read(FROZEN).and_then(|text| serde_json::from_str(text).ok());
        let rates = read(LR_MULT).and_then(|text| serde_json::from_str(text).ok());
        Training { frozen: frozen.unwrap_or_default(), rates: rates.unwrap_or_default() }
    }

    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        self.frozen.is_empty() && self.rates.is_empty()
    }

    /// Whether this weight keeps its value.
    pub fn is_frozen(&self, weight: &str) -> bool {
        self.frozen.contains(weight) || self.rates.get(weight) == Some(&0.0)
    }

    /// The factor of the learning rate; `None` where it is 1.
    pub fn rate(&self, weight: &str) -> Option<f64> {
        self.rates.get(weight).copied().filter(|&rate| rate != 1.0)
    }
}
