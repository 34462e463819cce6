//! Sequences, optionals and strings.

mod list;
mod ngrams;
mod optional;
mod pattern;
mod text;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "SequenceEmpty", list::empty as Kernel),
    ("", "SequenceConstruct", list::construct),
    ("", "SequenceAt", list::at),
    ("", "SequenceErase", list::erase),
    ("", "SequenceInsert", list::insert),
    ("", "SequenceLength", list::length),
    ("", "SplitToSequence", list::split),
    ("", "ConcatFromSequence", list::concat),
    ("", "Optional", optional::optional),
    ("", "OptionalGetElement", optional::get),
    ("", "OptionalHasElement", optional::has),
    ("", "StringConcat", text::concat),
    ("", "StringNormalizer", text::normalize),
    ("", "StringSplit", text::split),
    ("", "RegexFullMatch", pattern::full_match),
    ("", "TfIdfVectorizer", ngrams::vectorize),
];
