//! Products of matrices of bytes, summed up as 32-bit integers.

use super::linear::to_bytes;
use super::rounding::{list, requantized, single};
use crate::eval::elements::{count, dispatch, filled, of, room, view};
use crate::eval::elementwise::broadcast::{Plan, zip};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

type Results = Result<Vec<Value>, Failure>;

/// The product of two operands of bytes, and its shape.
struct Product {
    dims: Vec<i64>,
    sums: Vec<i32>,
    /// The length of its rows.
    n: usize,
}

pub(super) fn integers(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let product = product(call.array(0)?, call.array(1)?, call.maybe(2)?, call.maybe(3)?)?;
    Ok(vec![of(product.dims, product.sums).into()])
}

pub(super) fn quantized(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let product = product(call.array(0)?, call.array(3)?, Some(call.array(2)?), Some(call.array(5)?))?;
    let (by, to) = (single(call.array(6)?, "the result's scale")?, call.array(7)?);
    let zero = single(to, "the result's zero point")?;
    let scales = combined(call.array(1)?, call.array(4)?, product.n)?;
    let factors: Vec<f32> = scales.iter().map(|scale| scale / by).collect();
    let numbers = product.sums.iter().zip(factors.iter().cycle()).map(|(&sum, factor)| sum as f32 * factor);
    Ok(vec![requantized(to.dtype, product.dims, numbers, (1.0, zero))?.into()])
}

/// The product of both scales: one, or one for each column.
fn combined(a: &Array, b: &Array, columns: usize) -> Result<Vec<f32>, Failure> {
    let (a, b) = (list(a)?, list(b)?);
    if a.len() != 1 {
        return Failure::unsupported("the rows have scales of their own");
    }
    if b.len() != 1 && b.len() != columns {
        return Failure::unsupported(format!("there are {} scales for {columns} columns", b.len()));
    }
    Ok(b.iter().map(|b| a[0] * b).collect())
}

/// As real numbers: with both scales and a bias.
pub(super) fn to_float(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let product = product(call.array(0)?, call.array(1)?, call.maybe(4)?, call.maybe(5)?)?;
    real(product, call.array(2)?, call.array(3)?, call.maybe(6)?)
}

/// The same with a first operand that is quantised here.
pub(super) fn dynamic(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (bytes, scale, zero) = to_bytes(call.array(0)?)?;
    let zero = crate::eval::elements::scalar(zero);
    let product = product(&bytes, call.array(1)?, Some(&zero), call.maybe(3)?)?;
    real(product, &crate::eval::elements::scalar(scale), call.array(2)?, call.maybe(4)?)
}

fn real(product: Product, a: &Array, b: &Array, bias: Option<&Array>) -> Results {
    let scales = combined(a, b, product.n)?;
    let mut out = room(product.sums.len())?;
    out.extend(product.sums.iter().zip(scales.iter().cycle()).map(|(&sum, scale)| sum as f32 * scale));
    let result = of(product.dims, out);
    let Some(bias) = bias else { return Ok(vec![result.into()]) };
    let plan = Plan::of([&result.dims, &bias.dims])?;
    let sums = zip(&plan, &view::<f32>(&result)?, &view::<f32>(bias)?, |x, y| x + y)?;
    Ok(vec![of(plan.dims, sums).into()])
}

