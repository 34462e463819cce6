//! Changes to a model, whatever its format.

use std::collections::BTreeMap;

use super::Span;

/// What an edit changes. Each format that can be written lowers it to changes of its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// New names of nodes, by the old ones.
    pub nodes: BTreeMap<String, String>,
    /// New names of values (initializers, inputs and outputs too), by the old ones.
    pub values: BTreeMap<String, String>,
    /// Entries of the model's metadata that are set.
    pub properties: BTreeMap<String, String>,
    /// The records of tensors that lose their content.
    pub stripped: Vec<Span>,
    /// What was done, in a few lines for people.
    pub account: Vec<String>,
}

impl Edit {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
            && self.values.is_empty()
            && self.properties.is_empty()
            && self.stripped.is_empty()
    }
}
