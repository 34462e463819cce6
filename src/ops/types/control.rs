//! Operators that hold graphs, and calls of functions.

use super::calls::CallKey;
use super::flow::{Done, Flow, Scope};
use super::graph_types::GraphTypes;
use crate::model::{AttributeValue, Cost, DType, Graph, NodeKind};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size};

/// What an operator gives, and what the graphs that it runs cost.
type Run = (Outputs, Option<Cost>);

/// The types of subgraphs, by attribute and position.
type Inner = Vec<((usize, usize), GraphTypes)>;

/// A loop is gone through at most so often, until its types stay as they are.
const ROUNDS: usize = 4;

impl Flow<'_> {
    /// What a call of the model's function number `number` gives.
    pub(super) fn call_function(
        &mut self,
        number: usize,
        call: &Call<'_>,
        scope: &Scope<'_>,
    ) -> (Outputs, Cost) {
        let model = self.model;
        let function = &model.functions[number];
        let mut attributes: Vec<(String, AttributeValue)> = Vec::new();
        for attribute in &call.op.attributes {
            if let Some(value) = call.attribute(&attribute.name) {
                attributes.push((attribute.name.clone(), value.clone()));
            }
        }
        for default in &function.defaults {
            if !attributes.iter().any(|(name, _)| *name == default.name) {
                attributes.push((default.name.clone(), default.value.clone()));
            }
        }
        let key = CallKey::of(number, &call.inputs, &attributes);
        if let Some(found) = key.as_ref().and_then(|key| self.known_calls.get(key)) {
            return found.clone();
        }
        let inputs: Vec<Option<Fact>> = (0..function.graph.inputs.len())
            .map(|i| Some(call.input(i).cloned().unwrap_or_default()))
            .collect();
        let opsets = &function.opsets;
        let inside = Scope { opsets, around: None, attributes: &attributes, depth: scope.depth + 1 };
        self.quiet += 1;
        let done = self.graph(&function.graph, &inputs, &inside);
        self.quiet -= 1;
        if let Some(key) = key {
            self.known_calls.insert(key, (done.outputs.clone(), done.cost.clone()));
        }
        (done.outputs, done.cost)
    }

    /// What an operator with subgraphs gives.
    pub(super) fn control(&mut self, call: &Call<'_>, scope: &Scope<'_>, inner: &mut Inner) -> Run {
        let standard = matches!(call.op.domain.as_str(), "" | "ai.onnx");
        match call.op.op.as_str() {
            "If" if standard => self.branches(call, scope, inner),
            "Loop" if standard => self.repeated(call, scope, inner),
            "Scan" if standard => self.scan(call, scope, inner),
            "SequenceMap" if standard => self.mapped(call, scope, inner),
            _ => {
                // Another operator: its graphs are typed by their own declarations.
                for (a, attribute) in call.op.attributes.iter().enumerate() {
                    for (n, graph) in attribute.value.graphs().iter().enumerate() {
                        let done = self.inside(graph, &[], scope);
                        inner.push(((a, n), done.types));
                    }
                }
                (crate::ops::outputs_of(call), None)
            }
        }
    }

    fn inside(&mut self, graph: &Graph, inputs: &[Option<Fact>], scope: &Scope<'_>) -> Done {
        self.graph(graph, inputs, &Scope { depth: scope.depth + 1, ..*scope })
    }

    /// `If`: what holds for both branches.
    fn branches(&mut self, call: &Call<'_>, scope: &Scope<'_>, inner: &mut Inner) -> Run {
        let mut result: Option<(Outputs, Cost)> = None;
        // A condition that is known leaves one branch.
        let taken =
            call.input(0).and_then(Fact::int).map(|n| if n != 0 { "then_branch" } else { "else_branch" });
        for (a, attribute) in call.op.attributes.iter().enumerate() {
            for (n, graph) in attribute.value.graphs().iter().enumerate() {
                let done = self.inside(graph, &[], scope);
                inner.push(((a, n), done.types));
                if taken.is_some_and(|name| name != attribute.name) {
                    continue;
                }
                result = Some(match result {
                    None => (done.outputs, done.cost),
                    // One of them is run: the one that costs more is counted.
                    Some((other, cost)) => (
                        other.iter().zip(&done.outputs).map(|(a, b)| a.common(b)).collect(),
                        cost.larger(&done.cost),
                    ),
                });
            }
        }
        result.map_or((Vec::new(), None), |(outputs, cost)| (outputs, Some(cost)))
    }

    /// `Loop`: carried values are what holds in all rounds; what is collected gets an
    /// axis of rounds.
    fn repeated(&mut self, call: &Call<'_>, scope: &Scope<'_>, inner: &mut Inner) -> Run {
        let Some((a, graph)) = body(call) else { return (Vec::new(), None) };
        let scalar = |dtype| Fact::tensor(dtype, Some(Vec::new()));
        let mut carried: Vec<Fact> =
            (2..call.inputs.len()).map(|i| call.input(i).map_or(Fact::default(), Fact::bare)).collect();
        let mut done = None;
        for _ in 0..ROUNDS {
            let first = [Some(scalar(DType::I64)), Some(scalar(DType::Bool))];
            let inputs: Vec<Option<Fact>> =
                first.into_iter().chain(carried.iter().cloned().map(Some)).collect();
            self.quiet += 1;
            let round = self.inside(graph, &inputs, scope);
            self.quiet -= 1;
            let outputs = round.outputs.iter().skip(1);
            let next: Vec<Fact> = carried
                .iter()
                .zip(outputs.map(Some).chain(std::iter::repeat(None)))
                .map(|(before, after)| after.map_or(Fact::default(), |after| before.common(&after.bare())))
                .collect();
            done = Some(round);
            if next == carried {
                break;
            }
            carried = next;
        }
        let Some(done) = done else { return (Vec::new(), None) };
        // Rounds are as many as said, unless the body may stop them.
        let begins = call.input(1).is_none_or(|fact| fact.int().is_some_and(|n| n != 0));
        let goes_on = passes_on(graph) || done.outputs.first().and_then(Fact::int).is_some_and(|n| n != 0);
        let rounds: Size = call
            .input(0)
            .and_then(Fact::sizes)
            .and_then(|sizes| sizes.first().cloned().flatten())
            .filter(|_| begins && goes_on);
        let collected =
            done.outputs.iter().skip(1 + carried.len()).map(|item| with_axis(item, 0, rounds.clone()));
        let outputs: Outputs = carried.iter().cloned().chain(collected).collect();
        let cost = rounds.map_or_else(Cost::unknown, |n| done.cost.times(&n));
        inner.push(((a, 0), done.types));
        (outputs, Some(cost))
    }

    /// `Scan`: states, then what is collected along an axis.
    fn scan(&mut self, call: &Call<'_>, scope: &Scope<'_>, inner: &mut Inner) -> Run {
        let Some((a, graph)) = body(call) else { return (Vec::new(), None) };
        // Before version 9 there was a batch axis, and a first operand of lengths.
        let old = call.version < 9;
        let first = usize::from(old);
        let count = call.inputs.len().saturating_sub(first);
        let scanned = call.int("num_scan_inputs", 0).clamp(0, count as i64) as usize;
        let states = count - scanned;
        let lead = usize::from(old);
        let axes = call.ints("scan_input_axes").unwrap_or_default();
        let mut length: Size = None;
        let mut batch: Size = None;
        let mut inputs: Vec<Option<Fact>> = Vec::new();
        for i in 0..count {
            let mut fact = call.input(first + i).map_or(Fact::default(), Fact::bare);
            if let Some(shape) = &mut fact.shape {
                if lead == 1 && !shape.is_empty() {
                    batch = batch.or(shape.remove(0));
                }
                if i >= states && !shape.is_empty() {
                    let axis = axes.get(i - states).copied().unwrap_or(0);
                    let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
                    let axis = axis.clamp(0, shape.len() as i64 - 1) as usize;
                    length = length.or(shape.remove(axis));
                }
            }
            inputs.push(Some(fact));
        }
        let done = self.inside(graph, &inputs, scope);
        let axes = call.ints("scan_output_axes").unwrap_or_default();
        let outputs = done.outputs.iter().enumerate().map(|(i, item)| {
            let mut fact = item.bare();
            if i >= states {
                fact = with_axis(&fact, axes.get(i - states).copied().unwrap_or(0), length.clone());
            }
            if lead == 1 { with_axis(&fact, 0, batch.clone()) } else { fact }
        });
        let outputs = outputs.collect();
        let cost = length.map_or_else(Cost::unknown, |n| done.cost.times(&n));
        inner.push(((a, 0), done.types));
        (outputs, Some(cost))
    }

    /// `SequenceMap`: a sequence of what the body gives for one item.
    fn mapped(&mut self, call: &Call<'_>, scope: &Scope<'_>, inner: &mut Inner) -> Run {
        let Some((a, graph)) = body(call) else { return (Vec::new(), None) };
        let item = |fact: &Fact| fact.item().map_or_else(|| fact.bare(), Fact::bare);
        let inputs: Vec<Option<Fact>> =
            call.inputs.iter().map(|fact| Some(fact.as_ref().map_or(Fact::default(), item))).collect();
        let done = self.inside(graph, &inputs, scope);
        let outputs = done.outputs.iter().map(|fact| Fact::sequence(fact.bare())).collect();
        inner.push(((a, 0), done.types));
        // How many items there are is not known.
        (outputs, Some(Cost::unknown()))
    }
}

