//! Model-local functions: operators that the file itself defines by graphs.

use super::draft::Reader;
use super::graph::Draft;
use super::schema::OperatorSetIdProto;
use crate::error::Result;
use crate::formats::encoding::wire::Field;
use crate::model::{Function, Graph, NodeKind, Opset, defects};

impl Reader {
    /// A `FunctionProto`.
    pub(super) fn function(&mut self, field: &Field) -> Result<Function> {
        let range = field.bytes()?;
        self.budget.charge(range.start, 64, size_of::<Function>())?;
        let mut function = Function {
            domain: String::new(),
            name: String::new(),
            overload: String::new(),
            required: Vec::new(),
            defaults: Vec::new(),
            opsets: Vec::new(),
            graph: Graph::default(),
            span: field.span(),
        };
        let mut draft = Draft::default();
        draft.graph.span = field.span();
        let parts: Vec<Field> = self.fields(range).collect::<Result<_>>()?;
        for part in &parts {
            match part.number {
                1 => function.name = self.string(part)?,
                10 => function.domain = self.string(part)?,
                13 => function.overload = self.string(part)?,
                _ => {}
            }
        }
        self.path.push(format!("function `{}::{}`", function.domain, function.name));
        for part in &parts {
            match part.number {
                4 => draft.inputs.push((self.string(part)?, None, part.span())),
                5 => draft.outputs.push((self.string(part)?, None, part.span())),
                6 => function.required.push(self.string(part)?),
                7 => {
                    let node = self.node(part, &mut draft.graph)?;
                    draft.nodes.push(node);
                }
                8 => draft.graph.doc = self.text(part)?,
                9 => function.opsets.push(self.opset(part)?),
                11 => function.defaults.push(self.attribute(part, &mut Vec::new())?),
                12 => draft.infos.push(self.value_info(part)?),
                14 => draft.graph.properties.push(self.property(part)?),
                _ => {}
            }
        }
        draft.graph.name.clone_from(&function.name);
        let (graph, _) = self.connect(draft, NodeKind::Undefined)?;
        let place = self.place();
        // The inputs of a function have no types.
        self.findings.extend(defects(&graph, &place));
        self.path.pop();
        function.graph = graph;
        Ok(function)
    }

    /// An `OperatorSetIdProto`.
    pub(super) fn opset(&mut self, field: &Field) -> Result<Opset> {
        let range = field.bytes()?;
        self.budget.charge(range.start, field.record.len(), size_of::<Opset>() + range.len())?;
        let opset: OperatorSetIdProto = self.decode(range)?;
        let mut domain = opset.domain().to_owned();
        if domain == "ai.onnx" {
            domain.clear();
        }
        Ok(Opset { domain, version: opset.version(), span: field.span() })
    }
}
