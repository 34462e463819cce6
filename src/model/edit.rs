//! Changes to a model, whatever its format.

use std::collections::{BTreeMap, BTreeSet};

use super::{DType, Record, ValueType};

/// What an edit changes. Each format that can be written lowers it to changes of its bytes.
///
/// Names are changed everywhere; everything else is in the main graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// New names of nodes, by the old ones.
    pub nodes: BTreeMap<String, String>,
    /// New names of values (initializers, inputs and outputs too), by the old ones.
    pub values: BTreeMap<String, String>,
    /// Entries of the model's metadata that are set.
    pub properties: BTreeMap<String, String>,
    /// The records of tensors that lose their content.
    pub stripped: Vec<Record>,
    /// The records of nodes, stored constants and functions that go.
    pub removed: BTreeSet<Record>,
    /// Values that nodes take instead: by the node's record and the input slot.
    pub operands: BTreeMap<(Record, u32), String>,
    /// Values that nodes define instead: by the node's record and the output slot.
    pub results: BTreeMap<(Record, u32), String>,
    /// New nodes, in the order of the flow.
    pub added: Vec<NewNode>,
    /// New stored constants.
    pub tensors: Vec<NewTensor>,
    /// Types that are declared instead, by the value's name. Nothing takes a declaration
    /// away; that of a graph output then says no more than its name. Values without a
    /// declaration get none.
    pub types: BTreeMap<String, Option<ValueType>>,
    /// Values that the graph gives instead, by the old output's name.
    pub outputs: BTreeMap<String, String>,
    /// What was done, in a few lines for people.
    pub account: Vec<String>,
}

/// Where a new node stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before the node of this record, or in its place if that goes.
    Before(Record),
    /// After the node of this record.
    After(Record),
    /// After all nodes.
    End,
}

/// A node that is not in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct NewNode {
    /// Where it stands.
    pub position: Position,
    /// Its name.
    pub name: String,
    /// The operator.
    pub op: String,
    /// The operator's domain; empty for the format's default one.
    pub domain: String,
    /// Distinguishes functions of the same domain and name.
    pub overload: String,
    /// The values it takes; empty for a slot that is left out.
    pub inputs: Vec<String>,
    /// The values it defines.
    pub outputs: Vec<String>,
    /// Its attributes.
    pub attributes: Vec<(String, NewValue)>,
}

/// The value of a new node's attribute.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // the names say it
pub enum NewValue {
    Int(i64),
    Float(f32),
    Ints(Vec<i64>),
    /// The same as in this record of an attribute in the file.
    Copy(Record),
}

/// A stored constant that is not in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTensor {
    /// The record that it takes the place of; nothing to stand after all others.
    pub replaces: Option<Record>,
    /// Its name.
    pub name: String,
    /// The element type.
    pub dtype: DType,
    /// The dimensions.
    pub dims: Vec<i64>,
    /// The elements in row-major order, little-endian.
    pub content: Vec<u8>,
}

impl Edit {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Edit { account: self.account.clone(), ..Edit::default() }
    }

    /// Whether nodes, constants or functions come or go.
    pub fn changes_structure(&self) -> bool {
        !self.added.is_empty() || !self.tensors.is_empty() || !self.removed.is_empty()
    }

    /// Whether the node of this record takes other values.
    pub fn has_operands(&self, node: Record) -> bool {
        self.operands.range((node, 0)..=(node, u32::MAX)).next().is_some()
    }
}
