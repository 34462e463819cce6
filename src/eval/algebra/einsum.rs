//! `Einsum`: sums of products by labels.
//!
//! The operands are multiplied one after the other; each product is a batch of matrix products,
//! large ones of floats by `MatMul` and its engine, others here.

use super::equation::{self, Equation};
use super::labelled::{Labelled, Matrices, Ring};
use crate::eval::elements::{Element, dispatch, of, view};
use crate::eval::elementwise::number::Number;
use crate::eval::matrix::matmul;
use crate::eval::wide::Float;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// From so many products on, `MatMul` computes them.
const MANY_PRODUCTS: u128 = 1 << 20;

/// `Einsum`.
pub(super) fn einsum(call: &Call<'_>, engine: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let arrays: Vec<&Array> =
        (0..call.inputs.len()).map(|slot| call.array(slot)).collect::<Result<_, _>>()?;
    let Some(first) = arrays.first() else { return Failure::invalid("no operands") };
    let dtype = first.dtype;
    if let Some(other) = arrays.iter().find(|array| array.dtype != dtype) {
        return Failure::invalid(format!("operands of {dtype} and {}", other.dtype));
    }
    let Some(text) = call.maybe_text("equation")? else {
        return Failure::invalid("the attribute equation is missing");
    };
    let ranks: Vec<usize> = arrays.iter().map(|array| array.dims.len()).collect();
    let equation = equation::read(&text, &ranks)?;
    let result = match dtype {
        DType::F32 | DType::F64 | DType::F16 | DType::BF16 => {
            let mut multiply = |matrices: &Matrices<f64>| by_engine(call, dtype, matrices, engine);
            let operands =
                dispatch!(dtype, floats, T => operands::<T, f64>(&arrays, &equation, Float::wide))?;
            let result = evaluate(operands, &equation, &mut multiply)?;
            let dims = dims(&result);
            dispatch!(dtype, floats, T => Ok(of::<T>(dims, result.data.into_iter().map(T::narrow).collect())))
        }
        _ => {
            let mut multiply = |matrices: &Matrices<i64>| matrices.multiply();
            let operands =
                dispatch!(dtype, integers, T => operands::<T, i64>(&arrays, &equation, T::to_i64))?;
            let result = evaluate(operands, &equation, &mut multiply)?;
            let dims = dims(&result);
            dispatch!(dtype, integers, T => Ok(of::<T>(dims, result.data.into_iter().map(|x| x as T).collect())))
        }
    };
    Ok(vec![result?.into()])
}

fn dims<W>(tensor: &Labelled<W>) -> Vec<i64> {
    tensor.axes.iter().map(|&(_, size)| size as i64).collect()
}

/// The operands with labels, if sizes of the same label agree.
fn operands<T: Element, W: Ring>(
    arrays: &[&Array],
    equation: &Equation,
    wide: fn(T) -> W,
) -> Result<Vec<Labelled<W>>, Failure> {
    let mut all: Vec<Labelled<W>> = Vec::new();
    for (array, labels) in arrays.iter().zip(&equation.terms) {
        let axes: Vec<(u32, usize)> =
            labels.iter().copied().zip(array.dims.iter().map(|&d| d as usize)).collect();
        let data = view::<T>(array)?.iter().map(|&x| wide(x)).collect();
        let known = all.iter().flat_map(|other| &other.axes).chain(&axes);
        for &(label, size) in known {
            // Within one operand sizes must agree, among operands one element goes with any.
            let differs = |&&(own, n): &&(u32, usize)| own == label && n != size;
            if axes.iter().filter(differs).any(|&(_, n)| n != 1 && size != 1) {
                return Failure::invalid(format!("sizes of one label differ: {:?} and {size}", array.dims));
            }
        }
        let twice = |(i, &(label, size)): (usize, &(u32, usize))| {
            axes[..i].iter().any(|&(own, n)| own == label && n != size)
        };
        if axes.iter().enumerate().any(twice) {
            return Failure::invalid(format!("sizes of one label differ in {:?}", array.dims));
        }
        all.push(Labelled { axes, data });
    }
    Ok(all)
}

/// What multiplies matrices.
type Multiply<'a, W> = dyn FnMut(&Matrices<W>) -> Result<Vec<W>, Failure> + 'a;

/// The sum of products.
fn evaluate<W: Ring>(
    operands: Vec<Labelled<W>>,
    equation: &Equation,
    multiply: &mut Multiply<'_, W>,
) -> Result<Labelled<W>, Failure> {
    let mut operands = operands.into_iter();
    let Some(mut product) = operands.next() else { return Failure::invalid("no operands") };
    for (number, operand) in operands.enumerate() {
        let later = &equation.terms[number + 2..];
        let needed =
            |label| equation.output.contains(&label) || later.iter().any(|term| term.contains(&label));
        let matrices = product.matrices(&operand, needed)?;
        let data = multiply(&matrices)?;
        product = Labelled { axes: matrices.axes, data };
    }
    let unique = product.unique();
    let axis = |label: &u32| unique.iter().find(|axis| axis.0 == *label).copied();
    let axes: Vec<(u32, usize)> = equation.output.iter().filter_map(axis).collect();
    product.reduced(&axes)
}

/// Matrix products by `MatMul` where they are many.
fn by_engine(
    call: &Call<'_>,
    dtype: DType,
    matrices: &Matrices<f64>,
    engine: &mut dyn Engine,
) -> Result<Vec<f64>, Failure> {
    if matrices.products() < MANY_PRODUCTS {
        return matrices.multiply();
    }
    let [batch, rows, inner, columns] = matrices.sizes.map(|size| size as i64);
    let array = |data: &[f64], dims: [i64; 3]| match dtype {
        DType::F64 => of(dims.to_vec(), data.to_vec()),
        _ => of(dims.to_vec(), data.iter().map(|&x| x as f32).collect()),
    };
    let (a, b) = (array(&matrices.a, [batch, rows, inner]), array(&matrices.b, [batch, inner, columns]));
    let results = matmul(&call.like("MatMul", vec![Some(a.into()), Some(b.into())]), engine)?;
    let Some(result) = results.first() else { return Failure::unsupported("MatMul without a result") };
    let result = result.array()?;
    if result.dims != [batch, rows, columns] {
        return Failure::unsupported("MatMul with a result of another shape");
    }
    dispatch!(result.dtype, floats, T => Ok(view::<T>(result)?.iter().map(|x| x.wide()).collect()))
}
