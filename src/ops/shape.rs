//! Arithmetic on shapes, whatever operator and format ask for it.

use super::facts::call::Call;
use super::facts::fact::{Size, known, product};
use crate::model::Expr;

/// The shape that several broadcast to, as NumPy has it.
///
/// A number larger than 1 wins over a symbol, since anything else would be an error.
/// Two different symbols give a dimension that is not known.
pub(crate) fn broadcast(call: &Call<'_>, shapes: &[&[Size]]) -> Option<Vec<Size>> {
    let rank = shapes.iter().map(|s| s.len()).max()?;
    let mut result = Vec::with_capacity(rank);
    for axis in 0..rank {
        let mut size = known(1);
        for shape in shapes {
            let missing = rank - shape.len();
            if axis >= missing {
                size = broadcast_size(call, &size, &shape[axis - missing])?;
            }
        }
        result.push(size);
    }
    Some(result)
}

/// Nothing if the two cannot be broadcast at all.
fn broadcast_size(call: &Call<'_>, a: &Size, b: &Size) -> Option<Size> {
    let number = |s: &Size| s.as_ref().and_then(Expr::known);
    Some(match (number(a), number(b)) {
        (Some(1), _) => b.clone(),
        (_, Some(1)) => a.clone(),
        (Some(m), Some(n)) if m == n => a.clone(),
        (Some(m), Some(n)) => {
            call.conflict("O105", format!("dimensions {m} and {n} cannot be broadcast"));
            return None;
        }
        (Some(_), None) => {
            tell_one_value(call, b, a);
            a.clone()
        }
        (None, Some(_)) => {
            tell_one_value(call, a, b);
            b.clone()
        }
        (None, None) if a == b => a.clone(),
        (None, None) => None,
    })
}

/// A computed size beside a number larger than 1 fits for one value of its symbols. A
/// symbol alone may have been meant to be that number.
fn tell_one_value(call: &Call<'_>, size: &Size, number: &Size) {
    if let (Some(size), Some(number)) = (size, number)
        && size.as_symbol().is_none()
        && number.known().is_some_and(|n| n > 1)
    {
        call.conflict(
            "H204",
            format!("a dimension of {number} is fixed, and that of the other operand is {size}"),
        );
    }
}

/// How a window slides: a convolution's or a pooling's.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// One for each spatial axis.
    pub(crate) kernel: Vec<Size>,
    pub(crate) strides: Vec<i64>,
    pub(crate) dilations: Vec<i64>,
    pub(crate) padding: Padding,
    /// Whether a last window may reach past the end.
    pub(crate) round_up: bool,
    /// Whether such a window must begin inside the input or its left padding.
    pub(crate) starts_inside: bool,
}

/// What is added around the input.
#[derive(Clone, Debug)]
pub(crate) enum Padding {
    /// Before and after each axis: all before, then all after.
    Given(Vec<i64>),
    /// As much as makes the output the input's size by the stride, rounded up.
    Same,
    /// None.
    Valid,
}

impl Window {
    /// The sizes after sliding over `input`, one for each spatial axis.
    pub(crate) fn output(&self, input: &[Size]) -> Vec<Size> {
        (0..input.len()).map(|axis| self.along(axis, input[axis].as_ref()?)).collect()
    }

    fn along(&self, axis: usize, input: &Expr) -> Size {
        let stride = Expr::from(*self.strides.get(axis)?);
        let kernel = self.kernel.get(axis)?.as_ref()?;
        let reach = kernel.plus(&Expr::from(-1))?.times(&Expr::from(*self.dilations.get(axis)?))?;
        let one = Expr::from(1);
        let (before, after) = match &self.padding {
            Padding::Same => return input.quotient_up(&stride),
            Padding::Valid => (0, 0),
            Padding::Given(pads) => (*pads.get(axis)?, *pads.get(axis + self.kernel.len())?),
        };
        let padded = input.plus(&Expr::from(before.checked_add(after)?))?;
        let room = padded.minus(&reach)?.plus(&Expr::from(-1))?;
        if !self.round_up {
            return room.quotient(&stride)?.plus(&one);
        }
        let count = room.quotient_up(&stride)?.plus(&one)?;
        if !self.starts_inside {
            return Some(count);
        }
        // The last window must not begin in the padding at the end.
        let last = count.plus(&Expr::from(-1))?.times(&stride)?.known();
        match (last, input.plus(&Expr::from(before))?.known()) {
            (Some(last), Some(end)) if last >= end => count.plus(&Expr::from(-1)),
            _ => Some(count),
        }
    }

