//! Counts of n-grams.

use std::collections::HashMap;
use std::hash::Hash;

use super::text::strings;
use crate::eval::elements::{count, filled, of};
use crate::eval::shape::moving::operand;
use crate::eval::{Call, Engine, Failure, Value};

/// The n-grams of a pool, as a tree of their items.
struct Pool<T> {
    next: HashMap<(usize, T), usize>,
    /// By node, the output that counts the n-gram that ends there.
    output: Vec<Option<usize>>,
}

/// What is counted.
struct Lengths {
    least: usize,
    most: usize,
    skips: usize,
}

/// `TfIdfVectorizer`: how often each n-gram of a pool occurs in a row, weighted by `mode`.
pub(super) fn vectorize(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let dims = operand(call, 0)?.dims()?.to_vec();
    let (rows, row) = match *dims.as_slice() {
        [row] => (1, row),
        [rows, row] if rows > 0 => (rows, row),
        _ => return Failure::invalid("an operand that is neither a row nor rows"),
    };
    let indexes = call.ints("ngram_indexes")?.unwrap_or_default();
    let Some(last) = indexes.iter().copied().max().filter(|_| indexes.iter().all(|&at| at >= 0)) else {
        return Failure::invalid("no indexes of n-grams, or negative ones");
    };
    let made = [&dims[..dims.len() - 1], &[last.saturating_add(1)]].concat();
    let total = count(&made)?;
    let mut counts = filled(total, 0u32)?;
    if row > 0 {
        let sizes = (rows as usize, row as usize, last as usize + 1);
        match (call.texts("pool_strings")?, call.ints("pool_int64s")?) {
            (Some(pool), None) => {
                let pool = Pool::new(call, &pool, &indexes)?;
                tally(call, &pool, &strings(call, 0)?.elements, sizes, &mut counts)?;
            }
            (None, Some(pool)) => {
                let pool = Pool::new(call, &pool, &indexes)?;
                let items = call.ints_at(0)?.unwrap_or_default();
                tally(call, &pool, &items, sizes, &mut counts)?;
            }
            _ => return Failure::invalid("not one pool of n-grams"),
        }
    }
    Ok(vec![of(made, weighted(call, &counts, &indexes, last as usize + 1)?).into()])
}

/// Counts times weights.
fn weighted(call: &Call<'_>, counts: &[u32], indexes: &[i64], width: usize) -> Result<Vec<f32>, Failure> {
    let mode = call.text("mode", "")?;
    let count_of: fn(u32) -> f32 = match mode.as_str() {
        "TF" | "TFIDF" => |n| n as f32,
        "IDF" => |n| f32::from(n > 0),
        other => return Failure::invalid(format!("the mode {other:?}")),
    };
    let weights = call.floats("weights")?.filter(|weights| mode != "TF" && !weights.is_empty());
    let Some(weights) = weights else { return Ok(counts.iter().map(|&n| count_of(n)).collect()) };
    // The specification has one weight per n-gram of the pool, and runtimes one per output.
    let same = |(weight, &at): (&f32, &i64)| weights.get(at as usize) == Some(weight);
    if weights.len() != indexes.len() || !weights.iter().zip(indexes).all(same) {
        return Failure::unsupported("weights of n-grams and of outputs that are not the same");
    }
    Ok(counts
        .iter()
        .enumerate()
        .map(|(i, &n)| count_of(n) * weights.get(i % width).copied().unwrap_or(1.0))
        .collect())
}

impl<T: Clone + Eq + Hash> Pool<T> {
    fn new(call: &Call<'_>, items: &[T], indexes: &[i64]) -> Result<Pool<T>, Failure> {
        let lengths = lengths(call)?;
        let starts = call.ints("ngram_counts")?.unwrap_or_default();
        let mut pool = Pool { next: HashMap::new(), output: vec![None] };
        let mut number = 0;
        for (i, &start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(items.len() as i64);
            let part = usize::try_from(start).ok().zip(usize::try_from(end).ok());
            let Some(part) = part.and_then(|(start, end)| items.get(start..end)) else {
                return Failure::invalid(format!("n-grams from {start} to {end} of {}", items.len()));
            };
            if part.len() % (i + 1) != 0 {
                return Failure::invalid(format!("{} items in n-grams of {}", part.len(), i + 1));
            }
            for gram in part.chunks_exact(i + 1) {
                let output = indexes.get(number).map(|&at| at as usize);
                let Some(output) = output else { return Failure::invalid("more n-grams than indexes") };
                number += 1;
                if (lengths.least..=lengths.most).contains(&(i + 1)) {
                    pool.add(gram, output)?;
                }
            }
        }
        Ok(pool)
    }

    fn add(&mut self, gram: &[T], output: usize) -> Result<(), Failure> {
        let mut node = 0;
        for item in gram {
            let new = self.output.len();
            node = *self.next.entry((node, item.clone())).or_insert(new);
            if node == new {
                self.output.push(None);
            }
        }
        match self.output[node].replace(output) {
            None => Ok(()),
            Some(_) => Failure::unsupported("an n-gram twice in the pool"),
        }
    }
}

fn lengths(call: &Call<'_>) -> Result<Lengths, Failure> {
    let length = |name: &str, least: i64| match call.maybe_int(name)? {
        Some(n) if n >= least => Ok(usize::try_from(n).unwrap_or(usize::MAX)),
        _ => Failure::invalid(format!("no {name}, or one that is too small")),
    };
    let (least, most) = (length("min_gram_length", 1)?, length("max_gram_length", 1)?);
    if least > most {
        return Failure::invalid(format!("n-grams of {least} to {most} items"));
    }
    Ok(Lengths { least, most, skips: length("max_skip_count", 0)? })
}

/// Counts the n-grams of all rows: those whose items are 1, 2 … steps apart; those of one item
/// only once.
fn tally<T: Clone + Eq + Hash>(
    call: &Call<'_>,
    pool: &Pool<T>,
    items: &[T],
    (rows, row, width): (usize, usize, usize),
    counts: &mut [u32],
) -> Result<(), Failure> {
    let lengths = lengths(call)?;
    for (items, counts) in items.chunks(row).zip(counts.chunks_mut(width)).take(rows) {
        // Items further apart than the row is long are no n-gram.
        for step in 1..=lengths.skips.saturating_add(1).min(row) {
            let least = if step == 1 { lengths.least } else { lengths.least.max(2) };
            for start in 0..row {
                let mut node = 0;
                for (i, item) in items[start.min(items.len())..].iter().step_by(step).enumerate() {
                    let Some(&next) = pool.next.get(&(node, item.clone())) else { break };
                    node = next;
                    if let Some(output) = pool.output[node].filter(|_| i + 1 >= least) {
                        counts[output] = counts[output].saturating_add(1);
                    }
                }
            }
        }
    }
    Ok(())
}
