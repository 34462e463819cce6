//! Why a node has no result.

use crate::error::{Error, ErrorKind};

/// A result, or why there is none.
pub(crate) type Computed<T> = std::result::Result<T, Failure>;

/// Why a node has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The operator is not defined for these operands: any runtime refuses them.
    Invalid(String),
    /// It may be defined, and is not by us.
    Unsupported(String),
    /// An engine's number is not the operator's.
    Wrong(String),
    /// It would take too much memory.
    TooLarge(String),
    /// Stored content cannot be had.
    Content(Error),
}

impl Failure {
    /// The operator is not defined for these operands.
    pub(crate) fn invalid<T>(fact: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Invalid(fact.into()))
    }

    /// It may be defined, and is not by us.
    pub(crate) fn unsupported<T>(fact: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Unsupported(fact.into()))
    }

    /// The same as an error at `node`, which runs `op`.
    pub(super) fn at(self, node: &str, op: &str) -> Error {
        let (kind, fact) = match self {
            Failure::Invalid(fact) => (ErrorKind::Disproved, format!("{op} is not defined there: {fact}")),
            Failure::Unsupported(fact) => (ErrorKind::Unsupported, format!("{op}: {fact}")),
            Failure::Wrong(fact) => (ErrorKind::Unsupported, format!("{op}: {fact}")),
            Failure::TooLarge(fact) => (ErrorKind::Unsafe, format!("{op}: {fact}")),
            Failure::Content(error) => return error,
        };
        Error::new(kind, fact).at(crate::error::Place::default().at_node(node))
    }
}
