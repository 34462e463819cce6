//! Walks graphs in the order of the data flow, and applies rules.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use super::calls::Calls;
use super::graph_types::GraphTypes;
use super::options::TypeOptions;
use super::settle::{Settled, settle};
use crate::error::Place;
use crate::finding::{Finding, Severity};
use crate::model::{
    AttributeValue, Cost, Graph, Model, NodeId, NodeKind, Op, Opset, Slot, ValueId, opset_version,
};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::Fact;
use crate::ops::{self, Defined};

/// The most operators that are looked at, those of functions again for each call.
const MOST_CALLS: usize = 4_000_000;
/// The deepest that calls and subgraphs are nested.
const DEEPEST: usize = 64;

/// The work on one model.
pub(super) struct Flow<'a> {
    pub(super) model: &'a Model,
    pub(super) options: &'a TypeOptions,
    findings: Vec<Finding>,
    found: HashSet<Finding>,
    calls: usize,
    /// What functions gave, by operands and attributes.
    pub(super) known_calls: Calls,
    /// Whether what is found is about the file, and not about one call of a function.
    pub(super) quiet: u32,
}

/// What a graph sees around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) opsets: &'a [Opset],
    /// Names of the graphs around, innermost last.
    pub(super) around: Option<&'a Names<'a>>,
    /// Attributes of the call of the function that this is in.
    pub(super) attributes: &'a [(String, AttributeValue)],
    pub(super) depth: usize,
}

/// The values of a graph around, by name.
pub(super) struct Names<'a> {
    pub(super) graph: &'a Graph,
    pub(super) facts: &'a [Fact],
    pub(super) by_name: &'a HashMap<&'a str, ValueId>,
    pub(super) outer: Option<&'a Names<'a>>,
}

/// A graph of which everything is known that will be.
pub(super) struct Done {
    pub(super) types: GraphTypes,
    /// What its outputs are.
    pub(super) outputs: Outputs,
    /// What one run of it costs.
    pub(super) cost: Cost,
}

impl<'a> Scope<'a> {
    pub(super) fn main(opsets: &'a [Opset]) -> Self {
        Scope { opsets, around: None, attributes: &[], depth: 0 }
    }
}

impl Names<'_> {
    fn find(&self, name: &str) -> Option<Fact> {
        let mut at = Some(self);
        while let Some(names) = at {
            if let Some(value) = names.by_name.get(name) {
                return Some(names.facts[value.index()].clone());
            }
            at = names.outer;
        }
        None
    }
}

impl<'a> Flow<'a> {
    pub(super) fn new(model: &'a Model, options: &'a TypeOptions) -> Self {
        Flow {
            model,
            options,
            findings: Vec::new(),
            found: HashSet::new(),
            calls: 0,
            known_calls: Calls::new(),
            quiet: 0,
        }
    }

    /// What was noticed, in the order of the data flow.
    pub(super) fn findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Derives what can be of a graph, whose inputs are what is given; where nothing is
    /// given, what they are declared to be.
    pub(super) fn graph(&mut self, graph: &Graph, inputs: &[Option<Fact>], scope: &Scope<'_>) -> Done {
        let count = graph.values().len();
        let mut facts: Vec<Fact> = vec![Fact::default(); count];
        let mut done = GraphTypes { types: vec![Default::default(); count], ..GraphTypes::default() };
        let mut cost = Cost::default();
        let by_name = names_for_subgraphs(graph);
        for id in graph.flow_order() {
            let node = graph.node(id);
            let mut call = None;
            let found: Outputs = match &node.kind {
                NodeKind::Input => vec![self.input(graph, id, inputs, scope)],
                NodeKind::Constant { tensor, .. } => vec![Fact::of_constant(tensor, &self.model.source)],
                NodeKind::Captured => vec![scope.around.and_then(|n| n.find(&node.name)).unwrap_or_default()],
                NodeKind::Undefined | NodeKind::Output => Vec::new(),
                NodeKind::Op(op) => {
                    let names = Names { graph, facts: &facts, by_name: &by_name, outer: scope.around };
                    let around = Scope { around: Some(&names), ..*scope };
                    let mut inner = Vec::new();
                    let (outputs, made) = self.op(id, op, scope.attributes, &around, &mut inner);
                    call = made;
                    done.inner.extend(inner.into_iter().map(|((a, n), types)| ((id, a, n), types)));
                    outputs
                }
            };
            let outputs = self.settle_outputs(graph, id, found, &mut facts, &mut done);
            if let Some((call, inner)) = call {
                let own = inner.unwrap_or_else(|| ops::cost_of(&call, &outputs));
                cost = cost.plus(&own);
                done.costs.push((id, own));
            }
        }
        let outputs = graph.outputs.iter().map(|&o| graph.input(o, 0));
        let outputs = outputs.map(|v| v.map_or(Fact::default(), |v| facts[v.index()].clone())).collect();
        Done { types: done, outputs, cost }
    }

    /// What is given for an input of a graph.
    fn input(&self, graph: &Graph, id: NodeId, inputs: &[Option<Fact>], scope: &Scope<'_>) -> Fact {
        let place = graph.inputs.iter().position(|&i| i == id);
        let given = place.and_then(|i| inputs.get(i)).cloned().flatten();
        given.or_else(|| self.other_shape(graph, id, scope)).unwrap_or_default()
    }

