//! Patterns of names, as in a shell.

use std::fmt;
use std::str::FromStr;

use regex::Regex;

use crate::error::{Error, ErrorKind, Result};

/// A pattern of names and paths: `*` is any part of a name, `**` of a path, `?` a character.
///
/// ```
/// let attention: modelgram::text::Glob = "**/self_attn".parse()?;
/// assert!(attention.matches("model/layers.0/self_attn"));
/// assert!(!attention.matches("model/layers.0/mlp"));
/// # Ok::<(), modelgram::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    regex: Regex,
}

impl Glob {
    /// Whether all of `name` is as the pattern says.
    pub fn matches(&self, name: &str) -> bool {
        self.regex.is_match(name)
    }
}

impl fmt::Display for Glob {
    /// The pattern as it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Glob {
    type Err = Error;

    /// Fails only if the pattern is too large.
    fn from_str(text: &str) -> Result<Self> {
        let mut pattern = String::from("^");
        let mut rest = text.trim_matches('/');
        while let Some(c) = rest.chars().next() {
            let (piece, taken) = match c {
                '*' if rest.starts_with("**") => (".*".to_owned(), 2),
                '*' => ("[^/]*".to_owned(), 1),
                '?' => ("[^/]".to_owned(), 1),
                c => (regex::escape(&c.to_string()), c.len_utf8()),
            };
            pattern.push_str(&piece);
            rest = &rest[taken..];
        }
        pattern.push('$');
        let regex = Regex::new(&pattern).map_err(|error| {
            let fact = format!("`{text}` is not a valid pattern: {error}");
            Error::new(ErrorKind::Usage, fact).from_source(error)
        })?;
        Ok(Glob { text: text.to_owned(), regex })
    }
}
