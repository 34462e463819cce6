//! Tensors made from little: constants, ranges, ones at places.

use std::sync::Arc;

use half::{bf16, f16};

use super::moving::{Plan, Runs, Strided, apply, operand, product, zeros};
use crate::eval::elements::{count, of, room, scalar, view};
use crate::eval::value::Strings;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `Constant`, of whichever attribute holds the value.
pub(super) fn constant(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let strings = |dims, list| Value::Strings(Strings { dims, elements: Arc::new(list) });
    let line = |n: usize| vec![n as i64];
    let mut all: Vec<Value> = Vec::new();
    all.extend(call.tensor("value")?);
    all.extend(call.tensor("sparse_value")?);
    all.extend(call.maybe_float("value_float")?.map(|x| scalar(x).into()));
    all.extend(call.floats("value_floats")?.map(|list| of(line(list.len()), list).into()));
    all.extend(call.maybe_int("value_int")?.map(|n| scalar(n).into()));
    all.extend(call.ints("value_ints")?.map(|list| of(line(list.len()), list).into()));
    all.extend(call.maybe_text("value_string")?.map(|text| strings(Vec::new(), vec![text])));
    all.extend(call.texts("value_strings")?.map(|list| strings(line(list.len()), list)));
    match all.len() {
        1 => Ok(all),
        n => Failure::invalid(format!("{n} values are given")),
    }
}

/// `ConstantOfShape`: zeros of f32 where no value is given.
pub(super) fn constant_of_shape(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let Some(dims) = call.ints_at(0)? else { return Failure::invalid("no shape is given") };
    let value = call.tensor("value")?.unwrap_or_else(|| scalar(0f32).into());
    if count(value.dims()?)? != 1 {
        return Failure::invalid(format!("{} as one value", value.sort()));
    }
    let total = count(&dims)? as i64;
    Ok(vec![apply(&Strided::new(0, &[total], &[0]), dims, &[&value])?])
}

/// `Range`: from start by steps of delta as far as there is something before limit.
pub(super) fn range(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let operands = [call.array(0)?, call.array(1)?, call.array(2)?];
    let stash = call.int("stash_type", 1)?;
    let made = match operands[0].dtype {
        DType::I16 => whole(operands, |n| n as i16)?,
        DType::I32 => whole(operands, |n| n as i32)?,
        DType::I64 => whole(operands, |n| n)?,
        DType::F64 => {
            let [start, _, delta] = three::<f64>(operands)?;
            let n = steps(three(operands)?)?;
            of(vec![n], (0..n).map(|i| start + i as f64 * delta).collect())
        }
        DType::F32 => {
            let list = three::<f32>(operands)?;
            of_f32(list, |x| x)?
        }
        DType::F16 if stash == 1 => of_f32(three::<f16>(operands)?.map(f16::to_f32), f16::from_f32)?,
        DType::BF16 if stash == 1 => of_f32(three::<bf16>(operands)?.map(bf16::to_f32), bf16::from_f32)?,
        other => return Failure::unsupported(format!("a range of {other}")),
    };
    Ok(vec![made.into()])
}

/// The only element of each operand.
fn three<T: crate::eval::elements::Element>(operands: [&Array; 3]) -> Result<[T; 3], Failure> {
    let mut list = [T::default(); 3];
    for (own, operand) in list.iter_mut().zip(operands) {
        match view::<T>(operand)?.as_ref() {
            &[one] => *own = one,
            other => return Failure::invalid(format!("an operand of {} elements, not one", other.len())),
        }
    }
    Ok(list)
}

