//! The runs of a request.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Outcome, Request};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::eval::{Engine, Machine, Value, Watch};
use crate::files::arrays::Array;
use crate::model::{Model, NodeKind, Shape, ValueId};
use crate::text::{nearest, printable};

/// Runs each set of inputs.
///
/// # Errors
/// As [`Runner::run`](super::Runner::run).
pub(super) fn run<'e>(
    model: &Model,
    request: &Request,
    engine: &'e mut dyn Engine,
    fallback: Option<&'e mut dyn Engine>,
) -> Result<Outcome> {
    let dump = request.dump.iter().map(|name| value_named(model, name)).collect::<Result<Vec<_>>>()?;
    let mut machine = Machine::new(model, engine, fallback);
    let mut clock = Clock::default();
    let mut outcome = Outcome::default();
    for inputs in &request.runs {
        let inputs = given(model, inputs)?;
        let (mut first, mut fastest) = (None, f64::INFINITY);
        let mut values = Vec::new();
        for _ in 0..request.repeat.max(1) {
            let begin = Instant::now();
            values = match request.times {
                true => machine.run(&inputs, &dump, &mut clock)?,
                false => machine.run(&inputs, &dump, &mut ())?,
            };
            let seconds = begin.elapsed().as_secs_f64();
            fastest = fastest.min(seconds);
            first.get_or_insert(seconds);
        }
        outcome.seconds.0 += first.unwrap_or(fastest) - fastest;
        outcome.seconds.1 += fastest;
        let names = model.graph.outputs.iter().map(|&id| &model.graph.node(id).name).chain(&request.dump);
        let run = names.zip(values).map(|(name, value)| Ok((name.clone(), tensor(name, value)?)));
        outcome.runs.push(run.collect::<Result<_>>()?);
    }
    outcome.times = clock.times;
    outcome.sightings = machine.sightings().to_vec();
    Ok(outcome)
}

fn value_named(model: &Model, name: &str) -> Result<ValueId> {
    let values = model.graph.values();
    let found = values.iter().position(|value| value.name == *name);
    found.map(|at| ValueId(at as u32)).ok_or_else(|| {
        let error = Error::new(ErrorKind::Usage, format!("no value is named `{}`", printable(name)));
        match nearest(name, values.iter().map(|value| value.name.as_str())) {
            Some(other) => error.hint(format!("did you mean `{}`?", printable(other))),
            None => error,
        }
    })
}

/// The inputs, each of the type that the model declares.
fn given(model: &Model, inputs: &BTreeMap<String, Array>) -> Result<BTreeMap<String, Value>> {
    let graph = &model.graph;
    for &id in &graph.inputs {
        let node = graph.node(id);
        let wrong = |fact: String| {
            let error = Error::new(ErrorKind::Usage, fact).at(Place::default().at_value(&node.name));
            Err(error.hint("--input NAME=FILE.npy, or NAME=random"))
        };
        let Some(array) = inputs.get(&node.name) else {
            match node.kind {
                NodeKind::Input => return wrong("nothing is given for this input".into()),
                _ => continue,
            }
        };
        let Some(ty) = graph.type_of(id).and_then(|ty| ty.tensor()) else { continue };
        let shape = Shape::known(array.dims.iter().copied());
        let fits = ty.shape.as_ref().is_none_or(|own| own.admits(&array.dims));
        if array.dtype != ty.dtype || !fits {
            return wrong(format!("{} {shape} is given for {ty}", array.dtype));
        }
    }
    Ok(inputs.iter().map(|(name, array)| (name.clone(), array.clone().into())).collect())
}

/// The tensor of numbers that a value is.
fn tensor(name: &str, value: Value) -> Result<Array> {
    match value {
        Value::Array(array) => Ok(array),
        other => {
            let fact = format!("it is {}, and only tensors of numbers can be given out", other.sort());
            Err(Error::new(ErrorKind::Unsupported, fact).at(Place::default().at_value(name)))
        }
    }
}

/// Measures each node.
#[derive(Debug, Default)]
struct Clock {
    /// The nodes that are running, outer ones first.
    begun: Vec<Instant>,
    times: BTreeMap<String, f64>,
}

impl Watch for Clock {
    fn starts(&mut self, _node: &str) {
        self.begun.push(Instant::now());
    }

    fn ends(&mut self, node: &str) {
        let Some(begin) = self.begun.pop() else { return };
        let seconds = begin.elapsed().as_secs_f64();
        match self.times.get_mut(node) {
            Some(time) => *time = time.min(seconds),
            None => {
                self.times.insert(node.to_owned(), seconds);
            }
        }
    }
}
