//! Where at an item its lines begin and end.
//!
//! Before: ranks are ordered. After: each hyperedge has an offset from the middle
//! of its item, and so has each end. Ends stand in the order of where they come
//! from, so that the lines of one item never cross each other.

use super::network::Network;
use super::split::Ranked;

/// Offsets from the middle of an item, in pixels.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    /// For each hyperedge, at the item it leaves.
    pub(super) out: Vec<f64>,
    /// For each link, at its lower vertex; 0 for bends.
    pub(super) into: Vec<f64>,
}

/// Distance of neighbouring ends at an item, where there is room.
const END_GAP: f64 = 14.0;
/// Least distance of an end from the item's corner.
const CORNER: f64 = 8.0;
/// Distance from the corner of a line that arrives from below.
const REVERSED: f64 = 4.0;

/// Places all ports.
pub(super) fn place_ports(network: &Network, ranked: &Ranked) -> Ports {
    let out = network.hyperedges.iter().map(|h| {
        let item = &network.items[h.from as usize];
        if h.reversed {
            // A line against the flow arrives where the others leave: left of them
            // and of their labels.
            return (REVERSED - item.width / 2.0).min(0.0);
        }
        if let Some(at) = h.at {
            return at - item.width / 2.0;
        }
        let port = h.port.min(item.ports - 1);
        item.width * ((f64::from(port) + 0.5) / f64::from(item.ports) - 0.5)
    });
    let out: Vec<f64> = out.collect();
    let mut pos = vec![0u32; ranked.rank.len()];
    for rank in &ranked.order {
        rank.iter().enumerate().for_each(|(i, &v)| pos[v as usize] = i as u32);
    }
    let mut into = vec![0.0; ranked.links.len()];
    let mut ends: Vec<u32> = Vec::new();
    for item in 0..ranked.items as u32 {
        ends.clear();
        ends.extend(ranked.up.of(item));
        ends.sort_by(|&a, &b| {
            let (la, lb) = (&ranked.links[a as usize], &ranked.links[b as usize]);
            let side = |l: &super::split::Link| {
                if ranked.is_bend(l.upper) { 0.0 } else { out[l.hyperedge as usize] }
            };
            (pos[la.upper as usize].cmp(&pos[lb.upper as usize]))
                .then(side(la).total_cmp(&side(lb)))
                .then(a.cmp(&b))
        });
        let width = network.items[item as usize].width;
        for (&link, offset) in ends.iter().zip(offsets(ranked, &ends, width)) {
            let l = &ranked.links[link as usize];
            let fixed = l.end.and_then(|e| network.hyperedges[l.hyperedge as usize].ends[e as usize].at);
            into[link as usize] = fixed.map_or(offset, |at| at - width / 2.0);
        }
    }
    Ports { out, into }
}

/// The offsets of an item's ends: spread around its middle, or around the one end
/// that comes straight from a neighbouring item, so that the backbone stays
/// straight where a long line joins it.
fn offsets(ranked: &Ranked, ends: &[u32], width: f64) -> impl Iterator<Item = f64> {
    let direct = |&&l: &&u32| !ranked.is_bend(ranked.links[l as usize].upper);
    let last = ends.len().saturating_sub(1);
    let middle = match ends.iter().filter(direct).count() {
        1 => ends.iter().position(|l| direct(&l)).expect("one is direct") as f64,
        _ => last as f64 / 2.0,
    };
    let reach = middle.max(last as f64 - middle).max(1.0);
    let gap = END_GAP.min((width / 2.0 - CORNER).max(0.0) / reach);
    (0..ends.len()).map(move |i| (i as f64 - middle) * gap)
}
