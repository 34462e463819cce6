//! Tensors whose axes have labels, and products of two of them.

use super::equation::Label;
use crate::eval::Failure;
use crate::eval::elements::{filled, room};

/// More products than a call may take here.
const MOST_PRODUCTS: u128 = 1 << 36;

/// What is added and multiplied: 64-bit floats, and integers that wrap.
pub(super) trait Ring: Copy + Default {
    /// Adds a product to this.
    fn plus(self, a: Self, b: Self) -> Self;

    /// One.
    const ONE: Self;
}

impl Ring for f64 {
    const ONE: f64 = 1.0;

    fn plus(self, a: f64, b: f64) -> f64 {
        self + a * b
    }
}

impl Ring for i64 {
    const ONE: i64 = 1;

    fn plus(self, a: i64, b: i64) -> i64 {
        self.wrapping_add(a.wrapping_mul(b))
    }
}

/// A dense tensor whose axes have labels.
#[derive(Clone, Debug)]
pub(super) struct Labelled<W> {
    /// The label and the size of each axis; a label may stand there more than once.
    pub(super) axes: Vec<(Label, usize)>,
    /// The elements in row-major order.
    pub(super) data: Vec<W>,
}

/// Two tensors as matrices: `a` is batch × rows × inner, `b` batch × inner × columns.
pub(super) struct Matrices<W> {
    pub(super) a: Vec<W>,
    pub(super) b: Vec<W>,
    /// Batch, rows, inner, columns.
    pub(super) sizes: [usize; 4],
    /// The axes of the product: those of the batch, the rows and the columns.
    pub(super) axes: Vec<(Label, usize)>,
}

impl<W: Ring> Labelled<W> {
    /// The tensor with these axes alone: summed over its other ones.
    pub(super) fn reduced(&self, kept: &[(Label, usize)]) -> Result<Labelled<W>, Failure> {
        let other: Vec<(Label, usize)> =
            self.unique().into_iter().filter(|axis| !has(kept, axis.0)).collect();
        let all: Vec<(Label, usize)> = kept.iter().chain(&other).copied().collect();
        let data = self.gather(&all)?;
        let block = size(&other)?;
        let sum = |block: &[W]| block.iter().fold(W::default(), |sum, &x| sum.plus(x, W::ONE));
        let data = match (other.is_empty(), block) {
            (true, _) => data,
            (false, 0) => filled(size(kept)?, W::default())?,
            (false, block) => data.chunks_exact(block).map(sum).collect(),
        };
        Ok(Labelled { axes: kept.to_vec(), data })
    }

    /// Its axes with each label once.
    pub(super) fn unique(&self) -> Vec<(Label, usize)> {
        let mut axes: Vec<(Label, usize)> = Vec::new();
        self.axes.iter().for_each(|&axis| {
            if !has(&axes, axis.0) {
                axes.push(axis)
            }
        });
        axes
    }

    /// Its elements by these axes in row-major order: diagonals of labels that it has more than
    /// once, and the same again along those that it has not, or has with one element.
    fn gather(&self, axes: &[(Label, usize)]) -> Result<Vec<W>, Failure> {
        let mut strides = vec![0; axes.len()];
        let mut stride = 1;
        for &(label, size) in self.axes.iter().rev() {
            let own = axes.iter().position(|axis| axis.0 == label);
            if let Some(at) = own.filter(|_| size != 1) {
                strides[at] += stride;
            }
            stride *= size;
        }
        let total = size(axes)?;
        let mut result = room(total)?;
        if total > 0 {
            walk(&self.data, axes, &strides, 0, &mut result);
        }
        Ok(result)
    }

