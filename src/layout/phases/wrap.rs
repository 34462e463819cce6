//! Wraps a tall drawing into columns.
//!
//! Before: everything is placed in one column. After: the ranks stand in several, and
//! the one line that goes from the foot of a column to the next one's head runs up
//! between the two.
//!
//! A column may end where a rank holds one item and all lines below it are one value's
//! (U. Rüegg, R. von Hanxleden, "Wrapping layered graphs", Diagrams 2018). So nothing
//! else crosses from one column to the next.

use super::gaps::RADIUS;
use super::ordered::Ordered;
use super::rows::{Detour, Rows};
use crate::layout::network::Thing;
use crate::layout::options::{Columns, Options};

/// Longer than this for its width is much longer than a page.
const LONG: f64 = 3.0;
/// The width of a page for a height of 1.
const PAGE: f64 = 0.75;

/// More columns than this are not tried for an aspect.
const MOST: u32 = 200;

/// Moves what is placed into columns.
pub(super) fn wrap(ordered: &Ordered<'_>, options: &Options, x: &mut [f64], rows: &mut Rows) {
    let cuts = cuts(ordered);
    // Room between a line that goes up and the column at its left or right.
    let side = options.spacing.lines + RADIUS;
    let page = Page { ordered, rows, x, gap: 2.0 * side };
    let starts = match options.columns {
        Columns::One => return,
        Columns::Count(n) => page.divide(&cuts, n.max(1)),
        Columns::Aspect(ratio) => page.nearest(&cuts, ratio),
        Columns::Page if page.is_long() => page.nearest(&cuts, PAGE),
        Columns::Page => return,
    };
    if starts.len() > 1 {
        let spans = page.spans(&starts);
        let columns = starts.into_iter().zip(spans).collect::<Vec<_>>();
        move_columns(ordered, &columns, side, x, rows);
    }
}

/// The ranks that a column may end with.
fn cuts(ordered: &Ordered<'_>) -> Vec<usize> {
    let Ordered { network, ranked, .. } = ordered;
    let ends = |rank: &[u32]| match *rank {
        [item] if !ranked.is_bend(item) && network.items[item as usize].thing != Thing::Entry => {
            let links = ranked.down.of(item);
            let value = links.first().map(|&l| ranked.links[l as usize].hyperedge);
            let one = links.iter().all(|&l| Some(ranked.links[l as usize].hyperedge) == value);
            one && value.is_some_and(|h| !network.hyperedges[h as usize].reversed)
        }
        _ => false,
    };
    let last = ranked.order.len().saturating_sub(1);
    (0..last).filter(|&r| ends(&ranked.order[r])).collect()
}

struct Page<'a> {
    ordered: &'a Ordered<'a>,
    rows: &'a Rows,
    x: &'a [f64],
    /// Room between columns.
    gap: f64,
}

