//! `RotaryEmbedding`: pairs of features turned by angles that grow with the position.

use super::layout::{joined, split};
use crate::eval::elements::{count, view};
use crate::eval::wide::{narrow, wide};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// `RotaryEmbedding`.
pub(super) fn rotary(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let packed = x.dims.len() == 3;
    let apart = if packed { split(x, call.int("num_heads", 0)?)? } else { x.clone() };
    let &[batch, heads, length, size] = apart.dims.as_slice() else {
        return Failure::invalid(format!("{} axes, not 3 or 4", x.dims.len()));
    };
    let turned = match call.int("rotary_embedding_dim", 0)? {
        0 => size,
        turned if turned > 0 && turned <= size => turned,
        other => return Failure::invalid(format!("rotary_embedding_dim {other} of {size} features")),
    };
    if turned % 2 != 0 {
        return Failure::invalid(format!("{turned} features are not pairs"));
    }
    let mut elements = wide(&apart)?;
    let angles = Angles::of(call, [batch, length, turned / 2])?;
    let half = turned as usize / 2;
    let (heads, length) = (heads as usize, length as usize);
    let interleaved = call.int("interleaved", 0)? != 0;
    for (number, row) in elements.chunks_exact_mut((size as usize).max(1)).enumerate() {
        let (b, t) = (number / length / heads, number % length);
        let (cos, sin) = angles.at(b * length + t);
        for k in 0..half {
            let (i, j) = if interleaved { (2 * k, 2 * k + 1) } else { (k, half + k) };
            let (a, b) = (row[i], row[j]);
            row[i] = cos[k] * a - sin[k] * b;
            row[j] = sin[k] * a + cos[k] * b;
        }
    }
    let y = narrow(x.dtype, apart.dims.clone(), &elements)?;
    Ok(vec![if packed { joined(&y)? } else { y }.into()])
}

/// Cosines and sines, a row for each position.
struct Angles {
    cos: Vec<f64>,
    sin: Vec<f64>,
    half: usize,
    /// The row of each step of each sample.
    rows: Option<Vec<usize>>,
}

impl Angles {
    /// Those of `batch` samples of `length` steps with `half` pairs.
    fn of(call: &Call<'_>, [batch, length, half]: [i64; 3]) -> Result<Self, Failure> {
        let (cos, sin) = (call.array(1)?, call.array(2)?);
        let rows = match call.maybe(3)? {
            None => {
                fits(cos, &[batch, length, half])?;
                None
            }
            Some(positions) => {
                let known = cos.dims.first().copied().unwrap_or(0);
                fits(cos, &[known, half])?;
                fits(positions, &[batch, length])?;
                let row = |&n: &i64| usize::try_from(n).ok().filter(|&n| (n as i64) < known);
                let rows: Option<Vec<usize>> = view::<i64>(positions)?.iter().map(row).collect();
                Some(rows.ok_or_else(|| Failure::Invalid(format!("a position outside of {known}")))?)
            }
        };
        fits(sin, &cos.dims)?;
        Ok(Angles { cos: wide(cos)?, sin: wide(sin)?, half: half as usize, rows })
    }

    fn at(&self, step: usize) -> (&[f64], &[f64]) {
        let row = self.rows.as_ref().map_or(step, |rows| rows[step]);
        let at = row * self.half..(row + 1) * self.half;
        (&self.cos[at.clone()], &self.sin[at])
    }
}

fn fits(array: &Array, dims: &[i64]) -> Result<(), Failure> {
    count(dims)?;
    if array.dims != dims {
        return Failure::invalid(format!("{:?} where {dims:?} is needed", array.dims));
    }
    Ok(())
}
