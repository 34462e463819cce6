//! Operators that run subgraphs: `If`, `Loop`, `Scan`, `SequenceMap`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan::Step;
use super::slices::{part, stacked};
use super::{Frame, Machine, Scope, Watch, nothing};
use crate::error::Result;
use crate::eval::call::Call;
use crate::eval::definition::plain;
use crate::eval::elements::{bools, count, of_bools, scalar, width};
use crate::eval::failure::{Computed, Failure};
use crate::eval::value::Value;
use crate::files::arrays::Array;
use crate::model::{Attribute, AttributeValue, Dim, Graph, Node, Op, ValueType, opset_version};
use crate::text::printable;

impl<'m> Machine<'m, '_> {
    pub(super) fn control(
        &mut self,
        step: &Step,
        op: &'m Op,
        inputs: Vec<Option<Value>>,
        frame: &Frame<'m>,
        scope: &Scope<'_, 'm>,
        watch: &mut dyn Watch,
    ) -> Result<Vec<Value>> {
        let graph = frame.graph;
        let mut captured = BTreeMap::new();
        for &id in &step.captures {
            let own = graph.value(id);
            let value = frame.values[id.index()].clone().ok_or_else(|| nothing(&own.name))?;
            captured.insert(own.name.as_str(), value);
        }
        let inner = Scope { opsets: scope.opsets, attributes: scope.attributes, captured };
        let fail = |failure: Failure| failure.at(graph.called(step.id), &printable(&op.op));
        let mut body = Body { machine: self, scope: &inner, watch, fail: &fail, op };
        match (plain(&op.domain), op.op.as_str()) {
            ("", "If") => body.branch(&inputs),
            ("", "Loop") => body.repeat(&inputs),
            ("", "Scan") => body.scan(&inputs),
            ("", "SequenceMap") => body.map(&inputs),
            _ => Err(fail(Failure::Unsupported("it is not defined here".into()))),
        }
    }
}

/// Subgraphs of one node, and what runs them.
struct Body<'b, 's, 'm, 'e> {
    machine: &'b mut Machine<'m, 'e>,
    scope: &'b Scope<'s, 'm>,
    watch: &'b mut dyn Watch,
    fail: &'b dyn Fn(Failure) -> crate::error::Error,
    op: &'m Op,
}

