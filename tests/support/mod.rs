//! Builds small models by hand.
#![allow(dead_code, unreachable_pub)] // each test program uses a part of it

use bytes::Bytes;
use modelgram::model::*;

/// A model in the making; names are resolved as they are used.
pub struct Net {
    model: Model,
}

pub fn f32s(dims: &[i64]) -> Option<ValueType> {
    Some(ValueType::Tensor(TensorType { dtype: DType::F32, shape: Some(Shape::known(dims.iter().copied())) }))
}

/// A constant without content.
pub fn weight(dtype: DType, dims: &[i64]) -> Tensor {
    Tensor {
        name: String::new(),
        dtype,
        dims: dims.to_vec(),
        data: TensorData::Absent,
        span: Span::default(),
    }
}

pub fn floats(dims: &[i64], values: &[f32]) -> Tensor {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { data: TensorData::Owned(Bytes::from(bytes)), ..weight(DType::F32, dims) }
}

pub fn ints(dims: &[i64], values: &[i64]) -> Tensor {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { data: TensorData::Owned(Bytes::from(bytes)), ..weight(DType::I64, dims) }
}

pub fn attribute(name: &str, value: AttributeValue) -> Attribute {
    Attribute { name: name.into(), value, span: Span::default() }
}

impl Net {
    pub fn new() -> Self {
        let opset = Opset { domain: String::new(), version: 17, span: Span::default() };
        let model = Model {
            name: "net".into(),
            format: "onnx",
            meta: Meta { format_title: "ONNX".into(), opsets: vec![opset], ..Meta::default() },
            graph: Graph::default(),
            functions: Default::default(),
            source: Source::default(),
            findings: Vec::new(),
            access: None,
        };
        Net { model }
    }

    fn node(&mut self, name: &str, kind: NodeKind) -> NodeId {
        let node = Node {
            name: name.into(),
            kind,
            outputs: Vec::new(),
            scope: ScopeId::ROOT,
            cost: None,
            span: Span::default(),
        };
        self.model.graph.add_node(node)
    }

    fn value(&self, name: &str) -> ValueId {
        let at = self.model.graph.values().iter().position(|v| v.name == name);
        ValueId(at.unwrap_or_else(|| panic!("no value {name}")) as u32)
    }

    pub fn input(mut self, name: &str, dims: &[i64]) -> Self {
        let id = self.node(name, NodeKind::Input);
        self.model.graph.define(id, name.into(), f32s(dims), KnownFrom::File);
        self.model.graph.inputs.push(id);
        self
    }

    pub fn constant(mut self, name: &str, tensor: Tensor) -> Self {
        let id = self.node(name, NodeKind::Constant { tensor, overridable: false });
        self.model.graph.define(id, name.into(), None, KnownFrom::Unknown);
        self
    }

    /// An operator with one output, which has the operator's name.
    pub fn op(self, op: &str, name: &str, inputs: &[&str], dims: &[i64]) -> Self {
        self.op_with(op, name, inputs, &[(name, f32s(dims))], Vec::new())
    }

    pub fn op_with(
        mut self,
        op: &str,
        name: &str,
        inputs: &[&str],
        outputs: &[(&str, Option<ValueType>)],
        attributes: Vec<Attribute>,
    ) -> Self {
        let input_slots = inputs.len() as u32;
        let id =
            self.node(name, NodeKind::Op(Op { op: op.into(), attributes, input_slots, ..Op::default() }));
        for (slot, input) in inputs.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let value = self.value(input);
            self.model.graph.connect(value, id, Slot::Input(slot as u32));
        }
        for (output, ty) in outputs {
            self.model.graph.define(id, (*output).into(), ty.clone(), KnownFrom::File);
        }
        self
    }

    pub fn capture(mut self, value: &str, user: &str) -> Self {
        let user = self.model.graph.nodes().find(|(_, n)| n.name == user).map(|(id, _)| id).unwrap();
        let value = self.value(value);
        self.model.graph.connect(value, user, Slot::Capture);
        self
    }

    pub fn output(mut self, name: &str) -> Self {
        let value = self.value(name);
        let id = self.node(name, NodeKind::Output);
        self.model.graph.connect(value, id, Slot::Input(0));
        self.model.graph.outputs.push(id);
        self
    }

    pub fn function(mut self, function: Function) -> Self {
        let others = self.model.functions.iter().cloned();
        self.model.functions = others.chain([function]).collect::<Vec<_>>().into();
        self
    }

    pub fn done(self) -> Model {
        self.model
    }
}
