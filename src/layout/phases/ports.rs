//! Where at an item its lines begin and end.
//!
//! Before: ranks are ordered. After: each hyperedge has an offset from the middle
//! of its item, and so has each end. Ends stand in the order of where they come
//! from, so that the lines of one item never cross each other.

use super::gaps::LABEL_GAP;
use crate::diagram::Size;
use crate::layout::network::Network;
use crate::layout::ranked::{Link, Ranked};

/// Offsets from the middle of an item, in pixels.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    /// For each hyperedge, at the item it leaves.
    pub(super) out: Vec<f64>,
    /// For each link, at its lower vertex; 0 for bends.
    pub(super) into: Vec<f64>,
    /// For each hyperedge its label, if there is room for it.
    pub(super) labels: Vec<Option<Size>>,
}

/// Distance of neighbouring ends at an item, where there is room.
const END_GAP: f64 = 14.0;
/// Least distance of an end from the item's corner.
const CORNER: f64 = 8.0;
/// Distance from the corner of a line that arrives from below.
const REVERSED: f64 = 4.0;

/// Places all ports.
pub(super) fn place_ports(network: &Network, ranked: &Ranked) -> Ports {
    let pos = ranked.positions();
    let places = port_places(network, ranked, &pos);
    let out = network.hyperedges.iter().zip(places).map(|(h, place)| {
        let item = &network.items[h.from as usize];
        if h.reversed {
            // A line against the flow arrives where the others leave: left of them
            // and of their labels.
            return (REVERSED - item.width / 2.0).min(0.0);
        }
        if let Some(at) = h.at {
            return at - item.width / 2.0;
        }
        item.width * ((f64::from(place) + 0.5) / f64::from(item.ports) - 0.5)
    });
    let out: Vec<f64> = out.collect();
    let mut into = vec![0.0; ranked.links.len()];
    let mut ends: Vec<u32> = Vec::new();
    for item in 0..ranked.items as u32 {
        ends.clear();
        ends.extend(ranked.up.of(item));
        ends.sort_by(|&a, &b| {
            let (la, lb) = (&ranked.links[a as usize], &ranked.links[b as usize]);
            let side = |l: &Link| {
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
    let labels = labels_with_room(network, &out);
    Ports { out, into, labels }
}

/// For each hyperedge the place of its port among those of its item: in the order of
/// where the lines go, so that they do not cross; by slot where that is equal.
fn port_places(network: &Network, ranked: &Ranked, pos: &[u32]) -> Vec<u32> {
    let mut places: Vec<u32> =
        network.hyperedges.iter().map(|h| h.port.min(network.items[h.from as usize].ports - 1)).collect();
    let mut at: Vec<(f64, u32)> = Vec::new();
    for (item, size) in network.items.iter().enumerate().filter(|(_, item)| item.ports > 1) {
        let mut goals = vec![(0u64, 0u64); size.ports as usize];
        for &link in ranked.down.of(item as u32) {
            let link = &ranked.links[link as usize];
            let hyperedge = &network.hyperedges[link.hyperedge as usize];
            if !hyperedge.reversed {
                let goal = &mut goals[places[link.hyperedge as usize] as usize];
                *goal = (goal.0 + u64::from(pos[link.lower as usize]), goal.1 + 1);
            }
        }
        at.clear();
        let mut last = 0.0;
        for (port, &(sum, count)) in goals.iter().enumerate() {
            // A port without lines stays beside its left one.
            last = if count > 0 { sum as f64 / count as f64 } else { last };
            at.push((last, port as u32));
        }
        if at.is_sorted_by(|a, b| a.0 <= b.0) {
            continue;
        }
        at.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut place_of = vec![0; at.len()];
        at.iter().enumerate().for_each(|(place, (_, port))| place_of[*port as usize] = place as u32);
        let mut moved: Vec<u32> =
            ranked.down.of(item as u32).iter().map(|&l| ranked.links[l as usize].hyperedge).collect();
        moved.sort_unstable();
        moved.dedup();
        for h in moved {
            places[h as usize] = place_of[places[h as usize] as usize];
        }
    }
    places
}

/// A label stands right of its line, under the box: where the next port of the box is
/// too near, or has the same label's place, it is left out. Whoever sizes the boxes
/// should see to it that this does not happen.
fn labels_with_room(network: &Network, out: &[f64]) -> Vec<Option<Size>> {
    let mut labels: Vec<Option<Size>> = network.hyperedges.iter().map(|h| h.label).collect();
    // Hyperedges stand in the order of their items.
    let mut first = 0;
    for group in network.hyperedges.chunk_by(|a, b| a.from == b.from) {
        let mut by_place: Vec<usize> = (first..first + group.len()).collect();
        first += group.len();
        by_place.sort_by(|&a, &b| out[a].total_cmp(&out[b]).then(a.cmp(&b)));
        let mut next = f64::INFINITY;
        for &h in by_place.iter().rev() {
            if labels[h].is_some_and(|label| out[h] + LABEL_GAP + label.width + LABEL_GAP > next) {
                labels[h] = None;
            }
            next = out[h];
        }
    }
    labels
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
