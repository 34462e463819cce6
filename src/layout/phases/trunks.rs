//! Splits and orders: with shared trunks, or with a line for each use where that has
//! fewer crossings.
//!
//! Before: each item has a rank. After: the network is split, and its ranks are in order.

use super::order::{crossings, improve_order, order_ranks};
use super::split::split_long_edges;
use crate::layout::network::Network;
use crate::layout::ranked::{Bends, Ranked};
use crate::layout::run::Run;

/// Splits the edges of `network` and orders the vertices of each rank.
pub(super) fn split_and_order(network: &Network, ranks: &[u32], run: &Run<'_>) -> Ranked {
    if !run.options.trunks {
        return ordered(network, ranks, Bends::Separate, run);
    }
    let shared = ordered(network, ranks, Bends::Shared, run);
    if network.hyperedges.iter().all(|h| h.ends.len() < 2) {
        return shared;
    }
    let least = crossings(&shared);
    if least == 0 || has_many_bends(network, ranks, &shared) {
        return shared;
    }
    let separate = ordered(network, ranks, Bends::Separate, run);
    if crossings(&separate) < least { separate } else { shared }
}

fn ordered(network: &Network, ranks: &[u32], bends: Bends, run: &Run<'_>) -> Ranked {
    let mut ranked = split_long_edges(network, ranks, bends);
    match run.memory {
        Some(memory) => {
            memory.arrange(network, &mut ranked);
            improve_order(&mut ranked);
        }
        None => order_ranks(&mut ranked),
    }
    ranked
}

/// Whether a line for each use would be too many bends, since uses are far and many.
fn has_many_bends(network: &Network, ranks: &[u32], shared: &Ranked) -> bool {
    let rank = |i: u32| u64::from(ranks[i as usize]);
    let ends = network.hyperedges.iter().flat_map(|h| h.ends.iter().map(|end| rank(end.to) - rank(h.from)));
    ends.sum::<u64>() > 8 * shared.links.len() as u64 + 2_000
}
