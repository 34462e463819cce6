//! Runs a graph node by node.
//!
//! Values live as long as something uses them. Nodes that no result depends on are not run.
//! Functions are run by their bodies, `If`, `Loop`, `Scan` and `SequenceMap` by their subgraphs.

mod control;
mod oddities;
mod plan;
mod slices;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

pub use oddities::{Oddity, Sighting};

use self::plan::{Plan, Step};
use super::call::{Call, content};
use super::definition::plain;
use super::engine::{Checked, Engine};
use super::failure::{Computed, Failure};
use super::functions::Functions;
use super::range;
use super::table::{kernel, newest};
use super::value::Value;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::model::{
    Attribute, AttributeValue, Function, Graph, Model, Node, NodeKind, Op, Opset, ValueId, opset_version,
};
use crate::text::printable;

/// Subgraphs and functions in each other, at most.
const DEEPEST: usize = 100;

/// Learns of each node that is run.
pub(crate) trait Watch {
    /// A node of the main graph or of a function's body is about to be run.
    fn starts(&mut self, node: &str);
    /// It has been run.
    fn ends(&mut self, node: &str);
}

/// Watches nothing.
impl Watch for () {
    fn starts(&mut self, _node: &str) {}
    fn ends(&mut self, _node: &str) {}
}

/// Runs a model.
pub(crate) struct Machine<'m, 'e> {
    model: &'m Model,
    engine: Checked<'e>,
    /// What runs operators that have no definition, if anything may.
    fallback: Option<&'e mut dyn Engine>,
    plans: HashMap<usize, Rc<Plan>>,
    functions: Functions<'m>,
    seen: BTreeSet<Oddity>,
    sightings: Vec<Sighting>,
    depth: usize,
}

/// Where a graph is run: what it sees beside its own values.
struct Scope<'s, 'm> {
    opsets: &'m [Opset],
    /// The attributes of the function's call, in a function.
    attributes: Option<&'s [Attribute]>,
    /// The values that the graph uses of those around it, by name.
    captured: BTreeMap<&'m str, Value>,
}

/// The values of a graph while it is run.
struct Frame<'m> {
    graph: &'m Graph,
    values: Vec<Option<Value>>,
    left: Vec<u32>,
}

impl<'m, 'e> Machine<'m, 'e> {
    /// A machine for a model. Operators that have no definition are left to `fallback`, or are
    /// errors.
    pub(crate) fn new(
        model: &'m Model,
        engine: &'e mut dyn Engine,
        fallback: Option<&'e mut dyn Engine>,
    ) -> Self {
        Machine {
            model,
            engine: Checked(engine),
            fallback,
            plans: HashMap::new(),
            functions: Functions::of(model),
            seen: BTreeSet::new(),
            sightings: Vec::new(),
            depth: 0,
        }
    }

    /// Where NaN, infinite and subnormal numbers were first seen: each in a stored constant, NaN
    /// in any value.
    pub(crate) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// Runs the main graph; gives its outputs, and then the values that are `wanted`.
    ///
    /// # Errors
    /// At the first node that has no result: [`ErrorKind::Disproved`] if it has none by its
    /// definition, [`ErrorKind::Unsupported`] if it may have one.
    pub(crate) fn run(
        &mut self,
        inputs: &BTreeMap<String, Value>,
        wanted: &[ValueId],
        watch: &mut dyn Watch,
    ) -> Result<Vec<Value>> {
        let graph = &self.model.graph;
        let scope = Scope { opsets: &self.model.meta.opsets, attributes: None, captured: BTreeMap::new() };
        let given = |node: &Node| inputs.get(&node.name).cloned();
        self.graph(graph, &scope, &given, wanted, watch)
    }

