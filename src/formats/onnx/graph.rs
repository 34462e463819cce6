//! Graphs: first everything that defines a name, then everything that uses one.
//!
//! So nodes may stand in any order, and what a subgraph takes from outside is
//! known when its node is connected: inside it is a [`NodeKind::Captured`] node,
//! outside a use by [`Slot::Capture`], through every graph in between.

use std::collections::HashMap;
use std::ops::Range;

use super::draft::Reader;
use super::limits::{DEPTH, too_deep};
use super::schema::ValueInfoProto;
use super::scopes;
use super::types::{contradict, declared};
use crate::error::{Place, Result};
use crate::finding::Severity;
use crate::formats::encoding::wire::Field;
use crate::model::{
    DType, Graph, KnownFrom, Node, NodeId, NodeKind, Op, ScopeId, Slot, Span, Tensor, Use, Value, ValueId,
    ValueType, defects,
};

/// The records of a graph, read and not yet connected.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) graph: Graph,
    pub(super) nodes: Vec<DraftNode>,
    constants: Vec<(Tensor, Span)>,
    pub(super) inputs: Vec<(String, Option<ValueType>, Span)>,
    pub(super) outputs: Vec<(String, Option<ValueType>, Span)>,
    pub(super) infos: Vec<(String, Option<ValueType>, Span)>,
}

/// A node with its names.
pub(super) struct DraftNode {
    node: Node,
    inputs: Vec<String>,
    outputs: Vec<String>,
    captures: Vec<String>,
}

impl Reader {
    /// The graph at the given ranges; more than one if the file gives it in parts,
    /// which Protocol Buffers merge.
    pub(super) fn graph(&mut self, parts: &[Range<usize>], span: Span) -> Result<Graph> {
        let draft = self.draft(parts, span)?;
        let (graph, missing) = self.connect(draft, NodeKind::Undefined)?;
        drop(missing);
        self.survey(&graph);
        Ok(graph)
    }

    /// A graph inside an attribute, and the names that it takes from outside.
    pub(super) fn subgraph(&mut self, field: &Field) -> Result<(Graph, Vec<String>)> {
        let range = field.bytes()?;
        if self.depth >= DEPTH {
            return Err(too_deep(range.start));
        }
        self.depth += 1;
        let draft = self.draft(&[range], field.span())?;
        let (graph, captured) = self.connect(draft, NodeKind::Captured)?;
        self.survey(&graph);
        self.depth -= 1;
        Ok((graph, captured))
    }

    fn survey(&mut self, graph: &Graph) {
        let place = self.place();
        self.findings.extend(defects(graph, &place));
    }

    fn draft(&mut self, parts: &[Range<usize>], span: Span) -> Result<Draft> {
        let mut draft = Draft::default();
        draft.graph.span = span;
        let start = parts.first().map_or(0, |r| r.start);
        self.budget.charge(start, 16, size_of::<Graph>())?;
        let mut names = 0;
        for field in parts.iter().flat_map(|part| self.fields(part.clone())).collect::<Vec<_>>() {
            let field = field?;
            match field.number {
                1 => {
                    let node = self.node(&field, &mut draft.graph)?;
                    draft.nodes.push(node);
                }
                2 => {
                    names += 1;
                    draft.graph.name = self.string(&field)?;
                }
                5 => draft.constants.push((self.tensor(field.bytes()?, field.span())?, field.span())),
                15 => draft.constants.push((self.sparse(field.bytes()?, field.span())?, field.span())),
                10 => draft.graph.doc = self.text(&field)?,
                11 => draft.inputs.push(self.value_info(&field)?),
                12 => draft.outputs.push(self.value_info(&field)?),
                13 => draft.infos.push(self.value_info(&field)?),
                16 => draft.graph.properties.push(self.property(&field)?),
                _ => {}
            }
        }
        if names > 1 || parts.len() > 1 {
            let place = self.place();
            self.find("S001", Severity::Note, place, "a field that may stand once stands more often; as in Protocol Buffers, parts are merged and the last value counts");
        }
        Ok(draft)
    }

    /// The name, type and record of a `ValueInfoProto`.
    pub(super) fn value_info(&mut self, field: &Field) -> Result<(String, Option<ValueType>, Span)> {
        let range = field.bytes()?;
        self.budget.charge(range.start, range.len(), size_of::<(Value, Node)>() + 24 * range.len())?;
        // Its metadata is not kept.
        let mut parts = Vec::new();
        for part in self.fields(range.clone()) {
            let part = part?;
            if part.number == 1 {
                self.string(&part)?;
            }
            parts.push((part.number, part.record));
        }
        let named = parts.iter().find(|(number, _)| *number == 1).cloned();
        let types: Vec<Range<usize>> = parts.into_iter().filter(|(n, _)| *n == 2).map(|(_, r)| r).collect();
        let info: ValueInfoProto = self.decode_parts(range.start, &types)?;
        let name = match named {
            Some((_, record)) => {
                let field = self.fields(record).next().expect("it was read before")?;
                self.string(&field)?
            }
            None => String::new(),
        };
        let ty = declared(&info);
        match ty.as_ref().and_then(|ty| ty.tensor()).map(|tensor| tensor.dtype) {
            Some(DType::Other(number)) => {
                let place = self.place().at_value(&name);
                self.find("O104", Severity::Error, place, format!("data type {number} is not known"));
            }
            Some(DType::Undefined) => {
                let place = self.place().at_value(&name);
                self.find("H201", Severity::Warning, place, "the declared type has no element type");
            }
            _ => {}
        }
        Ok((name, ty, field.span()))
    }