fn whole<T>(operands: [&Array; 3], cast: fn(i64) -> T) -> Result<Array, Failure>
where
    T: crate::eval::elements::Element + Into<i64>,
{
    let [start, limit, delta] = three::<T>(operands)?.map(|n| i128::from(n.into()));
    if delta == 0 {
        return Failure::invalid("a step of 0");
    }
    let (way, step) = if delta > 0 { (limit - start, delta) } else { (start - limit, -delta) };
    let n = if way <= 0 { 0 } else { (way + step - 1) / step };
    let n = i64::try_from(n).map_err(|_| Failure::TooLarge(format!("a range of {n} elements")))?;
    let mut list = room(count(&[n])?)?;
    list.extend((0..i128::from(n)).map(|i| cast((start + i * delta) as i64)));
    Ok(of(vec![n], list))
}

/// How many elements a range of numbers has.
fn steps([start, limit, delta]: [f64; 3]) -> Result<i64, Failure> {
    let n = ((limit - start) / delta).ceil();
    if delta == 0.0 || !n.is_finite() {
        return Failure::invalid(format!("a range from {start} to {limit} by {delta}"));
    }
    let n = n.clamp(0.0, 1e18) as i64;
    count(&[n])?;
    Ok(n)
}

fn of_f32<T: crate::eval::elements::Element>(
    [start, limit, delta]: [f32; 3],
    cast: fn(f32) -> T,
) -> Result<Array, Failure> {
    let n = steps([start, limit, delta].map(f64::from))?;
    if ((f64::from(limit - start)) / f64::from(delta)).ceil().max(0.0) as i64 != n {
        return Failure::unsupported("a range whose length depends on how it is rounded");
    }
    let mut list = room(n as usize)?;
    list.extend((0..n).map(|i| cast(start + i as f32 * delta)));
    Ok(of(vec![n], list))
}

/// The element type of ONNX's number, of those that have a one.
fn numbered(number: i64) -> Result<DType, Failure> {
    Ok(match number {
        1 => DType::F32,
        2 => DType::U8,
        3 => DType::I8,
        4 => DType::U16,
        5 => DType::I16,
        6 => DType::I32,
        7 => DType::I64,
        9 => DType::Bool,
        10 => DType::F16,
        11 => DType::F64,
        12 => DType::U32,
        13 => DType::U64,
        16 => DType::BF16,
        other => return Failure::unsupported(format!("the element type {other}")),
    })
}

/// The number one.
fn one(dtype: DType) -> Result<Value, Failure> {
    let content = match dtype {
        DType::F32 => 1f32.to_le_bytes().to_vec(),
        DType::F64 => 1f64.to_le_bytes().to_vec(),
        DType::F16 => f16::ONE.to_le_bytes().to_vec(),
        DType::BF16 => bf16::ONE.to_le_bytes().to_vec(),
        DType::I8 | DType::U8 | DType::Bool => vec![1],
        DType::I16 | DType::U16 => 1u16.to_le_bytes().to_vec(),
        DType::I32 | DType::U32 => 1u32.to_le_bytes().to_vec(),
        DType::I64 | DType::U64 => 1u64.to_le_bytes().to_vec(),
        other => return Failure::unsupported(format!("a one of {other}")),
    };
    Ok(Array { dtype, dims: Vec::new(), content: content.into() }.into())
}

/// Elements of the second source at places among those of the first.
struct Spots {
    total: usize,
    /// In any order.
    at: Vec<usize>,
}

impl Plan for Spots {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        let ([off, ..], [on, ..]) = (from[0], from[1]) else { return };
        to.resize(self.total, off.clone());
        for &at in &self.at {
            if let Some(place) = to.get_mut(at) {
                *place = on.clone();
            }
        }
    }
}

/// `EyeLike`: ones on the diagonal `k`.
pub(super) fn eye_like(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let like = operand(call, 0)?;
    let &[rows, columns] = like.dims()? else {
        return Failure::invalid(format!("{} is no matrix", like.sort()));
    };
    let dtype = match call.maybe_int("dtype")? {
        Some(number) => numbered(number)?,
        None => like.dtype(),
    };
    let k = call.int("k", 0)?;
    let total = count(&[rows, columns])?;
    let column = |row: i64| row.checked_add(k).filter(|column| (0..columns).contains(column));
    let rows_at = if total == 0 { 0..0 } else { 0..rows };
    let at = rows_at.filter_map(|row| Some((row * columns + column(row)?) as usize)).collect();
    let (off, on) = (zeros(dtype, Vec::new())?, one(dtype)?);
    Ok(vec![apply(&Spots { total, at }, vec![rows, columns], &[&off, &on])?])
}

