//! Elements of matrix products.

use super::numbers::Numbers;
use super::sum::{Defined, Sum};
use crate::eval::call::Call;
use crate::eval::failure::{Computed, Failure};

/// `MatMul` of two operands of one rank of at least 2, and `Gemm` of two matrices without scale
/// and sum.
pub(super) struct Product<'a> {
    a: Numbers<'a>,
    b: Numbers<'a>,
    dims: Vec<i64>,
    /// For each axis of the batch, the steps of both operands.
    batch: Vec<(usize, usize)>,
    /// Rows, and columns of the result; summands.
    m: usize,
    n: usize,
    k: usize,
    /// Steps of the operands from row to row and from column to column.
    a_steps: (usize, usize),
    b_steps: (usize, usize),
}

impl<'a> Product<'a> {
    pub(super) fn of(call: &'a Call<'_>) -> Computed<Self> {
        let (a, b) = (call.array(0)?, call.array(1)?);
        let rank = a.dims.len();
        if rank < 2 || b.dims.len() != rank {
            return Failure::invalid("a product of operands of several ranks");
        }
        let flipped = |name: &str| Ok::<bool, Failure>(call.op == "Gemm" && call.int(name, 0)? != 0);
        let (left, right) = (flipped("transA")?, flipped("transB")?);
        let size = |dims: &[i64], at: usize| dims[rank - 2 + at] as usize;
        let (a_rows, a_columns) = (size(&a.dims, 0), size(&a.dims, 1));
        let (b_rows, b_columns) = (size(&b.dims, 0), size(&b.dims, 1));
        let (m, k, a_steps) =
            if left { (a_columns, a_rows, (1, a_columns)) } else { (a_rows, a_columns, (a_columns, 1)) };
        let (own_k, n, b_steps) =
            if right { (b_columns, b_rows, (1, b_columns)) } else { (b_rows, b_columns, (b_columns, 1)) };
        if own_k != k {
            return Failure::invalid(format!("{k} columns and {own_k} rows"));
        }
        let mut batch = vec![(0, 0); rank - 2];
        let mut dims = vec![0; rank - 2];
        let (mut a_step, mut b_step) = (a_rows * a_columns, b_rows * b_columns);
        for axis in (0..rank - 2).rev() {
            let (x, y) = (a.dims[axis], b.dims[axis]);
            if x != y && x != 1 && y != 1 {
                return Failure::invalid(format!("batches of {x} and {y}"));
            }
            batch[axis] = (if x == 1 { 0 } else { a_step }, if y == 1 { 0 } else { b_step });
            dims[axis] = if x == 1 { y } else { x };
            a_step *= x as usize;
            b_step *= y as usize;
        }
        dims.extend([m as i64, n as i64]);
        Ok(Product { a: Numbers::of(a)?, b: Numbers::of(b)?, dims, batch, m, n, k, a_steps, b_steps })
    }
}

impl Defined for Product<'_> {
    fn dims(&self) -> &[i64] {
        &self.dims
    }

    fn element(&self, at: usize) -> Sum {
        let (column, row) = (at % self.n, at / self.n % self.m);
        let mut rest = at / self.n / self.m;
        let (mut a, mut b) = (row * self.a_steps.0, column * self.b_steps.1);
        for (&(a_step, b_step), &size) in self.batch.iter().zip(&self.dims).rev() {
            let place = rest % size as usize;
            rest /= size as usize;
            a += place * a_step;
            b += place * b_step;
        }
        let mut sum = Sum::default();
        for i in 0..self.k {
            sum.add(self.a.at(a + i * self.a_steps.1), self.b.at(b + i * self.b_steps.0));
        }
        sum
    }
}
