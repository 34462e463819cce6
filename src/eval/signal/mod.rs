//! Fourier transforms and windows of time.

mod dft;
mod fourier;
mod mel;
mod stft;
mod windows;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "BlackmanWindow", windows::blackman as Kernel),
    ("", "DFT", dft::dft),
    ("", "HammingWindow", windows::hamming),
    ("", "HannWindow", windows::hann),
    ("", "MelWeightMatrix", mel::matrix),
    ("", "STFT", stft::stft),
];
