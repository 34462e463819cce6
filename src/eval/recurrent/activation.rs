//! The activation functions of recurrent layers.

use crate::eval::{Call, Failure};

/// An activation function with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Activation {
    Affine(f64, f64),
    Elu(f64),
    HardSigmoid(f64, f64),
    LeakyRelu(f64),
    Relu,
    ScaledTanh(f64, f64),
    Sigmoid,
    Softsign,
    Tanh,
    ThresholdedRelu(f64),
}

impl Activation {
    /// The functions of a layer: the given ones, or else `default` once for each direction.
    pub(super) fn all(call: &Call<'_>, default: &[&str], directions: usize) -> Result<Vec<Self>, Failure> {
        let wanted = default.len() * directions;
        let mut names = match call.texts("activations")? {
            Some(names) if !names.is_empty() => names,
            _ => default.iter().cycle().take(wanted).map(|&name| name.to_owned()).collect(),
        };
        // The default of RNN is stated as two functions, also where one direction needs one.
        if call.op == "RNN" && directions == 1 && names.len() == 2 {
            names.truncate(1);
        }
        if names.len() != wanted {
            return Failure::invalid(format!("{} activations, not {wanted}", names.len()));
        }
        let alphas = call.floats("activation_alpha")?.unwrap_or_default();
        let betas = call.floats("activation_beta")?.unwrap_or_default();
        let (mut alphas, mut betas) = (alphas.into_iter(), betas.into_iter());
        let all: Result<Vec<_>, _> =
            names.iter().map(|name| Activation::of(name, &mut alphas, &mut betas)).collect();
        if alphas.next().is_some() || betas.next().is_some() {
            // Whether functions without parameters pass over one of the values is not stated.
            return Failure::unsupported("more values of alpha or beta than its activations take");
        }
        all
    }

    /// The function of this name, with its parameters taken from the lists.
    fn of(
        name: &str,
        alphas: &mut impl Iterator<Item = f32>,
        betas: &mut impl Iterator<Item = f32>,
    ) -> Result<Self, Failure> {
        let mut alpha = |default: Option<f32>| parameter(name, alphas.next().or(default));
        let mut beta = |default: Option<f32>| parameter(name, betas.next().or(default));
        Ok(match name.to_ascii_lowercase().as_str() {
            "affine" => Activation::Affine(alpha(None)?, beta(None)?),
            "elu" => Activation::Elu(alpha(Some(1.0))?),
            "hardsigmoid" => Activation::HardSigmoid(alpha(Some(0.2))?, beta(Some(0.5))?),
            "leakyrelu" => Activation::LeakyRelu(alpha(Some(0.01))?),
            "relu" => Activation::Relu,
            "scaledtanh" => Activation::ScaledTanh(alpha(None)?, beta(None)?),
            "sigmoid" => Activation::Sigmoid,
            "softplus" => {
                return Failure::unsupported("Softplus in a recurrent layer overflows in some runtimes");
            }
            "softsign" => Activation::Softsign,
            "tanh" => Activation::Tanh,
            // Runtimes differ in its default.
            "thresholdedrelu" => Activation::ThresholdedRelu(alpha(None)?),
            _ => return Failure::invalid(format!("there is no activation `{name}`")),
        })
    }

    /// The function's value.
    pub(super) fn at(self, x: f64) -> f64 {
        match self {
            Activation::Affine(alpha, beta) => alpha * x + beta,
            Activation::Elu(alpha) => {
                if x < 0.0 {
                    alpha * libm::expm1(x)
                } else {
                    x
                }
            }
            Activation::HardSigmoid(alpha, beta) => (alpha * x + beta).clamp(0.0, 1.0),
            Activation::LeakyRelu(alpha) => {
                if x < 0.0 {
                    alpha * x
                } else {
                    x
                }
            }
            Activation::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
            Activation::ScaledTanh(alpha, beta) => alpha * libm::tanh(beta * x),
            Activation::Sigmoid => sigmoid(x),
            // log(1 + e^x), without an overflow.
            Activation::Softsign => {
                if x.is_infinite() {
                    x.signum()
                } else {
                    x / (1.0 + x.abs())
                }
            }
            Activation::Tanh => libm::tanh(x),
            Activation::ThresholdedRelu(alpha) => {
                if x < alpha {
                    0.0
                } else {
                    x
                }
            }
        }
    }
}

/// The logistic function, without an overflow.
pub(in crate::eval) fn sigmoid(x: f64) -> f64 {
    let small = libm::exp(-x.abs());
    let large = 1.0 / (1.0 + small);
    if x < 0.0 { small * large } else { large }
}

fn parameter(name: &str, value: Option<f32>) -> Result<f64, Failure> {
    match value {
        Some(x) => Ok(f64::from(x)),
        None => Failure::unsupported(format!(
            "{name} without its alpha and beta has no default that all runtimes share"
        )),
    }
}
