//! Inputs for a run: from files, or drawn from a seed in a range that makes sense.

use std::collections::BTreeMap;

use crate::edit::{Init, random_elements};
use crate::error::{Error, ErrorKind, Result};
use crate::files::arrays::Array;
use crate::model::{DType, Dim, Graph, Model, NodeId, NodeKind, Shape, Slot, TensorType};
use crate::text::printable;

/// Where the content of an input comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum InputSource {
    /// This array.
    Array(Array),
    /// Random, from this seed; from the common seed if there is none.
    Random(Option<u64>),
    /// Zeros.
    Zeros,
}

/// Inputs, and a description of each that was generated.
#[derive(Clone, Debug, Default)]
pub struct InputSet {
    /// The arrays, by the inputs' names.
    pub arrays: BTreeMap<String, Array>,
    /// How each generated input was made, by name.
    pub drawn: Vec<(String, String)>,
}

/// Symbols that are not a batch get this size in sequences, and that in maps.
const LENGTH: i64 = 16;
const SIDE: i64 = 64;
/// An input that is drawn has at most this many elements.
const MOST: i64 = 1 << 28;

/// The inputs of a model whose types are derived.
///
/// Where symbols have no size in `dims` the first axis gets `batch`, others 16 (64 in maps).
///
/// # Errors
/// If a name is not an input, or an input has no known type.
pub fn inputs(
    model: &Model,
    given: &BTreeMap<String, InputSource>,
    dims: &BTreeMap<String, i64>,
    batch: i64,
    seed: u64,
) -> Result<InputSet> {
    let graph = &model.graph;
    let names: Vec<&str> = graph.inputs.iter().map(|&id| graph.node(id).name.as_str()).collect();
    if let Some(name) = given.keys().find(|name| !names.contains(&name.as_str())) {
        let error = Error::new(ErrorKind::Usage, format!("no input is named `{}`", printable(name)));
        return Err(error.hint(format!("the inputs are {}", names.join(", "))));
    }
    let mut sizes = dims.clone();
    let mut set = InputSet::default();
    let typed: Vec<(NodeId, &str, TensorType)> =
        graph.inputs.iter().map(|&id| typed(graph, id)).collect::<Result<_>>()?;
    for (_, name, ty) in &typed {
        if let Some(InputSource::Array(array)) = given.get(*name) {
            fits(name, ty, array, &mut sizes)?;
        }
    }
    for (number, (id, name, ty)) in typed.into_iter().enumerate() {
        let own = match given.get(name) {
            Some(InputSource::Array(array)) => {
                set.arrays.insert(name.to_owned(), array.clone());
                continue;
            }
            Some(InputSource::Random(own)) => Some(own.unwrap_or(seed)),
            Some(InputSource::Zeros) => None,
            None => Some(seed),
        };
        let dims = sized(name, &ty, &mut sizes, batch)?;
        let (array, description) = match own {
            Some(seed) => sample(graph, id, name, ty.dtype, dims, (seed, number as u64))?,
            None => (zeros(ty.dtype, dims)?, "zeros".to_owned()),
        };
        set.arrays.insert(name.to_owned(), array);
        set.drawn.push((name.to_owned(), description));
    }
    Ok(set)
}

fn typed(graph: &Graph, id: NodeId) -> Result<(NodeId, &str, TensorType)> {
    let name = graph.node(id).name.as_str();
    let ty = graph.type_of(id).and_then(|ty| ty.tensor()).cloned();
    let ty = ty.filter(|ty| ty.dtype != DType::Undefined);
    let unknown = || {
        Error::new(
            ErrorKind::Unsupported,
            format!("the input `{}` is not a tensor of a known type", printable(name)),
        )
    };
    Ok((id, name, ty.ok_or_else(unknown)?))
}

/// Whether an array is of an input's type; its symbols get their sizes.
fn fits(name: &str, ty: &TensorType, array: &Array, sizes: &mut BTreeMap<String, i64>) -> Result<()> {
    let shown = Shape::known(array.dims.iter().copied());
    let wrong = || {
        let fact = format!("`{}` is {ty}, and {} {shown} is given", printable(name), array.dtype);
        Err(Error::new(ErrorKind::Usage, fact))
    };
    if array.dtype != ty.dtype {
        return wrong();
    }
    let Some(shape) = &ty.shape else { return Ok(()) };
    if shape.0.len() != array.dims.len() {
        return wrong();
    }
    for (dim, &size) in shape.0.iter().zip(&array.dims) {
        match dim {
            Dim::Known(n) if *n != size => return wrong(),
            Dim::Named(symbol) if *sizes.entry(symbol.clone()).or_insert(size) != size => return wrong(),
            _ => {}
        }
    }
    Ok(())
}