    /// A `NodeProto`.
    pub(super) fn node(&mut self, field: &Field, graph: &mut Graph) -> Result<DraftNode> {
        let range = field.bytes()?;
        let takes = size_of::<DraftNode>() + size_of::<Node>() + 2 * size_of::<Op>();
        self.budget.charge(range.start, field.record.len().min(256), takes)?;
        let mut op = Op::default();
        let (mut name, mut inputs, mut outputs, mut captures) = (String::new(), vec![], vec![], vec![]);
        // Subgraphs are found by their node's name, which may come after them.
        let mut attributes = Vec::new();
        for part in self.fields(range.clone()) {
            let part = part?;
            if part.number < 3 {
                self.budget.charge(part.record.start, part.record.len(), size_of::<(String, Use)>() + 64)?;
            }
            match part.number {
                1 => inputs.push(self.string(&part)?),
                2 => outputs.push(self.string(&part)?),
                3 => name = self.string(&part)?,
                4 => op.op = self.string(&part)?,
                5 => attributes.push(part),
                6 => op.doc = self.text(&part)?,
                7 => op.domain = self.string(&part)?,
                8 => op.overload = self.string(&part)?,
                9 => op.properties.push(self.property(&part)?),
                _ => {}
            }
        }
        // `ai.onnx` is another name of the default domain.
        if op.domain == "ai.onnx" {
            op.domain.clear();
        }
        self.path.push(format!("node `{}`", if name.is_empty() { &op.op } else { &name }));
        for part in attributes {
            op.attributes.push(self.attribute(&part, &mut captures)?);
        }
        self.path.pop();
        if op.op.is_empty() {
            let place = Place { offset: Some(range.start as u64), ..self.place().at_node(&name) };
            self.find("O101", Severity::Error, place, "the node names no operator");
        }
        op.input_slots = inputs.len() as u32;
        let scope = scopes::scope(&op.properties, &mut graph.scopes);
        let node =
            Node { name, kind: NodeKind::Op(op), outputs: Vec::new(), scope, cost: None, span: field.span() };
        Ok(DraftNode { node, inputs, outputs, captures })
    }

