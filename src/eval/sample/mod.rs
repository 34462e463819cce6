//! Elements of matrix products and convolutions by their definitions: all of them, or some, to
//! see whether an engine computes what it should.

mod convolution;
mod numbers;
mod product;
mod sum;

use self::convolution::{Convolution, Transposed};
use self::numbers::Numbers;
use self::product::Product;
use self::sum::Defined;
use super::call::Call;
use super::elements::count;
#[cfg(test)]
use super::elements::{of, room};
use super::failure::{Computed, Failure};
use crate::files::arrays::Array;
use crate::model::{DType, Shape};

/// So many elements of a result are recomputed.
const SAMPLES: usize = 16;

/// The definition of a call's result.
fn defined<'c>(call: &'c Call<'_>) -> Computed<Box<dyn Defined + 'c>> {
    Ok(match call.op {
        "MatMul" | "Gemm" => Box::new(Product::of(call)?),
        "Conv" => Box::new(Convolution::of(call)?),
        "ConvTranspose" => Box::new(Transposed::of(call)?),
        other => return Failure::unsupported(format!("{other} is not computed directly")),
    })
}

/// All elements of a call's result.
#[cfg(test)]
pub(super) fn direct(call: &Call<'_>) -> Computed<Vec<Array>> {
    let defined = defined(call)?;
    let dims = defined.dims().to_vec();
    let mut sums: Vec<f64> = room(count(&dims)?)?;
    sums.extend((0..count(&dims)?).map(|at| defined.element(at).sum));
    Ok(vec![match call.array(0)?.dtype {
        DType::F64 => of(dims, sums),
        _ => of(dims, sums.into_iter().map(|x| x as f32).collect()),
    }])
}

/// Holds some elements of an engine's result against their definition.
///
/// # Errors
/// [`Failure::Wrong`] for another shape, type or number.
pub(crate) fn check(call: &Call<'_>, result: &Array) -> Computed<()> {
    let defined = defined(call)?;
    let operand = call.array(0)?.dtype;
    if result.dims != defined.dims() || result.dtype != operand {
        let wanted = Shape::known(defined.dims().iter().copied());
        let found = Shape::known(result.dims.iter().copied());
        let fact = format!("the engine gives {} {found}, and it is {operand} {wanted}", result.dtype);
        return Err(Failure::Wrong(fact));
    }
    let found = Numbers::of(result)?;
    let n = count(&result.dims)?;
    // Half a unit in the last place, and the greatest number of the type.
    let (unit, most) = match operand {
        DType::F64 => (f64::EPSILON / 2.0, f64::MAX),
        _ => (f64::from(f32::EPSILON) / 2.0, f64::from(f32::MAX)),
    };
    for at in positions(n) {
        let (wanted, got) = (defined.element(at), found.at(at));
        let agree = match wanted.sum {
            x if x.is_nan() => got.is_nan(),
            x if x.is_infinite() => got == x,
            // Parts of the sum may go beyond, in one order and not in another.
            _ if wanted.magnitude >= most => {
                let fact = format!("parts of element {at} are beyond the greatest {operand}");
                return Failure::unsupported(fact);
            }
            // A sum of n products is off by n units of their magnitude at most, in any order
            // (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
            x => {
                let allowed = unit * (wanted.terms + 16) as f64 * wanted.magnitude;
                (got - x).abs() <= allowed + f64::from(f32::MIN_POSITIVE)
            }
        };
        if !agree {
            let fact = format!("the engine gives {got} for element {at}, and it is {}", wanted.sum);
            return Err(Failure::Wrong(fact));
        }
    }
    Ok(())
}

/// The first, the last, and some between, the same ones each time.
fn positions(n: usize) -> Vec<usize> {
    if n <= SAMPLES {
        return (0..n).collect();
    }
    let mut found = vec![0, n - 1];
    let mut state = n as u64;
    while found.len() < SAMPLES {
        // Knuth's generator (MMIX).
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        found.push((state >> 33) as usize % n);
    }
    found
}

#[cfg(test)]
mod tests;
