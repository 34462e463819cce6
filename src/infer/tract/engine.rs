//! Single operators by tract.

use std::collections::HashMap;
use std::sync::Arc;

use prost::Message;
use tract_onnx::pb;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceFact;

use super::proto::{attribute, type_proto};
use super::value::{array, datum_type, tensor};
use crate::error::Error;
use crate::eval::{Call, Computed, Engine, Failure};
use crate::files::arrays::Array;
use crate::model::{DType, Shape, TensorType};

type Plan = Arc<TypedRunnableModel>;

/// A node as bytes, its operator set, and the types and dimensions of its operands.
type Key = (Vec<u8>, i64, Vec<Option<(DType, Vec<i64>)>>);

/// Computes operators by tract: each by a plan for its attributes and for the types and shapes of
/// its operands, which is kept for the next call of that kind.
#[derive(Debug, Default)]
pub(super) struct Tract {
    plans: HashMap<Key, Plan>,
}

impl Engine for Tract {
    fn call(&mut self, call: &Call<'_>) -> Computed<Vec<Array>> {
        let message = node(call)?;
        let operands = operands(call)?;
        let facts = operands.iter().map(|a| a.map(|a| (a.dtype, a.dims.clone()))).collect();
        let key = (message.encode_to_vec(), call.opset, facts);
        if let Some(plan) = self.plans.get(&key) {
            return run(plan, &operands, &[]);
        }
        let made = plan(call, message, &operands, &[])?;
        let plan = self.plans.entry(key).or_insert(made);
        run(plan, &operands, &[])
    }
}

/// Computes whatever tract has under an operator's name. It may be something else than the
/// operator: nothing that comes of it is verified.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whatever;

impl Engine for Whatever {
    fn call(&mut self, call: &Call<'_>) -> Computed<Vec<Array>> {
        let message = node(call)?;
        let operands = operands(call)?;
        let all: Vec<usize> = (0..operands.len()).collect();
        let mut first = None;
        // tract wants to know some operands when it plans.
        for baked in [&[][..], &all[1.min(all.len())..], &all] {
            let found = plan(call, message.clone(), &operands, baked);
            match found.and_then(|plan| run(&plan, &operands, baked)) {
                Ok(results) => return Ok(results),
                Err(failure) => first = first.or(Some(failure)),
            }
        }
        Err(first.unwrap_or_else(|| Failure::Unsupported("tract has no plan".into())))
    }
}

fn fail(error: TractError) -> Failure {
    Failure::Unsupported(format!("tract: {}", format!("{error:#}").replace('\n', " ")))
}

fn operands<'c>(call: &'c Call<'_>) -> Computed<Vec<Option<&'c Array>>> {
    (0..call.inputs.len()).map(|slot| call.maybe(slot)).collect()
}

fn input_name(slot: usize) -> String {
    format!("x{slot}")
}

fn node(call: &Call<'_>) -> Computed<pb::NodeProto> {
    let given =
        |(slot, value): (usize, &Option<_>)| value.as_ref().map_or(String::new(), |_| input_name(slot));
    let mut made = pb::NodeProto {
        input: call.inputs.iter().enumerate().map(given).collect(),
        output: (0..call.outputs.max(1)).map(|slot| format!("y{slot}")).collect(),
        name: "node".into(),
        op_type: call.op.to_owned(),
        domain: call.domain.to_owned(),
        ..Default::default()
    };
    for own in &call.attributes {
        match attribute(&call.model.source, &own.name, &own.value) {
            Some(attribute) => made.attribute.push(attribute),
            None => return Failure::unsupported(format!("tract does not get the attribute {}", own.name)),
        }
    }
    Ok(made)
}

fn plan(
    call: &Call<'_>,
    node: pb::NodeProto,
    operands: &[Option<&Array>],
    baked: &[usize],
) -> Computed<Plan> {
    let given = || operands.iter().enumerate().filter_map(|(slot, array)| Some((slot, (*array)?)));
    let input = |(slot, array): (usize, &Array)| {
        let shape = Some(Shape::known(array.dims.iter().copied()));
        let ty = TensorType { dtype: array.dtype, shape };
        pb::ValueInfoProto {
            name: input_name(slot),
            r#type: Some(type_proto(Some(&ty))),
            ..Default::default()
        }
    };
    let outputs: Vec<String> = node.output.clone();
    let graph = pb::GraphProto {
        name: "node".into(),
        input: given().map(input).collect(),
        output: outputs
            .iter()
            .map(|name| pb::ValueInfoProto { name: name.clone(), ..Default::default() })
            .collect(),
        node: vec![node],
        ..Default::default()
    };
    let opset = pb::OperatorSetIdProto { domain: call.domain.to_owned(), version: call.opset };
    let proto =
        pb::ModelProto { ir_version: 8, opset_import: vec![opset], graph: Some(graph), ..Default::default() };
    let onnx = tract_onnx::onnx()
        .with_ignore_value_info(true)
        .with_ignore_output_types(true)
        .with_ignore_output_shapes(true);
    let parsed = onnx.parse(&proto, None).map_err(fail)?;
    let mut model = parsed.model;
    let outlet = |name: &str| parsed.outlets_by_name.get(name).copied();
    let mut free = Vec::new();
    for (slot, array) in given() {
        let Some(place) = outlet(&input_name(slot)) else { continue };
        if baked.contains(&slot) {
            let content =
                Arc::new(tensor(array.dtype, &array.dims, &array.content).map_err(Failure::Content)?);
            let constant = model.add_const(format!("constant {slot}"), content).map_err(fail)?;
            model.nodes[place.node].op = model.nodes[constant.node].op.clone();
            let fact = model.outlet_fact(constant).map_err(fail)?.clone();
            let kept: Vec<OutletId> = model.inputs.iter().copied().filter(|input| *input != place).collect();
            model.set_input_outlets(&kept).map_err(fail)?;
            model.set_outlet_fact(place, fact).map_err(fail)?;
            continue;
        }
        let Some(dtype) = datum_type(array.dtype) else {
            return Failure::unsupported(format!("tract has no type for {}", array.dtype));
        };
        let shape: Vec<usize> = array.dims.iter().map(|&d| d as usize).collect();
        model.set_outlet_fact(place, InferenceFact::dt_shape(dtype, shape)).map_err(fail)?;
        free.push(place);
    }
    model.set_input_outlets(&free).map_err(fail)?;
    let results: Option<Vec<OutletId>> = outputs.iter().map(|name| outlet(name)).collect();
    let Some(results) = results else { return Failure::unsupported("tract gives fewer results") };
    model.select_output_outlets(&results).map_err(fail)?;
    model.into_optimized().map_err(fail)?.into_runnable().map_err(fail)
}

fn run(plan: &Plan, operands: &[Option<&Array>], baked: &[usize]) -> Computed<Vec<Array>> {
    let content = |error: Error| Failure::Content(error);
    let free = operands.iter().enumerate().filter(|(slot, _)| !baked.contains(slot));
    let inputs: TVec<TValue> = free
        .filter_map(|(_, array)| *array)
        .map(|a| Ok(tensor(a.dtype, &a.dims, &a.content).map_err(content)?.into_tvalue()))
        .collect::<Computed<_>>()?;
    let results = plan.run(inputs).map_err(fail)?;
    results.iter().map(|value| array(value).map_err(content)).collect()
}
