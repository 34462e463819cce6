//! What differs between two models.

use crate::model::NodeId;

/// What differs. All lists are in the order of the files.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// Operators that only the new model has.
    pub added: Vec<NodeId>,
    /// Operators that only the old model has.
    pub removed: Vec<NodeId>,
    /// Operators that differ: in the old model, in the new one, and what.
    pub changed: Vec<(NodeId, NodeId, Vec<String>)>,
    /// Operators that have other names, or whose results have, and are the same otherwise.
    pub renamed: Vec<(NodeId, NodeId, Vec<String>)>,
    /// Operators of the same bytes that take another value, which has the old one's name now.
    pub rewired: Vec<(NodeId, NodeId)>,
    /// How many operators are the same, those with other names included.
    pub same: usize,
    /// Constants that differ: the name, and what.
    pub weights: Vec<WeightChange>,
    /// Constants that have another name: the old one and the new one.
    pub renamed_weights: Vec<(String, String)>,
    /// How many constants are the same, those with other names included.
    pub same_weights: usize,
    /// Values of another type: the name, and both types.
    pub retyped: Vec<(String, String, String)>,
    /// What differs for those who call the model: inputs and outputs.
    pub contract: Vec<String>,
    /// Functions that differ, by domain and name.
    pub functions: Vec<String>,
    /// Other things that the files say of themselves.
    pub meta: Vec<String>,
}

/// A constant that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightChange {
    /// Its name.
    pub name: String,
    /// What differs.
    pub what: String,
    /// Whether the old model has it, and the new one.
    pub there: (bool, bool),
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.renamed.is_empty()
            && self.rewired.is_empty()
            && self.functions.is_empty()
            && self.renamed_weights.is_empty()
            && self.weights.is_empty()
            && self.retyped.is_empty()
            && self.contract.is_empty()
            && self.meta.is_empty()
    }
}
