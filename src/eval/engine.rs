//! What computes matrix products and convolutions.

use super::call::Call;
use super::failure::Failure;
use super::sample;
use crate::files::arrays::Array;

/// What computes the operators that take time: `MatMul`, `Conv`, `ConvTranspose`, each in one
/// form (see `matrix` and `convolution`) of f32 or f64.
pub(crate) trait Engine {
    /// The results of a call.
    fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure>;
}

/// Computes each element by its definition: slow, and always right.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Direct;

impl Engine for Direct {
    fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure> {
        sample::direct(call)
    }
}