    /// The sizes after the transposed movement.
    pub(crate) fn transposed_output(&self, input: &[Size], extra: &[i64]) -> Vec<Size> {
        let along = |axis: usize| -> Size {
            let stride = Expr::from(*self.strides.get(axis)?);
            let input = input[axis].as_ref()?;
            if matches!(self.padding, Padding::Same) {
                return input.times(&stride);
            }
            let kernel = self.kernel.get(axis)?.as_ref()?;
            let reach = kernel.plus(&Expr::from(-1))?.times(&Expr::from(*self.dilations.get(axis)?))?;
            let pads = match &self.padding {
                Padding::Given(pads) => pads.get(axis)?.checked_add(*pads.get(axis + self.kernel.len())?)?,
                _ => 0,
            };
            let steps = input.plus(&Expr::from(-1))?.times(&stride)?;
            let rest = extra.get(axis).copied().unwrap_or(0).checked_sub(pads)?.checked_add(1)?;
            steps.plus(&reach)?.plus(&Expr::from(rest))
        };
        (0..input.len()).map(along).collect()
    }
}

/// The shape of a matrix product, as NumPy has it.
pub(crate) fn matmul(call: &Call<'_>, a: &[Size], b: &[Size]) -> Option<Vec<Size>> {
    if a.is_empty() || b.is_empty() {
        call.conflict("O105", "a matrix product needs operands with axes".into());
        return None;
    }
    let (inner_a, inner_b) = (&a[a.len() - 1], if b.len() == 1 { &b[0] } else { &b[b.len() - 2] });
    same(call, inner_a, inner_b, "the inner dimensions of a matrix product")?;
    let batch_a = &a[..a.len().saturating_sub(2)];
    let batch_b = &b[..b.len().saturating_sub(2)];
    let mut result = if batch_a.is_empty() && batch_b.is_empty() {
        Vec::new()
    } else {
        broadcast(call, &[batch_a, batch_b])?
    };
    if a.len() > 1 {
        result.push(a[a.len() - 2].clone());
    }
    if b.len() > 1 {
        result.push(b[b.len() - 1].clone());
    }
    Some(result)
}

/// The one of the two that says more; nothing, and a conflict, if they are different
/// numbers.
pub(crate) fn same(call: &Call<'_>, a: &Size, b: &Size, what: &str) -> Option<Size> {
    match (a.as_ref().and_then(Expr::known), b.as_ref().and_then(Expr::known)) {
        (Some(m), Some(n)) if m != n => {
            call.conflict("O105", format!("{what} are {m} and {n}"));
            None
        }
        (Some(_), _) => Some(a.clone()),
        (_, Some(_)) => Some(b.clone()),
        _ => Some(if a.is_some() { a.clone() } else { b.clone() }),
    }
}

/// The shape without, or with 1 in place of, the axes that are reduced; all axes if
/// none are given.
pub(crate) fn reduced(call: &Call<'_>, shape: &[Size], axes: &[i64], keep: bool) -> Option<Vec<Size>> {
    let mut gone = vec![axes.is_empty(); shape.len()];
    for &axis in axes {
        gone[call.axis(axis, shape.len())?] = true;
    }
    let sizes = shape.iter().zip(gone).filter(|(_, gone)| keep || !gone);
    Some(sizes.map(|(size, gone)| if gone { known(1) } else { size.clone() }).collect())
}

