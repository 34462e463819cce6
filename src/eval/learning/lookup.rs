//! Operators that look elements up: encoders, and maps.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::scores::Labels;
use super::trees::Samples;
use crate::eval::elements::{count, filled, of, room, scalar, view, width};
use crate::eval::value::{Key, Strings};
use crate::eval::wide::numbers;
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// `LabelEncoder`: each element's value in a map of keys to values.
pub(super) fn label_encoder(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = operand(call)?;
    if call.opset < 2 {
        let names = call.texts("classes_strings")?.unwrap_or_default();
        return translate(call, x, &(0..names.len() as i64).collect::<Vec<_>>(), &names);
    }
    let keys = one_of(call, "keys")?;
    let values = one_of(call, "values")?;
    let default = match (call.tensor("default_tensor")?, values.dtype()) {
        (Some(default), _) if call.has("values_tensor") => default,
        (_, DType::String) => text(call.text("default_string", "_Unused")?),
        (_, DType::F32) => scalar(call.float("default_float", -0.0)?).into(),
        (_, DType::F64) => scalar(-0.0f64).into(),
        (_, DType::I64) => scalar(call.int("default_int64", -1)?).into(),
        (_, DType::I32) => scalar(-1i32).into(),
        (_, DType::I16) => scalar(-1i16).into(),
        (_, other) => return Failure::unsupported(format!("values of {other}")),
    };
    if keys.dtype() != x.dtype() {
        return Failure::invalid(format!("keys of {} for {}", keys.dtype(), x.dtype()));
    }
    let nan = Key::Number(f64::NAN.to_bits() as i64);
    if call.opset < 4 && is_float(&keys) && keys_of(&keys)?.contains(&nan) {
        return Failure::unsupported("a key of NaN differs between runtimes before version 4");
    }
    picked(x, &keys, &values, &default)
}

/// `CategoryMapper`: strings for numbers, or numbers for strings.
pub(super) fn category_mapper(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let numbers = call.ints("cats_int64s")?.unwrap_or_default();
    translate(call, operand(call)?, &numbers, &call.texts("cats_strings")?.unwrap_or_default())
}

/// `OneHotEncoder`: a one at the place of each element's category.
pub(super) fn one_hot(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let x = operand(call)?;
    let categories = Labels::of(call, "cats_int64s", "cats_strings")?;
    let keys = match categories {
        Labels::Numbers(list) => list.into_iter().map(Key::Number).collect::<Vec<_>>(),
        Labels::Texts(list) => list.into_iter().map(Key::Text).collect(),
    };
    let places: HashMap<&Key, usize> = keys.iter().enumerate().map(|(at, key)| (key, at)).collect();
    let dims = x.dims()?;
    if dims.is_empty() {
        return Failure::unsupported("a scalar differs between runtimes");
    }
    let elements = match x {
        Value::Array(array) if !matches!(array.dtype, DType::I32 | DType::I64) => {
            numbers(array)?.into_iter().map(whole).collect::<Result<Vec<_>, _>>()?
        }
        _ => keys_of(x)?,
    };
    let dims = [dims, &[keys.len() as i64]].concat();
    let mut out = filled(count(&dims)?, 0.0f32)?;
    for (row, element) in out.chunks_exact_mut(keys.len().max(1)).zip(&elements) {
        match places.get(element) {
            Some(&at) => row[at] = 1.0,
            None if call.int("zeros", 1)? == 0 => return Failure::invalid("an element has no category"),
            None => {}
        }
    }
    Ok(vec![of(dims, out).into()])
}

/// `ZipMap`: for each sample a map of labels to scores.
pub(super) fn zip_map(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let keys: Vec<Key> = match Labels::of(call, "classlabels_int64s", "classlabels_strings")? {
        Labels::Numbers(list) => list.into_iter().map(Key::Number).collect(),
        Labels::Texts(list) => list.into_iter().map(Key::Text).collect(),
    };
    let samples = Samples::of(call.array(0)?)?;
    if samples.features != keys.len() {
        return Failure::invalid(format!("{} scores and {} labels", samples.features, keys.len()));
    }
    let mut maps = room(samples.count)?;
    for row in samples.rows() {
        let map: BTreeMap<Key, f32> = keys.iter().cloned().zip(row.iter().map(|&x| x as f32)).collect();
        if map.len() != keys.len() {
            return Failure::unsupported("a label is there twice");
        }
        maps.push(Value::Map(Arc::new(map)));
    }
    Ok(vec![Value::List(Arc::new(maps))])
}

fn is_float(value: &Value) -> bool {
    matches!(value.dtype(), DType::F32 | DType::F64)
}

fn operand<'a>(call: &'a Call<'_>) -> Result<&'a Value, Failure> {
    call.value(0).ok_or_else(|| Failure::Invalid("operand 0 is missing".into()))
}

/// Numbers for strings, or strings for numbers.
fn translate(call: &Call<'_>, x: &Value, numbers: &[i64], names: &[String]) -> Result<Vec<Value>, Failure> {
    let count = names.len() as i64;
    let names: Value = Strings { dims: vec![count], elements: Arc::new(names.to_vec()) }.into();
    let numbers: Value = of(vec![numbers.len() as i64], numbers.to_vec()).into();
    match x.dtype() {
        DType::String => picked(x, &names, &numbers, &scalar(call.int("default_int64", -1)?).into()),
        DType::I64 => picked(x, &numbers, &names, &text(call.text("default_string", "_Unused")?)),
        other => Failure::invalid(format!("{other}, and should be int64 or string")),
    }
}

