//! Attention, and what goes with it.

mod convolution;
mod dot_product;
mod layout;
mod mask;
mod recurrence;
mod rotary;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "Attention", dot_product::attention as Kernel),
    ("", "CausalConvWithState", convolution::causal as Kernel),
    ("", "LinearAttention", recurrence::linear as Kernel),
    ("", "RotaryEmbedding", rotary::rotary as Kernel),
];
