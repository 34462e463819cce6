//! What takes elements by their positions.

use super::layout::{of_rank, resized};
use super::rule::Rule;
use crate::model::{DType, Expr};

use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};
use crate::ops::facts::fold;

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "Compress" => compress,
        "Gather" => gather,
        "GatherElements" => |call| vec![Fact::tensor(call.dtype(0), call.shape(1).map(<[Size]>::to_vec))],
        "GatherND" => gather_nd,
        "NonMaxSuppression" => |_| vec![Fact::tensor(DType::I64, Some(vec![None, known(3)]))],
        "NonZero" => non_zero,
        "OneHot" => one_hot,
        "ScatterND" => scatter_nd,
        "Unique" => unique,
        _ => return None,
    })
}

fn gather(call: &Call<'_>) -> Outputs {
    let (Some(data), Some(indices)) = (call.input(0), call.input(1)) else { return Vec::new() };
    let (Some(shape), Some(picked)) = (&data.shape, &indices.shape) else {
        return vec![Fact::tensor(data.dtype, None)];
    };
    let Some(axis) = call.axis(call.int("axis", 0), shape.len()) else {
        return vec![Fact::tensor(data.dtype, None)];
    };
    let result = [&shape[..axis], picked, &shape[axis + 1..]].concat();
    let result = Fact::tensor(data.dtype, Some(result));
    let positions = indices.ints();
    let (dims, from) = (result.dims(), data.dims());
    let inner = indices.dims();
    let content = fold::moved(data, dims.as_deref(), |index| {
        let (from, inner) = (from.as_deref()?, inner.as_deref()?);
        let which = fold::place(&index[axis..axis + inner.len()], inner)?;
        let at = *positions.as_ref()?.get(which)?;
        let at = usize::try_from(if at < 0 { at + from[axis] } else { at }).ok()?;
        let whole = [&index[..axis], &[at], &index[axis + inner.len()..]].concat();
        fold::place(&whole, from)
    });
    vec![result.with_content(content)]
}

fn gather_nd(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).zip(call.shape(1)).and_then(|(data, indices)| {
        let batch = usize::try_from(call.int("batch_dims", 0)).ok()?;
        let depth = usize::try_from(indices.last()?.as_ref()?.known()?).ok()?;
        let rest = data.get(batch.checked_add(depth)?..)?;
        Some([&indices[..indices.len() - 1], rest].concat())
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}

fn scatter_nd(call: &Call<'_>) -> Outputs {
    let Some(data) = call.input(0) else { return Vec::new() };
    let mut result = data.bare();
    // A list with some elements written over.
    if let (Some(content), Some(indices), Some(updates), Some(1)) = (
        &data.content,
        call.input(1).and_then(Fact::ints),
        call.input(2).and_then(|f| f.content.clone()),
        data.rank(),
    ) && indices.len() == updates.len()
        && matches!(call.text("reduction"), None | Some("none"))
    {
        let mut content = content.to_vec();
        for (&at, update) in indices.iter().zip(updates.iter()) {
            let at = if at < 0 { at + content.len() as i64 } else { at };
            let Some(slot) = usize::try_from(at).ok().and_then(|at| content.get_mut(at)) else { continue };
            *slot = update.clone();
        }
        result = result.with_content(Some(content));
    }
    vec![result]
}

fn one_hot(call: &Call<'_>) -> Outputs {
    let depth: Size = call.input(1).and_then(|fact| match fact.ints() {
        Some(_) => fact.int().map(Expr::from),
        // A depth may be given with a fraction of zero.
        None => fact.floats().and_then(|v| v.first().map(|&x| Expr::from(x as i64))),
    });
    let shape = call.shape(0).and_then(|shape| {
        let mut result = shape.to_vec();
        let axis = call.axis(call.int("axis", -1), shape.len() + 1)?;
        result.insert(axis, depth);
        Some(result)
    });
    vec![Fact::tensor(call.dtype(2), shape)]
}

fn non_zero(call: &Call<'_>) -> Outputs {
    let Some(rank) = call.rank(0) else { return vec![Fact::tensor(DType::I64, of_rank(2))] };
    // Of a content that is known the places are.
    let places = call.input(0).and_then(|fact| {
        let (content, dims) = (fact.floats()?, fact.dims()?);
        let hits: Vec<usize> = (0..content.len()).filter(|&i| content[i] != 0.0).collect();
        let mut columns = Vec::new();
        let mut step = content.len();
        for &size in &dims {
            step /= (size as usize).max(1);
            let size = (size as usize).max(1);
            columns.extend(hits.iter().map(|&i| known(((i / step.max(1)) % size) as i64)));
        }
        Some((hits.len(), columns))
    });
    let count: Size = places.as_ref().map(|(n, _)| Expr::from(*n as i64));
    let content = places.map(|(_, columns)| columns.into_iter().map(Into::into).collect());
    vec![Fact::tensor(DType::I64, Some(vec![known(rank as i64), count])).with_content(content)]
}

fn compress(call: &Call<'_>) -> Outputs {
    let count: Size =
        call.input(1).and_then(Fact::ints).map(|v| Expr::from(v.iter().filter(|&&n| n != 0).count() as i64));
    let shape = match call.int_if("axis") {
        None => Some(vec![count]),
        Some(axis) => resized(call, axis, count),
    };
    vec![Fact::tensor(call.dtype(0), shape)]
}

fn unique(call: &Call<'_>) -> Outputs {
    let values = match call.int_if("axis") {
        None => Some(vec![None]),
        Some(axis) => resized(call, axis, None),
    };
    let list = || Fact::tensor(DType::I64, Some(vec![None]));
    vec![Fact::tensor(call.dtype(0), values), list(), list(), list()]
}
