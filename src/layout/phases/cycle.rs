//! Reverses the edges that close a cycle, so that all have one direction.
//!
//! Before: any graph. After: no cycle; each edge that was reversed is a hyperedge
//! of its own, marked `reversed`, from its use to its definition.
//!
//! A valid model has no cycles; an invalid one, or a recurrent net, may.

use crate::layout::csr::Csr;
use crate::layout::network::{End, Hyperedge, Network};

/// Reverses the back edges of a depth-first search, in the order of the file.
pub(in crate::layout) fn break_cycles(network: &mut Network) {
    let back = back_edges(network);
    if back.iter().all(|&b| !b) {
        return;
    }
    let mut reversed = Vec::new();
    let mut index = 0;
    for hyperedge in &mut network.hyperedges {
        let Hyperedge { value, from, port, kind, .. } = *hyperedge;
        hyperedge.ends.retain(|end| {
            let is_back = back[index];
            index += 1;
            if is_back {
                let ends = vec![End { to: from, at: None, ..end.clone() }];
                reversed.push(Hyperedge {
                    value,
                    from: end.to,
                    port,
                    at: None,
                    kind,
                    label: None,
                    reversed: true,
                    ends,
                });
            }
            !is_back
        });
    }
    network.hyperedges.retain(|h| !h.ends.is_empty());
    network.hyperedges.extend(reversed);
}

/// For each end, in order, whether it closes a cycle.
fn back_edges(network: &Network) -> Vec<bool> {
    let edges: Vec<(u32, u32)> =
        network.hyperedges.iter().flat_map(|h| h.ends.iter().map(|end| (h.from, end.to))).collect();
    let n = network.items.len();
    let out = Csr::build(n, edges.iter().enumerate().map(|(i, &(from, _))| (from, i as u32)));
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut state = vec![State::New; n];
    let mut back = vec![false; edges.len()];
    let mut stack: Vec<(u32, usize)> = Vec::new();
    // Begin at sources, so that a cycle is entered where data enters it.
    let mut has_input = vec![false; n];
    edges.iter().for_each(|&(_, to)| has_input[to as usize] = true);
    let sources = (0..n as u32).filter(|&v| !has_input[v as usize]);
    for start in sources.chain(0..n as u32) {
        if state[start as usize] != State::New {
            continue;
        }
        state[start as usize] = State::Open;
        stack.push((start, 0));
        while let Some((node, cursor)) = stack.last_mut() {
            let Some(&edge) = out.of(*node).get(*cursor) else {
                state[*node as usize] = State::Done;
                stack.pop();
                continue;
            };
            *cursor += 1;
            let to = edges[edge as usize].1;
            match state[to as usize] {
                State::Open => back[edge as usize] = true,
                State::Done => {}
                State::New => {
                    state[to as usize] = State::Open;
                    stack.push((to, 0));
                }
            }
        }
    }
    back
}
