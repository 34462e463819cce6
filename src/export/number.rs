//! Numbers in drawings.

/// A length or position with at most two decimals and no needless character.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding zero turns -0 into 0.
    let text = format!("{}", rounded + 0.0);
    match text.strip_prefix("-0.") {
        Some(rest) => format!("-.{rest}"),
        None => text.strip_prefix("0.").map_or(text.clone(), |rest| format!(".{rest}")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_are_short() {
        let all = [0.0, -0.001, 0.5, -0.25, 12.0, 1.005, 33.333].map(super::number);
        assert_eq!(all, ["0", "0", ".5", "-.25", "12", "1", "33.33"]);
    }
}
