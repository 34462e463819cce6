//! Sums of products, and results that are defined by them.

/// A sum of products by its definition.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    /// The sum.
    pub(super) sum: f64,
    /// The sum of the products' magnitudes: rounding errors are in proportion to it.
    pub(super) magnitude: f64,
    /// The number of products.
    pub(super) terms: usize,
}

impl Sum {
    pub(super) fn add(&mut self, a: f64, b: f64) {
        self.sum += a * b;
        self.magnitude += (a * b).abs();
        self.terms += 1;
    }
}

/// A result that is defined element by element.
pub(super) trait Defined {
    /// Its dimensions.
    fn dims(&self) -> &[i64];
    /// The element at a position in row-major order.
    fn element(&self, at: usize) -> Sum;
}
