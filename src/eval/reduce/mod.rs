//! Axes reduced, accumulated and sorted.

mod accumulate;
mod arg;
mod axes;
pub(in crate::eval) mod lanes;
mod top;
mod total;

use crate::eval::definition::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "ArgMax", arg::arg_max),
    ("", "ArgMin", arg::arg_min),
    ("", "CumProd", accumulate::product),
    ("", "CumSum", accumulate::sum),
    ("", "Hardmax", arg::hardmax),
    ("", "ReduceL1", total::l1),
    ("", "ReduceL2", total::l2),
    ("", "ReduceLogSum", total::log_sum),
    ("", "ReduceLogSumExp", total::log_sum_exp),
    ("", "ReduceMax", total::max),
    ("", "ReduceMean", total::mean),
    ("", "ReduceMin", total::min),
    ("", "ReduceProd", total::product),
    ("", "ReduceSum", total::sum),
    ("", "ReduceSumSquare", total::sum_square),
    ("", "TopK", top::top),
];
