//! Equations of `Einsum`.
//!
//! In: the text and the ranks of the operands. Out: a label for each axis of each operand and of
//! the output. The axes of an ellipsis have labels of their own.

use crate::eval::Failure;

/// What names an axis: a letter, or `ELLIPSIS` and more for the axes of an ellipsis.
pub(super) type Label = u32;

/// The label of the first axis of an ellipsis.
const ELLIPSIS: Label = 256;

/// The labels of all axes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Equation {
    /// Those of the operands.
    pub(super) terms: Vec<Vec<Label>>,
    /// Those of the output; each stands there once.
    pub(super) output: Vec<Label>,
}

/// Letters before an ellipsis, whether there is one, and letters behind it.
struct Term {
    before: Vec<Label>,
    ellipsis: bool,
    behind: Vec<Label>,
}

/// Reads an equation for operands of these ranks.
pub(super) fn read(text: &str, ranks: &[usize]) -> Result<Equation, Failure> {
    let text: String = text.chars().filter(|&c| c != ' ').collect();
    let (left, right) = match text.split_once("->") {
        Some((left, right)) => (left, Some(term(right)?)),
        None => (text.as_str(), None),
    };
    let terms: Vec<Term> = left.split(',').map(term).collect::<Result<_, _>>()?;
    if terms.len() != ranks.len() {
        return Failure::invalid(format!(
            "an equation of {} terms for {} operands",
            terms.len(),
            ranks.len()
        ));
    }
    let width = width(&terms, ranks)?;
    let all: Vec<Vec<Label>> = terms.iter().map(|term| term.labels(width)).collect();
    let output = match right {
        Some(term) => explicit(&term, &terms, width)?,
        None => implicit(&terms, width),
    };
    if let Some(label) = output.iter().find(|label| !all.iter().flatten().any(|own| own == *label)) {
        return Failure::invalid(format!("the output has the label {label}, which no operand has"));
    }
    Ok(Equation { terms: all, output })
}

/// The number of axes that each ellipsis stands for.
fn width(terms: &[Term], ranks: &[usize]) -> Result<usize, Failure> {
    let mut width = None;
    for (term, &rank) in terms.iter().zip(ranks) {
        let letters = term.before.len() + term.behind.len();
        match (term.ellipsis, rank.checked_sub(letters)) {
            (false, Some(0)) => {}
            (true, Some(own)) if width.is_none_or(|width| width == own) => width = Some(own),
            (true, Some(_)) => return Failure::unsupported("ellipses of different ranks"),
            _ => {
                return Failure::invalid(format!("a term of {letters} labels for an operand of {rank} axes"));
            }
        }
    }
    Ok(width.unwrap_or(0))
}

fn term(text: &str) -> Result<Term, Failure> {
    let letters = |text: &str| -> Result<Vec<Label>, Failure> {
        match text.chars().all(|c| c.is_ascii_alphabetic()) {
            true => Ok(text.bytes().map(Label::from).collect()),
            false => Failure::invalid(format!("an equation with the term {text}")),
        }
    };
    match text.split_once("...") {
        Some((before, behind)) => {
            Ok(Term { before: letters(before)?, ellipsis: true, behind: letters(behind)? })
        }
        None => Ok(Term { before: letters(text)?, ellipsis: false, behind: Vec::new() }),
    }
}

impl Term {
    fn labels(&self, width: usize) -> Vec<Label> {
        let width = if self.ellipsis { width as Label } else { 0 };
        let ellipsis = ELLIPSIS..ELLIPSIS + width;
        self.before.iter().copied().chain(ellipsis).chain(self.behind.iter().copied()).collect()
    }
}

fn explicit(output: &Term, terms: &[Term], width: usize) -> Result<Vec<Label>, Failure> {
    if width > 0 && !output.ellipsis {
        return Failure::unsupported("an output without the ellipsis of its operands");
    }
    if output.ellipsis && !terms.iter().any(|term| term.ellipsis) {
        return Failure::unsupported("an output with an ellipsis that no operand has");
    }
    let labels = output.labels(width);
    match labels.iter().enumerate().any(|(i, label)| labels[..i].contains(label)) {
        true => Failure::invalid("a label stands in the output twice"),
        false => Ok(labels),
    }
}

/// The ellipsis, and the letters that stand in the equation once, in order.
fn implicit(terms: &[Term], width: usize) -> Vec<Label> {
    let mut letters: Vec<Label> =
        terms.iter().flat_map(|t| t.before.iter().chain(&t.behind)).copied().collect();
    letters.sort_unstable();
    let once = letters.chunk_by(|a, b| a == b).filter(|same| same.len() == 1).map(|same| same[0]);
    (ELLIPSIS..ELLIPSIS + width as Label).chain(once).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<Label> {
        text.bytes().map(Label::from).collect()
    }

    #[test]
    fn an_implicit_output_has_upper_case_letters_first() {
        let equation = read("bA, A c", &[2, 2]).unwrap();
        assert_eq!(equation.output, labels("bc"));
        assert_eq!(read("bA", &[2]).unwrap().output, labels("Ab"));
    }

    #[test]
    fn an_ellipsis_comes_first_in_an_implicit_output() {
        assert_eq!(read("i...", &[3]).unwrap().output, [256, 257, u32::from(b'i')]);
    }

    #[test]
    fn an_output_label_that_no_operand_has_is_an_error() {
        assert!(matches!(read("ij->ik", &[2]), Err(Failure::Invalid(_))));
        assert!(matches!(read("ij->ii", &[2]), Err(Failure::Invalid(_))));
    }
}
