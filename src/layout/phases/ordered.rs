//! What the phases go by that come after ordering.

use super::extent::{Extent, extents};
use super::ports::Ports;
use crate::layout::network::Network;
use crate::layout::ranked::Ranked;

/// A network whose ranks are in order, with the ports and the room of its vertices.
#[derive(Debug)]
pub(super) struct Ordered<'a> {
    pub(super) network: &'a Network,
    pub(super) ranked: Ranked,
    pub(super) ports: Ports,
    /// For each vertex.
    pub(super) extents: Vec<Extent>,
}

impl<'a> Ordered<'a> {
    pub(super) fn new(network: &'a Network, ranked: Ranked, ports: Ports) -> Self {
        let extents = extents(network, &ranked, &ports);
        Ordered { network, ranked, ports, extents }
    }

    /// Where a link begins and ends horizontally, if the vertices stand at `x`.
    pub(super) fn link_ends(&self, link: u32, x: &[f64]) -> (f64, f64) {
        let l = &self.ranked.links[link as usize];
        let out = if self.ranked.is_bend(l.upper) { 0.0 } else { self.ports.out[l.hyperedge as usize] };
        (x[l.upper as usize] + out, x[l.lower as usize] + self.ports.into[link as usize])
    }
}
