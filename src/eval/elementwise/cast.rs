//! Elements as elements of another type.

use super::number::Number;
use super::small::{self, Encoder, Overflow, Towards};
use super::unary::one;
use crate::eval::elements::{bools, dispatch, of, of_bools, room, view, width};
use crate::eval::value::Strings;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;
use crate::ops::onnx_dtype;

type Results = Result<Vec<Value>, Failure>;

/// To the type that an attribute names.
pub(super) fn cast(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let Some(value) = call.value(0) else { return Failure::invalid("the operand is missing") };
    let to = if call.opset < 6 { named(call)? } else { numbered(call.maybe_int("to")?)? };
    Ok(vec![converted(call, value, to)?])
}

/// To the type of another operand.
pub(super) fn cast_like(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let (Some(value), Some(like)) = (call.value(0), call.value(1)) else {
        return Failure::invalid("an operand is missing");
    };
    Ok(vec![converted(call, value, like.dtype())?])
}

/// The same bits as another type of the same width.
pub(super) fn bit_cast(call: &Call<'_>, _: &mut dyn Engine) -> Results {
    let array = call.array(0)?;
    let to = numbered(call.maybe_int("to")?)?;
    if to.bits().is_none() || to.bits() != array.dtype.bits() {
        return Failure::invalid(format!("{to} is of another width than {}", array.dtype));
    }
    // A byte that is neither 0 nor 1 is no bool.
    if to == DType::Bool && array.content.iter().any(|&byte| byte > 1) {
        return Failure::unsupported("a byte is neither of the two bools");
    }
    one(Array { dtype: to, ..array.clone() })
}

/// The element type of a number in an attribute.
fn numbered(number: Option<i64>) -> Result<DType, Failure> {
    let Some(number) = number else { return Failure::invalid("no type is given") };
    match i32::try_from(number).map(onnx_dtype) {
        Ok(known) if !matches!(known, DType::Undefined | DType::Other(_)) => Ok(known),
        _ => Failure::invalid(format!("no type has the number {number}")),
    }
}

/// The element type of a name in an attribute, as before operator set 6.
fn named(call: &Call<'_>) -> Result<DType, Failure> {
    Ok(match call.text("to", "")?.to_ascii_uppercase().as_str() {
        "FLOAT" => DType::F32,
        "DOUBLE" => DType::F64,
        "FLOAT16" => DType::F16,
        "INT8" => DType::I8,
        "INT16" => DType::I16,
        "INT32" => DType::I32,
        "INT64" => DType::I64,
        "UINT8" => DType::U8,
        "UINT16" => DType::U16,
        "UINT32" => DType::U32,
        "UINT64" => DType::U64,
        "BOOL" => DType::Bool,
        other => return Failure::invalid(format!("no type has the name `{other}`")),
    })
}

fn converted(call: &Call<'_>, value: &Value, to: DType) -> Result<Value, Failure> {
    let from = value.dtype();
    if from == to {
        return Ok(value.clone());
    }
    if let Value::Strings(strings) = value {
        return Ok(parsed(strings, to)?.into());
    }
    let array = value.array()?;
    if to == DType::String {
        return Ok(written(array)?.into());
    }
    if small::is_small(from) {
        let wide = of(array.dims.clone(), small::numbers(array)?);
        return Ok(if to == DType::F32 { wide.into() } else { converted(call, &wide.into(), to)? });
    }
    Ok(match to {
        DType::Bool => truth(array)?,
        _ if small::whole(to).is_some() => fewer_bits(array, to)?,
        _ if small::is_small(to) => encoded(call, array, to)?,
        _ if from == DType::Bool => {
            let bytes = bools(array)?;
            dispatch!(to, numbers, T => {
                let mut out = room(bytes.len())?;
                out.extend(bytes.iter().map(|&on| T::of_i64(i64::from(on != 0))));
                Ok(of(array.dims.clone(), out))
            })?
        }
        _ => dispatch!(from, numbers, S => dispatch!(to, numbers, T => number_to::<S, T>(array)))?,
    }
    .into())
}

fn number_to<S: Number, T: Number>(array: &Array) -> Result<Array, Failure> {
    let elements = view::<S>(array)?;
    let mut out = room(elements.len())?;
    let mut outside = false;
    out.extend(elements.iter().map(|&x| {
        let to = T::of(x);
        outside |= to.is_none();
        to.unwrap_or_default()
    }));
    if outside {
        return Failure::unsupported(format!("a number is outside of what {} holds", T::DTYPE));
    }
    Ok(of(array.dims.clone(), out))
}

fn truth(array: &Array) -> Result<Array, Failure> {
    dispatch!(array.dtype, numbers, T => {
        let elements = view::<T>(array)?;
        Ok(of_bools(array.dims.clone(), elements.iter().map(|&x| x != T::default())))
    })
}

