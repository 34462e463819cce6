//! Activations: functions of one number with parameters.

use super::broadcast::{Plan, zip};
use super::math::{Real, floats, map};
use super::unary::one;
use crate::eval::elements::{bools, dispatch, of, of_bools, view};
use crate::eval::elementwise::number::Number;
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

type Results = Result<Vec<Value>, Failure>;

/// NaN stays NaN.
pub(super) fn relu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(match array.dtype {
        dtype if dtype.is_float() => floats!(array, |x| if below_zero(x) { Real::real(0.0) } else { x })?,
        dtype => dispatch!(dtype, [I8 i8, I16 i16, I32 i32, I64 i64], T => map(array, |x: T| x.max(0)))?,
    })
}

fn below_zero<T: Real>(x: T) -> bool {
    x < T::real(0.0)
}

/// Between two bounds; NaN stays NaN.
fn between<T: Real>(x: T, low: f64, high: f64) -> T {
    if x < T::real(low) {
        T::real(low)
    } else if x > T::real(high) {
        T::real(high)
    } else {
        x
    }
}

/// `1 / (1 + e^-x)`, without an overflow on the way.
pub(in crate::eval) fn sigmoid_of<T: Real>(x: T) -> T {
    let one = T::real(1.0);
    let small = (-x.fabs()).exp();
    let low = small / (one + small);
    if below_zero(x) { low } else { one - low }
}

/// `ln(1 + e^x)`.
fn softplus_of<T: Real>(x: T) -> T {
    if x > T::real(0.0) { x + (-x).exp().log1p() } else { x.exp().log1p() }
}

/// The exact function, by the error function.
pub(in crate::eval) fn gelu_of<T: Real>(x: T) -> T {
    x * T::real(0.5) * (T::real(1.0) + (x * T::real(std::f64::consts::FRAC_1_SQRT_2)).erf())
}

/// The approximation by a hyperbolic tangent.
pub(in crate::eval) fn gelu_by_tanh<T: Real>(x: T) -> T {
    let inner = T::real(0.797_884_560_802_865_4) * (x + T::real(0.044715) * x * x * x);
    T::real(0.5) * x * (T::real(1.0) + inner.tanh())
}

fn elu_of<T: Real>(x: T, alpha: f64) -> T {
    if below_zero(x) { T::real(alpha) * x.expm1() } else { x }
}

fn celu_of<T: Real>(x: T, alpha: f64) -> T {
    if below_zero(x) { T::real(alpha) * (x / T::real(alpha)).expm1() } else { x }
}

fn hard_sigmoid_of<T: Real>(x: T, alpha: f64, beta: f64) -> T {
    between(T::real(alpha) * x + T::real(beta), 0.0, 1.0)
}

fn leaky_of<T: Real>(x: T, alpha: f64) -> T {
    if below_zero(x) { T::real(alpha) * x } else { x }
}

fn softsign_of<T: Real>(x: T) -> T {
    x / (T::real(1.0) + x.fabs())
}

pub(in crate::eval) fn swish_of<T: Real>(x: T, alpha: f64) -> T {
    x * sigmoid_of(T::real(alpha) * x)
}

fn above_of<T: Real>(x: T, alpha: f64) -> T {
    if x > T::real(alpha) { x } else { T::real(0.0) }
}

fn selu_of<T: Real>(x: T, alpha: f64, gamma: f64) -> T {
    T::real(gamma) * elu_of(x, alpha)
}

fn mish_of<T: Real>(x: T) -> T {
    x * softplus_of(x).tanh()
}

fn hard_swish_of<T: Real>(x: T) -> T {
    x * hard_sigmoid_of(x, 1.0 / 6.0, 0.5)
}

macro_rules! activations {
    ($($name:ident($($parameter:ident = $default:expr),*) => |$x:ident| $f:expr),* $(,)?) => {
        $(pub(super) fn $name(call: &Call<'_>, _: &mut dyn Engine) -> Results {
            let array = call.array(0)?;
            $(let $parameter = f64::from(call.float(stringify!($parameter), $default)?);)*
            one(floats!(array, |$x| $f)?)
        })*
    };
}
activations! {
    elu(alpha = 1.0) => |x| elu_of(x, alpha),
    hard_sigmoid(alpha = 0.2, beta = 0.5) => |x| hard_sigmoid_of(x, alpha, beta),
    hard_swish() => |x| hard_swish_of(x),
    leaky_relu(alpha = 0.01) => |x| leaky_of(x, alpha),
    mish() => |x| mish_of(x),
    sigmoid() => |x| sigmoid_of(x),
    softplus() => |x| softplus_of(x),
    softsign() => |x| softsign_of(x),
    swish(alpha = 1.0) => |x| swish_of(x, alpha),
    thresholded_relu(alpha = 1.0) => |x| above_of(x, alpha),
}

pub(super) fn celu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (array, alpha) = (call.array(0)?, f64::from(call.float("alpha", 1.0)?));
    // Below zero, where alpha is not positive, the specification's formula is another one.
    if alpha <= 0.0 || alpha.is_nan() {
        return Failure::unsupported(format!("alpha is {alpha}"));
    }
    one(floats!(array, |x| celu_of(x, alpha))?)
}

