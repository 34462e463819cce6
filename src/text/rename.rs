//! New names by an expression: `s/regex/replacement/flags`, as in sed.
//!
//! The expression is one of the `regex` crate, which takes time linear in the
//! name whatever the expression is.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use regex::{Captures, Regex, RegexBuilder};

use crate::error::{Error, ErrorKind, Result};

/// A renaming: `s/regex/replacement/`, with any delimiter.
///
/// In the replacement `\1` … `\9` stand for groups and `&` or `\0` for the whole
/// match; `\&` is an ampersand. The first match is replaced, all with the flag
/// `g`; the flag `i` ignores case.
#[derive(Clone, Debug)]
pub struct Rename {
    text: String,
    regex: Regex,
    replacement: Vec<Part>,
    all: bool,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Group(usize),
}

impl Rename {
    /// `name` after the renaming.
    pub fn apply<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let limit = if self.all { 0 } else { 1 };
        self.regex.replacen(name, limit, |found: &Captures<'_>| {
            let part = |part: &Part| match part {
                Part::Text(text) => text.clone(),
                Part::Group(n) => found.get(*n).map_or_else(String::new, |m| m.as_str().to_owned()),
            };
            self.replacement.iter().map(part).collect::<String>()
        })
    }
}

impl fmt::Display for Rename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rename {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |fact: String| {
            Error::new(ErrorKind::Usage, format!("rename `{text}`: {fact}"))
                .hint("write it as in sed: `s/regex/replacement/`, with `g` at the end for every match")
        };
        let mut chars = text.chars();
        if chars.next() != Some('s') {
            return Err(wrong("it does not begin with `s`".into()));
        }
        let delimiter = chars.next().ok_or_else(|| wrong("it ends after `s`".into()))?;
        if delimiter.is_alphanumeric() || delimiter.is_whitespace() || delimiter == '\\' {
            return Err(wrong(format!("`{delimiter}` cannot separate its parts")));
        }
        let mut rest = chars.as_str();
        let (pattern, after) =
            part(rest, delimiter).ok_or_else(|| wrong(format!("no second `{delimiter}`")))?;
        rest = after;
        let (replacement, flags) =
            part(rest, delimiter).ok_or_else(|| wrong(format!("no third `{delimiter}`")))?;
        if let Some(flag) = flags.chars().find(|c| !matches!(c, 'g' | 'i' | 'I')) {
            return Err(wrong(format!("unknown flag `{flag}`")));
        }
        let pattern = unescape(pattern, delimiter, |c| regex::escape(&c.to_string()));
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(flags.contains(['i', 'I']))
            .build()
            .map_err(|error| wrong(reason(&error)).from_source(error))?;
        let replacement = replacement_parts(&unescape(replacement, delimiter, |c| match c {
            '&' => "\\&".into(),
            other => other.to_string(),
        }));
        let groups = regex.captures_len() - 1;
        let missing = replacement.iter().find_map(|p| match p {
            Part::Group(n) if *n > groups => Some(*n),
            _ => None,
        });
        if let Some(n) = missing {
            return Err(wrong(format!("`\\{n}` is used, and the expression has {groups} groups")));
        }
        Ok(Rename { text: text.to_owned(), regex, replacement, all: flags.contains('g') })
    }
}

/// What a regular expression does wrong, in one line.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".into(),
        other => {
            let text = other.to_string();
            let last = text.lines().last().unwrap_or_default();
            last.trim().trim_start_matches("error: ").to_owned()
        }
    }
}

/// What stands before the next `delimiter` that no backslash protects, and what
/// follows it.
fn part(text: &str, delimiter: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == delimiter {
            return Some((&text[..at], &text[at + c.len_utf8()..]));
        }
    }
    None
}

/// `text` with each escaped delimiter as `literal` writes it.
fn unescape(text: &str, delimiter: char, literal: impl Fn(char) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('\\', Some(next)) => {
                chars.next();
                if next == delimiter {
                    out.push_str(&literal(next));
                } else {
                    out.extend([c, next]);
                }
            }
            _ => out.push(c),
        }
    }
    out
}

fn replacement_parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let group = match c {
            '&' => Some(0),
            '\\' => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => digit.to_digit(10),
                Some(other) => {
                    literal.push(other);
                    None
                }
                None => {
                    literal.push('\\');
                    None
                }
            },
            other => {
                literal.push(other);
                None
            }
        };
        if let Some(n) = group {
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Group(n as usize));
        }
    }
    parts.push(Part::Text(literal));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, name: &str, expected: &str) {
        let rename: Rename = expression.parse().unwrap();
        assert_eq!(rename.apply(name), expected, "{expression} on {name}");
    }

    fn error(expression: &str) -> String {
        expression.parse::<Rename>().unwrap_err().to_string()
    }

    #[test]
    fn the_first_match_is_replaced_and_all_with_g() {
        check(r"s/_/\//", "a_b_c", "a/b_c");
        check(r"s/_/\//g", "a_b_c", "a/b/c");
        check("s/CONV/x/i", "conv", "x");
    }

    #[test]
    fn any_delimiter_separates_and_can_be_meant_literally() {
        check("s|_|/|", "a_b", "a/b");
        check(r"s|a\|b|x|", "a|b", "x");
        check("s,_,.,g", "a_b_c", "a.b.c");
        check(r"s&a\&b&x\&y&", "a&b", "x&y");
    }

    #[test]
    fn the_replacement_refers_to_groups_and_the_match() {
        check(r"s/layer(\d+)_(\w+)/layers.\1.\2/", "layer3_fc", "layers.3.fc");
        check("s/[0-9]+/<&>/", "conv12", "conv<12>");
        check(r"s/x/\&$1\\/", "x", r"&$1\");
        check(r"s/(a)|(b)/[\1\2]/g", "ab", "[a][b]");
    }

    #[test]
    fn a_wrong_expression_is_told_with_a_way_out() {
        assert!(error("y/a/b/").contains("does not begin with `s`"));
        assert!(error("s/a/b").contains("no third `/`"));
        assert!(error("s/a").contains("no second `/`"));
        assert!(error("s/a/b/q").contains("unknown flag `q`"));
        assert!(error("s/(/b/").contains("unclosed group"));
        assert!(error(r"s/a/\2/").contains("has 0 groups"));
        assert!(error("s").contains("hint: write it as in sed"));
    }
}
