//! Types by tract's analysis, for what no rule knows.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::infer::InferenceFact;

use super::skeleton::{name_of, skeleton};
use crate::model::{DType, Dim, Expr, KnownFrom, Model, Shape, TensorType, ValueId, ValueType};

/// Results of constants alone that have more elements than this are not left to tract,
/// which would work them out.
const MOST_FOLDED: u64 = 1 << 20;
/// The name of the thread that tract runs on: its panics are answers, and need no
/// message.
pub const THREAD: &str = "tract";
/// The stack of the analysis.
const STACK: usize = 256 << 20;

/// Fills in the types that are not known yet by tract's analysis of the model without
/// its weights; gives how many values it told something of.
///
/// Call it after [`derive_types`](crate::ops::derive_types). What tract says is used
/// only for values of which the element type, the rank or a dimension is not known; it
/// never changes what is. If tract fails, or panics, what is known stays.
pub fn fill_types(model: &mut Model) -> usize {
    let open: Vec<ValueId> =
        (0..model.graph.values().len() as u32).map(ValueId).filter(|&v| is_open(model, v)).collect();
    if open.is_empty() || would_explode(model) {
        return 0;
    }
    let proto = skeleton(model);
    let names: Vec<String> = open.iter().map(|&v| name_of(v)).collect();
    // tract recurses, and panics on what it did not expect.
    let work = move || catch_unwind(AssertUnwindSafe(|| analyse(&proto, &names))).unwrap_or_default();
    let thread = std::thread::Builder::new().name(THREAD.into()).stack_size(STACK).spawn(work);
    let found = thread.ok().and_then(|t| t.join().ok()).unwrap_or_default();
    let mut told = 0;
    for (value, found) in open.into_iter().zip(found) {
        let value = model.graph.value_mut(value);
        if let Some(better) = found.and_then(|found| merged(value.ty.as_ref(), found)) {
            value.ty = Some(better);
            value.known_from = KnownFrom::Tract;
            told += 1;
        }
    }
    told
}

/// Whether something is not known of a value that may be a dense tensor.
fn is_open(model: &Model, value: ValueId) -> bool {
    match &model.graph.value(value).ty {
        None => true,
        Some(ValueType::Tensor(ty)) => {
            ty.dtype == DType::Undefined || ty.shape.as_ref().is_none_or(|s| s.0.contains(&Dim::Unknown))
        }
        Some(_) => false,
    }
}

/// Whether constants alone make something large: a bomb, or a table.
fn would_explode(model: &Model) -> bool {
    let graph = &model.graph;
    let too_large = |v: &ValueId| match graph.value(*v).ty.as_ref().and_then(ValueType::tensor) {
        Some(TensorType { shape: Some(shape), .. }) => shape.elements().is_none_or(|n| n > MOST_FOLDED),
        _ => true,
    };
    let constant = graph.constant_nodes();
    let folded = graph.ops().filter(|(id, ..)| constant.contains(id));
    folded.flat_map(|(_, node, _)| node.outputs.iter().flatten()).any(too_large)
}

/// The types of the values of these names.
fn analyse(proto: &tract_onnx::pb::ModelProto, names: &[String]) -> Vec<Option<TensorType>> {
    let onnx = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_types(true);
    let Ok(mut parsed) = onnx.parse(proto, None) else { return Vec::new() };
    // Where it cannot go on it says so, and keeps what it found.
    let _ = parsed.model.analyse(true);
    let fact = |name: &String| {
        let outlet = parsed.outlets_by_name.get(name)?;
        parsed.model.outlet_fact(*outlet).ok().map(type_of)
    };
    names.iter().map(fact).collect()
}

fn type_of(fact: &InferenceFact) -> TensorType {
    let dtype = fact.datum_type.concretize().map_or(DType::Undefined, dtype_of);
    let shape = fact.shape.rank().concretize().map(|_| {
        let dims = fact.shape.dims();
        Shape(dims.map(|dim| dim.concretize().map_or(Dim::Unknown, |dim| dim_of(&dim))).collect())
    });
    TensorType { dtype, shape }
}

fn dim_of(dim: &TDim) -> Dim {
    match dim {
        TDim::Val(n) => Dim::Known(*n),
        TDim::Sym(symbol) => Dim::from(Expr::symbol(&symbol.to_string())),
        _ => Dim::Unknown,
    }
}

fn dtype_of(ty: DatumType) -> DType {
    match ty {
        DatumType::F16 => DType::F16,
        DatumType::F32 => DType::F32,
        DatumType::F64 => DType::F64,
        DatumType::Bool => DType::Bool,
        DatumType::I8 => DType::I8,
        DatumType::I16 => DType::I16,
        DatumType::I32 => DType::I32,
        // Sizes are integers of the file.
        DatumType::I64 | DatumType::TDim => DType::I64,
        DatumType::U8 => DType::U8,
        DatumType::U16 => DType::U16,
        DatumType::U32 => DType::U32,
        DatumType::U64 => DType::U64,
        _ => DType::Undefined,
    }
}

/// What is known, and of the rest what was found; nothing if that is no more, or another
/// type.
fn merged(known: Option<&ValueType>, found: TensorType) -> Option<ValueType> {
    let none = TensorType { dtype: DType::Undefined, shape: None };
    let known = known.and_then(ValueType::tensor).cloned().unwrap_or(none);
    if known.dtype != DType::Undefined && found.dtype != DType::Undefined && known.dtype != found.dtype {
        return None;
    }
    let dtype = if known.dtype == DType::Undefined { found.dtype } else { known.dtype };
    let shape = match (known.shape.clone(), found.shape) {
        (Some(k), Some(f)) if k.0.len() == f.0.len() => Some(Shape(
            k.0.into_iter().zip(f.0).map(|(k, f)| if k == Dim::Unknown { f } else { k }).collect(),
        )),
        (Some(_), Some(_)) => return None,
        (k, f) => k.or(f),
    };
    let merged = TensorType { dtype, shape };
    (merged != known).then_some(ValueType::Tensor(merged))
}