/// The defaults of version 1 are rounded ones.
pub(super) fn selu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let (alpha, gamma) = if call.opset < 6 { (1.6732, 1.0507) } else { (1.673_263_2, 1.050_701) };
    let alpha = f64::from(call.float("alpha", alpha)?);
    let gamma = f64::from(call.float("gamma", gamma)?);
    one(floats!(array, |x| selu_of(x, alpha, gamma))?)
}

pub(super) fn gelu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    one(match call.text("approximate", "none")?.as_str() {
        "none" => floats!(array, gelu_of)?,
        "tanh" => floats!(array, gelu_by_tanh)?,
        other => return Failure::invalid(format!("approximate is {other}")),
    })
}

pub(super) fn swiglu(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (a, b) = (call.array(0)?, call.array(1)?);
    let alpha = f64::from(call.float("alpha", 1.0)?);
    if a.dims != b.dims || a.dtype != b.dtype {
        return Failure::invalid("the gate and the value are of different shapes or types");
    }
    let plan = Plan::of([&a.dims, &b.dims])?;
    macro_rules! by {
        ($ty:ty, $to:expr, $back:expr) => {
            of(
                plan.dims.clone(),
                zip(&plan, &view::<$ty>(a)?, &view::<$ty>(b)?, |x, y| {
                    $back(swish_of($to(x), alpha) * $to(y))
                })?,
            )
        };
    }
    one(match a.dtype {
        DType::F32 => by!(f32, |x| x, |x: f32| x),
        DType::F64 => by!(f64, |x| x, |x: f64| x),
        DType::F16 => by!(half::f16, half::f16::to_f32, half::f16::from_f32),
        DType::BF16 => by!(half::bf16, half::bf16::to_f32, half::bf16::from_f32),
        other => return Failure::unsupported(format!("{other} has no definition here")),
    })
}

/// Also of integers: what the formula gives is rounded to zero.
pub(super) fn shrink(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    fn shrunk<T: Real>(x: T, lambda: f64, bias: f64) -> T {
        if x < T::real(-lambda) {
            x + T::real(bias)
        } else if x > T::real(lambda) {
            x - T::real(bias)
        } else {
            T::real(0.0)
        }
    }
    let array = call.array(0)?;
    let (lambda, bias) = (f64::from(call.float("lambd", 0.5)?), f64::from(call.float("bias", 0.0)?));
    if array.dtype.is_float() {
        return one(floats!(array, |x| shrunk(x, lambda, bias))?);
    }
    one(dispatch!(array.dtype, [I8 i8, I16 i16, I32 i32, U8 u8, U16 u16, U32 u32], T => {
        let all: Option<Vec<T>> =
            view::<T>(array)?.iter().map(|x| T::of_f64(shrunk(x.to_f64(), lambda, bias))).collect();
        match all {
            Some(all) => Ok(of(array.dims.clone(), all)),
            None => Failure::unsupported(format!("a number does not fit into {}", array.dtype)),
        }
    })?)
}

/// What is done in inference: nothing.
pub(super) fn dropout(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let training = match call.maybe(2)? {
        Some(flag) if call.opset >= 12 => bools(flag)?.first().is_some_and(|&on| on != 0),
        _ => call.opset < 7 && call.int("is_test", 0)? == 0,
    };
    let ratio = match call.maybe(1)? {
        Some(ratio) if call.opset >= 12 => dispatch!(ratio.dtype, floats, T => {
            Ok(view::<T>(ratio)?.first().map_or(0.5, |x| x.to_f64()))
        })?,
        _ => f64::from(call.float("ratio", 0.5)?),
    };
    if training && ratio != 0.0 {
        return Failure::unsupported("what it drops in training is left to chance");
    }
    if call.outputs < 2 {
        return one(array.clone());
    }
    // Versions 7 and 10 say only that there is a mask, not what it holds in inference.
    if call.opset < 12 {
        return Failure::unsupported("what its mask is in inference differs between runtimes");
    }
    let n = crate::eval::elements::count(&array.dims)?;
    let mask = of_bools(array.dims.clone(), std::iter::repeat_n(true, n));
    Ok(vec![array.clone().into(), mask.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_do_not_overflow_on_the_way() {
        assert_eq!(sigmoid_of(-1000.0f32), 0.0);
        assert_eq!(sigmoid_of(1000.0f32), 1.0);
        assert_eq!(softplus_of(100.0f32), 100.0);
        assert_eq!(softplus_of(-1000.0f32), 0.0);
        assert_eq!(mish_of(1000.0f32), 1000.0);
    }

    #[test]
    fn nan_stays_nan() {
        let nan = f32::NAN;
        let all = [
            sigmoid_of(nan),
            softplus_of(nan),
            hard_sigmoid_of(nan, 0.2, 0.5),
            elu_of(nan, 1.0),
            gelu_of(nan),
        ];
        assert!(all.iter().all(|x| x.is_nan()), "{all:?}");
    }
}
