//! Which keys a query sees, and what is added to its scores.

use crate::eval::elements::{bools, count, view};
use crate::eval::wide::wide;
use crate::eval::{Call, Failure};
use crate::model::DType;

/// The sizes of scores.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) heads: usize,
    pub(super) queries: usize,
    /// All keys, those of the past included.
    pub(super) keys: usize,
    /// The keys of the past.
    pub(super) past: usize,
}

/// What is added to scores: zero, minus infinity, or what a mask says.
pub(super) struct Mask {
    sizes: Sizes,
    given: Option<Given>,
    causal: bool,
    /// How far a query sees, to the left and to the right.
    window: (Option<i64>, Option<i64>),
    /// How many keys of each sample are not padding.
    filled: Option<Vec<i64>>,
}

/// A mask that is given, as numbers to add.
struct Given {
    elements: Vec<f64>,
    /// By how many elements a step in the batch, among heads, and among queries goes on.
    steps: [usize; 3],
    /// The keys that it has; all others are hidden.
    columns: usize,
}

impl Mask {
    pub(super) fn of(call: &Call<'_>, sizes: Sizes, dtype: DType) -> Result<Self, Failure> {
        let causal = match call.int("is_causal", 0)? {
            0 => false,
            1 => true,
            other => return Failure::invalid(format!("is_causal {other}")),
        };
        let window = |name: &str| match call.int(name, -1)? {
            -1 => Ok(None),
            size if size >= 0 => Ok(Some(size)),
            other => Failure::invalid(format!("{name} {other}")),
        };
        let window = (window("left_window_size")?, window("right_window_size")?);
        let filled = call.maybe(6)?.map(view::<i64>).transpose()?.map(|list| list.into_owned());
        if filled.as_ref().is_some_and(|list| list.len() != sizes.batch) {
            return Failure::invalid("nonpad_kv_seqlen has not one length for each sample");
        }
        if filled.iter().flatten().any(|&n| n < 0 || n > sizes.keys as i64) {
            return Failure::invalid("nonpad_kv_seqlen is negative, or more than there are keys");
        }
        Ok(Mask { sizes, given: Given::of(call, sizes, dtype)?, causal, window, filled })
    }

    /// What is added to the scores of one query.
    pub(super) fn row(&self, batch: usize, head: usize, query: usize, row: &mut [f64]) {
        row.fill(0.0);
        if let Some(given) = &self.given {
            let at = batch * given.steps[0] + head * given.steps[1] + query * given.steps[2];
            let (own, hidden) = row.split_at_mut(given.columns);
            own.copy_from_slice(&given.elements[at..at + given.columns]);
            hidden.fill(f64::NEG_INFINITY);
        }
        let filled = self.filled.as_ref().map(|list| list[batch]);
        // The query's place among the keys.
        let before = match filled {
            Some(filled) => filled - self.sizes.queries as i64,
            None => self.sizes.past as i64,
        };
        let place = before + query as i64;
        let mut last = i64::MAX;
        if self.causal {
            last = last.min(place);
        }
        if let Some(right) = self.window.1 {
            last = last.min(place.saturating_add(right));
        }
        if let Some(filled) = filled {
            last = last.min(filled - 1);
        }
        let first = self.window.0.map_or(i64::MIN, |left| place.saturating_sub(left));
        for (key, bias) in row.iter_mut().enumerate() {
            let key = key as i64;
            if key < first || key > last {
                *bias += f64::NEG_INFINITY;
            }
        }
    }
}

impl Given {
    fn of(call: &Call<'_>, sizes: Sizes, dtype: DType) -> Result<Option<Self>, Failure> {
        let Some(mask) = call.maybe(3)? else { return Ok(None) };
        let elements: Vec<f64> = match mask.dtype {
            DType::Bool => {
                let bias = |&see: &u8| if see != 0 { 0.0 } else { f64::NEG_INFINITY };
                bools(mask)?.iter().map(bias).collect()
            }
            own if own == dtype => wide(mask)?,
            own => return Failure::unsupported(format!("a mask of {own} for queries of {dtype}")),
        };
        if mask.dims.is_empty() || mask.dims.len() > 4 {
            return Failure::unsupported(format!("a mask of {} axes", mask.dims.len()));
        }
        count(&mask.dims)?;
        let mut dims = [1usize; 4];
        for (own, &dim) in dims.iter_mut().rev().zip(mask.dims.iter().rev()) {
            *own = dim as usize;
        }
        let columns = dims[3];
        if columns > sizes.keys {
            return Failure::invalid(format!("a mask of {columns} keys, of which there are {}", sizes.keys));
        }
        if columns == 1 && sizes.keys > 1 {
            return Failure::unsupported("a mask of one key: for all of them, or with the others hidden");
        }
        let mut steps = [0; 3];
        let mut step = columns;
        for (axis, whole) in [(2, sizes.queries), (1, sizes.heads), (0, sizes.batch)] {
            if dims[axis] != whole && dims[axis] != 1 {
                return Failure::invalid(format!("a mask of {} where there are {whole}", dims[axis]));
            }
            steps[axis] = if dims[axis] == 1 { 0 } else { step };
            step = step.saturating_mul(dims[axis]);
        }
        Ok(Some(Given { elements, steps, columns }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEE: f64 = 0.0;
    const HIDE: f64 = f64::NEG_INFINITY;

    fn mask(past: usize, filled: Option<Vec<i64>>, causal: bool) -> Mask {
        let sizes = Sizes { batch: 1, heads: 1, queries: 2, keys: 4, past };
        Mask { sizes, given: None, causal, window: (None, None), filled }
    }

    fn row(mask: &Mask, query: usize) -> Vec<f64> {
        let mut row = vec![1.0; 4];
        mask.row(0, 0, query, &mut row);
        row
    }

    #[test]
    fn a_query_sees_all_keys_of_the_past_and_its_own() {
        let mask = mask(2, None, true);
        assert_eq!(row(&mask, 0), [SEE, SEE, SEE, HIDE]);
        assert_eq!(row(&mask, 1), [SEE; 4]);
    }

    #[test]
    fn without_a_past_the_first_query_stands_at_the_first_key() {
        assert_eq!(row(&mask(0, None, true), 0), [SEE, HIDE, HIDE, HIDE]);
    }

    #[test]
    fn with_padding_the_last_query_stands_at_the_last_key_that_is_none() {
        let mask = mask(0, Some(vec![3]), true);
        assert_eq!(row(&mask, 0), [SEE, SEE, HIDE, HIDE]);
        assert_eq!(row(&mask, 1), [SEE, SEE, SEE, HIDE]);
    }

    #[test]
    fn more_queries_than_keys_leave_the_first_ones_nothing() {
        assert_eq!(row(&mask(0, Some(vec![1]), true), 0), [HIDE; 4]);
    }

    #[test]
    fn a_mask_that_is_too_short_hides_the_last_keys() {
        let mut mask = mask(0, None, false);
        mask.given = Some(Given { elements: vec![0.5, -1.0], steps: [0; 3], columns: 2 });
        assert_eq!(row(&mask, 1), [0.5, -1.0, HIDE, HIDE]);
    }

    #[test]
    fn a_window_is_around_the_place_of_the_query() {
        let mut mask = mask(1, None, false);
        mask.window = (Some(0), Some(1));
        assert_eq!(row(&mask, 0), [HIDE, SEE, SEE, HIDE]);
    }
}