/// Integers of less than a byte: of other integers the low bits.
fn fewer_bits(array: &Array, to: DType) -> Result<Array, Failure> {
    let (least, greatest) = small::whole(to).unwrap_or_default();
    let mut outside = false;
    let codes: Vec<u8> = match array.dtype {
        DType::Bool => bools(array)?.iter().map(|&on| u8::from(on != 0)).collect(),
        dtype => dispatch!(dtype, numbers, T => {
            Ok(view::<T>(array)?.iter().map(|&x| {
                if T::FLOAT {
                    let x = x.to_f64();
                    outside |= !(x > least as f64 - 1.0 && x < greatest as f64 + 1.0);
                }
                x.to_i64() as u8
            }).collect())
        })?,
    };
    if outside {
        return Failure::unsupported(format!("a number is outside of what {to} holds"));
    }
    small::packed(to, array.dims.clone(), &codes)
}

/// Small floats.
fn encoded(call: &Call<'_>, array: &Array, to: DType) -> Result<Array, Failure> {
    let overflow = if call.int("saturate", 1)? == 0 { Overflow::Special } else { Overflow::Saturate };
    let towards = match call.text("round_mode", "up")?.as_str() {
        "up" => Towards::Up,
        "down" => Towards::Down,
        "nearest" => Towards::Nearest,
        other => return Failure::invalid(format!("round_mode is {other}")),
    };
    let encoder = Encoder::new(to, overflow, towards);
    let codes: Option<Vec<u8>> = match array.dtype {
        DType::Bool => bools(array)?.iter().map(|&on| encoder.code(f32::from(u8::from(on != 0)))).collect(),
        dtype => dispatch!(dtype, numbers, T => {
            Ok(view::<T>(array)?.iter().map(|&x| encoder.code(x.to_f32())).collect())
        })?,
    };
    match codes {
        Some(codes) => small::packed(to, array.dims.clone(), &codes),
        None => Failure::unsupported(format!("what such a number is as {to} is not specified")),
    }
}

/// Numbers that strings write out.
fn parsed(strings: &Strings, to: DType) -> Result<Array, Failure> {
    width(to)?;
    let wrong = |text: &str| Failure::Unsupported(format!("`{}` is no number", crate::text::printable(text)));
    dispatch!(to, numbers, T => {
        let mut out = room(strings.elements.len())?;
        for text in strings.elements.iter() {
            let text = text.trim();
            let number = match (T::FLOAT, to) {
                (false, DType::U64) => text.parse::<u64>().ok().and_then(T::of),
                (false, _) => text.parse::<i64>().ok().filter(|&n| T::of_i64(n).to_i64() == n).map(T::of_i64),
                (true, DType::F32) => float(text).and_then(|_| text.parse::<f32>().ok()).and_then(T::of),
                (true, _) => float(text).and_then(T::of_f64),
            };
            out.push(number.ok_or_else(|| wrong(text))?);
        }
        Ok(of(strings.dims.clone(), out))
    })
}

/// A float that a string writes out: with digits, or one of the specification's special names.
fn float(text: &str) -> Option<f64> {
    let name = text.trim_start_matches(['+', '-']);
    let plain = name.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let special = name.eq_ignore_ascii_case("inf") || (text.eq_ignore_ascii_case("nan"));
    if plain || special { text.parse().ok() } else { None }
}

/// Numbers written out, as far as all runtimes write them in the same way.
fn written(array: &Array) -> Result<Strings, Failure> {
    let mut elements = room(crate::eval::elements::count(&array.dims)?)?;
    let open = || Failure::Unsupported("how a number is written differs between runtimes".to_owned());
    match array.dtype {
        DType::F32 => {
            for x in view::<f32>(array)?.iter() {
                elements.push(plain(&format!("{x}"), f64::from(*x), 8).ok_or_else(open)?);
            }
        }
        DType::F64 => {
            for x in view::<f64>(array)?.iter() {
                elements.push(plain(&format!("{x}"), *x, 15).ok_or_else(open)?);
            }
        }
        dtype => dispatch!(dtype, integers, T => {
            elements.extend(view::<T>(array)?.iter().map(T::to_string));
            Ok(())
        })?,
    }
    Ok(Strings { dims: array.dims.clone(), elements: elements.into() })
}

/// The shortest text of a number with a fraction, if it has few digits.
fn plain(text: &str, x: f64, most: usize) -> Option<String> {
    let digits = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    let usual = (1e-4..1e8).contains(&x.abs()) && x.fract() != 0.0;
    (usual && digits <= most).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_numbers_only_as_the_specification_says() {
        assert_eq!(float("1E8"), Some(1e8));
        assert_eq!(float("-inf"), Some(f64::NEG_INFINITY));
        assert!(float("NaN").is_some_and(f64::is_nan));
        assert_eq!((float("infinity"), float("x1"), float("")), (None, None, None));
    }

    #[test]
    fn only_numbers_that_all_write_alike_are_written() {
        assert_eq!(plain("0.47892547", 0.478_925_47, 8).as_deref(), Some("0.47892547"));
        assert_eq!(plain("0.123456789", 0.123_456_789, 8), None);
        assert_eq!(plain("3", 3.0, 8), None);
    }
}
