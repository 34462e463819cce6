//! The discrete Fourier transform of one signal, in 64 bits.
//!
//! A length is split by its prime factors (Cooley and Tukey); a prime length is transformed by
//! its definition. The work is the length times the sum of its prime factors.

use crate::eval::Failure;
use crate::eval::elements::{filled, room};

/// A complex number: real and imaginary part.
pub(super) type Complex = (f64, f64);

/// More steps than all transforms of a call may take.
const MOST_STEPS: u128 = 1 << 34;

/// The direction of a transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    /// Divided by the length.
    Inverse,
}

/// Transforms of signals of one length.
pub(super) struct Fourier {
    length: usize,
    direction: Direction,
    /// The roots of unity.
    roots: Vec<Complex>,
    /// The prime factors of the length, least first.
    factors: Vec<usize>,
}

impl Fourier {
    /// For so many signals of this length.
    pub(super) fn new(length: usize, direction: Direction, signals: usize) -> Result<Fourier, Failure> {
        if length == 0 {
            return Failure::invalid("a transform of length 0");
        }
        let factors = factors(length);
        let steps = factors.iter().map(|&p| p as u128).sum::<u128>().max(1);
        if steps * length as u128 * signals.max(1) as u128 > MOST_STEPS {
            return Err(Failure::TooLarge(format!("{signals} transforms of length {length}")));
        }
        let sign = if direction == Direction::Forward { -1.0 } else { 1.0 };
        let mut roots = room(length)?;
        roots.extend((0..length).map(|k| {
            let (real, imaginary) = root(k, length);
            (real, sign * imaginary)
        }));
        Ok(Fourier { length, direction, roots, factors })
    }

    /// The transform of a signal of the length.
    pub(super) fn transform(&self, signal: &[Complex]) -> Result<Vec<Complex>, Failure> {
        debug_assert_eq!(signal.len(), self.length);
        let mut result = filled(self.length, (0.0, 0.0))?;
        let largest = self.factors.last().copied().unwrap_or(1);
        let mut scratch = filled(largest, (0.0, 0.0))?;
        self.split(signal, 1, &self.factors, &mut result, &mut scratch);
        if self.direction == Direction::Inverse {
            let length = self.length as f64;
            result.iter_mut().for_each(|x| *x = (x.0 / length, x.1 / length));
        }
        Ok(result)
    }

    /// Transforms every `stride`th element of `signal` into `result`.
    fn split(
        &self,
        signal: &[Complex],
        stride: usize,
        factors: &[usize],
        result: &mut [Complex],
        scratch: &mut [Complex],
    ) {
        let Some((&parts, rest)) = factors.split_first() else {
            result[0] = signal[0];
            return;
        };
        let part = result.len() / parts;
        for (number, own) in result.chunks_exact_mut(part).enumerate() {
            self.split(&signal[number * stride..], stride * parts, rest, own, scratch);
        }
        for k in 0..part {
            for (number, x) in scratch[..parts].iter_mut().enumerate() {
                *x = result[number * part + k];
            }
            for q in 0..parts {
                let step = (q * part + k) * stride;
                let sum =
                    scratch[..parts].iter().enumerate().fold((0.0, 0.0), |sum: Complex, (number, x)| {
                        let w = self.roots[step * number % self.length];
                        (sum.0 + x.0 * w.0 - x.1 * w.1, sum.1 + x.0 * w.1 + x.1 * w.0)
                    });
                result[q * part + k] = sum;
            }
        }
    }
}

/// The root of unity with the angle 2πk/n, exact where it lies on an axis.
fn root(k: usize, n: usize) -> Complex {
    // The eighth of the circle that it is in, and the angle within.
    let (k, n) = (k as u128, n as u128);
    let (quarter, rest) = (4 * k / n, 4 * k % n);
    let angle = std::f64::consts::FRAC_PI_2 * rest as f64 / n as f64;
    let (sin, cos) = if rest == 0 { (0.0, 1.0) } else { libm::sincos(angle) };
    match quarter % 4 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

fn factors(mut n: usize) -> Vec<usize> {
    let mut factors = Vec::new();
    let mut p = 2;
    while p * p <= n {
        while n.is_multiple_of(p) {
            factors.push(p);
            n /= p;
        }
        p += 1;
    }
    if n > 1 {
        factors.push(n);
    }
    factors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct(signal: &[Complex]) -> Vec<Complex> {
        let n = signal.len();
        let sum = |k: usize| {
            signal.iter().enumerate().fold((0.0, 0.0), |sum: Complex, (i, x)| {
                let (c, s) = root(i * k % n, n);
                (sum.0 + x.0 * c + x.1 * s, sum.1 - x.0 * s + x.1 * c)
            })
        };
        (0..n).map(sum).collect()
    }

    #[test]
    fn a_split_transform_is_that_of_the_definition() {
        for n in [1, 2, 7, 12, 30, 49, 64] {
            let signal: Vec<Complex> = (0..n).map(|i| ((i * i % 7) as f64, (i % 5) as f64 - 2.0)).collect();
            let fourier = Fourier::new(n, Direction::Forward, 1).unwrap();
            let (own, wanted) = (fourier.transform(&signal).unwrap(), direct(&signal));
            let near = |(a, b): (&Complex, &Complex)| (a.0 - b.0).abs() < 1e-10 && (a.1 - b.1).abs() < 1e-10;
            assert!(own.iter().zip(&wanted).all(near), "{n}: {own:?} {wanted:?}");
        }
    }

    #[test]
    fn the_roots_on_the_axes_are_exact() {
        assert_eq!((root(1, 4), root(2, 4), root(3, 4)), ((-0.0, 1.0), (-1.0, -0.0), (0.0, -1.0)));
    }

    #[test]
    fn a_long_prime_length_is_refused() {
        assert!(matches!(Fourier::new(1_000_003, Direction::Forward, 1), Err(Failure::TooLarge(_))));
        assert!(Fourier::new(1 << 20, Direction::Forward, 1).is_ok());
    }
}
