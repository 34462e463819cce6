//! Tables for terminals and for other programs.

use crate::diagram::number::short_count;
use crate::report::info::{DimInfo, ValueInfo};
use crate::text::printable;

/// Rows of texts under headings.
pub(super) struct Table {
    pub(super) headings: Vec<&'static str>,
    /// Whether each column is of numbers, which stand at the right.
    pub(super) numbers: Vec<bool>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// As text; the first column gives way so that a line has at most `width` characters,
    /// as far as it can.
    pub(super) fn text(&self, width: usize) -> String {
        let mut widths: Vec<usize> = self.headings.iter().map(|h| h.chars().count()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let gaps = 2 * widths.len().saturating_sub(1);
        let others: usize = widths.iter().skip(1).sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(width.saturating_sub(others + gaps).max(12));
        }
        let mut out = String::new();
        let heads: Vec<String> = self.headings.iter().map(|h| (*h).to_owned()).collect();
        self.line(&mut out, &heads, &widths);
        out.push_str(&"-".repeat(widths.iter().sum::<usize>() + gaps));
        out.push('\n');
        self.rows.iter().for_each(|row| self.line(&mut out, row, &widths));
        out
    }

    fn line(&self, out: &mut String, row: &[String], widths: &[usize]) {
        let mut line = String::new();
        for (i, (cell, &width)) in row.iter().zip(widths).enumerate() {
            if i > 0 {
                line.push_str("  ");
            }
            let cell = shortened(cell, width);
            let free = " ".repeat(width - cell.chars().count());
            if self.numbers.get(i) == Some(&true) {
                line.push_str(&free);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&free);
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }

    /// As RFC 4180 has it, but with the line ends of this world.
    pub(super) fn csv(&self) -> String {
        let mut out = String::new();
        let heads: Vec<String> =
            self.headings.iter().map(|h| h.to_lowercase().replace([' ', '-'], "_")).collect();
        for row in std::iter::once(&heads).chain(&self.rows) {
            let cells: Vec<String> = row.iter().map(|cell| quoted(&printable(cell))).collect();
            out.push_str(&cells.join(","));
            out.push('\n');
        }
        out
    }
}

/// The end of a long name says more than its beginning.
fn shortened(cell: &str, width: usize) -> String {
    let count = cell.chars().count();
    if count <= width {
        return cell.to_owned();
    }
    let indent: String = cell.chars().take_while(|c| *c == ' ').take(width.saturating_sub(2)).collect();
    let rest = width - indent.chars().count();
    let tail: String = cell.chars().skip(count - (rest - 1)).collect();
    format!("{indent}…{tail}")
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// A count for people; an expression as it is.
pub(super) fn short(size: &DimInfo) -> String {
    match size {
        DimInfo::Known(n) => u64::try_from(*n).map_or_else(|_| n.to_string(), short_count),
        other => exact(other),
    }
}

/// A size for programs.
pub(super) fn exact(size: &DimInfo) -> String {
    match size {
        DimInfo::Known(n) => n.to_string(),
        DimInfo::Named(name) => printable(name),
        DimInfo::Unknown(()) => "?".into(),
    }
}

/// `4089284608 (4.1 G)`.
pub(super) fn exact_and_short(size: &DimInfo) -> String {
    let (short, exact) = (short(size), exact(size));
    if short == exact { exact } else { format!("{exact} ({short})") }
}

/// `1×3×224×224`; `?` for what is not known.
pub(super) fn shape(value: &ValueInfo) -> String {
    let Some(dims) = &value.shape else { return "?".into() };
    let dims: Vec<String> = dims.iter().map(exact).collect();
    if dims.is_empty() { "scalar".into() } else { dims.join("×") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_its_width_and_csv_keeps_everything() {
        let table = Table {
            headings: vec!["Name", "MACs"],
            numbers: vec![false, true],
            rows: vec![vec!["a,\"b\"".into(), "12".into()], vec!["x".repeat(60), "3".into()]],
        };
        assert!(table.text(40).lines().all(|line| line.chars().count() <= 40));
        assert!(table.text(40).contains("…xxx"));
        let csv = table.csv();
        let mut lines = csv.lines();
        assert_eq!(lines.next(), Some("name,macs"));
        assert_eq!(lines.next(), Some("\"a,\"\"b\"\"\",12"));
    }
}