/// The shape that `wanted` stands for: 0 is the same dimension of `shape` (unless
/// `zero_is_zero`), -1 is what is left.
pub(crate) fn reshape(
    call: &Call<'_>,
    shape: Option<&[Size]>,
    wanted: &[Size],
    zero_is_zero: bool,
) -> Vec<Size> {
    let number = |s: &Size| s.as_ref().and_then(Expr::known);
    let mut result: Vec<Size> = wanted.to_vec();
    let mut open = None;
    for (axis, size) in wanted.iter().enumerate() {
        match number(size) {
            Some(0) if !zero_is_zero => result[axis] = shape.and_then(|s| s.get(axis)).cloned().flatten(),
            Some(-1) => {
                result[axis] = None;
                open = Some(axis);
            }
            _ => {}
        }
    }
    let Some(shape) = shape else { return result };
    match open {
        Some(axis) => {
            let others: Vec<Size> =
                result.iter().enumerate().filter(|(i, _)| *i != axis).map(|(_, s)| s.clone()).collect();
            result[axis] = quotient_of_products(shape, &others);
            if let (None, Some(all), Some(others)) = (&result[axis], product(shape), product(&others)) {
                match (all.known(), others.known()) {
                    (Some(all), Some(others)) if others > 0 => {
                        call.conflict("O105", format!("{all} elements do not fit into rows of {others}"));
                    }
                    (None, Some(_)) => tell_fixed(call, shape, wanted),
                    _ => {}
                }
            }
        }
        None => {
            if let (Some(all), Some(wanted_all)) = (product(shape), product(&result)) {
                let rest = all.minus(&wanted_all);
                match (all.known(), wanted_all.known(), rest) {
                    (_, _, Some(rest)) if rest.known() == Some(0) => {}
                    (Some(m), Some(n), _) => {
                        call.conflict("O105", format!("{m} elements cannot become {n}"));
                    }
                    (None, Some(_), _) => tell_fixed(call, shape, wanted),
                    // Such as 4 of `batch` too many, whatever that is.
                    (_, _, Some(rest)) if rest.is_one_product() => {
                        call.conflict("O105", format!("{all} elements cannot become {wanted_all}"));
                    }
                    _ => {}
                }
            } else if result.iter().filter(|s| s.is_none()).count() == 1 {
                // One dimension is not known, and follows from the others.
                let axis = result.iter().position(Option::is_none).expect("there is one");
                let others: Vec<Size> = result.iter().filter(|s| s.is_some()).cloned().collect();
                result[axis] = quotient_of_products(shape, &others);
            }
        }
    }
    result
}

/// A shape of numbers for what has symbols: right for one value of them only.
fn tell_fixed(call: &Call<'_>, shape: &[Size], wanted: &[Size]) {
    let text = |sizes: &[Size]| {
        let texts = sizes.iter().map(|s| s.as_ref().map_or("?".to_owned(), Expr::to_string));
        texts.collect::<Vec<_>>().join("×")
    };
    call.conflict("H204", format!("the shape {} is fixed, and the input is {}", text(wanted), text(shape)));
}

/// The product of some dimensions by that of others, if it is even.
///
/// Dimensions that both have are left out first, known or not.
pub(crate) fn quotient_of_products(all: &[Size], by: &[Size]) -> Size {
    let mut rest: Vec<Size> = all.to_vec();
    let mut divisors: Vec<Size> = Vec::new();
    for size in by {
        match rest.iter().position(|r| r.is_some() && r == size) {
            Some(at) => drop(rest.remove(at)),
            None => divisors.push(size.clone()),
        }
    }
    let (all, by) = (product(&rest)?, product(&divisors)?);
    match (all.known(), by.known()) {
        (Some(0), Some(0)) => None,
        (_, Some(0)) => None,
        _ => all.exact_quotient(&by),
    }
}

/// The dimensions in another order.
pub(crate) fn transposed(call: &Call<'_>, shape: &[Size], order: &[i64]) -> Option<Vec<Size>> {
    if order.len() != shape.len() {
        call.conflict("O105", format!("{} axes cannot be put in an order of {}", shape.len(), order.len()));
        return None;
    }
    order.iter().map(|&axis| Some(shape[call.axis(axis, shape.len())?].clone())).collect()
}