fn text(text: String) -> Value {
    Strings { dims: Vec::new(), elements: Arc::new(vec![text]) }.into()
}

/// The only one of the attributes `prefix_tensor`, `prefix_strings`, `prefix_int64s`,
/// `prefix_floats`.
fn one_of(call: &Call<'_>, prefix: &str) -> Result<Value, Failure> {
    let mut all = Vec::new();
    all.extend(call.tensor(&format!("{prefix}_tensor"))?);
    if let Some(list) = call.texts(&format!("{prefix}_strings"))? {
        all.push(Strings { dims: vec![list.len() as i64], elements: Arc::new(list) }.into());
    }
    all.extend(call.ints(&format!("{prefix}_int64s"))?.map(|list| of(vec![list.len() as i64], list).into()));
    all.extend(
        call.floats(&format!("{prefix}_floats"))?.map(|list| of(vec![list.len() as i64], list).into()),
    );
    match <[Value; 1]>::try_from(all) {
        Ok([value]) => Ok(value),
        Err(all) => Failure::invalid(format!("{} attributes with {prefix}, not one", all.len())),
    }
}

/// For each element of `x` the value of its key, or else the default.
fn picked(x: &Value, keys: &Value, values: &Value, default: &Value) -> Result<Vec<Value>, Failure> {
    if values.dtype() != default.dtype() {
        return Failure::invalid(format!(
            "a default of {} for values of {}",
            default.dtype(),
            values.dtype()
        ));
    }
    let keys = keys_of(keys)?;
    let size = count(values.dims()?)?;
    if keys.len() != size {
        return Failure::invalid(format!("{} keys and {size} values", keys.len()));
    }
    let places: HashMap<&Key, usize> = keys.iter().enumerate().map(|(at, key)| (key, at)).collect();
    if places.len() != keys.len() {
        return Failure::unsupported("a key is there twice, which differs between runtimes");
    }
    let elements = keys_of(x)?;
    let found = elements.iter().map(|element| places.get(element).copied());
    let dims = x.dims()?.to_vec();
    match (values, default) {
        (Value::Strings(values), Value::Strings(default)) => {
            let list: Option<Vec<String>> = found
                .map(|at| at.map_or_else(|| default.elements.first(), |at| values.elements.get(at)).cloned())
                .collect();
            let list = list.ok_or_else(|| Failure::Invalid("there is no default".into()))?;
            Ok(vec![Strings { dims, elements: Arc::new(list) }.into()])
        }
        (Value::Array(values), Value::Array(default)) => {
            let width = width(values.dtype)?;
            let mut content: Vec<u8> = room(elements.len().saturating_mul(width))?;
            for at in found {
                let (from, at) = at.map_or((default, 0), |at| (values, at));
                let Some(bytes) = from.content.get(at * width..(at + 1) * width) else {
                    return Failure::invalid("a content is too short");
                };
                content.extend_from_slice(bytes);
            }
            Ok(vec![Array { dtype: values.dtype, dims, content: content.into() }.into()])
        }
        _ => Failure::unsupported("values that are not tensors"),
    }
}

/// Elements as keys. Those of floats are the bits of their numbers: all NaNs are the same, and
/// both zeros are.
fn keys_of(value: &Value) -> Result<Vec<Key>, Failure> {
    let array = match value {
        Value::Strings(strings) => return Ok(strings.elements.iter().cloned().map(Key::Text).collect()),
        _ => value.array()?,
    };
    match array.dtype {
        DType::I64 => Ok(view::<i64>(array)?.iter().map(|&n| Key::Number(n)).collect()),
        DType::I32 => Ok(view::<i32>(array)?.iter().map(|&n| Key::Number(n.into())).collect()),
        DType::I16 => Ok(view::<i16>(array)?.iter().map(|&n| Key::Number(n.into())).collect()),
        _ => {
            let bits = |x: f64| if x.is_nan() { f64::NAN.to_bits() } else { (x + 0.0).to_bits() };
            Ok(numbers(array)?.into_iter().map(|x| Key::Number(bits(x) as i64)).collect())
        }
    }
}

/// A number without its fraction.
fn whole(x: f64) -> Result<Key, Failure> {
    let n = x.trunc();
    if n.abs() < 9.0e18 {
        return Ok(Key::Number(n as i64));
    }
    Failure::unsupported(format!("{x} as an integer differs between runtimes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_nans_are_one_key_and_so_are_both_zeros() {
        let keys = |list: Vec<f32>| keys_of(&of(vec![2], list).into()).unwrap();
        assert_eq!(keys(vec![f32::NAN, 0.0]), keys(vec![-f32::NAN, -0.0]));
    }

    #[test]
    fn an_element_without_a_key_becomes_the_default() {
        let keys = of(vec![2], vec![4i64, 9]).into();
        let values = of(vec![2], vec![0.5f32, 1.5]).into();
        let x = of(vec![1, 3], vec![9i64, 7, 4]).into();
        let found = picked(&x, &keys, &values, &scalar(-1.0f32).into()).unwrap();
        assert_eq!(found, [of(vec![1, 3], vec![1.5f32, -1.0, 0.5]).into()]);
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused() {
        let keys = of(vec![2], vec![4i64, 4]).into();
        let values: Value = of(vec![2], vec![0.5f32, 1.5]).into();
        let found = picked(&keys, &keys, &values, &scalar(0.0f32).into());
        assert!(matches!(found, Err(Failure::Unsupported(_))));
    }
}
