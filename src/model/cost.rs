//! What running a node costs.

use super::Expr;

/// The arithmetic of one run of a node, or of several.
///
/// A MAC is one multiplication whose product is added to a sum: of convolutions, matrix
/// products, recurrent nets and attention; biases are not counted. FLOPs are twice the
/// MACs, and one for each element that any other arithmetic makes (for each element it
/// reads, if it reduces). Moving elements costs nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Multiplications that are added up; `None` if not known.
    pub macs: Option<Expr>,
    /// Floating-point (or integer) operations; `None` if not known.
    pub flops: Option<Expr>,
}

impl Default for Cost {
    /// Nothing is computed.
    fn default() -> Self {
        Cost { macs: Some(Expr::from(0)), flops: Some(Expr::from(0)) }
    }
}

impl Cost {
    /// Of what is not known.
    pub fn unknown() -> Self {
        Cost { macs: None, flops: None }
    }

    /// So many MACs, and so many other operations.
    pub fn new(macs: Option<Expr>, others: Option<Expr>) -> Self {
        let twice = macs.as_ref().and_then(|m| m.times(&Expr::from(2)));
        let flops = twice.zip(others).and_then(|(a, b)| a.plus(&b));
        Cost { macs, flops }
    }

    /// Both together.
    pub fn plus(&self, other: &Cost) -> Cost {
        let sum =
            |a: &Option<Expr>, b: &Option<Expr>| a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.plus(b));
        Cost { macs: sum(&self.macs, &other.macs), flops: sum(&self.flops, &other.flops) }
    }

    /// So often.
    pub fn times(&self, n: &Expr) -> Cost {
        let product = |a: &Option<Expr>| a.as_ref().and_then(|a| a.times(n));
        Cost { macs: product(&self.macs), flops: product(&self.flops) }
    }

    /// The greater of the two, as far as they can be compared.
    pub fn larger(&self, other: &Cost) -> Cost {
        let max =
            |a: &Option<Expr>, b: &Option<Expr>| a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.larger(b));
        Cost { macs: max(&self.macs, &other.macs), flops: max(&self.flops, &other.flops) }
    }
}
