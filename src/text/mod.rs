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

/// The same for text of several lines, whose ends stay.
#[cfg(feature = "cli")]
pub(crate) fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// Whether a character only ever prints itself: no control character, none that
/// changes the direction of text, no line or paragraph separator.
pub fn is_inert(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The one of `names` that differs from `wanted` least and in little, the first of several, to ask
/// whether it was meant.
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.filter(|name| *name != wanted).map(|name| (distance(name, wanted), name));
    near.filter(|(far, _)| *far <= 2).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// A hint for a name that is none of `names`: the nearest one, or some of them.
pub(crate) fn meant(wanted: &str, names: &[&str]) -> String {
    const MOST: usize = 5;
    let quoted = |name: &str| format!("`{}`", printable(name));
    if let Some(near) = nearest(wanted, names.iter().copied()) {
        return format!("did you mean {}?", quoted(near));
    }
    // Part of a name, in whatever case.
    let wanted = wanted.to_lowercase();
    let alike = |name: &&&str| !wanted.is_empty() && name.to_lowercase().contains(&wanted);
    let part: Vec<&&str> = names.iter().filter(alike).collect();
    let shown = if part.is_empty() { names.iter().collect() } else { part };
    let mut list: Vec<String> = shown.iter().take(MOST).map(|name| quoted(name)).collect();
    if shown.len() > MOST {
        list.push(format!("{} more", shown.len() - MOST));
    }
    match list.split_last() {
        None => "there is none".into(),
        Some((only, [])) => format!("there is {only}"),
        Some((last, others)) => format!("there are {} and {last}", others.join(", ")),
    }
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
    fn a_name_that_is_not_there_is_told_with_those_that_are() {
        assert_eq!(meant("logit", &["a", "logits"]), "did you mean `logits`?");
        assert_eq!(meant("CONV", &["conv1/w", "fc", "conv2/w"]), "there are `conv1/w` and `conv2/w`");
        assert_eq!(meant("x", &[]), "there is none");
        let many = ["p", "q", "r", "s", "t", "u", "v"];
        assert_eq!(meant("nothing", &many), "there are `p`, `q`, `r`, `s`, `t` and 2 more");
    }

    #[test]
    fn the_distance_of_names_is_their_edits() {
        assert_eq!(
            [distance("a", "a"), distance("abc", "abd"), distance("abc", "bc"), distance("abc", "xyz")],
            [0, 1, 1, 3]
        );
    }
}
