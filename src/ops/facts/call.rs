//! What a rule sees of an operator.

use std::cell::RefCell;

use super::fact::{Fact, Size};
use crate::model::{AttributeValue, DType, Op, Source};

/// An operator with what is known of its operands.
pub(crate) struct Call<'a> {
    /// The operator.
    pub(crate) op: &'a Op,
    /// The format, for its dialect.
    pub(crate) format: &'static str,
    /// The bytes of the model, for small constants.
    pub(crate) source: &'a Source,
    /// The version of its domain that the model imports; the newest if it does not say.
    pub(crate) version: i64,
    /// By slot; nothing for one that is left out.
    pub(crate) inputs: Vec<Option<Fact>>,
    /// The number of output slots.
    pub(crate) outputs: usize,
    /// Attributes of the call of the function whose body this is in.
    pub(crate) outer: &'a [(String, AttributeValue)],
    /// Why the operands cannot be right.
    pub(crate) conflicts: RefCell<Vec<Conflict>>,
}

/// Operands that contradict each other or the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conflict {
    pub(crate) rule: &'static str,
    pub(crate) message: String,
}

/// What an operator gives, by output slot; slots past the end are not known.
pub(crate) type Outputs = Vec<Fact>;

impl<'a> Call<'a> {
    /// The operand in slot `n`.
    pub(crate) fn input(&self, n: usize) -> Option<&Fact> {
        self.inputs.get(n)?.as_ref()
    }

    /// Whether slot `n` is given.
    pub(crate) fn has(&self, n: usize) -> bool {
        self.input(n).is_some()
    }

    pub(crate) fn dtype(&self, n: usize) -> DType {
        self.input(n).map_or(DType::Undefined, |f| f.dtype)
    }

    pub(crate) fn shape(&self, n: usize) -> Option<&[Size]> {
        self.input(n)?.shape.as_deref()
    }

    pub(crate) fn rank(&self, n: usize) -> Option<usize> {
        Some(self.shape(n)?.len())
    }

    /// The attribute, that of the enclosing call where it refers to one.
    pub(crate) fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        match self.op.attribute(name)? {
            AttributeValue::Reference(outer) => {
                self.outer.iter().find(|(name, _)| name == outer).map(|(_, value)| value)
            }
            value => Some(value),
        }
    }

    pub(crate) fn int(&self, name: &str, default: i64) -> i64 {
        self.int_if(name).unwrap_or(default)
    }

    pub(crate) fn int_if(&self, name: &str) -> Option<i64> {
        match self.attribute(name)? {
            AttributeValue::Int(n) => Some(*n),
            _ => None,
        }
    }

    pub(crate) fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attribute(name)? {
            AttributeValue::Ints(v) => Some(v),
            _ => None,
        }
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.attribute(name)? {
            AttributeValue::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The integers of an attribute in old versions, and of an operand in new ones;
    /// the outer nothing if they are given and not known.
    pub(crate) fn ints_given(&self, attribute: &str, slot: usize) -> Option<Option<Vec<i64>>> {
        if let Some(v) = self.ints(attribute) {
            return Some(Some(v.to_vec()));
        }
        match self.input(slot) {
            Some(fact) => fact.ints().map(Some),
            None => Some(None),
        }
    }

    /// An axis counted from the end where it is negative.
    pub(crate) fn axis(&self, axis: i64, rank: usize) -> Option<usize> {
        let at = if axis < 0 { axis + rank as i64 } else { axis };
        if at < 0 || at >= rank as i64 {
            self.conflict("O105", format!("axis {axis} is not one of {rank} axes"));
            return None;
        }
        Some(at as usize)
    }

    /// Says that the operands cannot be right.
    pub(crate) fn conflict(&self, rule: &'static str, message: String) {
        self.conflicts.borrow_mut().push(Conflict { rule, message });
    }
}
