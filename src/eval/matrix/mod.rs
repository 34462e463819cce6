//! Matrix products.

use std::borrow::Cow;

use super::call::Call;
use super::definition::Table;
use super::elements::{Element, count, dispatch, filled, of, view};
use super::engine::Engine;
use super::failure::{Computed, Failure};
use super::value::Value;
use super::wide::{engine_form, from_engine};
use crate::files::arrays::Array;
use crate::model::{AttributeValue, DType};

pub(super) const TABLE: Table = &[("", "MatMul", matmul), ("", "Gemm", gemm)];

/// `MatMul`, as NumPy's: operands of one axis are a row or a column.
pub(in crate::eval) fn matmul(call: &Call<'_>, engine: &mut dyn Engine) -> Computed<Vec<Value>> {
    Ok(vec![product(call, call.array(0)?, call.array(1)?, engine)?.into()])
}

/// The matrix product of two arrays of one type, batches broadcast.
pub(super) fn product(call: &Call<'_>, a: &Array, b: &Array, engine: &mut dyn Engine) -> Computed<Array> {
    if a.dtype != b.dtype {
        return Failure::invalid(format!("a product of {} and {}", a.dtype, b.dtype));
    }
    if a.dims.is_empty() || b.dims.is_empty() {
        return Failure::invalid("a product of a scalar");
    }
    let (row, column) = (a.dims.len() == 1, b.dims.len() == 1);
    let (mut left, mut right) = (a.dims.clone(), b.dims.clone());
    if row {
        left.insert(0, 1);
    }
    if column {
        right.push(1);
    }
    let rank = left.len().max(right.len());
    for dims in [&mut left, &mut right] {
        let missing = rank - dims.len();
        dims.splice(0..0, std::iter::repeat_n(1, missing));
    }
    let mut dims = Vec::new();
    for (&x, &y) in left[..rank - 2].iter().zip(&right[..rank - 2]) {
        match (x, y) {
            (x, y) if x == y || y == 1 => dims.push(x),
            (1, y) => dims.push(y),
            _ => return Failure::invalid(format!("batches of {x} and {y} in a product")),
        }
    }
    let (m, k, n) = (left[rank - 2], left[rank - 1], right[rank - 1]);
    if right[rank - 2] != k {
        return Failure::invalid(format!("a product of {k} columns and {} rows", right[rank - 2]));
    }
    // A batch of rows by one matrix is one product.
    let flat = right[..rank - 2].iter().all(|&d| d == 1) && rank > 2;
    let shaped = |array: &Array, dims: Vec<i64>| Array { dims, ..array.clone() };
    let rows = left[..rank - 2].iter().chain([&m]).try_fold(1i64, |n, &d| n.checked_mul(d));
    let (a, b) = match rows.filter(|_| flat) {
        Some(rows) => (shaped(a, vec![rows, k]), shaped(b, vec![k, n])),
        None => (shaped(a, left), shaped(b, right)),
    };
    dims.extend([m, n]);
    if column {
        dims.pop();
    }
    if row {
        dims.remove(dims.len() - if column { 1 } else { 2 });
    }
    let whole = count(&dims)?;
    let found = match a.dtype {
        _ if whole == 0 || k == 0 => zeros(&dims, a.dtype)?,
        DType::F32 | DType::F64 | DType::F16 | DType::BF16 => {
            let inputs = vec![Some(engine_form(&a)?.into()), Some(engine_form(&b)?.into())];
            from_engine(a.dtype, asked(&call.like("MatMul", inputs), engine)?)?
        }
        dtype => dispatch!(dtype, [I32 i32, I64 i64, U32 u32, U64 u64], T => whole_numbers::<T>(&a, &b))?,
    };
    Ok(Array { dims, ..found })
}

/// The one result of the engine.
pub(super) fn asked(call: &Call<'_>, engine: &mut dyn Engine) -> Computed<Array> {
    match engine.call(call)?.pop() {
        Some(result) => Ok(result),
        None => Err(Failure::Wrong("the engine gives no result".into())),
    }
}

fn zeros(dims: &[i64], dtype: DType) -> Computed<Array> {
    let width = super::elements::width(dtype)?;
    let content = filled(count(dims)? * width, 0u8)?;
    Ok(Array { dtype, dims: dims.to_vec(), content: content.into() })
}