fn sized(name: &str, ty: &TensorType, sizes: &mut BTreeMap<String, i64>, batch: i64) -> Result<Vec<i64>> {
    let Some(shape) = &ty.shape else {
        let error = Error::new(ErrorKind::Usage, format!("the rank of `{}` is not known", printable(name)));
        return Err(error.hint("give an array for this input"));
    };
    let usual = if shape.0.len() >= 4 { SIDE } else { LENGTH };
    let size = |(axis, dim): (usize, &Dim)| match dim {
        Dim::Known(n) => *n,
        Dim::Named(symbol) => *sizes.entry(symbol.clone()).or_insert(if axis == 0 { batch } else { usual }),
        Dim::Computed(_) | Dim::Unknown => {
            if axis == 0 {
                batch
            } else {
                usual
            }
        }
    };
    let dims: Vec<i64> = shape.0.iter().enumerate().map(size).collect();
    let count = dims.iter().try_fold(1i64, |n, &d| n.checked_mul(d.max(0)));
    if count.is_none_or(|n| n > MOST) {
        let fact = format!("the input `{}` would have more than {MOST} elements", printable(name));
        return Err(Error::new(ErrorKind::Unsafe, fact));
    }
    Ok(dims)
}

fn zeros(dtype: DType, dims: Vec<i64>) -> Result<Array> {
    let bits = dtype.bits().filter(|bits| bits % 8 == 0).ok_or_else(|| no_sample(dtype))?;
    let count = dims.iter().product::<i64>() as usize;
    Ok(Array { dtype, dims, content: vec![0; count * (bits / 8) as usize].into() })
}

fn no_sample(dtype: DType) -> Error {
    let error = Error::new(ErrorKind::Unsupported, format!("an input of {dtype} cannot be drawn"));
    error.hint("give an array for this input")
}

/// Draws an input: floats are normal; integers are indices into what they look up, ones in
/// masks, and 0 or 1 else.
fn sample(
    graph: &Graph,
    id: NodeId,
    name: &str,
    dtype: DType,
    dims: Vec<i64>,
    (seed, stream): (u64, u64),
) -> Result<(Array, String)> {
    let count = dims.iter().product::<i64>() as usize;
    if dtype.is_float() {
        if !matches!(dtype, DType::F16 | DType::F32 | DType::F64) {
            return Err(no_sample(dtype));
        }
        let content = random_elements(Init::Normal(1.0), seed, stream, count, dtype);
        return Ok((Array { dtype, dims, content: content.into() }, format!("normal, seed {seed}")));
    }
    let bits = dtype.bits().filter(|bits| bits % 8 == 0).ok_or_else(|| no_sample(dtype))?;
    let words = random_elements(Init::Normal(1.0), seed, stream, count, DType::F64);
    let (most, description) = match looked_up(graph, id) {
        _ if dtype == DType::Bool => (2, format!("0 or 1, seed {seed}")),
        Some(rows) => (rows.clamp(1, 1 << 30), format!("indices below {rows}, seed {seed}")),
        None if name.to_lowercase().contains("mask") => (0, "ones".to_owned()),
        None => (2, format!("0 or 1, seed {seed}")),
    };
    let width = (bits / 8) as usize;
    let mut content = Vec::with_capacity(count * width);
    for word in words.chunks(8) {
        let raw = u64::from_le_bytes(word.try_into().unwrap_or_default());
        // The low bits of the fraction are as good as any.
        let number: u64 = if most == 0 { 1 } else { (raw >> 4) % most as u64 };
        let small = if bits == 8 { number.min(127) } else { number };
        content.extend_from_slice(&small.to_le_bytes()[..width]);
    }
    Ok((Array { dtype, dims, content: content.into() }, description))
}

/// The number of rows of the table that an input's values are indices of.
fn looked_up(graph: &Graph, id: NodeId) -> Option<i64> {
    let mut todo = vec![id];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(id) = todo.pop() {
        for (usage, user) in graph.uses_of(id) {
            let NodeKind::Op(op) = &graph.node(user).kind else { continue };
            match (op.op.as_str(), usage.to) {
                ("Gather", Slot::Input(1)) => {
                    let table = graph.input(user, 0)?;
                    let ty = graph.value(table).ty.as_ref()?.tensor()?;
                    if let Some(Dim::Known(rows)) = ty.shape.as_ref().and_then(|s| s.0.first()) {
                        return Some(*rows);
                    }
                }
                ("Cast" | "Identity" | "Reshape" | "Unsqueeze" | "Squeeze", Slot::Input(0))
                    if seen.insert(user) =>
                {
                    todo.push(user)
                }
                _ => {}
            }
        }
    }
    None
}
