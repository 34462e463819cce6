//! Rules that a model is held to.
//!
//! Each has an identifier that stays. The structural ones (`S…`) are what every program that
//! reads a model relies on; an edit that would break one is not written. Some are noticed
//! while a file is read, the others here.

mod structure;
mod training;

pub use structure::{EXPANSION, everything, structure};
pub use training::training;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its identifier.
    pub id: &'static str,
    /// What it catches.
    pub summary: &'static str,
}

/// The structural rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "S001",
        summary: "what cannot be read as the format has it: text that is not UTF-8, fields twice",
    },
    Rule { id: "S002", summary: "two results of one name" },
    Rule { id: "S003", summary: "an operand that nothing defines" },
    Rule { id: "S004", summary: "a graph output that nothing defines" },
    Rule { id: "S005", summary: "a node that stands before what it needs" },
    Rule { id: "S006", summary: "a cycle" },
    Rule { id: "S007", summary: "two nodes of one name" },
    Rule { id: "S008", summary: "an initializer or input whose name something else has" },
    Rule { id: "S009", summary: "a name in a subgraph that the graph around it has too" },
    Rule { id: "S010", summary: "functions that call each other in a circle" },
    Rule { id: "S011", summary: "functions that expand to more nodes than can be run" },
    Rule { id: "S012", summary: "a graph without operators" },
    Rule { id: "S013", summary: "an IR version that does not fit what the file holds" },
    Rule { id: "S014", summary: "an operator set that is imported twice" },
    Rule { id: "S015", summary: "a version of an operator set that is not known" },
    Rule { id: "S016", summary: "an operator of a domain that is not imported" },
];