/// Whole numbers: their products and sums wrap around.
trait Whole: Element {
    fn add_product(self, a: Self, b: Self) -> Self;
    fn plus(self, other: Self) -> Self;
}

macro_rules! whole {
    ($($ty:ty),*) => { $(impl Whole for $ty {
        fn add_product(self, a: Self, b: Self) -> Self {
            self.wrapping_add(a.wrapping_mul(b))
        }

        fn plus(self, other: Self) -> Self {
            self.wrapping_add(other)
        }
    })* };
}
whole!(i32, i64, u32, u64);

fn whole_numbers<T: Whole>(a: &Array, b: &Array) -> Computed<Array> {
    let rank = a.dims.len();
    let (m, k, n) = (a.dims[rank - 2] as usize, a.dims[rank - 1] as usize, b.dims[rank - 1] as usize);
    let mut dims: Vec<i64> =
        a.dims[..rank - 2].iter().zip(&b.dims).map(|(&x, &y)| if x == 1 { y } else { x }).collect();
    let batches = count(&dims)?;
    let (left, right) = (view::<T>(a)?, view::<T>(b)?);
    let mut result = filled(count(&[batches as i64, m as i64, n as i64])?, T::default())?;
    if n == 0 {
        dims.extend([m as i64, 0]);
        return Ok(of(dims, result));
    }
    for (number, out) in result.chunks_exact_mut((m * n).max(1)).enumerate() {
        let (mut rest, mut at) = (number, (0, 0));
        let mut steps = (m * k, k * n);
        for axis in (0..rank - 2).rev() {
            let place = rest % dims[axis] as usize;
            rest /= dims[axis] as usize;
            at.0 += if a.dims[axis] == 1 { 0 } else { place * steps.0 };
            at.1 += if b.dims[axis] == 1 { 0 } else { place * steps.1 };
            steps = (steps.0 * a.dims[axis] as usize, steps.1 * b.dims[axis] as usize);
        }
        for (row, out) in out.chunks_exact_mut(n).enumerate() {
            for i in 0..k {
                let factor = left[at.0 + row * k + i];
                let other = &right[at.1 + i * n..at.1 + (i + 1) * n];
                out.iter_mut().zip(other).for_each(|(sum, &x)| *sum = sum.add_product(factor, x));
            }
        }
    }
    dims.extend([m as i64, n as i64]);
    Ok(of(dims, result))
}

/// `Gemm`: alpha * A' * B' + beta * C.
fn gemm(call: &Call<'_>, engine: &mut dyn Engine) -> Computed<Vec<Value>> {
    let (a, b) = (call.array(0)?, call.array(1)?);
    if a.dims.len() != 2 || b.dims.len() != 2 || a.dtype != b.dtype {
        return Failure::invalid("the factors are not two matrices of one type");
    }
    let (left, right) = (call.int("transA", 0)? != 0, call.int("transB", 0)? != 0);
    let side = |dims: &[i64], flipped: bool| if flipped { (dims[1], dims[0]) } else { (dims[0], dims[1]) };
    let ((m, k), (own_k, n)) = (side(&a.dims, left), side(&b.dims, right));
    if k != own_k {
        return Failure::invalid(format!("a product of {k} columns and {own_k} rows"));
    }
    let dims = vec![m, n];
    let (alpha, beta) = (call.float("alpha", 1.0)?, call.float("beta", 1.0)?);
    if a.dtype != DType::F64 && a.dtype.is_float() {
        let wide = |array: &Array| match array.dtype {
            DType::F32 | DType::F16 | DType::BF16 => engine_form(array),
            other => Failure::invalid(format!("a sum of {} and {other}", a.dtype)),
        };
        let found = factors(call, [&wide(a)?, &wide(b)?], &dims, engine)?;
        let c = call.maybe(2)?.map(wide).transpose()?;
        let sum = scaled::<f32>(&found, c.as_ref(), alpha, beta)?;
        return Ok(vec![from_engine(a.dtype, sum)?.into()]);
    }
    if a.dtype == DType::F64 {
        let found = factors(call, [a, b], &dims, engine)?;
        return Ok(vec![scaled::<f64>(&found, call.maybe(2)?, alpha.into(), beta.into())?.into()]);
    }
    if alpha != 1.0 || beta != 1.0 {
        return Failure::unsupported(format!("whole numbers by {alpha} and {beta}"));
    }
    let (a, b) = (flipped(a, left)?, flipped(b, right)?);
    dispatch!(a.dtype, [I32 i32, I64 i64, U32 u32, U64 u64], T => {
        let found = whole_numbers::<T>(&a, &b)?;
        let Some(c) = call.maybe(2)? else { return Ok(vec![found.into()]) };
        let added = spread::<T>(c, &dims)?;
        let sums = added.iter().zip(view::<T>(&found)?.iter()).map(|(&c, &x)| x.plus(c)).collect();
        Ok(vec![of(dims, sums).into()])
    })
}

