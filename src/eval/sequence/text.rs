//! Strings joined, cut and made alike.

use std::collections::HashSet;
use std::sync::Arc;

use crate::eval::elements::{count, of};
use crate::eval::shape::grow::broadcast;
use crate::eval::shape::moving::operand;
use crate::eval::value::Strings;
use crate::eval::{Call, Engine, Failure, Value};

/// More elements than the substrings of an operand may take.
const MOST_PARTS: usize = 1 << 24;

/// The strings at a slot.
pub(super) fn strings<'a>(call: &'a Call<'_>, slot: usize) -> Result<&'a Strings, Failure> {
    match operand(call, slot)? {
        Value::Strings(strings) => Ok(strings),
        other => Failure::invalid(format!("{} is no tensor of strings", other.sort())),
    }
}

fn tensor(dims: Vec<i64>, elements: Vec<String>) -> Value {
    Strings { dims, elements: Arc::new(elements) }.into()
}

/// `StringConcat`: element by element, broadcast.
pub(super) fn concat(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (left, right) = (strings(call, 0)?, strings(call, 1)?);
    let pair = (broadcast(&left.clone().into(), &right.dims)?, broadcast(&right.clone().into(), &left.dims)?);
    let (Value::Strings(left), Value::Strings(right)) = pair else {
        return Failure::invalid("operands that are no strings");
    };
    let joined = left.elements.iter().zip(right.elements.iter()).map(|(a, b)| format!("{a}{b}"));
    Ok(vec![tensor(left.dims.clone(), joined.collect())])
}

/// `StringNormalizer`: without the stop words, then in one case.
pub(super) fn normalize(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = strings(call, 0)?;
    if !matches!(data.dims.as_slice(), [_] | [1, _]) {
        return Failure::invalid("strings that are no row");
    }
    let locale = call.text("locale", "")?.to_lowercase();
    if ["tr", "az", "lt"].iter().any(|own| locale.starts_with(own)) {
        return Failure::unsupported(format!("the cases of the locale {locale:?}"));
    }
    let exact = call.int("is_case_sensitive", 0)? != 0;
    let alike = |text: &str| if exact { Ok(text.to_owned()) } else { lower(text) };
    let mut stops = HashSet::new();
    for word in call.texts("stopwords")?.unwrap_or_default() {
        stops.insert(alike(&word)?);
    }
    let action = call.text("case_change_action", "NONE")?;
    let mut kept = Vec::new();
    for text in data.elements.iter() {
        if !stops.is_empty() && stops.contains(&alike(text)?) {
            continue;
        }
        kept.push(match action.as_str() {
            "NONE" => text.clone(),
            "LOWER" => lower(text)?,
            "UPPER" => upper(text)?,
            other => return Failure::invalid(format!("the change of case {other:?}")),
        });
    }
    if kept.is_empty() {
        kept.push(String::new());
    }
    let mut dims = data.dims.clone();
    if let Some(last) = dims.last_mut() {
        *last = kept.len() as i64;
    }
    Ok(vec![tensor(dims, kept)])
}

fn lower(text: &str) -> Result<String, Failure> {
    text.chars().map(|c| single(c, c.to_lowercase())).collect()
}

fn upper(text: &str) -> Result<String, Failure> {
    text.chars().map(|c| single(c, c.to_uppercase())).collect()
}

/// Runtimes change the case of characters one by one.
fn single(c: char, mut changed: impl Iterator<Item = char>) -> Result<char, Failure> {
    match (changed.next(), changed.next()) {
        (Some(one), None) => Ok(one),
        _ => Failure::unsupported(format!("the case of {c:?}, which becomes more than one character")),
    }
}

/// `StringSplit`: substrings, filled up with empty ones, and how many there are.
pub(super) fn split(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = strings(call, 0)?;
    let delimiter = call.text("delimiter", "")?;
    let most = match call.maybe_int("maxsplit")? {
        None => usize::MAX,
        Some(most) if most >= 1 => usize::try_from(most).unwrap_or(usize::MAX),
        Some(most) => return Failure::unsupported(format!("at most {most} splits")),
    };
    let mut all: Vec<Vec<&str>> = Vec::new();
    for text in data.elements.iter() {
        if text.is_empty() && !delimiter.is_empty() {
            return Failure::unsupported("the parts of an empty string differ between runtimes");
        }
        all.push(match delimiter.as_str() {
            "" => words(text, most)?,
            delimiter => text.splitn(most.saturating_add(1), delimiter).collect(),
        });
    }
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let dims = [data.dims.as_slice(), &[longest as i64]].concat();
    if count(&dims)? > MOST_PARTS {
        return Err(Failure::TooLarge(format!("up to {longest} substrings of {} strings", all.len())));
    }
    let filled = |parts: &Vec<&str>| {
        let empty = std::iter::repeat_n("", longest - parts.len());
        parts.iter().copied().chain(empty).map(str::to_owned).collect::<Vec<_>>()
    };
    let elements = all.iter().flat_map(filled).collect();
    let counts = all.iter().map(|parts| parts.len() as i64).collect();
    Ok(vec![tensor(dims, elements), of(data.dims.clone(), counts).into()])
}

/// The parts between white space, the last one with what follows after `most` splits.
fn words(text: &str, most: usize) -> Result<Vec<&str>, Failure> {
    if text.chars().any(|c| c != ' ' && (c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))) {
        return Failure::unsupported("which characters are white space differs between runtimes");
    }
    let mut rest = text.trim_matches(' ');
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, next) = match rest.split_once(' ') {
            Some((part, next)) if parts.len() < most => (part, next.trim_start_matches(' ')),
            _ => (rest, ""),
        };
        parts.push(part);
        rest = next;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_last_split_the_rest_is_one_part() {
        assert_eq!(words("  a b   c d ", 2), Ok(vec!["a", "b", "c d"]));
        assert_eq!(words("   ", 2), Ok(Vec::new()));
    }

    #[test]
    fn a_character_whose_case_is_longer_has_no_number() {
        assert_eq!(
            upper("gruß"),
            Failure::unsupported("the case of 'ß', which becomes more than one character")
        );
        assert_eq!(lower("ÀÉ"), Ok("àé".to_owned()));
    }
}
