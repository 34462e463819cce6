//! Plans for the shapes of the inputs, and runs of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceFact;
use tract_onnx::tract_hir::internal::tract_core::plan::eval;

use super::prepare::{Prepared, quoted};
use super::value::{array, datum_type, tensor};
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Array;
use crate::infer::{Outcome, Request};

type Plan = Arc<TypedRunnableModel>;
/// The types and shapes that a plan is for.
type Shapes = Vec<(DatumType, Vec<i64>)>;

/// Integers of at most this many elements may say a shape.
const SHAPE: i64 = 64;

/// Runs each set of inputs.
pub(super) fn run(prepared: &Prepared, request: &Request) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut plans: Vec<(Shapes, Plan)> = Vec::new();
    for inputs in &request.runs {
        let given = given(prepared, inputs)?;
        let key: Vec<_> =
            given.iter().map(|a| (datum_type(a.dtype).unwrap_or(DatumType::F32), a.dims.clone())).collect();
        let known = plans.iter().find(|(shapes, _)| *shapes == key).map(|(_, plan)| plan.clone());
        let begin = Instant::now();
        let (plan, baked) = match known {
            Some(plan) => (plan, Vec::new()),
            None => {
                let (plan, baked) = planned(prepared, request, &given)?;
                // With content inside, a plan is for these inputs alone.
                if baked.is_empty() {
                    plans.push((key, plan.clone()));
                }
                (plan, baked)
            }
        };
        outcome.seconds.0 += begin.elapsed().as_secs_f64();
        let values = run_once(prepared, request, &plan, &given, &baked, &mut outcome)?;
        outcome.baked = baked.iter().map(|&i| prepared.inputs[i].clone()).collect();
        outcome.runs.push(values);
    }
    Ok(outcome)
}

fn given<'a>(prepared: &Prepared, inputs: &'a BTreeMap<String, Array>) -> Result<Vec<&'a Array>> {
    let missing = |name: &String| {
        let error = Error::new(ErrorKind::Usage, format!("nothing is given for the input {}", quoted(name)));
        error.hint("--input NAME=FILE.npy, or NAME=random")
    };
    prepared.inputs.iter().map(|name| inputs.get(name).ok_or_else(|| missing(name))).collect()
}

/// A plan, with as few inputs inside as it takes: none; those that may say shapes; all.
fn planned(prepared: &Prepared, request: &Request, given: &[&Array]) -> Result<(Plan, Vec<usize>)> {
    let says_shape = |a: &Array| !a.dtype.is_float() && a.dims.iter().product::<i64>() <= SHAPE;
    let small: Vec<usize> = (0..given.len()).filter(|&i| says_shape(given[i])).collect();
    let but_first: Vec<usize> = (1..given.len()).collect();
    let all: Vec<usize> = (0..given.len()).collect();
    let mut first = None;
    let mut tried: Vec<Vec<usize>> = Vec::new();
    for baked in [Vec::new(), small, but_first, all] {
        if tried.contains(&baked) {
            continue;
        }
        match plan(prepared, request, given, &baked) {
            Ok(plan) => return Ok((plan, baked)),
            Err(error) => first = first.or(Some(error)),
        }
        tried.push(baked);
    }
    Err(first.unwrap_or_else(|| Error::new(ErrorKind::Unsupported, "tract: no plan")))
}