/// `Trilu`: the upper or lower triangle of matrices, the diagonal `k` included.
pub(super) fn trilu(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let &[.., rows, columns] = dims else {
        return Failure::invalid(format!("{} is no matrix", data.sort()));
    };
    let k = call.int_at(1)?.unwrap_or(0);
    let upper = call.int("upper", 1)? != 0;
    let total = count(dims)?;
    let mut runs = Vec::new();
    if total > 0 {
        let width = columns as usize;
        for row in 0..total / width {
            // The first column at or right of the diagonal, or right of it.
            let edge = ((row as i64) % rows).saturating_add(k).saturating_add(i64::from(!upper));
            let (at, left) = (row * width, edge.clamp(0, columns) as usize);
            let (first, second) = if upper { (1, 0) } else { (0, 1) };
            let place = |source: usize, from: usize| if source == 0 { at + from } else { 0 };
            runs.push((first, place(first, 0), left));
            runs.push((second, place(second, left), width - left));
        }
    }
    let zeros = zeros(data.dtype(), vec![if total > 0 { columns } else { 0 }])?;
    Ok(vec![apply(&Runs(runs), dims.to_vec(), &[data, &zeros])?])
}

/// `OneHot`: `values` are what is off and what is on.
pub(super) fn one_hot(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (indices, values) = (call.array(0)?, operand(call, 2)?);
    let depth = match integers(call.array(1)?)?.as_slice() {
        &[depth] if depth >= 0 => depth,
        other => return Failure::invalid(format!("a depth of {other:?}")),
    };
    if values.dims()? != [2] {
        return Failure::invalid(format!("{} as what is off and on", values.sort()));
    }
    let axis = Call::axis(call.int("axis", -1)?, indices.dims.len() + 1)?;
    let mut dims = indices.dims.clone();
    dims.insert(axis, depth);
    let total = count(&dims)?;
    let inner = product(&indices.dims[axis..]);
    let mut at = Vec::new();
    if total > 0 {
        for (number, index) in integers(indices)?.into_iter().enumerate() {
            if index < 0 && index >= -depth && call.opset < 11 {
                return Failure::unsupported("what a negative index means differs between runtimes");
            }
            let index = if index < 0 { index.saturating_add(depth) } else { index };
            if (0..depth).contains(&index) {
                let (outer, within) = (number / inner, number % inner);
                at.push((outer * depth as usize + index as usize) * inner + within);
            }
        }
    }
    let source = |at: usize| apply(&Strided::new(at, &[], &[]), Vec::new(), &[values]);
    Ok(vec![apply(&Spots { total, at }, dims, &[&source(0)?, &source(1)?])?])
}

/// Whole numbers of any type; fractions are cut off.
fn integers(array: &Array) -> Result<Vec<i64>, Failure> {
    Ok(match array.dtype {
        DType::I64 => view::<i64>(array)?.into_owned(),
        DType::U64 => {
            let all = view::<u64>(array)?;
            all.iter().map(|&n| i64::try_from(n).unwrap_or(i64::MAX)).collect()
        }
        _ => {
            let Some(numbers) = array.numbers() else {
                return Failure::unsupported(format!("{} as indices", array.dtype));
            };
            if numbers.iter().any(|x| x.is_nan() || x.abs() > 1e18) {
                return Failure::unsupported("an index that is no whole number");
            }
            numbers.into_iter().map(|x| x as i64).collect()
        }
    })
}
