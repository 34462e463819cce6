//! `K002`: an archive whose weights cannot be read. Noticed by the Keras reader.

use crate::finding::Severity;
use crate::rules::{Family, Rule};

pub(super) const RULE: Rule = Rule::new(
    "K002",
    Family::Reading,
    Severity::Warning,
    "the weights in the archive cannot be read",
    "\
A `.keras` archive has its layers and a part `model.weights.h5`, and that part
cannot be opened: it is damaged, too large when unpacked, or uses what is
refused for safety.

Why it matters: the layers are drawn, and nothing is known of the weights.

What to do: download the archive again, or save it again in Keras. The message
says what is wrong with the part.
",
);