/// Two matrices, either transposed, plus a matrix of integers.
pub(super) fn gemm(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (a, b) =
        (turned(call.array(0)?, call.int("transA", 0)?)?, turned(call.array(3)?, call.int("transB", 0)?)?);
    let mut product = product(&a, &b, Some(call.array(2)?), Some(call.array(5)?))?;
    if let Some(added) = call.maybe(6)? {
        let plan = Plan::of([&product.dims, &added.dims])?;
        if plan.dims != product.dims {
            return Failure::invalid("what is added does not broadcast to the product");
        }
        product.sums = zip(&plan, &product.sums, &view::<i32>(added)?, i32::wrapping_add)?;
    }
    let alpha = call.float("alpha", 1.0)?;
    let scales = combined(call.array(1)?, call.array(4)?, product.n)?;
    let scales: Vec<f32> = scales.iter().map(|scale| alpha * scale).collect();
    match (call.maybe(7)?, call.maybe(8)?) {
        (Some(scale), Some(zero)) => {
            let by = single(scale, "the result's scale")?;
            let factors: Vec<f32> = scales.iter().map(|scale| scale / by).collect();
            let numbers =
                product.sums.iter().zip(factors.iter().cycle()).map(|(&sum, factor)| sum as f32 * factor);
            let to = (1.0, single(zero, "the result's zero point")?);
            Ok(vec![requantized(zero.dtype, product.dims, numbers, to)?.into()])
        }
        (None, None) => {
            let numbers =
                product.sums.iter().zip(scales.iter().cycle()).map(|(&sum, scale)| sum as f32 * scale);
            Ok(vec![of(product.dims, numbers.collect()).into()])
        }
        _ => Failure::invalid("the result has a scale or a zero point, and not both"),
    }
}

/// A matrix of bytes, transposed if asked for.
fn turned(array: &Array, transposed: i64) -> Result<Array, Failure> {
    let [rows, columns] = array.dims.as_slice() else {
        return Failure::invalid("an operand is not a matrix");
    };
    if transposed == 0 {
        return Ok(array.clone());
    }
    let (n, m) = (count(&[*rows])?, count(&[*columns])?);
    if array.content.len() != n.saturating_mul(m) {
        return Failure::invalid("an operand is not of bytes");
    }
    let mut content = filled(array.content.len(), 0u8)?;
    for (at, &byte) in array.content.iter().enumerate() {
        content[at % m * n + at / m] = byte;
    }
    Ok(Array { dtype: array.dtype, dims: vec![*columns, *rows], content: content.into() })
}

/// Bytes less their zero points: one for all, or one for each of the groups of `each` elements
/// that follow each other.
pub(super) fn centred(
    array: &Array,
    zero: Option<&Array>,
    groups: usize,
    each: usize,
) -> Result<Vec<i16>, Failure> {
    if zero.is_some_and(|zero| zero.dtype != array.dtype) {
        return Failure::invalid("a zero point is of another type than its operand");
    }
    dispatch!(array.dtype, [I8 i8, U8 u8], T => {
        let elements = view::<T>(array)?;
        let zeros: Vec<i16> = match zero {
            Some(zero) => view::<T>(zero)?.iter().map(|&z| i16::from(z)).collect(),
            None => vec![0],
        };
        let mut out = room(elements.len())?;
        match zeros.as_slice() {
            [zero] => out.extend(elements.iter().map(|&x| i16::from(x) - zero)),
            _ if zeros.len() == groups && zero.is_some_and(|zero| zero.dims.len() == 1) => {
                let all = elements.chunks(each.max(1)).zip(zeros.iter().cycle());
                all.for_each(|(group, zero)| out.extend(group.iter().map(|&x| i16::from(x) - zero)));
            }
            _ => return Failure::unsupported(format!("{} zero points for {groups} rows or columns", zeros.len())),
        }
        Ok(out)
    })
}