/// The number of elements that a slice takes of an axis of `size`; the bounds as given,
/// negative ones from the end.
pub(crate) fn sliced(size: &Size, start: &Size, end: &Size, step: i64) -> Size {
    let size = size.as_ref()?;
    if step == 0 {
        return None;
    }
    let (start, end) = (start.as_ref()?, end.as_ref()?);
    let at = |bound: &Expr| -> Size {
        match bound.known() {
            Some(n) if n < 0 && n > -i64::from(i32::MAX) => size.plus(bound),
            _ => Some(bound.clone()),
        }
    };
    let zero = Expr::from(0);
    if let (Some(n), Some(s), Some(e)) = (size.known(), start.known(), end.known()) {
        return Some(Expr::from(slice_length(n, s, e, step)));
    }
    if step < 0 {
        // All of it, backwards.
        let whole = start.known().is_some_and(|s| s == -1 || s >= i64::from(i32::MAX))
            && end.known().is_some_and(|e| e <= -i64::from(i32::MAX));
        return if whole { size.quotient_up(&Expr::from(step.checked_neg()?)) } else { None };
    }
    let from = at(start)?;
    let to = match end.known() {
        Some(e) if e >= i64::from(i32::MAX) => size.clone(),
        _ => at(end)?,
    };
    // A symbol is taken to be large enough for the numbers beside it.
    let to = if to.minus(size)?.known().is_some_and(|n| n > 0) { size.clone() } else { to };
    let from = if from.known().is_some_and(|n| n < 0) { zero } else { from };
    let length = to.minus(&from)?;
    let length = if length.known().is_some_and(|n| n < 0) { Expr::from(0) } else { length };
    // Where the end is a number and the size a symbol, the slice may be shorter.
    if to.known().is_some() && size.known().is_none() {
        // No dimension is empty, so the first element is there.
        return (from.known() == Some(0) && to.known() == Some(1)).then(|| Expr::from(1));
    }
    length.quotient_up(&Expr::from(step))
}

/// As Python counts: `len(range(n)[start:end:step])`.
pub(crate) fn slice_length(n: i64, start: i64, end: i64, step: i64) -> i64 {
    let (n, step) = (i128::from(n), i128::from(step));
    let from_end = |i: i64| if i < 0 { i128::from(i) + n } else { i128::from(i) };
    let length = if step > 0 {
        let (start, end) = (from_end(start).clamp(0, n), from_end(end).clamp(0, n));
        ((end - start).max(0) + step - 1) / step
    } else {
        let (start, end) = (from_end(start).clamp(-1, n - 1), from_end(end).clamp(-1, n - 1));
        ((start - end).max(0) - step - 1) / -step
    };
    // Never more than n.
    length as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_as_long_as_pythons() {
        for (n, start, end, step, length) in [
            (10, 0, 10, 1, 10),
            (10, 0, i64::MAX, 3, 4),
            (10, -3, i64::MAX, 1, 3),
            (10, -1, i64::MIN, -1, 10),
            (10, 8, 2, -2, 3),
            (10, 7, 3, 1, 0),
            (0, 0, 5, 1, 0),
            (10, i64::MIN, i64::MAX, i64::MIN, 0),
        ] {
            assert_eq!(slice_length(n, start, end, step), length, "{n} {start}:{end}:{step}");
        }
    }

    #[test]
    fn symbols_are_sliced_where_the_length_is_certain() {
        let n = Expr::symbol("n");
        let slice = |start: i64, end: i64| {
            sliced(&Some(n.clone()), &known(start), &known(end), 1).map(|e| e.to_string())
        };
        assert_eq!(slice(0, i64::MAX).as_deref(), Some("n"));
        assert_eq!(slice(1, i64::MAX).as_deref(), Some("n - 1"));
        assert_eq!(slice(0, -1).as_deref(), Some("n - 1"));
        assert_eq!(slice(-1, i64::MAX).as_deref(), Some("1"));
        assert_eq!(slice(0, 1).as_deref(), Some("1"));
        assert_eq!(slice(0, 5), None);
    }
}
