//! Numbers to integers with a scale, and back.

use std::borrow::Cow;

use half::{bf16, f16};

use super::rounding::{Narrow, list, quantized, requantized};
use super::scales::Scales;
use crate::eval::elements::{count, dispatch, of, room, scalar, view};
use crate::eval::elementwise::math::{load, store};
use crate::eval::elementwise::number::Number;
use crate::eval::elementwise::small::{self, Encoder, Overflow, Towards};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;
use crate::ops::onnx_dtype;

type Results = Result<Vec<Value>, Failure>;

/// The element type that `output_dtype` names, if it names one.
fn output_type(call: &Call<'_>) -> Result<Option<DType>, Failure> {
    let number = call.int("output_dtype", 0)?;
    let known = i32::try_from(number).map_or(DType::Undefined, onnx_dtype);
    Ok((number != 0).then_some(known))
}

/// Numbers of any type as f32s.
fn numbers(array: &Array) -> Result<Cow<'_, [f32]>, Failure> {
    match array.dtype {
        DType::F32 => view(array),
        dtype if small::is_small(dtype) => Ok(Cow::Owned(small::numbers(array)?)),
        _ => Ok(Cow::Owned(list(array)?)),
    }
}

/// The zero points as f32s: one for each scale.
fn zeros(zero: Option<&Array>, scale: &Array) -> Result<Vec<f32>, Failure> {
    let n = count(&scale.dims)?;
    let Some(zero) = zero else { return Ok(vec![0.0; n]) };
    let zeros = numbers(zero)?.into_owned();
    if zeros.len() != n {
        return Failure::invalid(format!("{} zero points for {n} scales", zeros.len()));
    }
    Ok(zeros)
}

/// Divided by a scale, rounded half to even, moved by the zero point, and kept inside the type.
pub(super) fn quantize(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (x, scale, zero) = (call.array(0)?, call.array(1)?, call.maybe(2)?);
    let named = output_type(call)?;
    let to = match (zero.map(|zero| zero.dtype), named) {
        (Some(zero), Some(named)) if zero != named => {
            return Failure::invalid(format!("the result is {named}, and the zero point {zero}"));
        }
        (Some(to), _) | (None, Some(to)) => to,
        (None, None) => DType::U8,
    };
    match call.int("precision", 0)? {
        0 | 1 => {}
        other => return Failure::unsupported(format!("the division is in the type {other}")),
    }
    let scales = Scales::of(call, x, scale)?;
    let zeros = zeros(zero, scale)?;
    let quotients = quotients(x, scale, scales, call.int("precision", 0)? == 0)?;
    let result = match to {
        DType::I8 | DType::U8 | DType::I16 | DType::U16 => {
            dispatch!(to, [I8 i8, U8 u8, I16 i16, U16 u16], T => {
                moved::<T>(&quotients, scales, &zeros).map(|out| of(x.dims.clone(), out))
            })?
        }
        _ if small::whole(to).is_some() => {
            let (least, greatest) = small::whole(to).unwrap_or_default();
            let wide = moved::<i16>(&quotients, scales, &zeros)?;
            let codes: Vec<u8> = wide.iter().map(|&n| i64::from(n).clamp(least, greatest) as u8).collect();
            small::packed(to, x.dims.clone(), &codes)?
        }
        _ if small::is_small(to) && to != DType::F8E8M0 => {
            if zeros.iter().any(|&zero| zero != 0.0) {
                return Failure::unsupported("the zero point of a float is not zero");
            }
            let overflow = if call.int("saturate", 1)? == 0 { Overflow::Special } else { Overflow::Saturate };
            let encoder = Encoder::new(to, overflow, Towards::Nearest);
            // The zero point is added, and makes a zero of -0.
            let codes: Option<Vec<u8>> = quotients.iter().map(|&x| encoder.code(x + 0.0)).collect();
            let Some(codes) = codes else { return Failure::unsupported(format!("NaN as {to}")) };
            small::packed(to, x.dims.clone(), &codes)?
        }
        _ => return Failure::unsupported(format!("{to} has no definition here")),
    };
    Ok(vec![result.into()])
}