    /// Runs a graph; gives its outputs, and then the values that are wanted.
    fn graph(
        &mut self,
        graph: &'m Graph,
        scope: &Scope<'_, 'm>,
        given: &dyn Fn(&Node) -> Option<Value>,
        wanted: &[ValueId],
        watch: &mut dyn Watch,
    ) -> Result<Vec<Value>> {
        if self.depth >= DEEPEST {
            return Err(Error::new(ErrorKind::Unsafe, format!("more than {DEEPEST} graphs in each other")));
        }
        let key = std::ptr::from_ref(graph) as usize;
        let plan = self.plans.entry(key).or_insert_with(|| Rc::new(Plan::of(graph, wanted))).clone();
        let mut frame = Frame { graph, values: vec![None; graph.values().len()], left: plan.uses.clone() };
        self.depth += 1;
        let done = plan.steps.iter().try_for_each(|step| self.step(step, &mut frame, scope, given, watch));
        self.depth -= 1;
        done?;
        let outputs = graph.outputs.iter().map(|&id| {
            let value = graph.input(id, 0).and_then(|value| frame.values[value.index()].clone());
            value.ok_or_else(|| nothing(&graph.node(id).name))
        });
        let more = wanted.iter().map(|value| {
            frame.values[value.index()].clone().ok_or_else(|| nothing(&graph.value(*value).name))
        });
        outputs.chain(more).collect()
    }

    fn step(
        &mut self,
        step: &Step,
        frame: &mut Frame<'m>,
        scope: &Scope<'_, 'm>,
        given: &dyn Fn(&Node) -> Option<Value>,
        watch: &mut dyn Watch,
    ) -> Result<()> {
        let node = frame.graph.node(step.id);
        let values = match &node.kind {
            // An output only uses a value, which stays for it.
            NodeKind::Output => return Ok(()),
            NodeKind::Input => vec![given(node).ok_or_else(|| nothing(&node.name))?],
            NodeKind::Captured => {
                let value = scope.captured.get(node.name.as_str()).cloned();
                vec![value.ok_or_else(|| nothing(&node.name))?]
            }
            NodeKind::Undefined => return Err(nothing(&node.name)),
            NodeKind::Constant { tensor, overridable } => match overridable.then(|| given(node)).flatten() {
                Some(value) => vec![value],
                None => vec![self.stored(node, tensor)?],
            },
            NodeKind::Op(op) => {
                let called = frame.graph.called(step.id);
                watch.starts(called);
                let values = self.op(step, op, frame, scope, watch)?;
                watch.ends(called);
                values
            }
        };
        for (&slot, value) in node.outputs.iter().zip(values) {
            let Some(id) = slot else { continue };
            if frame.left[id.index()] > 0 {
                self.look(&value, &frame.graph.value(id).name, &node.kind);
                frame.values[id.index()] = Some(value);
            }
        }
        for id in step.inputs.iter().flatten().chain(&step.captures) {
            frame.left[id.index()] -= 1;
            if frame.left[id.index()] == 0 {
                frame.values[id.index()] = None;
            }
        }
        Ok(())
    }

    fn stored(&self, node: &Node, tensor: &crate::model::Tensor) -> Result<Value> {
        content(self.model, tensor).map_err(|failure| match failure {
            Failure::Content(error) if error.place.file.is_some() => error,
            Failure::Content(error) => error.at(Place::default().at_value(&node.name)),
            other => other.at(&node.name, "the constant"),
        })
    }

    /// Notes what is odd about the numbers of a value.
    fn look(&mut self, value: &Value, name: &str, kind: &NodeKind) {
        // After the first NaN, all may be.
        if self.seen.contains(&Oddity::Nan) {
            return;
        }
        let op = match kind {
            NodeKind::Op(op) => Some(op.op.clone()),
            _ => None,
        };
        let stored = matches!(kind, NodeKind::Constant { .. }) || op.as_deref() == Some("Constant");
        for oddity in oddities::oddities(value) {
            if (stored || oddity == Oddity::Nan) && self.seen.insert(oddity) {
                self.sightings.push(Sighting::new(oddity, name, op.clone()));
            }
        }
    }

