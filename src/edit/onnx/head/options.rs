//! The options of a new head.

use std::str::FromStr;

use crate::edit::init::Init;
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Arrays;
use crate::text::printable;

/// A new head for a model.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct HeadOptions {
    /// The number of classes.
    pub classes: i64,
    /// The head, by a name on its way (its layer, a value, the output), or the value that
    /// takes a new head; `None` to find it.
    pub at: Option<String>,
    /// The activation at the end; `None` to leave it as it is.
    pub activation: Option<Activation>,
    /// How features of several positions are pooled into one, for a model without a head.
    pub pool: Option<Pool>,
    /// Layers between features and classes.
    pub hidden: Vec<Hidden>,
    /// The rate of a dropout before the last layer.
    pub dropout: Option<f32>,
    /// Whether the first classes are the old ones, with their weights.
    pub keep: bool,
    /// How new weights are initialised.
    pub init: Init,
    /// The seed of new weights.
    pub seed: u64,
    /// Weights of the new layers, matched by shape.
    pub weights: Option<Arrays>,
    /// Another name for the output.
    pub output_name: Option<String>,
    /// Names of the classes, for the metadata.
    pub class_names: Vec<String>,
}

/// The activation at the end of a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Activation {
    /// Probabilities of mutually exclusive classes.
    Softmax,
    /// Their logarithms.
    LogSoftmax,
    /// A probability for each class by itself.
    Sigmoid,
    /// Nothing: logits.
    None,
}

impl Activation {
    /// The words for all of them, as they are parsed and recorded.
    pub const WORDS: [&'static str; 4] = ["softmax", "log_softmax", "sigmoid", "none"];

    const ALL: [Activation; 4] =
        [Activation::Softmax, Activation::LogSoftmax, Activation::Sigmoid, Activation::None];

    /// The ONNX operator; `None` for logits.
    pub(super) fn op(self) -> Option<&'static str> {
        match self {
            Activation::Softmax => Some("Softmax"),
            Activation::LogSoftmax => Some("LogSoftmax"),
            Activation::Sigmoid => Some("Sigmoid"),
            Activation::None => None,
        }
    }

    /// Its name in accounts.
    pub(super) fn name(self) -> &'static str {
        self.op().unwrap_or("no activation")
    }
}

impl std::fmt::Display for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = Self::ALL.iter().position(|own| own == self).unwrap_or_default();
        f.write_str(Self::WORDS[at])
    }
}

impl FromStr for Activation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        word(text, &Self::WORDS, &Self::ALL, "activation")
    }
}

/// What a word means, by its place in the list of words.
fn word<T: Copy>(text: &str, words: &[&str], all: &[T], what: &str) -> Result<T> {
    let found = words.iter().zip(all).find(|(word, _)| **word == text);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        let fact = format!("`{}` is not a valid {what}", printable(text));
        Error::new(ErrorKind::Usage, fact).hint(words.join(", "))
    })
}

/// How the features of all positions are pooled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pool {
    /// Those of the first position (the class token of BERT and ViT).
    First,
    /// Their mean.
    Mean,
    /// Classes for each position.
    None,
}

impl Pool {
    /// The words for all of them, as they are parsed and recorded.
    pub const WORDS: [&'static str; 3] = ["first", "mean", "none"];

    const ALL: [Pool; 3] = [Pool::First, Pool::Mean, Pool::None];
}

impl std::fmt::Display for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = Self::ALL.iter().position(|own| own == self).unwrap_or_default();
        f.write_str(Self::WORDS[at])
    }
}

impl FromStr for Pool {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        word(text, &Self::WORDS, &Self::ALL, "pool")
    }
}

/// A layer between features and classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hidden {
    /// Its units.
    pub units: i64,
    /// Its activation.
    pub activation: HiddenActivation,
}

/// The activation of a hidden layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it
#[non_exhaustive]
pub enum HiddenActivation {
    Relu,
    LeakyRelu,
    Elu,
    Selu,
    Gelu,
    Silu,
    Tanh,
    Sigmoid,
    Softplus,
    None,
}

const HIDDEN_ACTIVATIONS: &[(&str, HiddenActivation)] = &[
    ("relu", HiddenActivation::Relu),
    ("leaky_relu", HiddenActivation::LeakyRelu),
    ("elu", HiddenActivation::Elu),
    ("selu", HiddenActivation::Selu),
    ("gelu", HiddenActivation::Gelu),
    ("silu", HiddenActivation::Silu),
    ("swish", HiddenActivation::Silu),
    ("tanh", HiddenActivation::Tanh),
    ("sigmoid", HiddenActivation::Sigmoid),
    ("softplus", HiddenActivation::Softplus),
    ("none", HiddenActivation::None),
];

impl FromStr for Hidden {
    type Err = Error;

    /// `256:relu`; the default activation is `relu`.
    fn from_str(text: &str) -> Result<Self> {
        let (units, word) = text.split_once(':').unwrap_or((text, "relu"));
        let activation = HIDDEN_ACTIVATIONS.iter().find(|(name, _)| *name == word).map(|(_, own)| *own);
        match (units.parse::<i64>(), activation) {
            (Ok(units), Some(activation)) if units > 0 => Ok(Hidden { units, activation }),
            _ => {
                let names: Vec<&str> = HIDDEN_ACTIVATIONS.iter().map(|(name, _)| *name).collect();
                let error =
                    Error::new(ErrorKind::Usage, format!("`{}` is not a valid layer", printable(text)));
                Err(error.hint(format!(
                    "a number of units and a function, such as 256:relu; functions: {}",
                    names.join(", ")
                )))
            }
        }
    }
}

impl HeadOptions {
    /// Checks that the options do not contradict each other.
    pub(super) fn check(&self) -> Result<()> {
        let usage = |message: String| Err(Error::new(ErrorKind::Usage, message));
        if self.classes < 1 {
            return usage(format!("a head needs at least one class, not {}", self.classes));
        }
        if self.keep && !self.hidden.is_empty() {
            let error = Error::new(ErrorKind::Usage, "`keep` and `hidden` cannot be combined");
            return Err(error.hint("the old weights are made for the old features, not for a hidden layer's"));
        }
        if self.keep && self.weights.is_some() {
            return usage("`keep` and `weights` cannot be combined: both define the weights".into());
        }
        if self.dropout.is_some_and(|rate| !(0.0..1.0).contains(&rate)) {
            return usage("a dropout rate is at least 0 and below 1".into());
        }
        let names = self.class_names.len() as i64;
        if names > 0 && names != self.classes {
            return usage(format!("there are {names} class names for {} classes", self.classes));
        }
        Ok(())
    }
}
