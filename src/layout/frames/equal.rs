//! Recognises frames that look the same inside, so that they are planned once.

use std::collections::HashMap;
use std::rc::Rc;

use super::frame::Framed;
use crate::diagram::{Frame, Size};
use crate::layout::network::{Network, Thing};

/// The frames planned so far.
#[derive(Debug, Default)]
pub(in crate::layout) struct Planned(HashMap<Vec<u64>, Rc<Framed>>);

impl Planned {
    /// What an equal frame became, or what `plan` makes of this one.
    ///
    /// `inner` are the frames of the diagram as far as they are framed: all that are
    /// inside this one.
    pub(in crate::layout) fn reuse_or(
        &mut self,
        network: &mut Network,
        frame: &Frame,
        inner: &[Rc<Framed>],
        plan: impl FnOnce(&mut Network) -> Framed,
    ) -> Rc<Framed> {
        let entry = self.0.entry(key(network, frame, inner));
        entry.or_insert_with(|| Rc::new(plan(network))).clone()
    }
}

/// What decides how a frame looks inside: two frames with one key look the same.
fn key(network: &Network, frame: &Frame, inner: &[Rc<Framed>]) -> Vec<u64> {
    let mut key: Vec<u64> = vec![network.items.len() as u64, network.hyperedges.len() as u64];
    fn add<const N: usize>(key: &mut Vec<u64>, numbers: [f64; N]) {
        key.extend(numbers.map(f64::to_bits));
    }
    add(&mut key, [frame.padding.top, frame.padding.side, frame.title_size.width, frame.title_size.height]);
    for item in &network.items {
        // Equal frames inside are one plan, so its address tells them apart.
        key.push(match item.thing {
            Thing::Box(_) => 0,
            Thing::Entry => 1,
            Thing::Exit => 2,
            Thing::Frame(f) => Rc::as_ptr(&inner[f as usize]) as u64,
        });
        add(&mut key, [item.width, item.height, f64::from(item.ports), f64::from(item.loops), item.outset]);
        for pills in [&item.left, &item.right] {
            key.push(pills.len() as u64);
            pills.iter().for_each(|pill| add(&mut key, [pill.size.width, pill.size.height]));
        }
    }
    for h in &network.hyperedges {
        let label = h.label.unwrap_or(Size { width: -1.0, height: -1.0 });
        key.extend([
            u64::from(h.from),
            u64::from(h.port),
            h.kind as u64,
            u64::from(h.reversed),
            h.ends.len() as u64,
        ]);
        add(&mut key, [h.at.unwrap_or(-1.0), label.width, label.height]);
        for end in &h.ends {
            key.extend([u64::from(end.to), u64::from(end.slot)]);
            add(&mut key, [end.at.unwrap_or(-1.0)]);
        }
    }
    for own in &network.loops {
        key.extend([u64::from(own.item), own.kind as u64]);
    }
    key
}