    /// Connects a draft. Names that nothing defines become nodes of kind `unknown`;
    /// they are returned too, in the order of their first use.
    pub(super) fn connect(&mut self, draft: Draft, unknown: NodeKind) -> Result<(Graph, Vec<String>)> {
        let Draft { graph, nodes, constants, inputs, outputs, infos } = draft;
        let mut builder = Builder { graph, defined: HashMap::new(), unknown, missing: Vec::new() };
        self.define_sources(&mut builder, constants, inputs);
        let mut ids = Vec::with_capacity(nodes.len());
        let mut uses = Vec::with_capacity(nodes.len());
        for DraftNode { node, inputs, outputs, captures } in nodes {
            let id = builder.graph.add_node(node);
            for name in outputs {
                if name.is_empty() { builder.graph.skip_output(id) } else { builder.define(id, name, None) }
            }
            ids.push(id);
            uses.push((inputs, captures));
        }
        let mut unsorted: Option<(NodeId, u32)> = None;
        for (&id, (inputs, captures)) in ids.iter().zip(uses) {
            for (slot, name) in inputs.into_iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                let value = builder.resolve(name);
                if builder.graph.value(value).definition.node >= id && is_op(&builder.graph, value) {
                    let (_, count) = unsorted.get_or_insert((id, 0));
                    *count += 1;
                }
                builder.graph.connect(value, id, Slot::Input(slot as u32));
            }
            let mut seen = std::collections::HashSet::new();
            for name in captures.into_iter().filter(|name| !name.is_empty()) {
                let value = builder.resolve(name);
                if seen.insert(value) {
                    builder.graph.connect(value, id, Slot::Capture);
                }
            }
        }
        if let Some((first, count)) = unsorted {
            let place = self.place().at_node(&builder.graph.node(first).name);
            let fact =
                format!("the node uses what is defined after it; there are {count} such uses in this graph");
            self.find("S005", Severity::Error, place, fact);
        }
        let output_types = self.add_outputs(&mut builder, outputs);
        self.declare(&mut builder, infos, output_types);
        Ok((builder.graph, builder.missing))
    }

    /// Constants first, then the inputs that no constant gives a default.
    fn define_sources(
        &mut self,
        builder: &mut Builder,
        constants: Vec<(Tensor, Span)>,
        inputs: Vec<(String, Option<ValueType>, Span)>,
    ) {
        let listed: HashMap<&str, &Option<ValueType>> =
            inputs.iter().map(|(n, ty, _)| (n.as_str(), ty)).collect();
        let mut clashes = Vec::new();
        for (tensor, span) in constants {
            let (name, ty) = (tensor.name.clone(), tensor.value_type());
            let declared = listed.get(name.as_str()).copied();
            if declared.is_some_and(|d| d.as_ref().is_some_and(|d| contradict(d, &ty))) {
                clashes.push(name.clone());
            }
            let kind = NodeKind::Constant { tensor, overridable: declared.is_some() };
            let node = Node {
                name: name.clone(),
                kind,
                outputs: Vec::new(),
                scope: ScopeId::ROOT,
                cost: None,
                span,
            };
            let id = builder.graph.add_node(node);
            builder.define(id, name, Some(ty));
        }
        drop(listed);
        for name in clashes {
            let place = self.place().at_value(name);
            self.find("H202", Severity::Warning, place, "the input's type contradicts that of its default");
        }
        let is_default = |builder: &Builder, name: &str| builder.defined.contains_key(name);
        let plain: Vec<_> = inputs.into_iter().filter(|(name, ..)| !is_default(builder, name)).collect();
        for (name, ty, span) in plain {
            let node = Node {
                name: name.clone(),
                kind: NodeKind::Input,
                outputs: vec![],
                scope: ScopeId::ROOT,
                cost: None,
                span,
            };
            let id = builder.graph.add_node(node);
            builder.define(id, name, ty);
            builder.graph.inputs.push(id);
        }
    }

    fn add_outputs(
        &mut self,
        builder: &mut Builder,
        outputs: Vec<(String, Option<ValueType>, Span)>,
    ) -> Vec<(String, Option<ValueType>, Span)> {
        let mut types = Vec::new();
        for (name, ty, span) in outputs {
            let value = builder.resolve(name.clone());
            let node = Node {
                name: name.clone(),
                kind: NodeKind::Output,
                outputs: vec![],
                scope: ScopeId::ROOT,
                cost: None,
                span,
            };
            let id = builder.graph.add_node(node);
            builder.graph.connect(value, id, Slot::Input(0));
            builder.graph.outputs.push(id);
            types.push((name, ty, span));
        }
        types
    }

    /// Gives values the types that the file declares for them.
    fn declare(
        &mut self,
        builder: &mut Builder,
        infos: Vec<(String, Option<ValueType>, Span)>,
        outputs: Vec<(String, Option<ValueType>, Span)>,
    ) {
        let mut orphans: Option<(String, u32)> = None;
        let infos = infos.into_iter().map(|info| (info, false));
        for ((name, ty, _), is_output) in infos.chain(outputs.into_iter().map(|output| (output, true))) {
            let Some(&value) = builder.defined.get(&name) else {
                if !is_output {
                    orphans.get_or_insert((name, 0)).1 += 1;
                }
                continue;
            };
            let Some(ty) = ty else { continue };
            let value = builder.graph.value_mut(value);
            match &value.ty {
                None => (value.ty, value.known_from) = (Some(ty), KnownFrom::File),
                Some(known) if contradict(known, &ty) => {
                    let fact = format!("the value is declared as {ty} and as {known}");
                    let place = self.place().at_value(name);
                    self.find("H202", Severity::Warning, place, fact);
                }
                Some(_) => {}
            }
        }
        if let Some((first, count)) = orphans {
            let place = self.place().at_value(first);
            let fact =
                format!("a type is declared for a value that is not there; {count} such in this graph");
            self.find("H203", Severity::Note, place, fact);
        }
    }
}

fn is_op(graph: &Graph, value: ValueId) -> bool {
    matches!(graph.node(graph.value(value).definition.node).kind, NodeKind::Op(_))
}

struct Builder {
    graph: Graph,
    /// The first definition of each name.
    defined: HashMap<String, ValueId>,
    unknown: NodeKind,
    missing: Vec<String>,
}

impl Builder {
    fn define(&mut self, node: NodeId, name: String, ty: Option<ValueType>) {
        let known_from = if ty.is_some() { KnownFrom::File } else { KnownFrom::Unknown };
        let value = self.graph.define(node, name.clone(), ty, known_from);
        self.defined.entry(name).or_insert(value);
    }

    /// The value of a name; what nothing defines gets a node.
    fn resolve(&mut self, name: String) -> ValueId {
        if let Some(&value) = self.defined.get(&name) {
            return value;
        }
        let node = Node {
            name: name.clone(),
            kind: self.unknown.clone(),
            outputs: Vec::new(),
            scope: ScopeId::ROOT,
            cost: None,
            span: Span::default(),
        };
        let id = self.graph.add_node(node);
        let value = self.graph.define(id, name.clone(), None, KnownFrom::Unknown);
        self.defined.insert(name.clone(), value);
        self.missing.push(name);
        value
    }
}