    /// The results of an operator.
    fn op(
        &mut self,
        step: &Step,
        op: &'m Op,
        frame: &Frame<'m>,
        scope: &Scope<'_, 'm>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<Value>> {
        let graph = frame.graph;
        let mut inputs = Vec::with_capacity(step.inputs.len());
        for slot in &step.inputs {
            let Some(id) = slot else {
                inputs.push(None);
                continue;
            };
            let value = frame.values[id.index()].clone();
            inputs.push(Some(value.ok_or_else(|| nothing(&graph.value(*id).name))?));
        }
        if let Some(function) = self.functions.called(op) {
            return self.function(function, op, &inputs, scope, watch);
        }
        if op.attributes.iter().any(|a| !a.value.graphs().is_empty()) {
            return self.control(step, op, inputs, frame, scope, watch);
        }
        let used = |slot: &Option<ValueId>| slot.is_some_and(|id| frame.left[id.index()] > 0);
        let asked = graph.node(step.id).outputs.iter().rposition(used);
        let call = Call {
            model: self.model,
            op: &op.op,
            domain: plain(&op.domain),
            opset: opset_version(scope.opsets, &op.domain).unwrap_or(1),
            attributes: resolved(&op.attributes, scope.attributes),
            inputs,
            outputs: asked.map_or(1, |last| last + 1),
        };
        self.call(&call).map_err(|failure| failure.at(graph.called(step.id), &printable(&op.op)))
    }

    fn call(&mut self, call: &Call<'_>) -> Computed<Vec<Value>> {
        if let Some(found) = kernel(call.domain, call.op) {
            if let Some(newest) = newest(call.domain).filter(|&newest| call.opset > newest) {
                let fact = format!("operator set {} is newer than {newest}, the newest known", call.opset);
                return Failure::unsupported(fact);
            }
            let values = range::check(call).and_then(|()| found(call, &mut self.engine));
            let values = values.and_then(|values| range::check_results(call, &values).map(|()| values));
            let undefined = matches!(values, Err(Failure::Unsupported(_)));
            if !(undefined && self.fallback.is_some()) {
                return values;
            }
        }
        match &mut self.fallback {
            Some(engine) => Ok(engine.call(call)?.into_iter().map(Value::Array).collect()),
            None => Failure::unsupported("it is not defined here"),
        }
    }

    fn function(
        &mut self,
        function: &'m Function,
        op: &'m Op,
        inputs: &[Option<Value>],
        scope: &Scope<'_, 'm>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<Value>> {
        let mut attributes = resolved(&op.attributes, scope.attributes);
        let absent = |a: &&Attribute| !op.attributes.iter().any(|own| own.name == a.name);
        attributes.extend(function.defaults.iter().filter(absent).cloned());
        let inner =
            Scope { opsets: &function.opsets, attributes: Some(&attributes), captured: BTreeMap::new() };
        let places = &function.graph.inputs;
        let by_name: BTreeMap<&str, &Value> = places
            .iter()
            .zip(inputs)
            .filter_map(|(&id, value)| Some((function.graph.node(id).name.as_str(), value.as_ref()?)))
            .collect();
        let given = |node: &Node| by_name.get(node.name.as_str()).map(|value| (*value).clone());
        self.graph(&function.graph, &inner, &given, &[], watch)
    }
}

/// Attributes with those of the function's call in the place of references to them; without
/// graphs, which are run where they are.
fn resolved(attributes: &[Attribute], call: Option<&[Attribute]>) -> Vec<Attribute> {
    let one = |attribute: &Attribute| match &attribute.value {
        AttributeValue::Reference(name) => {
            let given = call?.iter().find(|a| a.name == *name)?;
            Some(Attribute { name: attribute.name.clone(), ..given.clone() })
        }
        AttributeValue::Graph(_) | AttributeValue::Graphs(_) => None,
        _ => Some(attribute.clone()),
    };
    attributes.iter().filter_map(one).collect()
}

fn nothing(name: &str) -> Error {
    let error = Error::new(ErrorKind::Disproved, "nothing defines it");
    error.at(Place::default().at_value(name))
}