    /// This and another tensor as matrices, where `needed` says which labels their product has.
    pub(super) fn matrices(
        &self,
        other: &Labelled<W>,
        needed: impl Fn(Label) -> bool,
    ) -> Result<Matrices<W>, Failure> {
        let (own, theirs) = (self.unique(), other.unique());
        // A single element goes with any number of them.
        let full = |&(label, size): &(Label, usize)| {
            let find = |axes: &[(Label, usize)]| axes.iter().find(|a| a.0 == label).map(|a| a.1);
            (
                label,
                if size == 1 { find(&own).filter(|&n| n != 1).or(find(&theirs)).unwrap_or(1) } else { size },
            )
        };
        let pick = |axes: &[(Label, usize)], wanted: &dyn Fn(Label) -> bool| -> Vec<(Label, usize)> {
            axes.iter().filter(|axis| wanted(axis.0)).map(full).collect()
        };
        let batch = pick(&own, &|label| has(&theirs, label) && needed(label));
        let inner = pick(&own, &|label| has(&theirs, label) && !needed(label));
        let rows = pick(&own, &|label| !has(&theirs, label) && needed(label));
        let columns = pick(&theirs, &|label| !has(&own, label) && needed(label));
        let join = |parts: [&[(Label, usize)]; 3]| parts.concat();
        let a = self.reduced(&join([&batch, &rows, &inner]))?.data;
        let b = other.reduced(&join([&batch, &inner, &columns]))?.data;
        let sizes = [size(&batch)?, size(&rows)?, size(&inner)?, size(&columns)?];
        Ok(Matrices { a, b, sizes, axes: join([&batch, &rows, &columns]) })
    }
}

impl<W: Ring> Matrices<W> {
    /// The number of products of elements.
    pub(super) fn products(&self) -> u128 {
        self.sizes.iter().map(|&n| n as u128).product()
    }

    /// The matrix products.
    pub(super) fn multiply(&self) -> Result<Vec<W>, Failure> {
        let [batch, rows, inner, columns] = self.sizes;
        if self.products() > MOST_PRODUCTS {
            return Err(Failure::TooLarge(format!("{} products", self.products())));
        }
        let mut result = filled(size(&self.axes)?, W::default())?;
        if batch * rows * columns * inner == 0 {
            return Ok(result);
        }
        for (number, row) in result.chunks_exact_mut(columns).enumerate() {
            let b = &self.b[number / rows * inner * columns..][..inner * columns];
            let a = &self.a[number * inner..(number + 1) * inner];
            for (&x, b) in a.iter().zip(b.chunks_exact(columns)) {
                row.iter_mut().zip(b).for_each(|(sum, &y)| *sum = sum.plus(x, y));
            }
        }
        Ok(result)
    }
}

/// Appends the elements at `from` and on along axes of these strides.
fn walk<W: Copy>(data: &[W], axes: &[(Label, usize)], strides: &[usize], from: usize, result: &mut Vec<W>) {
    match (axes, strides) {
        ([], _) | (_, []) => result.push(data[from]),
        ([(_, size)], [1]) => result.extend_from_slice(&data[from..from + size]),
        ([(_, size)], [stride]) => result.extend((0..*size).map(|i| data[from + i * stride])),
        ([(_, size), axes @ ..], [stride, strides @ ..]) => {
            (0..*size).for_each(|i| walk(data, axes, strides, from + i * stride, result));
        }
    }
}

fn has(axes: &[(Label, usize)], label: Label) -> bool {
    axes.iter().any(|axis| axis.0 == label)
}

/// The number of elements of these axes.
fn size(axes: &[(Label, usize)]) -> Result<usize, Failure> {
    let dims: Vec<i64> = axes.iter().map(|&(_, size)| size as i64).collect();
    crate::eval::elements::count(&dims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_stands_twice_takes_the_diagonal() {
        let square = Labelled { axes: vec![(1, 2), (1, 2)], data: vec![1, 2, 3, 4] };
        assert_eq!(square.reduced(&[(1, 2)]).unwrap().data, [1, 4]);
        assert_eq!(square.reduced(&[]).unwrap().data, [5]);
    }

    #[test]
    fn a_sum_over_nothing_is_zero() {
        let empty: Labelled<i64> = Labelled { axes: vec![(1, 2), (2, 0)], data: Vec::new() };
        assert_eq!(empty.reduced(&[(1, 2)]).unwrap().data, [0, 0]);
    }

    #[test]
    fn integers_wrap() {
        assert_eq!(i64::MAX.plus(1, 1), i64::MIN);
    }
}