fn plan(prepared: &Prepared, request: &Request, given: &[&Array], baked: &[usize]) -> Result<Plan> {
    let fail = |error: TractError| {
        let text = format!("{error:#}");
        Error::new(ErrorKind::Unsupported, format!("tract cannot run it: {}", text.replace('\n', " ")))
    };
    let onnx = tract_onnx::onnx()
        .with_ignore_value_info(true)
        .with_ignore_output_types(true)
        .with_ignore_output_shapes(true);
    let parsed = onnx.parse(&prepared.proto, None).map_err(fail)?;
    let mut model = parsed.model;
    let mut outputs = Vec::new();
    for name in prepared.outputs.iter().chain(&request.dump) {
        let outlet = parsed
            .outlets_by_name
            .get(name)
            .ok_or_else(|| Error::new(ErrorKind::Usage, format!("no value is named {}", quoted(name))))?;
        outputs.push(*outlet);
    }
    let mut inputs = Vec::new();
    let constants = prepared.weights.iter().map(|(name, weight)| (name, weight.clone()));
    for (name, weight) in constants {
        bake(&mut model, &parsed.outlets_by_name, name, weight)?;
    }
    for (i, (name, array)) in prepared.inputs.iter().zip(given).enumerate() {
        if baked.contains(&i) {
            let content = Arc::new(tensor(array.dtype, &array.dims, &array.content)?);
            bake(&mut model, &parsed.outlets_by_name, name, content)?;
            continue;
        }
        let outlet = *parsed.outlets_by_name.get(name).ok_or_else(|| missing(name))?;
        let dtype = datum_type(array.dtype).ok_or_else(|| {
            Error::new(ErrorKind::Unsupported, format!("tract has no type for {}", array.dtype))
        })?;
        let shape: Vec<usize> = array.dims.iter().map(|&d| d as usize).collect();
        model.set_outlet_fact(outlet, InferenceFact::dt_shape(dtype, shape)).map_err(fail)?;
        inputs.push(outlet);
    }
    model.set_input_outlets(&inputs).map_err(fail)?;
    model.select_output_outlets(&outputs).map_err(fail)?;
    let typed = if request.repeat > 1 {
        model.into_optimized().map_err(fail)?
    } else {
        model.into_typed().map_err(fail)?
    };
    typed.into_runnable().map_err(fail)
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::Usage, format!("tract does not know the value {}", quoted(name)))
}

/// Makes a constant of an input.
fn bake(
    model: &mut tract_onnx::tract_hir::infer::InferenceModel,
    outlets: &std::collections::HashMap<String, OutletId>,
    name: &str,
    content: Arc<Tensor>,
) -> Result<()> {
    let fail = |error: TractError| Error::new(ErrorKind::Unsupported, format!("tract: {error}"));
    let outlet = *outlets.get(name).ok_or_else(|| missing(name))?;
    let node = model.add_const(format!("modelgram constant {name}"), content).map_err(fail)?;
    model.nodes[outlet.node].op = model.nodes[node.node].op.clone();
    let kept: Vec<OutletId> = model.inputs.iter().copied().filter(|input| *input != outlet).collect();
    model.set_input_outlets(&kept).map_err(fail)?;
    let fact = model.outlet_fact(node).map_err(fail)?.clone();
    model.set_outlet_fact(outlet, fact).map_err(fail)
}

fn run_once(
    prepared: &Prepared,
    request: &Request,
    plan: &Plan,
    given: &[&Array],
    baked: &[usize],
    outcome: &mut Outcome,
) -> Result<Vec<(String, Array)>> {
    let fail = |error: TractError| {
        Error::new(ErrorKind::Unsupported, format!("the run failed: {error:#}").replace('\n', " "))
    };
    let free = given.iter().enumerate().filter(|(i, _)| !baked.contains(i));
    let inputs: TVec<TValue> =
        free.map(|(_, a)| Ok(tensor(a.dtype, &a.dims, &a.content)?.into_tvalue())).collect::<Result<_>>()?;
    let mut best = f64::INFINITY;
    let mut values = TVec::new();
    for _ in 0..request.repeat.max(1) {
        let begin = Instant::now();
        values = match request.times {
            false => plan.run(inputs.clone()).map_err(fail)?,
            true => timed(plan, inputs.clone(), &mut outcome.times).map_err(fail)?,
        };
        best = best.min(begin.elapsed().as_secs_f64());
    }
    outcome.seconds.1 += best;
    let names = prepared.outputs.iter().chain(&request.dump);
    names.zip(values.iter()).map(|(name, value)| Ok((name.clone(), array(value)?))).collect()
}

/// A run that measures each node.
fn timed(plan: &Plan, inputs: TVec<TValue>, times: &mut BTreeMap<String, f64>) -> TractResult<TVec<TValue>> {
    let mut state = plan.spawn()?;
    state.run_plan_with_eval(inputs, |context, own, node, inputs| {
        let begin = Instant::now();
        let result = eval(context, own, node, inputs);
        let time = times.entry(node.name.clone()).or_insert(f64::INFINITY);
        *time = time.min(begin.elapsed().as_secs_f64());
        result
    })
}