/// A matrix, transposed if wanted.
fn flipped(array: &Array, flip: bool) -> Computed<Array> {
    if !flip {
        return Ok(array.clone());
    }
    dispatch!(array.dtype, [I32 i32, I64 i64, U32 u32, U64 u64], T => {
        let (rows, columns) = (array.dims[0] as usize, array.dims[1] as usize);
        let list = view::<T>(array)?;
        let turned = (0..rows * columns).map(|at| list[at % rows * columns + at / rows]).collect();
        Ok(of::<T>(vec![array.dims[1], array.dims[0]], turned))
    })
}

fn factors(call: &Call<'_>, [a, b]: [&Array; 2], dims: &[i64], engine: &mut dyn Engine) -> Computed<Array> {
    if count(dims)? == 0 || count(&a.dims)? == 0 {
        return zeros(dims, a.dtype);
    }
    let mut plain = call.like("Gemm", vec![Some(a.clone().into()), Some(b.clone().into())]);
    for name in ["transA", "transB"] {
        if call.int(name, 0)? != 0 {
            plain = plain.with(name, AttributeValue::Int(1));
        }
    }
    asked(&plain, engine)
}

/// alpha * x + beta * c.
fn scaled<T>(x: &Array, c: Option<&Array>, alpha: T, beta: T) -> Computed<Array>
where
    T: Element + std::ops::Mul<Output = T> + std::ops::Add<Output = T> + From<f32>,
{
    let one = T::from(1.0);
    let Some(c) = c else {
        return match alpha == one {
            true => Ok(x.clone()),
            false => Ok(of(x.dims.clone(), view::<T>(x)?.iter().map(|&x| alpha * x).collect())),
        };
    };
    let added = spread::<T>(c, &x.dims)?;
    // NaN and infinities by 0: they are left out by some, and NaN with others.
    if beta == T::from(0.0) && added.iter().any(|&c| c * beta != beta) {
        return Failure::unsupported("beta is 0, and what it scales is not finite: runtimes differ");
    }
    let sum = |(&x, &c): (&T, &T)| {
        let x = if alpha == one { x } else { alpha * x };
        x + if beta == one { c } else { beta * c }
    };
    Ok(of(x.dims.clone(), view::<T>(x)?.iter().zip(added.iter()).map(sum).collect()))
}

/// The elements of an array that is broadcast to a matrix.
fn spread<'a, T: Element>(c: &'a Array, dims: &[i64]) -> Computed<Cow<'a, [T]>> {
    let list = view::<T>(c)?;
    let (rows, columns) = (dims[0] as usize, dims[1] as usize);
    let (own_rows, own_columns) = match c.dims[..] {
        [] => (1, 1),
        [n] => (1, n),
        [m, n] => (m, n),
        _ => return Failure::invalid("what is added has more than two axes"),
    };
    let fits = |own: i64, n: usize| own == 1 || own == n as i64;
    if !fits(own_rows, rows) || !fits(own_columns, columns) {
        return Failure::invalid(format!("{own_rows}x{own_columns} added to {rows}x{columns}"));
    }
    if own_rows == dims[0] && own_columns == dims[1] {
        return Ok(list);
    }
    let mut all = super::elements::room(count(dims)?)?;
    for row in 0..rows {
        let row = if own_rows == 1 { 0 } else { row };
        let own = &list[row * own_columns as usize..(row + 1) * own_columns as usize];
        match own {
            [one] => all.resize(all.len() + columns, *one),
            own => all.extend_from_slice(own),
        }
    }
    Ok(Cow::Owned(all))
}

#[cfg(test)]
mod tests;