impl<'m> Body<'_, '_, 'm, '_> {
    fn subgraph(&self, name: &str) -> Result<&'m Graph> {
        let found = self.op.attributes.iter().find(|a| a.name == name);
        match found.map(|a| &a.value) {
            Some(AttributeValue::Graph(graph)) => Ok(graph),
            _ => Err((self.fail)(Failure::Invalid(format!("the attribute {name} is no graph")))),
        }
    }

    /// Runs a subgraph with these inputs, by position.
    fn run(&mut self, graph: &'m Graph, inputs: &[Value]) -> Result<Vec<Value>> {
        if graph.inputs.len() > inputs.len() {
            let fact = format!("the subgraph takes {} inputs, and gets {}", graph.inputs.len(), inputs.len());
            return Err((self.fail)(Failure::Invalid(fact)));
        }
        let by_name: BTreeMap<&str, &Value> = graph
            .inputs
            .iter()
            .zip(inputs)
            .map(|(&id, value)| (graph.node(id).name.as_str(), value))
            .collect();
        let given = |node: &Node| by_name.get(node.name.as_str()).map(|value| (*value).clone());
        self.machine.graph(graph, self.scope, &given, &[], self.watch)
    }

    fn branch(&mut self, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let condition = inputs.first().and_then(Option::as_ref);
        let chosen = truth(condition).map_err(self.fail)?.unwrap_or(false);
        let graph = self.subgraph(if chosen { "then_branch" } else { "else_branch" })?;
        self.run(graph, &[])
    }

    fn repeat(&mut self, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let body = self.subgraph("body")?;
        let at = |slot: usize| inputs.get(slot).and_then(Option::as_ref);
        let most = trips(at(0)).map_err(self.fail)?;
        let mut goes_on = truth(at(1)).map_err(self.fail)?.unwrap_or(true);
        let mut carried: Vec<Value> = inputs.iter().skip(2).flatten().cloned().collect();
        let kept = carried.len();
        let mut collected: Vec<Vec<Value>> = vec![Vec::new(); body.outputs.len().saturating_sub(1 + kept)];
        let mut trip = 0i64;
        while goes_on && most.is_none_or(|most| trip < most) {
            let mut given = vec![scalar(trip).into(), of_bools(Vec::new(), [goes_on]).into()];
            given.append(&mut carried);
            let mut results = self.run(body, &given)?.into_iter();
            let next = results.next();
            goes_on = truth(next.as_ref()).map_err(self.fail)?.unwrap_or(true);
            carried = results.by_ref().take(kept).collect();
            collected.iter_mut().zip(results).for_each(|(list, value)| list.push(value));
            trip += 1;
        }
        let mut values = carried;
        for (list, &id) in collected.iter().zip(body.outputs.iter().skip(1 + kept)) {
            let whole = match list.is_empty() {
                true => none_of(body, id),
                false => stacked(list, 0),
            };
            values.push(whole.map_err(self.fail)?.into());
        }
        Ok(values)
    }

    fn scan(&mut self, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let body = self.subgraph("body")?;
        let fail = self.fail;
        if opset_version(self.scope.opsets, "").is_some_and(|version| version < 9) {
            return Err(fail(Failure::Unsupported("Scan of operator set 8 has no definition here".into())));
        }
        let scans = ints(self.op, "num_scan_inputs").and_then(|n| n.first().copied()).unwrap_or(0);
        let values: Vec<&Value> = inputs.iter().flatten().collect();
        let kept = match usize::try_from(scans).ok().and_then(|n| values.len().checked_sub(n)) {
            Some(kept) if kept < values.len() => kept,
            _ => {
                return Err(fail(Failure::Invalid(format!(
                    "{scans} of {} inputs are scanned",
                    values.len()
                ))));
            }
        };
        let setup =
            Setup::of(self.op, &values[kept..], body.outputs.len().saturating_sub(kept)).map_err(fail)?;
        let mut carried: Vec<Value> = values[..kept].iter().map(|&value| value.clone()).collect();
        let mut collected: Vec<Vec<Value>> = vec![Vec::new(); body.outputs.len().saturating_sub(kept)];
        for trip in 0..setup.trips {
            let mut given = std::mem::take(&mut carried);
            given.extend(setup.slices(&values[kept..], trip).map_err(fail)?);
            let mut results = self.run(body, &given)?.into_iter();
            carried = results.by_ref().take(kept).collect();
            collected.iter_mut().zip(results).for_each(|(list, value)| list.push(value));
        }
        let mut results = carried;
        for (number, mut list) in collected.into_iter().enumerate() {
            if list.is_empty() {
                return Err(fail(Failure::Unsupported("a scan of nothing".into())));
            }
            if setup.back_out[number] {
                list.reverse();
            }
            let rank = list[0].dims().map_err(fail)?.len() + 1;
            let axis = Call::axis(setup.axes_out[number], rank).map_err(fail)?;
            results.push(stacked(&list, axis).map_err(fail)?.into());
        }
        Ok(results)
    }

    fn map(&mut self, inputs: &[Option<Value>]) -> Result<Vec<Value>> {
        let body = self.subgraph("body")?;
        let values: Vec<&Value> = inputs.iter().flatten().collect();
        let Some(Value::List(first)) = values.first() else {
            return Err((self.fail)(Failure::Invalid("the first operand is no sequence".into())));
        };
        let mut lists: Vec<Vec<Value>> = vec![Vec::new(); body.outputs.len()];
        for at in 0..first.len() {
            let mut given = Vec::new();
            for value in &values {
                given.push(match value {
                    Value::List(list) => list.get(at).cloned().ok_or_else(|| {
                        (self.fail)(Failure::Invalid("sequences of several lengths".into()))
                    })?,
                    other => (*other).clone(),
                });
            }
            let results = self.run(body, &given)?;
            lists.iter_mut().zip(results).for_each(|(list, value)| list.push(value));
        }
        Ok(lists.into_iter().map(|list| Value::List(Arc::new(list))).collect())
    }
}

