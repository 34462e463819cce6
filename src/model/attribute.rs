//! Attributes of operators.

use super::{Graph, Span, Tensor, Text, ValueType};

/// A named parameter of an operator.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: AttributeValue,
    /// Its record in the file.
    pub span: Span,
}

/// What an attribute can hold.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the names say it
pub enum AttributeValue {
    Int(i64),
    Float(f32),
    String(Text),
    Tensor(Box<Tensor>),
    Graph(Box<Graph>),
    Type(Box<ValueType>),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Strings(Vec<Text>),
    Tensors(Vec<Tensor>),
    Graphs(Vec<Graph>),
    Types(Vec<ValueType>),
    /// In a function's body: the value of the call's attribute of this name.
    Reference(String),
    /// Given by the file in a way that is not known to us: its number for the sort.
    Other(i32),
    /// The file names the attribute and gives no value.
    Absent,
}

impl AttributeValue {
    /// The tensors it holds, in order.
    pub fn tensors(&self) -> &[Tensor] {
        match self {
            AttributeValue::Tensor(tensor) => std::slice::from_ref(tensor),
            AttributeValue::Tensors(tensors) => tensors,
            _ => &[],
        }
    }

    /// The subgraphs it holds, to change.
    pub fn graphs_mut(&mut self) -> &mut [Graph] {
        match self {
            AttributeValue::Graph(graph) => std::slice::from_mut(graph),
            AttributeValue::Graphs(graphs) => graphs,
            _ => &mut [],
        }
    }

    /// The subgraphs it holds, in order.
    pub fn graphs(&self) -> &[Graph] {
        match self {
            AttributeValue::Graph(graph) => std::slice::from_ref(graph),
            AttributeValue::Graphs(graphs) => graphs,
            _ => &[],
        }
    }
}

impl super::Op {
    /// The value of the attribute `name`.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|a| a.name == name).map(|a| &a.value)
    }
}
