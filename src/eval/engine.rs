//! What computes matrix products and convolutions.

use super::call::Call;
use super::failure::Failure;
use super::sample;
use crate::files::arrays::Array;

/// What computes the operators that take time: `MatMul`, `Conv`, `ConvTranspose`, each in one
/// form (see `matrix` and `convolution`) of f32 or f64.
pub(crate) trait Engine {
    /// The result of a call.
    fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure>;
}

/// An engine whose results are held against their definitions.
pub(super) struct Checked<'e>(pub(super) &'e mut dyn Engine);

impl Engine for Checked<'_> {
    fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure> {
        let results = self.0.call(call)?;
        let [result] = results.as_slice() else {
            return Err(Failure::Wrong(format!("the engine gives {} results", results.len())));
        };
        sample::check(call, result)?;
        Ok(results)
    }
}

/// Computes each element by its definition: slow, and always right.
#[cfg(test)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Direct;

#[cfg(test)]
impl Engine for Direct {
    fn call(&mut self, call: &Call<'_>) -> Result<Vec<Array>, Failure> {
        sample::direct(call)
    }
}
