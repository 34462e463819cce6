//! Golden files: what the program wrote once, reviewed like code.
//!
//! `UPDATE=1 cargo test` writes them anew; then the test passes and the diff is read.
#![allow(unreachable_pub)]

use super::models::at;

/// Panics unless the file of the repository holds this text.
pub fn assert_golden(file: &str, made: &str) {
    if let Some(difference) = difference(file, made) {
        panic!("{difference}\n{ADVICE}");
    }
}

/// Panics unless each file holds the text that goes with it; all that differ are named.
pub fn assert_all_golden<F: AsRef<str>>(files: impl IntoIterator<Item = (F, String)>) {
    let differences: Vec<String> =
        files.into_iter().filter_map(|(file, made)| difference(file.as_ref(), &made)).collect();
    assert!(differences.is_empty(), "{}\n{ADVICE}", differences.join("\n"));
}

/// A picture without the line that says how it was made.
pub fn without_metadata(svg: &str) -> String {
    match (svg.find("<metadata>"), svg.find("</metadata>")) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &svg[..start], &svg[end..]),
        _ => svg.to_owned(),
    }
}

const ADVICE: &str = "look at what changed; if it is meant, `UPDATE=1 cargo test` writes the files anew";

/// Which line is the first that differs, if any does. A checkout may end lines with CRLF.
fn difference(file: &str, made: &str) -> Option<String> {
    let path = at(file);
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if kept == made {
        return None;
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder is made");
        std::fs::write(&path, made).expect("the golden file is written");
        return None;
    }
    if !path.exists() {
        return Some(format!("{file} does not exist"));
    }
    if without_metadata(&kept) == without_metadata(made) {
        return Some(format!("{file}: only its <metadata> differs{}", first_difference(&kept, made)));
    }
    Some(format!("{file} differs{}", first_difference(&kept, made)))
}

/// The number of the first line that differs, and what stands there in both.
fn first_difference(kept: &str, made: &str) -> String {
    let (mut old, mut new) = (kept.split('\n'), made.split('\n'));
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => number += 1,
            (old, new) => {
                let (old, new) = (old.unwrap_or("(end of file)"), new.unwrap_or("(end of file)"));
                let same = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
                let (kept, made) = (excerpt(old, same), excerpt(new, same));
                return format!(" in line {number}, column {}:\n  kept: {kept}\n  made: {made}", same + 1);
            }
        }
    }
}

/// A line of a picture can be very long: what is around one of its characters.
fn excerpt(line: &str, column: usize) -> String {
    const BEFORE: usize = 40;
    const AFTER: usize = 80;
    let start = column.saturating_sub(BEFORE);
    let mut rest = line.chars().skip(start);
    let shown: String = rest.by_ref().take(column - start + AFTER).collect();
    let (left, right) = (if start > 0 { "…" } else { "" }, if rest.next().is_some() { "…" } else { "" });
    format!("{left}{shown}{right}")
}
