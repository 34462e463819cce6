//! `Attention`: the softmax of scaled products of queries and keys, times values.

use super::layout::{followed, joined, split};
use super::mask::{Mask, Sizes};
use crate::eval::elements::{count, dispatch, filled, of, room, view};
use crate::eval::wide::{Float, engine_form, narrow, wide};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// The attention's result, the keys and values with those of the past, and the scores.
pub(super) fn attention(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let operands = Operands::of(call)?;
    let sizes = operands.sizes;
    let dtype = operands.q.dtype;
    let mask = Mask::of(call, sizes, dtype)?;
    let work = if dtype == DType::F64 { DType::F64 } else { DType::F32 };
    let (scores, likely, shown) = dispatch!(work, [F32 f32, F64 f64], T => {
        let scores = operands.products::<T>(call, engine)?;
        let rules = Rules::of(call, dtype)?;
        let (likely, shown) = rules.probabilities(view::<T>(&scores)?.as_ref(), &mask, sizes)?;
        let dims = scores.dims.clone();
        let shown = shown.map(|list| of(dims.clone(), list));
        Ok((scores, of(dims, likely), shown))
    })?;
    let values = Array { dims: operands.grouped(&operands.v), ..engine_form(&operands.v)? };
    let y = product(call, engine, likely, values)?;
    let [batch, heads, queries, keys] =
        [sizes.batch, sizes.heads, sizes.queries, sizes.keys].map(|n| n as i64);
    let y = typed(dtype, Array { dims: vec![batch, heads, queries, operands.v.dims[3]], ..y })?;
    let y = if operands.packed { joined(&y)? } else { y };
    let mut results: Vec<Value> = vec![y.into(), operands.k.clone().into(), operands.v.clone().into()];
    if call.outputs > 3 {
        let shown = Array { dims: vec![batch, heads, queries, keys], ..shown.unwrap_or(scores) };
        results.push(typed(dtype, shown)?.into());
    }
    Ok(results)
}

/// Operands with 4 axes: batch, heads, length, size.
struct Operands {
    q: Array,
    k: Array,
    v: Array,
    /// Whether heads were inside of the last axis.
    packed: bool,
    sizes: Sizes,
    /// The square root of the scale.
    scale: f64,
}

impl Operands {
    fn of(call: &Call<'_>) -> Result<Self, Failure> {
        let (q, k, v) = (call.array(0)?, call.array(1)?, call.array(2)?);
        let packed = q.dims.len() == 3;
        let heads = (call.maybe_int("q_num_heads")?, call.maybe_int("kv_num_heads")?);
        let (q, k, v) = match (packed, heads) {
            (true, (Some(own), Some(others))) => (split(q, own)?, split(k, others)?, split(v, others)?),
            (true, _) => return Failure::invalid("the numbers of heads are not given"),
            (false, _) => (q.clone(), k.clone(), v.clone()),
        };
        if [&k, &v].iter().any(|array| array.dtype != q.dtype) {
            return Failure::unsupported("queries, keys and values of different types");
        }
        let (past, k, v) = match (call.maybe(4)?, call.maybe(5)?) {
            (None, None) => (0, k, v),
            (Some(_), Some(_)) if call.maybe(6)?.is_some() => {
                return Failure::invalid("both past keys and nonpad_kv_seqlen");
            }
            (Some(keys), Some(values)) => {
                let past = keys.dims.get(2).copied().unwrap_or(0);
                (past as usize, followed(keys, &k)?, followed(values, &v)?)
            }
            _ => return Failure::invalid("only one of past_key and past_value"),
        };
        let (&[batch, own, queries, size], &[b, others, keys, width], &[c, others_too, too, _]) =
            (q.dims.as_slice(), k.dims.as_slice(), v.dims.as_slice())
        else {
            return Failure::invalid("queries, keys and values have neither 3 nor 4 axes");
        };
        if (batch, size, batch, others, keys) != (b, width, c, others_too, too) {
            return Failure::invalid("the sizes of queries, keys and values do not fit");
        }
        if others < 1 || own < 1 || own % others != 0 {
            return Failure::invalid(format!("{own} heads of queries and {others} of keys"));
        }
        if heads.0.is_some_and(|n| n != own) || heads.1.is_some_and(|n| n != others) {
            return Failure::invalid("the numbers of heads are not those of the operands");
        }
        for array in [&q, &k, &v] {
            count(&array.dims)?;
        }
        let scale = call.maybe_float("scale")?.map_or(1.0 / (size as f64).sqrt(), f64::from);
        if scale.is_nan() || scale < 0.0 {
            return Failure::unsupported("a scale that has no square root");
        }
        let [batch, heads, queries, keys] = [batch, own, queries, keys].map(|n| n as usize);
        let sizes = Sizes { batch, heads, queries, keys, past };
        Ok(Operands { q, k, v, packed, sizes, scale: scale.sqrt() })
    }

    /// Batch × heads, length, size of what has a head for some of the queries.
    fn grouped(&self, array: &Array) -> Vec<i64> {
        vec![array.dims[0] * array.dims[1], array.dims[2], array.dims[3]]
    }

