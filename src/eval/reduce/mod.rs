//! Axes reduced, accumulated and sorted.

mod accumulate;
mod arg;
mod axes;
pub(in crate::eval) mod lanes;
mod reduce;
mod top;

use crate::eval::definition::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "ArgMax", arg::arg_max),
    ("", "ArgMin", arg::arg_min),
    ("", "CumProd", accumulate::product),
    ("", "CumSum", accumulate::sum),
    ("", "Hardmax", arg::hardmax),
    ("", "ReduceL1", reduce::l1),
    ("", "ReduceL2", reduce::l2),
    ("", "ReduceLogSum", reduce::log_sum),
    ("", "ReduceLogSumExp", reduce::log_sum_exp),
    ("", "ReduceMax", reduce::max),
    ("", "ReduceMean", reduce::mean),
    ("", "ReduceMin", reduce::min),
    ("", "ReduceProd", reduce::product),
    ("", "ReduceSum", reduce::sum),
    ("", "ReduceSumSquare", reduce::sum_square),
    ("", "TopK", top::top),
];
