//! Operands of different shapes, element by element.

use crate::eval::elements::{Element, count, room};
use crate::eval::{Call, Failure};
use crate::model::Shape;

/// How `N` operands go together.
///
/// The axes are merged where all operands allow it, so that what remains inside is long: equal
/// shapes are one row, and so is a scalar with anything.
pub(in crate::eval) struct Plan<const N: usize> {
    /// The result's dimensions.
    pub(in crate::eval) dims: Vec<i64>,
    /// The result's number of elements.
    pub(in crate::eval) total: usize,
    /// The outer axes: their sizes, and the operands' steps along them.
    outer: Vec<(usize, [usize; N])>,
    /// The innermost axis; each step is 0 or 1.
    pub(in crate::eval) inner: (usize, [usize; N]),
}

impl<const N: usize> Plan<N> {
    /// The plan for operands of these dimensions, or an error where they do not go together.
    pub(in crate::eval) fn of(operands: [&[i64]; N]) -> Result<Self, Failure> {
        let mut dims = Vec::new();
        for operand in operands {
            count(operand)?;
            dims = broadcast(&dims, operand)?;
        }
        let total = count(&dims)?;
        let mut axes: Vec<(usize, [usize; N])> = Vec::new();
        let mut steps = [1usize; N];
        for (back, &d) in dims.iter().rev().enumerate() {
            let mut own = [0; N];
            for ((own, step), operand) in own.iter_mut().zip(&mut steps).zip(operands) {
                let size = operand.len().checked_sub(back + 1).map_or(1, |at| operand[at]);
                if size != 1 {
                    *own = *step;
                    *step = step.saturating_mul(size as usize);
                }
            }
            if d == 1 {
                continue;
            }
            match axes.last_mut() {
                Some((size, last)) if (0..N).all(|n| own[n] == last[n].saturating_mul(*size)) => {
                    *size = size.saturating_mul(d as usize);
                }
                _ => axes.push((d as usize, own)),
            }
        }
        let inner = if axes.is_empty() { (1, [0; N]) } else { axes.remove(0) };
        axes.reverse();
        Ok(Plan { dims, total, outer: axes, inner })
    }

    /// Calls `each` with the operands' positions at the begin of each row of the result, in order.
    pub(in crate::eval) fn rows(&self, mut each: impl FnMut([usize; N])) {
        if self.total == 0 {
            return;
        }
        let mut at = [0usize; N];
        let mut index = vec![0usize; self.outer.len()];
        loop {
            each(at);
            let mut axis = self.outer.len();
            loop {
                if axis == 0 {
                    return;
                }
                axis -= 1;
                let (size, steps) = &self.outer[axis];
                index[axis] += 1;
                if index[axis] < *size {
                    (0..N).for_each(|n| at[n] += steps[n]);
                    break;
                }
                (0..N).for_each(|n| at[n] -= steps[n] * (size - 1));
                index[axis] = 0;
            }
        }
    }

    /// Calls `each` with the operands' positions for each element of the result, in order.
    pub(in crate::eval) fn each(&self, mut each: impl FnMut([usize; N])) {
        let (n, steps) = self.inner;
        self.rows(|mut at| {
            for _ in 0..n {
                each(at);
                (0..N).for_each(|operand| at[operand] += steps[operand]);
            }
        });
    }
}

/// The dimensions of two operands together, as NumPy broadcasts.
pub(in crate::eval) fn broadcast(a: &[i64], b: &[i64]) -> Result<Vec<i64>, Failure> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut dims = long.to_vec();
    let skip = long.len() - short.len();
    for (d, &other) in dims[skip..].iter_mut().zip(short) {
        match (*d, other) {
            (1, _) => *d = other,
            (own, other) if own == other || other == 1 => {}
            _ => {
                let shape = |dims: &[i64]| Shape::known(dims.iter().copied());
                return Failure::invalid(format!("{} and {} do not broadcast", shape(a), shape(b)));
            }
        }
    }
    Ok(dims)
}

