//! How much room vertices take horizontally.

use super::gaps::LABEL_GAP;
use super::pills;
use super::ports::Ports;
use crate::layout::network::Network;
use crate::layout::ranked::Ranked;

/// Positions are found in this part of a pixel.
pub(super) const UNITS: f64 = 4.0;

/// Room that a vertex takes to each side of its middle, in units.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) left: i64,
    pub(super) right: i64,
}

impl Extent {
    /// The leftmost and the rightmost place of a vertex at `x`, in pixels.
    pub(super) fn around(self, x: f64) -> (f64, f64) {
        (x - self.left as f64 / UNITS, x + self.right as f64 / UNITS)
    }
}

/// A length in pixels as units, rounded up.
pub(super) fn units(pixels: f64) -> i64 {
    (pixels * UNITS).ceil() as i64
}

/// Room to both sides of each vertex: the box, its pills, loops and labels.
pub(super) fn extents(network: &Network, ranked: &Ranked, ports: &Ports) -> Vec<Extent> {
    let mut extents = vec![Extent::default(); ranked.rank.len()];
    for (extent, item) in extents.iter_mut().zip(&network.items) {
        let (left, right) = pills::reach(item);
        *extent = Extent { left: units(item.width / 2.0 + left), right: units(item.width / 2.0 + right) };
    }
    for (h, hyperedge) in network.hyperedges.iter().enumerate() {
        if let Some(label) = ports.labels[h] {
            let right = &mut extents[hyperedge.from as usize].right;
            *right = (*right).max(units(ports.out[h] + LABEL_GAP + label.width));
        }
    }
    extents
}
