//! Wraps a tall drawing into columns.
//!
//! Before: everything is placed in one column. After: the ranks stand in several, and
//! the one line that goes from the foot of a column to the next one's head runs up
//! between the two.
//!
//! A column may end where a rank holds one item and all lines below it are one value's
//! (U. Rüegg, R. von Hanxleden, "Wrapping layered graphs", Diagrams 2018). So nothing
//! else crosses from one column to the next.

use super::Spacing;
use super::network::{Network, Thing};
use super::place::{Extent, units};
use super::rows::Rows;
use super::split::Ranked;

/// How many columns a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Columns {
    /// One.
    #[default]
    One,
    /// This many, or as many as can be had.
    Count(u32),
    /// As many as bring the page nearest to this width for a height of 1.
    Aspect(f64),
    /// One, unless that is much longer than a page is; then as many as look like a page.
    Page,
}

/// Longer than this for its width is much longer than a page.
const LONG: f64 = 3.0;
/// The width of a page for a height of 1.
const PAGE: f64 = 0.75;

/// The way from the foot of one column to the head of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Detour {
    /// Where the line turns to the side, below the last band.
    pub(super) exit: f64,
    /// Where it goes up.
    pub(super) channel: f64,
    /// Where it turns to the side again, above the next column.
    pub(super) top: f64,
    /// How far the next column is shifted.
    pub(super) shift: f64,
}

/// Radius of a detour's corners.
pub(super) const RADIUS: f64 = 6.0;
/// More columns than this are not tried for an aspect.
const MOST: u32 = 200;

/// Moves what is placed into columns.
pub(super) fn wrap(
    network: &Network,
    ranked: &Ranked,
    extents: &[Extent],
    columns: Columns,
    spacing: &Spacing,
    x: &mut [f64],
    rows: &mut Rows,
) {
    let cuts = cuts(network, ranked);
    let page = Page { ranked, extents, rows, x, gap: 2.0 * (spacing.lines + RADIUS) };
    let starts = match columns {
        Columns::One => return,
        Columns::Count(n) => page.divide(&cuts, n.max(1)),
        Columns::Aspect(ratio) => page.nearest(&cuts, ratio),
        Columns::Page if page.is_long() => page.nearest(&cuts, PAGE),
        Columns::Page => return,
    };
    if starts.len() > 1 {
        let spans = page.spans(&starts);
        move_columns(ranked, &starts, &spans, spacing, x, rows);
    }
}

/// The ranks that a column may end with.
fn cuts(network: &Network, ranked: &Ranked) -> Vec<usize> {
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
    ranked: &'a Ranked,
    extents: &'a [Extent],
    rows: &'a Rows,
    x: &'a [f64],
    /// Room between columns.
    gap: f64,
}

impl Page<'_> {
    /// Whether one column is much longer than a page.
    fn is_long(&self) -> bool {
        let last = self.ranked.order.len() - 1;
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
        let last = self.ranked.order.len() - 1;
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
        let last = self.ranked.order.len() - 1;
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
            let ends = starts[1..].iter().copied().chain([self.ranked.order.len()]);
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
        let unit = 1.0 / units(1.0) as f64;
        let ends = starts[1..].iter().copied().chain([self.ranked.order.len()]);
        let span = |(&a, b): (&usize, usize)| {
            let vertices = self.ranked.order[a..b].iter().flatten();
            vertices.fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), &v| {
                let (x, extent) = (self.x[v as usize], self.extents[v as usize]);
                (left.min(x - extent.left as f64 * unit), right.max(x + extent.right as f64 * unit))
            })
        };
        starts.iter().zip(ends).map(span).collect()
    }
}

fn move_columns(
    ranked: &Ranked,
    starts: &[usize],
    spans: &[(f64, f64)],
    spacing: &Spacing,
    x: &mut [f64],
    rows: &mut Rows,
) {
    let side = spacing.lines + RADIUS;
    rows.detours = vec![None; ranked.order.len()];
    let mut height = 0.0;
    // The left side of the next column, and the foot and shift of the one before.
    let (mut left, mut foot, mut shift_before) = (spans[0].0, 0.0, 0.0);
    for (c, &first) in starts.iter().enumerate() {
        let end = starts.get(c + 1).copied().unwrap_or(ranked.order.len());
        let shift = left - spans[c].0;
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
        left += spans[c].1 - spans[c].0 + 2.0 * side;
        shift_before = shift;
    }
    rows.height = height;
}
