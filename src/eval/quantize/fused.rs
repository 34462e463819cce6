//! Operators of onnxruntime that are several of ONNX's in one.

use crate::eval::elements::{count, room};
use crate::eval::elementwise::broadcast::{Plan, zip};
use crate::eval::elementwise::math::{Real, floats, load, real, store};
use crate::eval::elementwise::{gelu_by_tanh, gelu_of, swish_of};
use crate::eval::normalize::layer::{Centre, affine, normalised};
use crate::eval::reduce::lanes::Lanes;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;

type Results = Result<Vec<Value>, Failure>;

pub(super) fn gelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    Ok(vec![floats!(array, gelu_of)?.into()])
}

pub(super) fn quick_gelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, alpha) = (call.array(0)?, f64::from(call.float("alpha", 1.702)?));
    Ok(vec![floats!(array, |x| swish_of(x, alpha))?.into()])
}

/// With a bias, if there is one.
pub(super) fn fast_gelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    match call.maybe(1)? {
        Some(bias) => with_bias(call.array(0)?, bias, Shape::Tanh),
        None => {
            let array = call.array(0)?;
            Ok(vec![floats!(array, gelu_by_tanh)?.into()])
        }
    }
}

pub(super) fn bias_gelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    with_bias(call.array(0)?, call.array(1)?, Shape::Erf)
}

#[derive(Clone, Copy)]
enum Shape {
    Erf,
    Tanh,
}

fn with_bias(array: &Array, bias: &Array, shape: Shape) -> Results {
    if bias.dims.len() != 1 || bias.dims.last() != array.dims.last() {
        return Failure::invalid("the bias is not one for each position of the last axis");
    }
    let plan = Plan::of([&array.dims, &bias.dims])?;
    real!(array.dtype, R => {
        let f = match shape {
            Shape::Erf => gelu_of::<R>,
            Shape::Tanh => gelu_by_tanh::<R>,
        };
        let numbers = zip(&plan, &load::<R>(array)?, &load::<R>(bias)?, |x, y| f(x + y))?;
        Ok(vec![store::<R>(array.dtype, plan.dims, numbers)?.into()])
    })
}

/// A product of matrices, either transposed, times a number.
pub(super) fn mat_mul(call: &Call<'_>, engine: &mut dyn Engine) -> Results {
    if call.int("transBatchA", 0)? != 0 || call.int("transBatchB", 0)? != 0 {
        return Failure::unsupported("the first axes are transposed");
    }
    let a = turned(call.array(0)?, call.int("transA", 0)?)?;
    let b = turned(call.array(1)?, call.int("transB", 0)?)?;
    let mut product = call.like("MatMul", vec![Some(a.into()), Some(b.into())]);
    product.opset = 13;
    let results = crate::eval::matrix::matmul(&product, engine)?;
    let Some(result) = results.first() else { return Failure::invalid("a product has no result") };
    let (result, alpha) = (result.array()?, f64::from(call.float("alpha", 1.0)?));
    fn times<T: Real>(x: T, by: f64) -> T {
        x * T::real(by)
    }
    Ok(vec![floats!(result, |x| times(x, alpha))?.into()])
}

/// The last two axes exchanged, if asked for.
fn turned(array: &Array, transposed: i64) -> Result<Array, Failure> {
    let rank = array.dims.len();
    if transposed == 0 || rank < 2 {
        return Ok(array.clone());
    }
    let (rows, columns) = (count(&array.dims[rank - 2..rank - 1])?, count(&array.dims[rank - 1..])?);
    let mut dims = array.dims.clone();
    dims.swap(rank - 2, rank - 1);
    real!(array.dtype, R => {
        let x = load::<R>(array)?;
        let mut out = room(x.len())?;
        for matrix in x.chunks((rows * columns).max(1)) {
            for column in 0..columns {
                out.extend((0..rows).map(|row| matrix[row * columns + column]));
            }
        }
        store::<R>(array.dtype, dims, out)
    })
}

/// The sum of two operands and a bias, with the last axis normalised.
pub(super) fn skip_layer_normalization(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, skip, gamma) = (call.array(0)?, call.array(1)?, call.array(2)?);
    let Some(last) = array.dims.len().checked_sub(1) else {
        return Failure::invalid("an operand is a scalar");
    };
    let lanes = Lanes::from(&array.dims, last)?;
    let epsilon = f64::from(call.float("epsilon", 1e-12)?);
    let mut few = array.dims.clone();
    few[last] = 1;
    real!(array.dtype, R => {
        let mut sums = load::<R>(array)?.into_owned();
        for added in [Some(skip), call.maybe(4)?].into_iter().flatten() {
            let plan = Plan::of([&array.dims, &added.dims])?;
            if plan.dims != array.dims {
                return Failure::invalid("what is added does not broadcast to the operand");
            }
            sums = zip(&plan, &sums, &load::<R>(added)?, |x, y| x + y)?;
        }
        let (normal, statistics) = normalised(&sums, lanes, epsilon, Centre::Mean)?;
        let result = affine(array.dtype, &array.dims, normal, (gamma, call.maybe(3)?))?;
        let mut results = vec![result.into()];
        if call.outputs > 1 {
            if count(&few)? != statistics.len() {
                return Failure::unsupported("the statistics of nothing are not specified");
            }
            let (means, inverses) = statistics.into_iter().unzip();
            let f32 = crate::model::DType::F32;
            results.push(store::<f64>(f32, few.clone(), means)?.into());
            results.push(store::<f64>(f32, few.clone(), inverses)?.into());
            results.push(store(array.dtype, array.dims.clone(), sums)?.into());
        }
        Ok(results)
    })
}