/// What is scanned, and how.
struct Setup {
    trips: usize,
    axes: Vec<usize>,
    back: Vec<bool>,
    axes_out: Vec<i64>,
    back_out: Vec<bool>,
}

impl Setup {
    fn of(op: &Op, scanned: &[&Value], outputs: usize) -> Computed<Setup> {
        let list = |name: &str, n: usize| -> Computed<Vec<i64>> {
            match ints(op, name) {
                None => Ok(vec![0; n]),
                Some(list) if list.len() == n => Ok(list),
                Some(list) => Failure::invalid(format!("{name} has {} elements, not {n}", list.len())),
            }
        };
        let mut axes = Vec::new();
        let mut trips = None;
        for (value, at) in scanned.iter().zip(list("scan_input_axes", scanned.len())?) {
            let dims = value.dims()?;
            let at = Call::axis(at, dims.len())?;
            if *trips.get_or_insert(dims[at]) != dims[at] {
                return Failure::invalid("what is scanned has several lengths");
            }
            axes.push(at);
        }
        Ok(Setup {
            trips: trips.unwrap_or(0) as usize,
            axes,
            back: list("scan_input_directions", scanned.len())?.into_iter().map(|n| n == 1).collect(),
            axes_out: list("scan_output_axes", outputs)?,
            back_out: list("scan_output_directions", outputs)?.into_iter().map(|n| n == 1).collect(),
        })
    }

    fn slices(&self, scanned: &[&Value], trip: usize) -> Computed<Vec<Value>> {
        let one = |(number, value): (usize, &&Value)| {
            let at = if self.back[number] { self.trips - 1 - trip } else { trip };
            part(value.array()?, self.axes[number], at).map(Value::Array)
        };
        scanned.iter().enumerate().map(one).collect()
    }
}

fn ints(op: &Op, name: &str) -> Option<Vec<i64>> {
    let value = |a: &Attribute| match &a.value {
        AttributeValue::Ints(list) => Some(list.clone()),
        AttributeValue::Int(n) => Some(vec![*n]),
        _ => None,
    };
    op.attributes.iter().find(|a| a.name == name).and_then(value)
}

/// A condition; nothing if it is left out.
fn truth(value: Option<&Value>) -> Computed<Option<bool>> {
    match value.map(|value| bools(value.array()?)).transpose()? {
        None => Ok(None),
        Some([one]) => Ok(Some(*one != 0)),
        Some(list) => Failure::invalid(format!("the condition has {} elements", list.len())),
    }
}

/// A number of iterations; nothing if it is left out.
fn trips(value: Option<&Value>) -> Computed<Option<i64>> {
    use crate::eval::elements::view;
    match value.map(|value| view::<i64>(value.array()?)).transpose()?.as_deref() {
        None => Ok(None),
        Some([n]) => Ok(Some(*n)),
        Some(list) => Failure::invalid(format!("the number of iterations has {} elements", list.len())),
    }
}

/// What no iteration gives: nothing, of the type that the body declares.
fn none_of(body: &Graph, output: crate::model::NodeId) -> Computed<Array> {
    let ty =
        body.input(output, 0).and_then(|value| body.value(value).ty.as_ref()).and_then(ValueType::tensor);
    let dims = ty.and_then(|ty| ty.shape.as_ref()).and_then(|shape| {
        let known = |dim: &Dim| match dim {
            Dim::Known(n) => Some(*n),
            _ => None,
        };
        shape.0.iter().map(known).collect::<Option<Vec<i64>>>()
    });
    let (Some(ty), Some(dims)) = (ty, dims) else {
        return Failure::unsupported("no iteration, and the results have no known shape");
    };
    let dims: Vec<i64> = [0].into_iter().chain(dims).collect();
    debug_assert_eq!(count(&dims), Ok(0));
    width(ty.dtype)?;
    Ok(Array { dtype: ty.dtype, dims, content: Default::default() })
}