/// The product of two operands as NumPy's `matmul` has it.
fn product(a: &Array, b: &Array, a_zero: Option<&Array>, b_zero: Option<&Array>) -> Result<Product, Failure> {
    let (mut left, mut right) = (a.dims.clone(), b.dims.clone());
    let (row, column) = (left.len() == 1, right.len() == 1);
    if row {
        left.insert(0, 1);
    }
    if column {
        right.push(1);
    }
    let ([.., m, k], [.., other, n]) = (left.as_slice(), right.as_slice()) else {
        return Failure::invalid("an operand is a scalar");
    };
    if k != other {
        return Failure::invalid(format!("rows of {k} and columns of {other} elements are multiplied"));
    }
    let (m, k, n) = (count(&[*m])?, count(&[*k])?, count(&[*n])?);
    let batches = Plan::of([&left[..left.len() - 2], &right[..right.len() - 2]])?;
    let a = centred(a, a_zero, m, k)?;
    let b = centred(b, b_zero, n, 1)?;
    let mut dims = batches.dims.clone();
    dims.extend((!row).then_some(m as i64));
    dims.extend((!column).then_some(n as i64));
    let mut sums = filled(count(&dims)?, 0i32)?;
    let mut targets = sums.chunks_mut((m * n).max(1));
    batches.each(|[i, j]| {
        if let Some(target) = targets.next() {
            multiply(&a[i * m * k..(i + 1) * m * k], &b[j * k * n..(j + 1) * k * n], target, k, n);
        }
    });
    Ok(Product { dims, sums, n })
}

/// Adds the product of two matrices: of rows of `k`, and of rows of `n` elements.
pub(super) fn multiply(a: &[i16], b: &[i16], into: &mut [i32], k: usize, n: usize) {
    /// So many columns at once stay in the nearest cache, with their rows of the result.
    const COLUMNS: usize = 1024;
    if k == 0 || n == 0 {
        return;
    }
    for from in (0..n).step_by(COLUMNS) {
        let to = (from + COLUMNS).min(n);
        for (rows, out) in a.chunks(4 * k).zip(into.chunks_mut(4 * n)) {
            if rows.len() == 4 * k {
                four(rows, b, out, (k, n), from..to);
                continue;
            }
            for (row, out) in rows.chunks(k).zip(out.chunks_mut(n)) {
                for (&x, b) in row.iter().zip(b.chunks(n)) {
                    add(i32::from(x), &b[from..to], &mut out[from..to]);
                }
            }
        }
    }
}

/// Adds a row's multiple to another.
fn add(x: i32, row: &[i16], into: &mut [i32]) {
    if x != 0 {
        into.iter_mut().zip(row).for_each(|(sum, &y)| *sum = sum.wrapping_add(x * i32::from(y)));
    }
}

/// Four rows at once, so that each number of the second matrix is read once for them.
fn four(rows: &[i16], b: &[i16], out: &mut [i32], (k, n): (usize, usize), columns: std::ops::Range<usize>) {
    let (first, rest) = out.split_at_mut(n);
    let (second, rest) = rest.split_at_mut(n);
    let (third, fourth) = rest.split_at_mut(n);
    let into = [first, second, third, fourth].map(|row| &mut row[columns.clone()]);
    let [p, q, r, s] = into;
    for (at, b) in b.chunks(n).enumerate() {
        let [w, x, y, z] = [0, 1, 2, 3].map(|row| i32::from(rows[row * k + at]));
        let all = p.iter_mut().zip(q.iter_mut()).zip(r.iter_mut().zip(s.iter_mut()));
        for (((p, q), (r, s)), &b) in all.zip(&b[columns.clone()]) {
            let b = i32::from(b);
            *p = p.wrapping_add(w * b);
            *q = q.wrapping_add(x * b);
            *r = r.wrapping_add(y * b);
            *s = s.wrapping_add(z * b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_as_one_after_the_other() {
        let (m, k, n) = (6, 3, 5);
        let a: Vec<i16> = (0..m * k).map(|x| x as i16 - 7).collect();
        let b: Vec<i16> = (0..k * n).map(|x| 3 * x as i16 - 20).collect();
        let mut sums = vec![0; m * n];
        multiply(&a, &b, &mut sums, k, n);
        for (at, &sum) in sums.iter().enumerate() {
            let (i, j) = (at / n, at % n);
            let direct: i32 = (0..k).map(|l| i32::from(a[i * k + l]) * i32::from(b[l * n + j])).sum();
            assert_eq!(sum, direct);
        }
    }
}