    /// The products of queries and keys, both scaled: batch × heads of keys, the queries of all
    /// heads that share those, keys.
    fn products<T: Float>(&self, call: &Call<'_>, engine: &mut dyn Engine) -> Result<Array, Failure> {
        let scaled = |x: T| T::narrow(x.wide() * self.scale);
        let (q, k) = (engine_form(&self.q)?, engine_form(&self.k)?);
        let queries: Vec<T> = view::<T>(&q)?.iter().map(|&x| scaled(x)).collect();
        let [groups, keys, size] = <[i64; 3]>::try_from(self.grouped(&k)).unwrap_or_default();
        let source = view::<T>(&k)?;
        let mut transposed = filled(source.len(), T::default())?;
        let (rows, columns) = (keys as usize, size as usize);
        let block = (rows * columns).max(1);
        for (from, to) in source.chunks_exact(block).zip(transposed.chunks_exact_mut(block)) {
            for (row, list) in from.chunks_exact(columns.max(1)).enumerate() {
                for (column, &x) in list.iter().enumerate() {
                    to[column * rows + row] = scaled(x);
                }
            }
        }
        let shared = (self.sizes.heads / self.k.dims[1] as usize * self.sizes.queries) as i64;
        let queries = of(vec![groups, shared, size], queries);
        product(call, engine, queries, of(vec![groups, size, keys], transposed))
    }
}

/// A product of equally many matrices each; zeros where there is nothing to add up.
fn product(call: &Call<'_>, engine: &mut dyn Engine, a: Array, b: Array) -> Result<Array, Failure> {
    let dims = vec![a.dims[0], a.dims[1], b.dims[2]];
    let total = count(&dims)?;
    if total == 0 || a.dims[2] == 0 {
        return dispatch!(a.dtype, [F32 f32, F64 f64], T => Ok(of(dims, filled::<T>(total, T::default())?)));
    }
    let results = engine.call(&call.like("MatMul", vec![Some(a.into()), Some(b.into())]))?;
    match results.into_iter().next() {
        Some(result) if result.dims == dims => Ok(result),
        _ => Failure::invalid("a product has another size"),
    }
}

/// The same numbers in the operator's own type.
fn typed(dtype: DType, array: Array) -> Result<Array, Failure> {
    if array.dtype == dtype { Ok(array) } else { narrow(dtype, array.dims.clone(), &wide(&array)?) }
}

/// What becomes of scores.
struct Rules {
    cap: f64,
    mode: Mode,
}

/// What the fourth output is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Raw,
    Capped,
    Biased,
    Probabilities,
}

impl Rules {
    fn of(call: &Call<'_>, dtype: DType) -> Result<Self, Failure> {
        let mode = match call.int("qk_matmul_output_mode", 0)? {
            0 => Mode::Raw,
            1 => Mode::Capped,
            2 => Mode::Biased,
            3 => Mode::Probabilities,
            other => return Failure::invalid(format!("qk_matmul_output_mode {other}")),
        };
        let softmax = match call.maybe_int("softmax_precision")? {
            None => dtype,
            Some(1) => DType::F32,
            Some(10) => DType::F16,
            Some(11) => DType::F64,
            Some(16) => DType::BF16,
            Some(other) => return Failure::invalid(format!("softmax_precision {other}")),
        };
        let narrow = |dtype: DType| matches!(dtype, DType::F16 | DType::BF16);
        let cap = f64::from(call.float("softcap", 0.0)?);
        if cap.is_nan() || cap < 0.0 {
            return Failure::unsupported("a negative softcap");
        }
        if softmax != dtype && narrow(softmax) {
            return Failure::unsupported(format!(
                "a softmax in {softmax} is rounded differently by runtimes"
            ));
        }
        Ok(Rules { cap, mode })
    }

    /// The probabilities, and what of the scores is an output, if it is something else.
    #[allow(clippy::type_complexity)]
    fn probabilities<T: Float>(
        &self,
        scores: &[T],
        mask: &Mask,
        sizes: Sizes,
    ) -> Result<(Vec<T>, Option<Vec<T>>), Failure> {
        let mut likely = room(scores.len())?;
        let mut shown = if self.mode == Mode::Raw { None } else { Some(room(scores.len())?) };
        if sizes.keys == 0 {
            return Ok((likely, shown));
        }
        let mut bias = filled(sizes.keys, 0.0)?;
        let mut row = filled(sizes.keys, 0.0)?;
        for (number, scores) in scores.chunks_exact(sizes.keys).enumerate() {
            let (query, head) = (number % sizes.queries, number / sizes.queries % sizes.heads);
            mask.row(number / sizes.queries / sizes.heads, head, query, &mut bias);
            row.iter_mut().zip(scores).for_each(|(x, score)| *x = self.capped(score.wide()));
            let mut show = |mode: Mode, row: &[f64]| {
                if let Some(shown) = shown.as_mut().filter(|_| self.mode == mode) {
                    shown.extend(row.iter().map(|&x| T::narrow(x)));
                }
            };
            show(Mode::Capped, &row);
            row.iter_mut().zip(&bias).for_each(|(x, bias)| *x += bias);
            show(Mode::Biased, &row);
            if bias.iter().all(|&bias| bias == f64::NEG_INFINITY) {
                row.fill(0.0);
            } else {
                softmax(&mut row);
            }
            show(Mode::Probabilities, &row);
            likely.extend(row.iter().map(|&x| T::narrow(x)));
        }
        Ok((likely, shown))
    }

    fn capped(&self, x: f64) -> f64 {
        if self.cap > 0.0 { libm::tanh(x / self.cap) * self.cap } else { x }
    }
}

/// Where all scores are minus infinity, so are none chosen.
fn softmax(row: &mut [f64]) {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, |a, b| if b.is_nan() { b } else { a.max(b) });
    if row.iter().all(|&x| x == f64::NEG_INFINITY) {
        return row.fill(0.0);
    }
    row.iter_mut().for_each(|x| *x = libm::exp(*x - most));
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|x| *x /= sum);
}
