//! Recurrent layers: `LSTM`, `GRU`, `RNN`.
//!
//! The products of all inputs with their weights are one product of matrices, which the engine
//! computes; the steps are computed here, in f64, with states rounded to the layer's type.

mod activation;
mod cell;
mod layer;

pub(super) use activation::sigmoid;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "GRU", layer::gru as Kernel),
    ("", "LSTM", layer::lstm as Kernel),
    ("", "RNN", layer::rnn as Kernel),
];