    /// Settles the values that a node defines, of which rules give `found`; gives what is
    /// taken to be true of each output slot of an operator.
    fn settle_outputs(
        &mut self,
        graph: &Graph,
        id: NodeId,
        found: Outputs,
        facts: &mut [Fact],
        done: &mut GraphTypes,
    ) -> Outputs {
        let node = graph.node(id);
        // The declared type of an input counts, unless the caller gives another one.
        let is_input = matches!(node.kind, NodeKind::Input) && found.iter().all(|f| f.value_type().is_none());
        let is_op = matches!(node.kind, NodeKind::Op(_));
        let mut found = found.into_iter();
        let mut outputs = Vec::with_capacity(node.outputs.len());
        for output in &node.outputs {
            let rule = found.next().unwrap_or_default();
            let Some(value) = *output else {
                outputs.push(rule);
                continue;
            };
            let settled = self.settle(graph, value, rule, is_input);
            if is_op {
                outputs.push(settled.fact.clone());
            }
            facts[value.index()] = settled.fact;
            done.types[value.index()] = (settled.ty, settled.from);
        }
        outputs
    }

    /// The shape that the options give an input of the main graph.
    fn other_shape(&self, graph: &Graph, id: NodeId, scope: &Scope<'_>) -> Option<Fact> {
        let shape = self.options.inputs.get(&graph.node(id).name).filter(|_| scope.depth == 0)?;
        let value = graph.node(id).outputs.first().copied().flatten()?;
        let dtype = graph.value(value).ty.as_ref().and_then(|ty| ty.tensor()).map(|ty| ty.dtype);
        Some(Fact::tensor(dtype.unwrap_or_default(), Some(shape.clone())))
    }

    fn settle(&mut self, graph: &Graph, value: ValueId, rule: Fact, is_input: bool) -> Settled {
        let declared = graph.value(value);
        let ignore = self.options.ignore_declared || !self.options.inputs.is_empty();
        let settled = settle(declared, rule, self.options, ignore && !is_input);
        if let Some((severity, message)) = &settled.conflict {
            let place = Place { value: Some(declared.name.clone()), ..Place::default() };
            self.find("H202", *severity, place, message.clone());
        }
        settled
    }

    /// What an operator gives, and the call that gave it, with the cost of the graphs it
    /// runs; no call where the work was stopped.
    fn op<'b>(
        &mut self,
        id: NodeId,
        op: &'b Op,
        outer: &'b [(String, AttributeValue)],
        scope: &Scope<'_>,
        inner: &mut Vec<((usize, usize), GraphTypes)>,
    ) -> (Outputs, Option<(Call<'b>, Option<Cost>)>)
    where
        'a: 'b,
    {
        self.calls += 1;
        if self.calls > MOST_CALLS || scope.depth > DEEPEST {
            return (Vec::new(), None);
        }
        let names = scope.around.expect("the graph of the operator is around it");
        let mut inputs: Vec<Option<Fact>> = vec![None; (op.input_slots as usize).min(100_000)];
        for (used, _) in names.graph.uses_at(id) {
            if let Slot::Input(n) = used.to
                && let Some(slot) = inputs.get_mut(n as usize)
            {
                *slot = Some(names.facts[used.value.index()].clone());
            }
        }
        let call = Call {
            op,
            format: self.model.format,
            source: &self.model.source,
            // Without an import the newest is the best guess.
            version: opset_version(scope.opsets, &op.domain).unwrap_or(i64::MAX),
            inputs,
            outputs: names.graph.node(id).outputs.len(),
            outer,
            conflicts: RefCell::default(),
        };
        let (outputs, cost) = if let Some(function) = self.model.functions.called(op) {
            let (outputs, cost) = self.call_function(function, &call, scope);
            (outputs, Some(cost))
        } else if op.attributes.iter().any(|a| !a.value.graphs().is_empty()) {
            self.control(&call, scope, inner)
        } else {
            (ops::outputs_of(&call), None)
        };
        // Where an attribute or an operand is missing, what follows from that says nothing.
        let conflicts = call.conflicts.take();
        let told = conflicts.is_empty() || keeps_to_its_definition(&call, names.graph, id);
        for conflict in conflicts.into_iter().filter(|_| told) {
            let place = Place { node: Some(names.graph.called(id).to_owned()), ..Place::default() };
            self.find(conflict.rule, Severity::Warning, place, format!("`{}`: {}", op.op, conflict.message));
        }
        (outputs, Some((call, cost)))
    }

    fn find(&mut self, rule: &'static str, severity: Severity, place: Place, message: String) {
        // A model that is wrong everywhere is not reported a million times.
        if self.quiet == 0 && self.findings.len() < 1_000 {
            let finding = Finding { rule, severity, place, message };
            if self.found.insert(finding.clone()) {
                self.findings.push(finding);
            }
        }
    }
}

/// Whether a node has the attributes, operands and results that its operator needs.
fn keeps_to_its_definition(call: &Call<'_>, graph: &Graph, id: NodeId) -> bool {
    let op = call.op;
    let Defined::As(definition) = ops::defined(call.format, &op.domain, &op.op, call.version) else {
        return true;
    };
    let given: Vec<bool> = call.inputs.iter().map(Option::is_some).collect();
    let made: Vec<bool> = graph.node(id).outputs.iter().map(Option::is_some).collect();
    definition.attribute_faults(op).is_empty() && definition.slot_faults(&given, &made).is_empty()
}

/// The values of a graph by name, if it has subgraphs, which may use them; of two of one name
/// the first.
fn names_for_subgraphs(graph: &Graph) -> HashMap<&str, ValueId> {
    let has_subgraphs =
        graph.ops().any(|(_, _, op)| op.attributes.iter().any(|a| !a.value.graphs().is_empty()));
    if !has_subgraphs {
        return HashMap::new();
    }
    let values = graph.values().iter().enumerate().rev();
    values.map(|(i, v)| (v.name.as_str(), ValueId(i as u32))).collect()
}
