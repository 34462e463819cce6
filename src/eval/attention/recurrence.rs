//! `LinearAttention`: a state of keys and values, which each step reads and changes.

use super::layout::split;
use crate::eval::elements::{count, filled};
use crate::eval::wide::{narrow, rounded, wide};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

/// `LinearAttention`.
pub(super) fn linear(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (gated, corrected) = match call.text("update_rule", "gated_delta")?.as_str() {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        other => return Failure::invalid(format!("there is no update_rule `{other}`")),
    };
    if gated != call.maybe(4)?.is_some() || corrected != call.maybe(5)?.is_some() {
        return Failure::invalid("decay and beta are not those of the update_rule");
    }
    let (heads, others) = (call.int("q_num_heads", 0)?, call.int("kv_num_heads", 0)?);
    if others < 1 || heads < 1 || heads % others != 0 {
        return Failure::invalid(format!("{heads} heads of queries and {others} of keys"));
    }
    let (q, k, v) = (call.array(0)?, call.array(1)?, call.array(2)?);
    let (queries, keys, values) = (split(q, heads)?, split(k, others)?, split(v, others)?);
    let (&[batch, _, length, size], &[.., width]) = (queries.dims.as_slice(), values.dims.as_slice()) else {
        return Failure::invalid("queries have not 4 axes");
    };
    if keys.dims != [batch, others, length, size] || values.dims != [batch, others, length, width] {
        return Failure::invalid("the sizes of queries, keys and values do not fit");
    }
    let dims = vec![batch, others, size, width];
    let state = match call.maybe(3)? {
        Some(past) if past.dims == dims => wide(past)?,
        Some(_) => return Failure::invalid("the state has another size"),
        None => filled(count(&dims)?, 0.0)?,
    };
    let scale = match call.float("scale", 0.0)? {
        0.0 => 1.0 / (size as f64).sqrt(),
        scale => f64::from(scale),
    };
    let mut run = Run {
        decay: Gate::of(call, 4, [batch, length], &[others, others.saturating_mul(size)])?,
        beta: Gate::of(call, 5, [batch, length], &[others, 1])?,
        sizes: [batch, heads, others, length, size, width].map(|n| n as usize),
        queries: wide(&queries)?,
        keys: wide(&keys)?,
        values: wide(&values)?,
        state,
        scale,
    };
    let out_dims = vec![batch, length, heads.saturating_mul(width)];
    let out = run.all(filled(count(&out_dims)?, 0.0)?, |x| rounded(q.dtype, x));
    let state_type = call.maybe(3)?.map_or(q.dtype, |past| past.dtype);
    Ok(vec![narrow(q.dtype, out_dims, &out)?.into(), narrow(state_type, dims, &run.state)?.into()])
}

/// An operand with one or more numbers for each step of each sample.
struct Gate {
    elements: Vec<f64>,
    columns: usize,
}

impl Gate {
    fn of(call: &Call<'_>, slot: usize, lead: [i64; 2], columns: &[i64]) -> Result<Option<Self>, Failure> {
        let Some(array): Option<&Array> = call.maybe(slot)? else { return Ok(None) };
        match array.dims.as_slice() {
            [batch, length, own] if [*batch, *length] == lead && columns.contains(own) => {
                Ok(Some(Gate { elements: wide(array)?, columns: *own as usize }))
            }
            dims => Failure::invalid(format!("{dims:?} is no gate of {lead:?} steps")),
        }
    }

    /// The number of a step for one of `all` columns, which are shared if there are fewer.
    fn at(&self, step: usize, column: usize, all: usize) -> f64 {
        self.elements[step * self.columns + column * self.columns / all.max(1)]
    }
}

struct Run {
    /// Batch, heads of queries and of keys, length, and sizes of keys and of values.
    sizes: [usize; 6],
    queries: Vec<f64>,
    keys: Vec<f64>,
    values: Vec<f64>,
    decay: Option<Gate>,
    beta: Option<Gate>,
    state: Vec<f64>,
    scale: f64,
}

impl Run {
    fn all(&mut self, mut out: Vec<f64>, round: impl Fn(f64) -> f64) -> Vec<f64> {
        let [batch, heads, others, length, size, width] = self.sizes;
        if out.is_empty() || size == 0 {
            return out;
        }
        for (b, h) in (0..batch).flat_map(|b| (0..others).map(move |h| (b, h))) {
            for t in 0..length {
                self.step(b, h, t);
                let first = (b * others + h) * size * width;
                let state = &mut self.state[first..first + size * width];
                state.iter_mut().for_each(|x| *x = round(*x));
                for head in h * (heads / others)..(h + 1) * (heads / others) {
                    let query = ((b * heads + head) * length + t) * size;
                    let to = ((b * length + t) * heads + head) * width;
                    for (d, row) in state.chunks_exact(width).enumerate() {
                        let weight = self.queries[query + d] * self.scale;
                        let sums = out[to..to + width].iter_mut();
                        sums.zip(row).for_each(|(sum, x)| *sum += weight * x);
                    }
                }
            }
        }
        out
    }

    /// The next state of one head.
    fn step(&mut self, b: usize, h: usize, t: usize) {
        let [_, _, others, length, size, width] = self.sizes;
        let step = b * length + t;
        let first = (b * others + h) * size * width;
        let state = &mut self.state[first..first + size * width];
        let row = (b * others + h) * length + t;
        let key = &self.keys[row * size..(row + 1) * size];
        let mut value = self.values[row * width..(row + 1) * width].to_vec();
        if let Some(decay) = &self.decay {
            for (d, row) in state.chunks_exact_mut(width).enumerate() {
                let gate = libm::exp(decay.at(step, h * size + d, others * size));
                row.iter_mut().for_each(|x| *x *= gate);
            }
        }
        if let Some(beta) = &self.beta {
            for (row, &k) in state.chunks_exact(width).zip(key) {
                value.iter_mut().zip(row).for_each(|(v, x)| *v -= x * k);
            }
            let rate = beta.at(step, h, others);
            value.iter_mut().for_each(|v| *v *= rate);
        }
        for (row, &k) in state.chunks_exact_mut(width).zip(key) {
            row.iter_mut().zip(&value).for_each(|(x, v)| *x += k * v);
        }
    }
}
