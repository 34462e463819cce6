//! JSON as Python writes it: with `NaN` and `Infinity`.

use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// The largest text that is read, in bytes.
pub(super) const MOST: usize = 16 << 20;

/// Reads a text; what no JSON number can be becomes the string `NaN`, `Infinity` or
/// `-Infinity`.
///
/// # Errors
/// If it is no JSON, or nested more than 128 deep.
pub(super) fn parse(text: &[u8], what: &str) -> Result<Value> {
    if text.len() > MOST {
        let message = format!("{what} has {} bytes; at most {MOST} are read", text.len());
        return Err(Error::new(ErrorKind::Unsafe, message));
    }
    let quoted = quote_special(text);
    serde_json::from_slice(&quoted).map_err(|error| {
        let message = format!("{what} is no JSON: {error}");
        let error = Error::new(ErrorKind::Undecodable, message).from_source(error);
        error.hint("the file may be damaged or cut off")
    })
}

/// Puts `NaN`, `Infinity` and `-Infinity` outside of strings into quotation marks.
fn quote_special(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut i = 0;
    let mut inside = false;
    while i < text.len() {
        let rest = &text[i..];
        let special =
            [&b"NaN"[..], b"Infinity", b"-Infinity"].into_iter().find(|word| rest.starts_with(word));
        match (inside, special) {
            (false, Some(word)) => {
                out.push(b'"');
                out.extend(word);
                out.push(b'"');
                i += word.len();
                continue;
            }
            (true, _) if rest[0] == b'\\' => {
                // The next byte belongs to the escape.
                out.extend(&rest[..rest.len().min(2)]);
                i += 2;
                continue;
            }
            _ => {}
        }
        inside ^= rest[0] == b'"';
        out.push(rest[0]);
        i += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_json_does_not_know_are_read() {
        let value =
            parse(br#"{"a": NaN, "b": [-Infinity, Infinity, 1e-7], "c": "NaN \" Infinity"}"#, "it").unwrap();
        assert_eq!(value["a"], "NaN");
        assert_eq!(value["b"][0], "-Infinity");
        assert_eq!(value["c"], "NaN \" Infinity");
        assert!(parse(b"{\"a\": \"\\", "it").is_err());
        let deep = [b"[".repeat(10_000), b"]".repeat(10_000)].concat();
        assert!(parse(&deep, "it").unwrap_err().to_string().contains("recursion"));
    }
}
