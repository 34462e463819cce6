//! The table of all definitions.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::definition::{Kernel, Table, plain};

/// The operator sets that the definitions were written for: domain and newest version.
const NEWEST: &[(&str, i64)] = &[("", 28), ("ai.onnx.ml", 5)];

/// All tables.
const TABLES: &[Table] = &[
    super::algebra::TABLE,
    super::attention::TABLE,
    super::convolution::TABLE,
    super::elementwise::TABLE,
    super::indices::TABLE,
    super::learning::TABLE,
    super::matrix::TABLE,
    super::normalize::TABLE,
    super::quantize::TABLE,
    super::recurrent::TABLE,
    super::reduce::TABLE,
    super::sequence::TABLE,
    super::shape::TABLE,
    super::signal::TABLE,
    super::window::TABLE,
];

/// The definition of an operator, if it is here.
pub(super) fn kernel(domain: &str, op: &str) -> Option<Kernel> {
    static ALL: OnceLock<HashMap<(&'static str, &'static str), Kernel>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        TABLES
            .iter()
            .flat_map(|table| table.iter())
            .map(|&(domain, op, kernel)| ((domain, op), kernel))
            .collect()
    });
    all.get(&(plain(domain), op)).copied()
}

/// The newest version of a domain's operator set that the definitions are for.
pub(super) fn newest(domain: &str) -> Option<i64> {
    NEWEST.iter().find(|(own, _)| *own == plain(domain)).map(|(_, newest)| *newest)
}
