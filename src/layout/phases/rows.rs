//! Places the ranks from top to bottom.
//!
//! Before: each vertex has an x. After: each rank has a *band* as high as its
//! highest item, and between bands there is a *gap* in which lines bend. A gap
//! has room for labels first, then for curves (the more the further they go to
//! the side, so that no line is nearly flat), then for arrowheads.

use super::gaps::{LABEL_GAP, TURN};
use super::ordered::Ordered;
use super::pills;
use super::tracks::tracks_below;
use crate::layout::options::{Options, Splines};

/// Room for an arrowhead and a bit of line before it.
const ARROW: f64 = 8.0;
/// Room for curves that go to the side: at least, per pixel to the side, at most.
const CURVE: (f64, f64, f64) = (16.0, 0.1, 72.0);
/// Distance of right-angled lines, at most.
const TRACK: f64 = 8.0;

/// The vertical places of ranks and items.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// For each rank the top and the bottom of its band.
    pub(super) bands: Vec<(f64, f64)>,
    /// For each rank where the curves below it begin and end.
    pub(super) curves: Vec<(f64, f64)>,
    /// For each item its top.
    pub(super) tops: Vec<f64>,
    pub(super) height: f64,
    /// For each link how far below the begin of the curves its track is; empty unless
    /// lines have right angles.
    pub(super) tracks: Vec<f64>,
    /// For each rank that begins a further column, how lines get there; empty if there
    /// is one column.
    pub(super) detours: Vec<Option<Detour>>,
}

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

/// Places everything vertically; the first band begins at 0.
pub(super) fn place_rows(ordered: &Ordered<'_>, x: &[f64], options: &Options) -> Rows {
    let Ordered { network, ranked, .. } = ordered;
    let spacing = &options.spacing;
    let mut rows = Rows { tops: vec![0.0; network.items.len()], ..Rows::default() };
    let labels = label_heights(ordered);
    let mut track = vec![0; if options.splines == Splines::Ortho { ranked.links.len() } else { 0 }];
    rows.tracks = vec![0.0; track.len()];
    let mut y = 0.0;
    for rank in &ranked.order {
        let items = || rank.iter().filter(|&&v| !ranked.is_bend(v)).map(|&v| v as usize);
        let height = items().map(|i| pills::height(&network.items[i])).fold(0.0, f64::max);
        let bottom = y + height;
        let mut begin = bottom;
        for i in items() {
            let item = &network.items[i];
            rows.tops[i] = y + (height - item.height) / 2.0;
            if labels[i] > 0.0 {
                begin = f64::max(begin, rows.tops[i] + item.height + LABEL_GAP + labels[i]);
            }
        }
        let tracks = match options.splines {
            Splines::Ortho => Some(tracks_below(ordered, rank, x, &mut track)),
            Splines::Curved | Splines::Polyline => None,
        };
        let curve = match tracks {
            Some(0) => 0.0,
            Some(n) => (n - 1) as f64 * spacing.lines.min(TRACK) + 2.0 * TURN,
            None => curve_height(reach_below(ordered, rank, x)),
        };
        let end = f64::max(begin + curve, bottom + spacing.ranks - ARROW);
        if tracks.is_some() {
            let first = TURN + (end - begin - curve) / 2.0;
            for &link in rank.iter().flat_map(|&v| ranked.down.of(v)) {
                rows.tracks[link as usize] =
                    first + f64::from(track[link as usize]) * spacing.lines.min(TRACK);
            }
        }
        rows.bands.push((y, bottom));
        rows.curves.push((begin, end));
        rows.height = bottom;
        y = end + ARROW;
    }
    rows
}

/// The height of curves that go so far to the side.
fn curve_height(reach: f64) -> f64 {
    let (least, slope, most) = CURVE;
    if reach < 0.5 { 0.0 } else { (least + slope * reach).min(most) }
}

/// The greatest distance to the side of a link below a rank.
fn reach_below(ordered: &Ordered<'_>, rank: &[u32], x: &[f64]) -> f64 {
    let links = rank.iter().flat_map(|&v| ordered.ranked.down.of(v));
    links
        .map(|&l| {
            let (from, to) = ordered.link_ends(l, x);
            (from - to).abs()
        })
        .fold(0.0, f64::max)
}

/// For each item the height of its highest label, or 0.
fn label_heights(ordered: &Ordered<'_>) -> Vec<f64> {
    let Ordered { network, ports, .. } = ordered;
    let mut heights = vec![0.0; network.items.len()];
    for (hyperedge, label) in network.hyperedges.iter().zip(&ports.labels) {
        if let Some(size) = label {
            let height = &mut heights[hyperedge.from as usize];
            *height = f64::max(*height, size.height);
        }
    }
    heights
}
