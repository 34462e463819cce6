//! Makes room for the frames inside a frame.
//!
//! Before: the frames inside are framed. After: their items have sizes, and the lines
//! to and from them have the places of their ports.

use std::rc::Rc;

use super::frame::Framed;
use super::nest::Nest;
use crate::diagram::Diagram;
use crate::layout::network::Thing;

/// Fits the frames inside frame `f` into its network.
pub(in crate::layout) fn fit_inner_frames(
    nest: &mut Nest,
    f: usize,
    inner: &[Rc<Framed>],
    diagram: &Diagram,
) {
    let mut network = std::mem::take(&mut nest.networks[f]);
    for item in &mut network.items {
        if let Thing::Frame(child) = item.thing {
            let child = child as usize;
            item.outset = diagram.frames[child].outset;
            item.width = inner[child].size.width + item.outset;
            item.height = inner[child].size.height + item.outset;
        }
    }
    let port = |ports: &[(u32, u32)], xs: &[f64], value: u32| {
        ports.binary_search_by_key(&value, |p| p.0).ok().map(|i| xs[i])
    };
    for hyperedge in &mut network.hyperedges {
        if let Thing::Frame(child) = network.items[hyperedge.from as usize].thing {
            let child = child as usize;
            hyperedge.at = port(&nest.exits[child], &inner[child].exits, hyperedge.value);
        }
        for end in &mut hyperedge.ends {
            if let Thing::Frame(child) = network.items[end.to as usize].thing {
                let child = child as usize;
                end.at = port(&nest.entries[child], &inner[child].entries, hyperedge.value);
            }
        }
    }
    nest.networks[f] = network;
}
