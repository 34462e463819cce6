//! Plans the content of one frame.
//!
//! Before: the frames inside have their sizes, and no lines form a cycle. After: every
//! item has a corner and every line its points, in the frame's own coordinates, flowing
//! downwards.
//!
//! Each phase is a file, and [`plan_part`] is the list of them.

mod cycle;
mod draw;
mod extent;
mod forest;
mod gaps;
mod order;
mod ordered;
mod pack;
mod pen;
mod pills;
mod place;
mod ports;
mod rank;
mod route;
mod rows;
mod simplex;
mod split;
mod tracks;
mod trunks;
mod wrap;

pub(super) use cycle::break_cycles;
pub(super) use pack::Parts;

use super::network::Network;
use super::plan::Plan;
use super::run::Run;

/// Plans a network: its connected parts, beside each other.
pub(super) fn plan(network: &mut Network, arrangement: Parts, run: &Run<'_>) -> Plan {
    let parts = std::mem::take(network).into_parts();
    let plans = parts.iter().map(|part| plan_part(&part.network, run)).collect();
    let whole = pack::pack(&parts, plans, arrangement, run.options.spacing.nodes);
    *network = Network::from_parts(parts);
    whole
}

/// Plans a connected network, phase by phase.
fn plan_part(network: &Network, run: &Run<'_>) -> Plan {
    let options = &run.options;
    let ranks = run.phase("ranks", || rank::ranks(network));
    let ranked = run.phase("order", || trunks::split_and_order(network, &ranks, run));
    let ports = run.phase("ports", || ports::place_ports(network, &ranked));
    let (ordered, mut x) = run.phase("x", || {
        let ordered = ordered::Ordered::new(network, ranked, ports);
        let x = place::place_vertices(&ordered, &options.spacing);
        (ordered, x)
    });
    let rows = run.phase("y", || {
        let mut rows = rows::place_rows(&ordered, &x, options);
        wrap::wrap(&ordered, options, &mut x, &mut rows);
        rows
    });
    run.phase("routes", || draw::draw(&ordered, &x, &rows, options.splines))
}
