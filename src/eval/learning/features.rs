//! What is done with features before a model.

use super::trees::Samples;
use crate::eval::elements::{count, dispatch, filled, of, room, view, width};
use crate::eval::value::Strings;
use crate::eval::wide::{narrow, numbers};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `ArrayFeatureExtractor`: the elements at these places of the last axis.
pub(super) fn extract(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = call.value(0).ok_or_else(|| Failure::Invalid("operand 0 is missing".into()))?;
    let places = view::<i64>(call.array(1)?)?;
    let dims = data.dims()?;
    count(dims)?;
    let Some((&last, lead)) = dims.split_last() else { return Failure::invalid("a scalar has no axis") };
    if let Some(place) = places.iter().find(|&&place| place < 0 || place >= last) {
        return Failure::invalid(format!("feature {place} of {last}"));
    }
    let mut out = if lead.is_empty() { vec![1] } else { lead.to_vec() };
    let rows = count(&out)?;
    out.push(places.len() as i64);
    let total = count(&out)?;
    let from = |at: usize| (at / places.len()) * last as usize + places[at % places.len()] as usize;
    debug_assert!(total == rows * places.len());
    match data {
        Value::Strings(strings) => {
            let picked: Option<Vec<String>> =
                (0..total).map(|at| strings.elements.get(from(at)).cloned()).collect();
            let picked = picked.ok_or_else(|| Failure::Invalid("a content is too short".into()))?;
            Ok(vec![Strings { dims: out, elements: picked.into() }.into()])
        }
        _ => {
            let array = data.array()?;
            let width = width(array.dtype)?;
            let mut content: Vec<u8> = room(total.saturating_mul(width))?;
            for at in 0..total {
                let at = from(at) * width;
                let Some(bytes) = array.content.get(at..at + width) else {
                    return Failure::invalid("a content is too short");
                };
                content.extend_from_slice(bytes);
            }
            Ok(vec![Array { dtype: array.dtype, dims: out, content: content.into() }.into()])
        }
    }
}

/// `Binarizer`: whether each element is above the threshold, as a number.
pub(super) fn binarizer(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (x, threshold) = (call.array(0)?, f64::from(call.float("threshold", 0.0)?));
    let all = numbers(x)?;
    if all.iter().any(|x| x.is_nan()) {
        return Failure::unsupported("NaN differs between runtimes");
    }
    let above = all.iter().map(|&x| u8::from(x > threshold));
    let dims = x.dims.clone();
    Ok(vec![match x.dtype {
        DType::I32 => of(dims, above.map(i32::from).collect()).into(),
        DType::I64 => of(dims, above.map(i64::from).collect()).into(),
        dtype => narrow(dtype, dims, &above.map(f64::from).collect::<Vec<_>>())?.into(),
    }])
}

/// `FeatureVectorizer`: matrices side by side, each cut or filled with zeros to its width.
pub(super) fn vectorizer(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let widths = call.ints("inputdimensions")?.unwrap_or_default();
    if widths.len() != call.inputs.len() || widths.iter().any(|&width| width < 0) {
        return Failure::invalid("inputdimensions has not one size for each operand");
    }
    let parts: Result<Vec<Samples>, _> =
        (0..widths.len()).map(|slot| Samples::of(call.array(slot)?)).collect();
    let parts = parts?;
    let rows = parts.first().map_or(0, |part| part.count);
    if parts.iter().any(|part| part.count != rows) {
        return Failure::invalid("the operands have different numbers of rows");
    }
    let total = widths.iter().try_fold(0i64, |sum, &width| sum.checked_add(width));
    let total = total.ok_or_else(|| Failure::TooLarge("too many features".into()))?;
    let dims = vec![rows as i64, total];
    let mut out = filled(count(&dims)?, 0.0)?;
    let mut first = 0;
    for (part, &width) in parts.iter().zip(&widths) {
        let kept = part.features.min(width as usize);
        for (number, row) in part.rows().enumerate() {
            let at = number * total as usize + first;
            out[at..at + kept].copy_from_slice(&row[..kept]);
        }
        first += width as usize;
    }
    Ok(vec![narrow(DType::F32, dims, &out)?.into()])
}

