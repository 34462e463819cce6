//! Moves a window over planes of elements and folds what lies in it.
//!
//! In: the axes of a window and the elements of planes (one per batch and channel). Out: one
//! folded result per window. Padding is never visited. All windows of one row of the output are
//! folded at once, so that the inner loops run along rows.

use std::ops::Range;

use super::geometry::Axis;
use crate::eval::Failure;
use crate::eval::elements::{filled, room};

/// More steps than any pool may take.
const MOST_STEPS: u128 = 1 << 38;

/// No window has more positions along an axis, and no output more elements.
const MOST_ALONG: usize = 1 << 24;

/// Where the windows of a plane lie.
pub(super) struct Slide {
    /// The last axis.
    last: Axis,
    /// Its positions that lie within the input for some window.
    taps: Vec<Tap>,
    /// For each row of the output where its rows of the input begin in `rows`.
    starts: Vec<usize>,
    /// Rows of the input.
    rows: Vec<usize>,
    /// The elements of one plane.
    plane: usize,
    /// The steps that one plane takes.
    steps: u128,
}

/// A position of the window along the last axis.
struct Tap {
    /// The windows for which it lies within the input.
    windows: Range<usize>,
    /// The element of the row that it is for the first of them.
    first: usize,
}

impl Slide {
    /// Windows of these axes, of which there is at least one; all contain an element.
    pub(super) fn new(axes: &[Axis]) -> Result<Slide, Failure> {
        let Some((&last, leading)) = axes.split_last() else {
            return Failure::invalid("a window without axes");
        };
        let steps = axes.iter().map(|a| a.output as u128 * a.kernel.min(a.input) as u128).product::<u128>();
        if steps > MOST_STEPS || axes.iter().any(|a| a.kernel > MOST_ALONG || a.output > MOST_ALONG) {
            return Err(Failure::TooLarge("windows of too many elements".to_owned()));
        }
        if axes.iter().any(|axis| (0..axis.output).any(|at| axis.inside(at).is_empty())) {
            return Failure::unsupported("a window that lies in the padding differs between runtimes");
        }
        let (mut starts, mut rows) = (vec![0], Vec::new());
        let mut at = vec![0; leading.len()];
        for _ in 0..leading.iter().map(|axis| axis.output).product() {
            rows_of(leading, &at, &mut rows)?;
            starts.push(rows.len());
            step(&mut at, leading);
        }
        let plane = axes.iter().map(|axis| axis.input).product();
        Ok(Slide { last, taps: taps(&last), starts, rows, plane, steps })
    }

    /// Folds all windows of all planes: from `start`, by `fold(state, element, its position in
    /// the plane)`; `finish` gets the state and the numbers of the plane, the row and the column.
    pub(super) fn fold<T: Copy, S: Copy, R>(
        &self,
        input: &[T],
        start: S,
        fold: impl Fn(S, T, usize) -> S,
        finish: impl Fn(S, [usize; 3]) -> R,
    ) -> Result<Vec<R>, Failure> {
        let planes = input.len().checked_div(self.plane).unwrap_or(0);
        if self.steps * planes as u128 > MOST_STEPS {
            return Err(Failure::TooLarge("windows of too many elements".to_owned()));
        }
        let outputs = (self.starts.len() - 1) * self.last.output;
        let mut results = room(planes.saturating_mul(outputs))?;
        let mut states = filled(self.last.output, start)?;
        for (number, plane) in input.chunks_exact(self.plane.max(1)).enumerate() {
            for (row, bounds) in self.starts.windows(2).enumerate() {
                states.fill(start);
                for &from in &self.rows[bounds[0]..bounds[1]] {
                    let base = from * self.last.input;
                    self.fold_row(&plane[base..base + self.last.input], base, &mut states, &fold);
                }
                results
                    .extend(states.iter().enumerate().map(|(column, &s)| finish(s, [number, row, column])));
            }
        }
        Ok(results)
    }

    fn fold_row<T: Copy, S: Copy>(
        &self,
        row: &[T],
        base: usize,
        states: &mut [S],
        fold: &impl Fn(S, T, usize) -> S,
    ) {
        for tap in &self.taps {
            let states = &mut states[tap.windows.clone()];
            let stride = self.last.stride;
            if stride == 1 {
                for (i, (state, &x)) in states.iter_mut().zip(&row[tap.first..]).enumerate() {
                    *state = fold(*state, x, base + tap.first + i);
                }
            } else {
                // Not `step_by`, which is several times slower.
                let from = &row[tap.first..][..(states.len() - 1) * stride + 1];
                for (i, state) in states.iter_mut().enumerate() {
                    *state = fold(*state, from[i * stride], base + tap.first + i * stride);
                }
            }
        }
    }
}

/// The positions of the windows of an axis.
fn taps(axis: &Axis) -> Vec<Tap> {
    let windows = |position: usize| {
        let shift = position * axis.dilation;
        let first = axis.before.saturating_sub(shift).div_ceil(axis.stride);
        let end = (axis.input + axis.before).saturating_sub(shift).div_ceil(axis.stride).min(axis.output);
        first.min(end)..end
    };
    let inside =
        (0..axis.kernel).map(|position| (position, windows(position))).filter(|(_, w)| !w.is_empty());
    inside.map(|(position, w)| Tap { first: axis.element(w.start, position), windows: w }).collect()
}

/// Adds the rows of the input that the windows at a place of the leading axes contain.
fn rows_of(leading: &[Axis], at: &[usize], rows: &mut Vec<usize>) -> Result<(), Failure> {
    let mut found = vec![0usize];
    for (axis, &at) in leading.iter().zip(at) {
        let inside = axis.inside(at);
        let mut next = room(found.len() * inside.len())?;
        for &row in &found {
            next.extend(inside.clone().map(|position| row * axis.input + axis.element(at, position)));
        }
        found = next;
    }
    rows.try_reserve(found.len()).map_err(|_| Failure::TooLarge("a window of too many rows".to_owned()))?;
    rows.extend(found);
    Ok(())
}

/// The next place in row-major order.
fn step(at: &mut [usize], axes: &[Axis]) {
    for (at, axis) in at.iter_mut().zip(axes).rev() {
        *at += 1;
        if *at < axis.output {
            return;
        }
        *at = 0;
    }
}