/// Pairs of elements by a function.
pub(in crate::eval) fn zip<A: Element, B: Element, C>(
    plan: &Plan<2>,
    a: &[A],
    b: &[B],
    f: impl Fn(A, B) -> C,
) -> Result<Vec<C>, Failure> {
    let mut out = room(plan.total)?;
    let (n, steps) = plan.inner;
    plan.rows(|[i, j]| match steps {
        [0, 0] => out.extend((0..n).map(|_| f(a[i], b[j]))),
        [0, _] => {
            let x = a[i];
            out.extend(b[j..j + n].iter().map(|&y| f(x, y)));
        }
        [_, 0] => {
            let y = b[j];
            out.extend(a[i..i + n].iter().map(|&x| f(x, y)));
        }
        _ => out.extend(a[i..i + n].iter().zip(&b[j..j + n]).map(|(&x, &y)| f(x, y))),
    });
    Ok(out)
}

/// Triples of elements by a function.
pub(in crate::eval) fn zip3<A: Copy, B: Copy, C: Copy, D>(
    plan: &Plan<3>,
    (a, b, c): (&[A], &[B], &[C]),
    f: impl Fn(A, B, C) -> D,
) -> Result<Vec<D>, Failure> {
    let mut out = room(plan.total)?;
    let (n, [p, q, r]) = plan.inner;
    plan.rows(|[i, j, k]| {
        if (p, q, r) == (1, 1, 1) {
            let rest = b[j..j + n].iter().zip(&c[k..k + n]);
            out.extend(a[i..i + n].iter().zip(rest).map(|(&x, (&y, &z))| f(x, y, z)));
        } else {
            out.extend((0..n).map(|at| f(a[i + p * at], b[j + q * at], c[k + r * at])));
        }
    });
    Ok(out)
}

/// The dimensions of a call's two operands as they go together: before operator set 7, the
/// attributes `broadcast` and `axis` say how the second one lies in the first.
pub(in crate::eval) fn pair(call: &Call<'_>) -> Result<(Vec<i64>, Vec<i64>), Failure> {
    let (Some(a), Some(b)) = (call.value(0), call.value(1)) else {
        return Failure::invalid("an operand is missing");
    };
    let (a, mut b) = (a.dims()?.to_vec(), b.dims()?.to_vec());
    if call.opset < 7 && call.domain.is_empty() {
        if call.int("broadcast", 0)? == 0 {
            if a != b {
                return Failure::invalid("the shapes differ, and nothing says that they broadcast");
            }
        } else if let Some(axis) = call.maybe_int("axis")? {
            let axis = Call::axis(axis, a.len().max(1))?;
            let Some(behind) = a.len().checked_sub(axis + b.len()) else {
                return Failure::invalid("the second operand does not fit into the first at that axis");
            };
            b.extend(std::iter::repeat_n(1, behind));
        }
        if broadcast(&a, &b)? != a {
            return Failure::invalid("the second operand is larger than the first");
        }
    }
    Ok((a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(a: &[i64], b: &[i64]) -> Vec<i64> {
        let plan = Plan::of([a, b]).unwrap();
        let list =
            |dims: &[i64], by: i64| (0..count(dims).unwrap() as i64).map(|n| n * by).collect::<Vec<_>>();
        zip(&plan, &list(a, 1), &list(b, 100), |x, y| x + y).unwrap()
    }

    #[test]
    fn each_side_may_be_repeated() {
        assert_eq!(sums(&[2, 1], &[3]), [0, 100, 200, 1, 101, 201]);
        assert_eq!(sums(&[2, 2], &[]), [0, 1, 2, 3]);
        assert_eq!(sums(&[1, 2], &[2, 1]), [0, 1, 100, 101]);
        assert_eq!(sums(&[2, 1, 2], &[2, 1]), [0, 1, 100, 101, 2, 3, 102, 103]);
        assert_eq!(sums(&[], &[]), [0]);
        assert_eq!(sums(&[0, 3], &[3]), [0i64; 0]);
    }

    #[test]
    fn equal_shapes_are_one_row() {
        let plan = Plan::of([&[2, 3, 4], &[2, 3, 4]]).unwrap();
        assert_eq!((plan.outer.len(), plan.inner), (0, (24, [1, 1])));
        let plan = Plan::of([&[2, 3, 4, 5], &[3, 1, 1]]).unwrap();
        assert_eq!((plan.outer.len(), plan.inner), (2, (20, [1, 0])));
    }

    #[test]
    fn other_shapes_are_an_error() {
        assert!(matches!(Plan::of([&[2], &[3]]), Err(Failure::Invalid(_))));
        assert!(matches!(Plan::of([&[0], &[3]]), Err(Failure::Invalid(_))));
    }
}
