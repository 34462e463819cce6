//! First weights of new layers, from a seed: the same numbers on every machine.

use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::error::{Error, ErrorKind, Result};
use crate::model::DType;
use crate::text::printable;

/// How the weights of a new layer are drawn. Biases are zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// Uniform within ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).
    #[default]
    XavierUniform,
    /// Normal with the deviation √(2 / (fan_in + fan_out)) (Glorot and Bengio 2010).
    XavierNormal,
    /// Uniform within ±√(6 / fan_in) (He et al. 2015).
    HeUniform,
    /// Normal with the deviation √(2 / fan_in) (He et al. 2015).
    HeNormal,
    /// Normal with this deviation.
    Normal(f64),
    /// Zeros.
    Zeros,
}

impl FromStr for Init {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "xavier_uniform" => Init::XavierUniform,
            "xavier_normal" => Init::XavierNormal,
            "he_uniform" => Init::HeUniform,
            "he_normal" => Init::HeNormal,
            "zeros" => Init::Zeros,
            _ => {
                let sigma = text.strip_prefix("normal:").and_then(|t| t.parse::<f64>().ok());
                match sigma.filter(|s| s.is_finite() && *s >= 0.0) {
                    Some(sigma) => Init::Normal(sigma),
                    None => {
                        let message = format!("`{}` is not a valid initialisation", printable(text));
                        let hint =
                            "xavier_uniform, xavier_normal, he_uniform, he_normal, normal:0.02 or zeros";
                        return Err(Error::new(ErrorKind::Usage, message).hint(hint));
                    }
                }
            }
        })
    }
}

impl std::fmt::Display for Init {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Init::XavierUniform => f.write_str("xavier_uniform"),
            Init::XavierNormal => f.write_str("xavier_normal"),
            Init::HeUniform => f.write_str("he_uniform"),
            Init::HeNormal => f.write_str("he_normal"),
            Init::Normal(sigma) => write!(f, "normal:{sigma}"),
            Init::Zeros => f.write_str("zeros"),
        }
    }
}

/// `count` numbers as little-endian elements of a float type: the same on every machine, other
/// ones for each seed and each `stream` of it.
pub(crate) fn random_elements(init: Init, seed: u64, stream: u64, count: usize, dtype: DType) -> Vec<u8> {
    draw(init, (seed, stream), (1.0, 1.0), count, dtype)
}

/// `count` numbers as little-endian elements of `dtype`. Layers of one model have their own
/// `stream` of one seed.
pub(super) fn draw(
    init: Init,
    (seed, stream): (u64, u64),
    (fan_in, fan_out): (f64, f64),
    count: usize,
    dtype: DType,
) -> Vec<u8> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(stream);
    let both = fan_in + fan_out;
    let mut number: Box<dyn FnMut() -> f64> = match init {
        Init::XavierUniform => uniform(random, (6.0 / both).sqrt()),
        Init::HeUniform => uniform(random, (6.0 / fan_in).sqrt()),
        Init::XavierNormal => normal(random, (2.0 / both).sqrt()),
        Init::HeNormal => normal(random, (2.0 / fan_in).sqrt()),
        Init::Normal(sigma) => normal(random, sigma),
        Init::Zeros => Box::new(|| 0.0),
    };
    let mut bytes = Vec::with_capacity(count * 4);
    (0..count).for_each(|_| push(&mut bytes, number(), dtype));
    bytes
}

/// Between 0 and 1, neither of them included.
fn unit(random: &mut ChaCha8Rng) -> f64 {
    ((random.next_u64() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
}

fn uniform(mut random: ChaCha8Rng, most: f64) -> Box<dyn FnMut() -> f64> {
    Box::new(move || (2.0 * unit(&mut random) - 1.0) * most)
}

/// By the method of Box and Muller (1958), with functions that round alike everywhere.
fn normal(mut random: ChaCha8Rng, sigma: f64) -> Box<dyn FnMut() -> f64> {
    let mut second = None;
    Box::new(move || {
        if let Some(number) = second.take() {
            return number;
        }
        let radius = sigma * (-2.0 * libm::log(unit(&mut random))).sqrt();
        let (sin, cos) = libm::sincos(2.0 * std::f64::consts::PI * unit(&mut random));
        second = Some(radius * sin);
        radius * cos
    })
}

/// Appends a number as an element of a float type.
pub(super) fn push(bytes: &mut Vec<u8>, number: f64, dtype: DType) {
    match dtype {
        DType::F64 => bytes.extend(number.to_le_bytes()),
        DType::F16 => bytes.extend(half::f16::from_f64(number).to_le_bytes()),
        DType::BF16 => bytes.extend(half::bf16::from_f64(number).to_le_bytes()),
        _ => bytes.extend((number as f32).to_le_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floats(init: Init, seed: u64, count: usize) -> Vec<f32> {
        let bytes = draw(init, (seed, 0), (300.0, 100.0), count, DType::F32);
        bytes.chunks(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
    }

    #[test]
    fn a_seed_gives_the_same_numbers_everywhere() {
        let first = floats(Init::XavierUniform, 0, 3);
        assert_eq!(first, floats(Init::XavierUniform, 0, 3));
        assert_ne!(first, floats(Init::XavierUniform, 1, 3));
        let bits: Vec<u32> = floats(Init::Normal(1.0), 7, 2).iter().map(|x| x.to_bits()).collect();
        assert_eq!(bits, GOLDEN, "{bits:?}");
    }
    const GOLDEN: [u32; 2] = [1064463727, 1070991724];

    #[test]
    fn numbers_have_the_deviation_that_was_asked_for() {
        let both = 400.0f64;
        let wanted = [
            (Init::XavierUniform, (2.0 / both).sqrt()),
            (Init::XavierNormal, (2.0 / both).sqrt()),
            (Init::HeUniform, (2.0f64 / 300.0).sqrt()),
            (Init::HeNormal, (2.0f64 / 300.0).sqrt()),
            (Init::Normal(0.3), 0.3),
            (Init::Zeros, 0.0),
        ];
        for (init, sigma) in wanted {
            let numbers = floats(init, 3, 20_000);
            let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / 20_000.0;
            let square = numbers.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / 20_000.0;
            assert!(mean.abs() <= 0.03 * sigma, "{init}: mean {mean}");
            assert!(
                (square.sqrt() - sigma).abs() <= 0.02 * sigma,
                "{init}: {} and not {sigma}",
                square.sqrt()
            );
        }
        let limit = (6.0f64 / both).sqrt() as f32;
        assert!(floats(Init::XavierUniform, 3, 20_000).iter().all(|x| x.abs() <= limit));
    }

    #[test]
    fn other_names_are_errors() {
        for text in ["xavier", "normal:", "normal:-1", "normal:nan", ""] {
            assert!(text.parse::<Init>().is_err(), "{text}");
        }
        assert_eq!("normal:0.02".parse::<Init>().unwrap().to_string(), "normal:0.02");
    }
}
