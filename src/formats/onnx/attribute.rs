//! Attributes of operators: whatever is large or nested is walked, the rest is
//! decoded.

use super::draft::Reader;
use super::schema::AttributeProto;
use super::types::value_type;
use crate::error::Result;
use crate::formats::encoding::wire::Field;
use crate::model::{Attribute, AttributeValue, Graph, Tensor, Text, ValueType};

/// The sorts of `AttributeProto.AttributeType`.
mod sort {
    pub(super) const FLOAT: i32 = 1;
    pub(super) const INT: i32 = 2;
    pub(super) const STRING: i32 = 3;
    pub(super) const TENSOR: i32 = 4;
    pub(super) const GRAPH: i32 = 5;
    pub(super) const FLOATS: i32 = 6;
    pub(super) const INTS: i32 = 7;
    pub(super) const STRINGS: i32 = 8;
    pub(super) const TENSORS: i32 = 9;
    pub(super) const GRAPHS: i32 = 10;
    pub(super) const SPARSE_TENSOR: i32 = 11;
    pub(super) const SPARSE_TENSORS: i32 = 12;
    pub(super) const TYPE_PROTO: i32 = 13;
    pub(super) const TYPE_PROTOS: i32 = 14;
}

impl Reader {
    /// An `AttributeProto`. The names that its subgraphs take from outside are
    /// appended to `captures`.
    pub(super) fn attribute(&mut self, field: &Field, captures: &mut Vec<String>) -> Result<Attribute> {
        let range = field.bytes()?;
        let mut head = Vec::new();
        let mut tensors: Vec<Tensor> = Vec::new();
        let mut graphs: Vec<Field> = Vec::new();
        for part in self.fields(range.clone()) {
            let part = part?;
            match part.number {
                5 | 10 => tensors.push(self.tensor(part.bytes()?, part.span())?),
                22 | 23 => tensors.push(self.sparse(part.bytes()?, part.span())?),
                6 | 11 => graphs.push(part),
                // Documentation is not kept.
                13 => {}
                _ => head.push(part.record),
            }
        }
        let takes: usize = head.iter().map(|r| r.len()).sum();
        // Lists take up to 32 bytes for what may be one byte in the file.
        self.budget.charge(range.start, takes + 8, size_of::<Attribute>() + 32 * takes)?;
        let head: AttributeProto = self.decode_parts(range.start, &head)?;
        let name = head.name().to_owned();
        let graphs = self.subgraphs(&name, graphs, captures)?;
        let value = value(head, tensors, graphs);
        Ok(Attribute { name, value, span: field.span() })
    }

    fn subgraphs(
        &mut self,
        name: &str,
        fields: Vec<Field>,
        captures: &mut Vec<String>,
    ) -> Result<Vec<Graph>> {
        let several = fields.len() > 1;
        let mut graphs = Vec::with_capacity(fields.len());
        for (i, field) in fields.into_iter().enumerate() {
            self.path.push(if several { format!("`{name}[{i}]`") } else { format!("`{name}`") });
            let (graph, captured) = self.subgraph(&field)?;
            self.path.pop();
            graphs.push(graph);
            captures.extend(captured);
        }
        Ok(graphs)
    }
}

/// The value of an attribute. Old files do not say the sort: it is then the field
/// that is there.
fn value(head: AttributeProto, mut tensors: Vec<Tensor>, mut graphs: Vec<Graph>) -> AttributeValue {
    if let Some(name) = head.ref_attr_name.as_ref().filter(|name| !name.is_empty()) {
        return AttributeValue::Reference(name.clone());
    }
    let texts = |list: Vec<prost::bytes::Bytes>| list.into_iter().map(Text::new).collect();
    let sort = match head.r#type.unwrap_or(0) {
        0 => guess(&head, &tensors, &graphs),
        given => given,
    };
    match sort {
        sort::FLOAT => AttributeValue::Float(head.f.unwrap_or(0.0)),
        sort::INT => AttributeValue::Int(head.i.unwrap_or(0)),
        sort::STRING => AttributeValue::String(Text::new(head.s.unwrap_or_default())),
        sort::TENSOR | sort::SPARSE_TENSOR if !tensors.is_empty() => {
            AttributeValue::Tensor(Box::new(tensors.swap_remove(0)))
        }
        sort::GRAPH if !graphs.is_empty() => AttributeValue::Graph(Box::new(graphs.swap_remove(0))),
        sort::FLOATS => AttributeValue::Floats(head.floats),
        sort::INTS => AttributeValue::Ints(head.ints),
        sort::STRINGS => AttributeValue::Strings(texts(head.strings)),
        sort::TENSORS | sort::SPARSE_TENSORS => AttributeValue::Tensors(tensors),
        sort::GRAPHS => AttributeValue::Graphs(graphs),
        sort::TYPE_PROTO => match head.tp.as_ref().and_then(value_type) {
            Some(ty) => AttributeValue::Type(Box::new(ty)),
            None => AttributeValue::Absent,
        },
        sort::TYPE_PROTOS => {
            let types: Vec<ValueType> = head.type_protos.iter().filter_map(value_type).collect();
            AttributeValue::Types(types)
        }
        0 | sort::TENSOR | sort::SPARSE_TENSOR | sort::GRAPH => AttributeValue::Absent,
        other => AttributeValue::Other(other),
    }
}

fn guess(head: &AttributeProto, tensors: &[Tensor], graphs: &[Graph]) -> i32 {
    let there = [
        (head.f.is_some(), sort::FLOAT),
        (head.i.is_some(), sort::INT),
        (head.s.is_some(), sort::STRING),
        (tensors.len() == 1, sort::TENSOR),
        (graphs.len() == 1, sort::GRAPH),
        (!head.floats.is_empty(), sort::FLOATS),
        (!head.ints.is_empty(), sort::INTS),
        (!head.strings.is_empty(), sort::STRINGS),
        (!tensors.is_empty(), sort::TENSORS),
        (!graphs.is_empty(), sort::GRAPHS),
        (head.tp.is_some(), sort::TYPE_PROTO),
        (!head.type_protos.is_empty(), sort::TYPE_PROTOS),
    ];
    there.iter().find(|(is, _)| *is).map_or(0, |(_, sort)| *sort)
}
