//! Text that every layer needs: names made safe to print, near misses, counts, and the two
//! small languages in which users speak of names ([`Rename`], [`Glob`]).

mod glob;
mod rename;

pub use glob::Glob;
pub use rename::Rename;

/// `1 operator`, `2 operators`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `text` with control and direction-changing characters escaped, so that a
/// name in a hostile file cannot repaint a terminal.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_inert(c) { out.push(c) } else { out.extend(c.escape_unicode()) }
    }
    out
}

/// Whether a character only ever prints itself: no control character, none that
/// changes the direction of text, no line or paragraph separator.
pub fn is_inert(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The first of `names` that differs from `wanted` in little, to ask whether it was meant.
pub(crate) fn nearest<'a>(wanted: &str, mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names.find(|name| *name != wanted && distance(name, wanted) <= 2)
}

/// Single-character changes that turn one name into the other, up to 3.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 2 || a.len() > 256 {
        return 3;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_names_is_their_edits() {
        assert_eq!(
            [distance("a", "a"), distance("abc", "abd"), distance("abc", "bc"), distance("abc", "xyz")],
            [0, 1, 1, 3]
        );
    }
}
