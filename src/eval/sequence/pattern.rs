//! Regular expressions.

use regex::Regex;

use super::text::strings;
use crate::eval::elements::of_bools;
use crate::eval::{Call, Engine, Failure, Value};

/// `RegexFullMatch`: whether all of a string matches a pattern of RE2.
pub(super) fn full_match(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = strings(call, 0)?;
    let Some(pattern) = call.maybe_text("pattern")? else { return Failure::invalid("no pattern is given") };
    if foreign(&pattern) {
        return Failure::unsupported(format!("the pattern {pattern:?} may mean something else in RE2"));
    }
    // RE2's classes and cases are those of ASCII.
    let classes = ["\\d", "\\w", "\\s", "\\b", "\\D", "\\W", "\\S", "\\B", "(?i", "(?-", "(?s", "(?m", "(?U"];
    if !data.elements.iter().all(|text| text.is_ascii())
        && classes.iter().any(|class| pattern.contains(class))
    {
        return Failure::unsupported("classes of characters of a pattern, for text that is not of ASCII");
    }
    let whole = Regex::new(&format!(r"\A(?:{pattern})\z"));
    // A pattern that closes our group would not compile alone.
    let (Ok(whole), Ok(_)) = (whole, Regex::new(&pattern)) else {
        return Failure::unsupported(format!("the pattern {pattern:?}"));
    };
    let found = data.elements.iter().map(|text| whole.is_match(text));
    Ok(vec![of_bools(data.dims.clone(), found).into()])
}

/// Whether a pattern has what `regex` understands and RE2 does not, or not so.
fn foreign(pattern: &str) -> bool {
    let words = ["&&", "--", "~~", "(?x", "(?R", "\\<", "\\>", "\\u", "\\U", "\\b{", "(?u", "(?-u", "{,"];
    words.iter().any(|word| pattern.contains(word)) || flags(pattern) || nested(pattern)
}

/// Whether a group sets one of the flags that RE2 lacks, wherever among others.
fn flags(pattern: &str) -> bool {
    pattern.match_indices("(?").any(|(at, _)| {
        let flags = pattern[at + 2..].chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-');
        !pattern[at + 2..].starts_with('P') && flags.clone().any(|c| "xRu".contains(c))
    })
}

/// Whether a class of characters holds another bracket that does not begin `[:`.
fn nested(pattern: &str) -> bool {
    let mut inside = false;
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '[' if inside => {
                if chars.peek() != Some(&':') {
                    return true;
                }
                // The name of a class ends with its own bracket.
                chars.by_ref().find(|&c| c == ']');
            }
            '[' => {
                inside = true;
                chars.next_if_eq(&'^');
                chars.next_if_eq(&']');
            }
            ']' => inside = false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_of_the_two_dialects_knows_is_foreign() {
        for pattern in ["[a[bc]]", "[a&&b]", "(?ix)a b", "(?xi)a", r"\u{61}"] {
            assert!(foreign(pattern), "{pattern}");
        }
        for pattern in ["[[:alpha:]_]+", r"[\[x]", "[]a]", "(?i)abc", r"(?P<user>\w+)@x\.org", "a-b"] {
            assert!(!foreign(pattern), "{pattern}");
        }
    }
}