impl Page<'_> {
    /// Whether one column is much longer than a page.
    fn is_long(&self) -> bool {
        let last = self.ordered.ranked.order.len() - 1;
        let spans = self.spans(&[0]);
        let width = spans.first().map_or(0.0, |s| s.1 - s.0);
        self.height(0, last) > LONG * width.max(1.0)
    }

    /// The height of a column of these ranks.
    fn height(&self, first: usize, last: usize) -> f64 {
        let top =
            if first == 0 { self.rows.bands[0].0 } else { self.rows.curves[first - 1].0 - 2.0 * RADIUS };
        self.rows.bands[last].1 - top
    }

    /// The first ranks of at most `n` columns, the highest as low as can be.
    fn divide(&self, cuts: &[usize], n: u32) -> Vec<usize> {
        let last = self.ordered.ranked.order.len() - 1;
        let (mut low, mut high) = (0.0, self.height(0, last));
        let mut best = vec![0];
        for _ in 0..40 {
            let limit = (low + high) / 2.0;
            match self.fill(cuts, limit, n) {
                Some(starts) => (best, high) = (starts, limit),
                None => low = limit,
            }
        }
        best
    }

    /// Columns no higher than `limit`, if there are at most `n`.
    fn fill(&self, cuts: &[usize], limit: f64, n: u32) -> Option<Vec<usize>> {
        let last = self.ordered.ranked.order.len() - 1;
        let mut starts = vec![0];
        let mut at = 0;
        loop {
            let first = starts[starts.len() - 1];
            if self.height(first, last) <= limit {
                return Some(starts);
            }
            let next = at + cuts[at..].partition_point(|&cut| self.height(first, cut) <= limit);
            // The cut before the first that is too far.
            let cut = cuts[..next].last().copied().filter(|&cut| cut >= first)?;
            starts.push(cut + 1);
            at = next;
            if starts.len() > n as usize {
                return None;
            }
        }
    }

    /// The division whose page is nearest to `ratio`.
    fn nearest(&self, cuts: &[usize], ratio: f64) -> Vec<usize> {
        let mut best = (f64::INFINITY, vec![0]);
        for n in 1..=MOST.min(cuts.len() as u32 + 1) {
            let starts = self.divide(cuts, n);
            let spans = self.spans(&starts);
            let width = spans.iter().map(|(l, r)| r - l + self.gap).sum::<f64>() - self.gap;
            let ends = starts[1..].iter().copied().chain([self.ordered.ranked.order.len()]);
            let height = starts.iter().zip(ends).map(|(&a, b)| self.height(a, b - 1)).fold(1.0, f64::max);
            let off = libm::log(width / height / ratio).abs();
            if off < best.0 {
                best = (off, starts);
            } else if width / height > 2.0 * ratio {
                break;
            }
        }
        best.1
    }

    /// The leftmost and the rightmost place in each column.
    fn spans(&self, starts: &[usize]) -> Vec<(f64, f64)> {
        let ends = starts[1..].iter().copied().chain([self.ordered.ranked.order.len()]);
        let span = |(&a, b): (&usize, usize)| {
            let vertices = self.ordered.ranked.order[a..b].iter().flatten();
            vertices.fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), &v| {
                let ends = self.ordered.extents[v as usize].around(self.x[v as usize]);
                (left.min(ends.0), right.max(ends.1))
            })
        };
        starts.iter().zip(ends).map(span).collect()
    }
}

/// Moves the columns, each given by its first rank and its span, beside each other with
/// `side` on both sides of the lines between them.
fn move_columns(
    ordered: &Ordered<'_>,
    columns: &[(usize, (f64, f64))],
    side: f64,
    x: &mut [f64],
    rows: &mut Rows,
) {
    let ranked = &ordered.ranked;
    rows.detours = vec![None; ranked.order.len()];
    let mut height = 0.0;
    // The left side of the next column, and the foot and shift of the one before.
    let (mut left, mut foot, mut shift_before) = (columns[0].1.0, 0.0, 0.0);
    for (c, &(first, span)) in columns.iter().enumerate() {
        let end = columns.get(c + 1).map_or(ranked.order.len(), |next| next.0);
        let shift = left - span.0;
        let down = if c == 0 { 0.0 } else { 2.0 * RADIUS - rows.curves[first - 1].0 };
        if c > 0 {
            let (exit, channel) = (foot + RADIUS, left - side);
            rows.detours[first] = Some(Detour { exit, channel, top: 0.0, shift: shift - shift_before });
            height = f64::max(height, exit);
        }
        // The gap above a column goes with it.
        foot = rows.curves[end - 1].0 + down;
        for curve in &mut rows.curves[first.saturating_sub(1)..end - 1] {
            *curve = (curve.0 + down, curve.1 + down);
        }
        for r in first..end {
            rows.bands[r] = (rows.bands[r].0 + down, rows.bands[r].1 + down);
            for &v in &ranked.order[r] {
                x[v as usize] += shift;
                if !ranked.is_bend(v) {
                    rows.tops[v as usize] += down;
                }
            }
        }
        height = f64::max(height, rows.bands[end - 1].1);
        left += span.1 - span.0 + 2.0 * side;
        shift_before = shift;
    }
    rows.height = height;
}
