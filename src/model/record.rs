//! Handles for the parts of a file that an edit is about.

use super::{Attribute, Function, Node, Span, Tensor};

/// What an [`Edit`](super::Edit) calls a node, a stored constant, an attribute or a function of
/// the file: an opaque handle that the reader gave out, and that the writer of the same format
/// understands.
///
/// Whoever makes an edit takes it from the model ([`Node::record`] and its like) and never
/// looks inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record(Span);

impl Record {
    /// For readers: the handle of what lies at `span` of the file.
    pub const fn of(span: Span) -> Self {
        Record(span)
    }

    /// For writers: where that lies.
    pub const fn span(self) -> Span {
        self.0
    }
}

impl Node {
    /// What an edit calls this node.
    pub fn record(&self) -> Record {
        Record::of(self.span)
    }
}

impl Tensor {
    /// What an edit calls this tensor.
    pub fn record(&self) -> Record {
        Record::of(self.span)
    }
}

impl Attribute {
    /// What an edit calls this attribute.
    pub fn record(&self) -> Record {
        Record::of(self.span)
    }
}

impl Function {
    /// What an edit calls this function.
    pub fn record(&self) -> Record {
        Record::of(self.span)
    }
}
