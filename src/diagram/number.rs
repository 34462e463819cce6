//! Numbers as text: short, and the same on every machine.

use crate::model::{DType, Source, Tensor, TensorData};

/// `640`, `9.4 k`, `25.6 M`: three significant digits.
pub(crate) fn short_count(n: u64) -> String {
    const UNITS: [&str; 7] = ["", " k", " M", " G", " T", " P", " E"];
    let mut value = n as f64;
    let mut unit = 0;
    // 999.95 would round to `1000.0`.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    let text = format!("{value:.decimals$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text}{}", UNITS[unit])
}

/// The shortest text that reads back as the same 32-bit float: `0.5`, `1e-5`.
pub(super) fn float(x: f32) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() || (1e-4..1e7).contains(&size) { x.to_string() } else { format!("{x:e}") }
}

/// The shortest text that reads back as the same 64-bit float.
pub(super) fn double(x: f64) -> String {
    let size = x.abs();
    if x == 0.0 || !x.is_finite() || (1e-4..1e7).contains(&size) { x.to_string() } else { format!("{x:e}") }
}

/// An integer; the ends of the range of 64 bits by name, since that is what they
/// mean to a slice.
pub(super) fn integer(n: i64) -> String {
    match n {
        i64::MAX => "max".into(),
        i64::MIN => "min".into(),
        n => n.to_string(),
    }
}

/// The content of a constant, `[[1, 2], [3, 4]]`, if it is at hand and has at most
/// `limit` elements.
pub(super) fn content(tensor: &Tensor, source: &Source, limit: usize) -> Option<String> {
    let items = elements(tensor, source, limit)?;
    let dims: Vec<usize> = tensor.dims.iter().map(|&n| usize::try_from(n).ok()).collect::<Option<_>>()?;
    let product = dims.iter().try_fold(1usize, |product, &n| product.checked_mul(n))?;
    if items.len() != product {
        return None;
    }
    Some(nested(items, &dims))
}

/// The elements in brackets, from the innermost dimension outwards.
fn nested(mut items: Vec<String>, dims: &[usize]) -> String {
    for &n in dims.iter().rev() {
        items = match n {
            0 => vec!["[]".into()],
            n => items.chunks(n).map(|row| format!("[{}]", row.join(", "))).collect(),
        };
    }
    items.into_iter().next().unwrap_or_default()
}

fn elements(tensor: &Tensor, source: &Source, limit: usize) -> Option<Vec<String>> {
    if let TensorData::Strings(strings) = &tensor.data {
        let quoted = |s: &crate::model::Text| format!("\"{}\"", s.as_str());
        return (strings.len() <= limit).then(|| strings.iter().map(quoted).collect());
    }
    let numbers = tensor.numbers(source, limit)?;
    Some(match tensor.dtype {
        // 64 bits do not fit into the fraction of a float.
        DType::I64 | DType::U64 => {
            let bytes = tensor.bytes(source)?;
            let (words, _) = bytes.as_chunks::<8>();
            match tensor.dtype {
                DType::I64 => words.iter().map(|&w| integer(i64::from_le_bytes(w))).collect(),
                _ => words.iter().map(|&w| u64::from_le_bytes(w).to_string()).collect(),
            }
        }
        DType::Bool => numbers.iter().map(|&n| if n == 0.0 { "false" } else { "true" }.into()).collect(),
        DType::F64 => numbers.iter().map(|&n| double(n)).collect(),
        DType::F32 | DType::F16 | DType::BF16 => numbers.iter().map(|&n| float(n as f32)).collect(),
        _ => numbers.iter().map(|&n| integer(n as i64)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn counts_have_three_digits_at_most() {
        let check = |n, text: &str| assert_eq!(short_count(n), text);
        check(0, "0");
        check(640, "640");
        check(999, "999");
        check(1000, "1 k");
        check(9408, "9.4 k");
        check(99_960, "100 k");
        check(999_600, "1 M");
        check(25_557_032, "25.6 M");
        check(u64::MAX, "18.4 E");
    }

    #[test]
    fn floats_are_as_short_as_they_can_be() {
        let check = |x, text: &str| assert_eq!(float(x), text);
        check(1e-5, "1e-5");
        check(0.1, "0.1");
        check(1.0, "1");
        check(f32::MIN, "-3.4028235e38");
        check(0.0, "0");
        check(f32::NEG_INFINITY, "-inf");
    }

    fn ints(dims: &[i64], values: &[i64]) -> Tensor {
        let bytes: Vec<u8> = values.iter().flat_map(|n| n.to_le_bytes()).collect();
        let data = TensorData::Owned(Bytes::from(bytes));
        Tensor { name: String::new(), dtype: DType::I64, dims: dims.to_vec(), data, span: Default::default() }
    }

    #[test]
    fn content_is_nested_like_its_dimensions() {
        let check = |dims: &[i64], values: &[i64], text: &str| {
            assert_eq!(content(&ints(dims, values), &Source::default(), 8).as_deref(), Some(text));
        };
        check(&[], &[7], "7");
        check(&[3], &[1, -1, i64::MAX], "[1, -1, max]");
        check(&[2, 2], &[1, 2, 3, 4], "[[1, 2], [3, 4]]");
        check(&[0], &[], "[]");
        assert_eq!(content(&ints(&[-1], &[1]), &Source::default(), 8), None);
        assert_eq!(content(&ints(&[9], &[0; 9]), &Source::default(), 8), None);
    }
}
