//! The operators of the default domain, family by family.

use super::rule::Rule;
use super::{
    elementwise, index, layout, make, matrix, quantize, recurrent, reduce, resize, sequence, window,
};

/// What gives the outputs of an operator of the default domain.
pub(super) fn rule(op: &str) -> Option<Rule> {
    elementwise::rule(op)
        .or_else(|| layout::rule(op))
        .or_else(|| index::rule(op))
        .or_else(|| window::rule(op))
        .or_else(|| matrix::rule(op))
        .or_else(|| recurrent::rule(op))
        .or_else(|| reduce::rule(op))
        .or_else(|| make::rule(op))
        .or_else(|| quantize::rule(op))
        .or_else(|| resize::rule(op))
        .or_else(|| sequence::rule(op))
}