/// The one subgraph, with the position of its attribute.
fn body<'a>(call: &Call<'a>) -> Option<(usize, &'a Graph)> {
    let op = call.op;
    op.attributes.iter().enumerate().find_map(|(a, x)| Some((a, x.value.graphs().first()?)))
}

/// Whether the body gives its condition on as it came.
fn passes_on(graph: &Graph) -> bool {
    let Some(mut value) = graph.outputs.first().and_then(|&o| graph.input(o, 0)) else { return false };
    for _ in 0..8 {
        let node = graph.value(value).definition.node;
        match &graph.node(node).kind {
            NodeKind::Input => return graph.inputs.get(1) == Some(&node),
            NodeKind::Op(op) if op.op == "Identity" || op.op == "Cast" => match graph.input(node, 0) {
                Some(before) => value = before,
                None => return false,
            },
            _ => return false,
        }
    }
    false
}

/// With one more axis of this size.
fn with_axis(item: &Fact, axis: i64, size: Size) -> Fact {
    let mut fact = item.bare();
    if let Some(shape) = &mut fact.shape {
        let rank = shape.len() as i64 + 1;
        let axis = if axis < 0 { axis + rank } else { axis };
        shape.insert(axis.clamp(0, rank - 1) as usize, size);
    }
    fact
}