/// `Imputer`: other values for those that are missing.
pub(super) fn imputer(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let last = x.dims.last().copied().unwrap_or(1);
    let fits = |n: usize| n == 1 || n as i64 == last;
    let unclear = || Failure::Unsupported("what it replaces is not given for this type".into());
    let wrong = || Failure::Invalid("the imputed values are not one for each feature".into());
    if matches!(x.dtype, DType::I32 | DType::I64) {
        let values = call.ints("imputed_value_int64s")?.unwrap_or_default();
        let replaced = call.maybe_int("replaced_value_int64")?.ok_or_else(unclear)?;
        if !fits(values.len()) {
            return Err(wrong());
        }
        return dispatch!(x.dtype, [I32 i32, I64 i64], T => {
            let mut all = view::<T>(x)?.into_owned();
            for (at, x) in all.iter_mut().enumerate() {
                #[allow(clippy::useless_conversion)] // In one of the two types it is none.
                if i64::from(*x) == replaced {
                    *x = T::try_from(values[at % values.len()]).map_err(|_| wrong())?;
                }
            }
            Ok(vec![of(x.dims.clone(), all).into()])
        });
    }
    let values = call.floats("imputed_value_floats")?.unwrap_or_default();
    let replaced = f64::from(call.maybe_float("replaced_value_float")?.ok_or_else(unclear)?);
    if !fits(values.len()) {
        return Err(wrong());
    }
    let mut all = numbers(x)?;
    for (at, x) in all.iter_mut().enumerate() {
        if *x == replaced || (x.is_nan() && replaced.is_nan()) {
            *x = f64::from(values[at % values.len()]);
        }
    }
    Ok(vec![narrow(x.dtype, x.dims.clone(), &all)?.into()])
}

/// `Normalizer`: each row divided by its maximum, or one of its norms.
pub(super) fn normalizer(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let norm = call.text("norm", "MAX")?;
    let samples = Samples::of(x)?;
    let mut out = room(count(&x.dims)?)?;
    for row in samples.rows() {
        let size = |x: &f64| x.abs();
        let divisor = match norm.as_str() {
            "MAX" => {
                let (most, least) = row.iter().fold((0.0f64, 0.0f64), |(a, b), &x| (a.max(x), b.min(x)));
                if row.iter().any(|x| x.is_nan()) || -least > most {
                    return Failure::unsupported("the maximum differs between runtimes, in its sign");
                }
                most
            }
            "L1" => row.iter().map(size).sum(),
            "L2" => row.iter().map(|x| x * x).sum::<f64>().sqrt(),
            other => return Failure::invalid(format!("there is no norm `{other}`")),
        };
        out.extend(row.iter().map(|&x| if divisor == 0.0 { x } else { x / divisor }));
    }
    Ok(vec![narrow(DType::F32, x.dims.clone(), &out)?.into()])
}

/// `Scaler`: `(x - offset) * scale`.
pub(super) fn scaler(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = call.array(0)?;
    let offsets = call.floats("offset")?.unwrap_or_default();
    let scales = call.floats("scale")?.unwrap_or_default();
    if offsets.is_empty() || scales.is_empty() {
        return Failure::unsupported("it has no offset, or no scale");
    }
    if x.dims.is_empty() || x.dims.len() > 2 {
        return Failure::unsupported(format!("features of {} axes", x.dims.len()));
    }
    let features = x.dims.last().copied().unwrap_or(1);
    if [offsets.len(), scales.len()].iter().any(|&n| n != 1 && n as i64 != features) {
        return Failure::invalid(format!("offset and scale are not of {features} features"));
    }
    let one = |list: &[f32], at: usize| f64::from(list[at % list.len()]);
    let mut all = numbers(x)?;
    for (at, x) in all.iter_mut().enumerate() {
        *x = (*x - one(&offsets, at)) * one(&scales, at);
    }
    Ok(vec![narrow(DType::F32, x.dims.clone(), &all)?.into()])
}