/// Each number divided by its scale.
fn quotients(x: &Array, scale: &Array, scales: Scales, in_scale: bool) -> Result<Vec<f32>, Failure> {
    let (numbers, factors) = (numbers(x)?, numbers(scale)?);
    let mut out: Vec<f32> = room(numbers.len())?;
    scales.rows(numbers.len(), |row| {
        let numbers = &numbers[row.at..row.at + row.n];
        if row.step == 0 {
            let scale = factors[row.scale];
            out.extend(numbers.iter().map(|x| x / scale));
        } else {
            out.extend(numbers.iter().zip(&factors[row.scale..]).map(|(x, scale)| x / scale));
        }
    });
    // The specification divides in the scale's type, which runtimes do not: what differs by it is
    // what lies near a half.
    let rounded: Option<fn(f32) -> f32> = match scale.dtype {
        DType::F16 if in_scale => Some(|x| f16::from_f32(x).to_f32()),
        DType::BF16 if in_scale => Some(|x| bf16::from_f32(x).to_f32()),
        _ => None,
    };
    match rounded {
        Some(rounded) if out.iter().any(|&x| rounded(x).round_ties_even() != x.round_ties_even()) => {
            Failure::unsupported(format!("a quotient of {} is rounded differently by runtimes", scale.dtype))
        }
        _ => Ok(out),
    }
}

/// Rounded, moved by the zero points, and kept inside.
fn moved<T: Narrow>(quotients: &[f32], scales: Scales, zeros: &[f32]) -> Result<Vec<T>, Failure> {
    if quotients.iter().fold(false, |nan, x| nan | x.is_nan()) {
        return Failure::unsupported("NaN is quantised");
    }
    let mut out = room(quotients.len())?;
    scales.rows(quotients.len(), |row| {
        let numbers = &quotients[row.at..row.at + row.n];
        if row.step == 0 {
            let zero = zeros[row.scale];
            out.extend(numbers.iter().map(|&x| quantized::<T>(x, zero)));
        } else {
            out.extend(numbers.iter().zip(&zeros[row.scale..]).map(|(&x, &zero)| quantized::<T>(x, zero)));
        }
    });
    Ok(out)
}

/// Less the zero point, times the scale.
pub(super) fn dequantize(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (x, scale, zero) = (call.array(0)?, call.array(1)?, call.maybe(2)?);
    if zero.is_some_and(|zero| zero.dtype != x.dtype) {
        return Failure::invalid("the zero point is of another type");
    }
    let to = output_type(call)?.unwrap_or(scale.dtype);
    if !matches!(to, DType::F32 | DType::F16 | DType::BF16) || x.dtype == DType::F8E8M0 {
        return Failure::unsupported(format!("{} to {to} has no definition here", x.dtype));
    }
    let scales = Scales::of(call, x, scale)?;
    let (factors, zeros) = (numbers(scale)?, zeros(zero, scale)?);
    let result = match x.dtype {
        dtype if small::is_small(dtype) => scaled(&small::numbers(x)?, scales, &factors, |x| x, &zeros),
        DType::I32 if zeros.iter().any(|&zero| zero != 0.0) => {
            return Failure::unsupported("32-bit integers have a zero point");
        }
        dtype => dispatch!(dtype, [I8 i8, U8 u8, I16 i16, U16 u16, I32 i32], T => {
            scaled(&view::<T>(x)?, scales, &factors, |x: T| x.to_f32(), &zeros)
        }),
    }?;
    Ok(vec![store(to, x.dims.clone(), result)?.into()])
}

fn scaled<T: Copy>(
    x: &[T],
    scales: Scales,
    factors: &[f32],
    number: impl Fn(T) -> f32,
    zeros: &[f32],
) -> Result<Vec<f32>, Failure> {
    let mut out = room(x.len())?;
    scales.rows(x.len(), |row| {
        let x = &x[row.at..row.at + row.n];
        if row.step == 0 {
            let (factor, zero) = (factors[row.scale], zeros[row.scale]);
            out.extend(x.iter().map(|&x| (number(x) - zero) * factor));
        } else {
            let pairs = factors[row.scale..].iter().zip(&zeros[row.scale..]);
            out.extend(x.iter().zip(pairs).map(|(&x, (factor, zero))| (number(x) - zero) * factor));
        }
    });
    Ok(out)
}

/// To bytes, with a scale and a zero point by what is the least and the largest number.
pub(super) fn dynamic(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let (bytes, scale, zero) = to_bytes(array)?;
    Ok(vec![bytes.into(), scalar(scale).into(), scalar(zero).into()])
}

/// The bytes, the scale and the zero point of numbers.
pub(super) fn to_bytes(array: &Array) -> Result<(Array, f32, u8), Failure> {
    let numbers = load::<f32>(array)?;
    let (mut least, mut most) = (0f32, 0f32);
    for &x in numbers.iter() {
        if !x.is_finite() {
            return Failure::unsupported("what is quantised is not finite");
        }
        (least, most) = (least.min(x), most.max(x));
    }
    if least == most {
        return Failure::unsupported("the scale of nothing but zeros differs between runtimes");
    }
    let scale = (most - least) / 255.0;
    let zero: u8 = quantized(0.0 - least / scale, 0.0);
    let bytes =
        requantized(DType::U8, array.dims.clone(), numbers.iter().copied(), (scale, f32::from(zero)))?;
    Ok((bytes, scale, zero))
}
