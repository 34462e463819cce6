//! What moves elements, and joins and splits tensors.

use super::rule::Rule;
use crate::model::{DType, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Elem, Fact, Size, known, product};
use crate::ops::facts::fold;
use crate::ops::shape::{reshape, same, sliced, transposed};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "CenterCropPad" => center_crop_pad,
        "Concat" => concat,
        "DepthToSpace" => |call| blocks(call, true),
        "Expand" => expand,
        "Flatten" => flatten,
        "Pad" => pad,
        "Reshape" => reshaped,
        "Slice" => slice,
        "SpaceToDepth" => |call| blocks(call, false),
        "Split" => split,
        "Squeeze" => squeeze,
        "Tile" => tile,
        "Transpose" => transpose,
        "Unsqueeze" => unsqueeze,
        _ => return None,
    })
}

/// A shape of which only the rank is known.
pub(super) fn of_rank(rank: usize) -> Option<Vec<Size>> {
    (rank <= 64).then(|| vec![None; rank])
}

/// The first operand's shape with another size along an axis.
pub(super) fn resized(call: &Call<'_>, axis: i64, size: Size) -> Option<Vec<Size>> {
    let mut shape = call.shape(0)?.to_vec();
    let at = call.axis(axis, shape.len())?;
    shape[at] = size;
    Some(shape)
}

/// The number of elements of a list that an operand holds: a rank.
pub(super) fn list_length(call: &Call<'_>, slot: usize) -> Option<usize> {
    match call.shape(slot)? {
        [length] => usize::try_from(length.as_ref()?.known()?).ok(),
        _ => None,
    }
}

fn reshaped(call: &Call<'_>) -> Outputs {
    let wanted = match call.ints("shape") {
        Some(shape) => Some(shape.iter().map(|&n| known(n)).collect()),
        None => call.input(1).and_then(Fact::sizes),
    };
    let shape = match wanted {
        Some(wanted) => Some(reshape(call, call.shape(0), &wanted, call.int("allowzero", 0) != 0)),
        None => list_length(call, 1).and_then(of_rank),
    };
    // Elements stay in their order.
    let content = call.input(0).and_then(|f| f.content.as_deref()).map(<[Elem]>::to_vec);
    vec![Fact::tensor(call.dtype(0), shape).with_content(content)]
}

fn transpose(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let Some(shape) = &input.shape else { return vec![input.bare()] };
    let order: Vec<i64> = match call.ints("perm") {
        Some(order) => order.to_vec(),
        None => (0..shape.len() as i64).rev().collect(),
    };
    let result = Fact::tensor(input.dtype, transposed(call, shape, &order));
    let (dims, from) = (result.dims(), input.dims());
    let content = fold::moved(input, dims.as_deref(), |index| {
        let mut at = vec![0; index.len()];
        for (i, &axis) in order.iter().enumerate() {
            *at.get_mut(usize::try_from(axis).ok()?)? = index[i];
        }
        fold::place(&at, from.as_deref()?)
    });
    vec![result.with_content(content)]
}

fn flatten(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).and_then(|shape| {
        let axis = call.int("axis", 1);
        // The rank itself is an axis here.
        let at = if axis < 0 { axis + shape.len() as i64 } else { axis };
        let at = usize::try_from(at).ok().filter(|&at| at <= shape.len())?;
        Some(vec![product(&shape[..at]), product(&shape[at..])])
    });
    vec![Fact::tensor(call.dtype(0), shape.or_else(|| of_rank(2)))]
}

fn squeeze(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let shape = input.shape.as_ref().and_then(|shape| {
        let axes = call.ints_given("axes", 1)?;
        let Some(axes) = axes else {
            // All axes of size 1, which must be known.
            let sizes: Vec<i64> = shape.iter().map(|s| s.as_ref()?.known()).collect::<Option<_>>()?;
            return Some(sizes.into_iter().filter(|&n| n != 1).map(known).collect());
        };
        let mut gone = vec![false; shape.len()];
        for axis in axes {
            let at = call.axis(axis, shape.len())?;
            if let Some(n) = shape[at].as_ref().and_then(Expr::known).filter(|&n| n != 1) {
                call.conflict("O105", format!("axis {axis} is of size {n}, and only one of 1 can go"));
                return None;
            }
            gone[at] = true;
        }
        let left = shape.iter().zip(gone).filter(|(_, gone)| !gone);
        Some(left.map(|(size, _)| size.clone()).collect())
    });
    let content = input.content.as_deref().map(<[Elem]>::to_vec);
    vec![Fact::tensor(input.dtype, shape).with_content(content)]
}

fn unsqueeze(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let shape = input.shape.as_ref().and_then(|shape| {
        let axes = call.ints_given("axes", 1)??;
        let rank = shape.len() + axes.len();
        let mut new = vec![false; rank];
        for axis in axes {
            new[call.axis(axis, rank)?] = true;
        }
        let mut old = shape.iter();
        new.into_iter().map(|new| if new { Some(known(1)) } else { old.next().cloned() }).collect()
    });
    let content = input.content.as_deref().map(<[Elem]>::to_vec);
    vec![Fact::tensor(input.dtype, shape).with_content(content)]
}

fn expand(call: &Call<'_>) -> Outputs {
    let wanted = call.input(1).and_then(Fact::sizes);
    let shape = match (call.shape(0), wanted) {
        (Some(shape), Some(wanted)) => crate::ops::shape::broadcast(call, &[shape, &wanted]),
        (Some(shape), None) => list_length(call, 1).and_then(|n| {
            // What is larger than 1 stays, whatever it is expanded to.
            let wanted = of_rank(n)?;
            let result = crate::ops::shape::broadcast(call, &[shape, &wanted]);
            let large = |s: &Size| s.as_ref().and_then(Expr::known).is_some_and(|n| n > 1);
            result.map(|r| r.into_iter().map(|s| if large(&s) { s } else { None }).collect())
        }),
        _ => None,
    };
    let result = Fact::tensor(call.dtype(0), shape);
    let dims = result.dims();
    let content = call.input(0).and_then(|f| fold::zip(&[f], dims.as_deref(), |e| e[0].clone()));
    vec![result.with_content(content)]
}

fn tile(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let Some(shape) = &input.shape else {
        return vec![Fact::tensor(input.dtype, list_length(call, 1).and_then(of_rank))];
    };
    let repeats = call.input(1).and_then(Fact::sizes).filter(|r| r.len() == shape.len());
    let Some(repeats) = repeats else { return vec![Fact::tensor(input.dtype, of_rank(shape.len()))] };
    let sizes = shape.iter().zip(&repeats).map(|(s, r)| s.as_ref()?.times(r.as_ref()?)).collect();
    let result = Fact::tensor(input.dtype, Some(sizes));
    let (dims, from) = (result.dims(), input.dims());
    let content = fold::moved(input, dims.as_deref(), |index| {
        let from = from.as_deref()?;
        let at: Vec<usize> = index.iter().zip(from).map(|(i, &n)| i % (n as usize).max(1)).collect();
        fold::place(&at, from)
    });
    vec![result.with_content(content)]
}

fn concat(call: &Call<'_>) -> Outputs {
    let dtype = (0..call.inputs.len()).map(|i| call.dtype(i)).max_by_key(|&d| d != DType::Undefined);
    let dtype = dtype.unwrap_or_default();
    let Some(first) = (0..call.inputs.len()).find_map(|i| call.shape(i)) else {
        return vec![Fact::tensor(dtype, None)];
    };
    let rank = first.len();
    let Some(axis) = call.axis(call.int("axis", 1), rank) else { return vec![Fact::tensor(dtype, None)] };
    let mut result: Vec<Size> = vec![None; rank];
    result[axis] = known(0);
    for i in 0..call.inputs.len() {
        let Some(shape) = call.shape(i) else {
            result[axis] = None;
            continue;
        };
        if shape.len() != rank {
            call.conflict("O105", format!("operands of {rank} and of {} axes cannot be joined", shape.len()));
            return vec![Fact::tensor(dtype, None)];
        }
        for (at, size) in shape.iter().enumerate() {
            if at == axis {
                result[at] = result[at].as_ref().and_then(|sum| sum.plus(size.as_ref()?));
            } else if let Some(fixed) = fixed_beside(&result[at], size) {
                call.conflict("H204", fixed);
                result[at] = size.clone().filter(|s| s.known().is_some()).or(result[at].take());
            } else if let Some(both) = same(call, &result[at], size, "sizes beside the joined axis") {
                result[at] = both;
            }
        }
    }
    let result = Fact::tensor(dtype, Some(result));
    // Lists, one after the other.
    let lists: Option<Vec<Elem>> = if rank == 1 {
        let all = call.inputs.iter().map(|f| Some(f.as_ref()?.content.as_deref()?.to_vec()));
        all.collect::<Option<Vec<_>>>().map(|lists| lists.concat())
    } else {
        None
    };
    vec![result.with_content(lists)]
}

/// Says that a size is a number in one operand and a symbol in another, which must be
/// equal.
fn fixed_beside(a: &Size, b: &Size) -> Option<String> {
    let (a, b) = (a.as_ref()?, b.as_ref()?);
    let (number, symbol) = if a.known().is_some() { (a, b) } else { (b, a) };
    (number.known().is_some() && symbol.known().is_none())
        .then(|| format!("the size {number} of one operand is fixed, and that of another is {symbol}"))
}

fn split(call: &Call<'_>) -> Outputs {
    let dtype = call.dtype(0);
    let count = call.outputs.max(1);
    let unknown = || vec![Fact::tensor(dtype, call.rank(0).and_then(of_rank)); count.min(100_000)];
    let Some(shape) = call.shape(0) else { return unknown() };
    let Some(axis) = call.axis(call.int("axis", 0), shape.len()) else { return unknown() };
    let sizes: Option<Vec<Size>> = match (call.ints("split"), call.input(1)) {
        (Some(sizes), _) => Some(sizes.iter().map(|&n| known(n)).collect()),
        (None, Some(fact)) => fact.sizes(),
        (None, None) => {
            let parts = Expr::from(call.int("num_outputs", count as i64));
            let chunk = shape[axis].as_ref().and_then(|n| n.quotient_up(&parts));
            let mut sizes = vec![chunk.clone(); count.min(100_000)];
            let before = chunk.as_ref().and_then(|c| c.times(&Expr::from(count as i64 - 1)));
            let rest = shape[axis].as_ref().and_then(|n| n.minus(&before?));
            if let Some(last) = sizes.last_mut() {
                *last = if rest.as_ref().and_then(Expr::known).is_some_and(|n| n < 0) { None } else { rest };
            }
            Some(sizes)
        }
    };
    let sizes = sizes.unwrap_or_default();
    let mut start = Some(0usize);
    (0..count.min(100_000))
        .map(|i| {
            let mut part = shape.to_vec();
            part[axis] = sizes.get(i).cloned().flatten();
            let length = part[axis].as_ref().and_then(Expr::known).and_then(|n| usize::try_from(n).ok());
            let content = call.input(0).and_then(|f| f.content.as_deref()).filter(|_| shape.len() == 1);
            let end = start.zip(length).and_then(|(s, n)| s.checked_add(n));
            let piece = content.and_then(|c| c.get(start?..end?)).map(<[Elem]>::to_vec);
            start = end;
            Fact::tensor(dtype, Some(part)).with_content(piece)
        })
        .collect()
}

fn slice(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let Some(shape) = &input.shape else { return vec![input.bare()] };
    let list = |name: &str, slot: usize| -> Option<Vec<Size>> {
        match call.ints(name) {
            Some(v) => Some(v.iter().map(|&n| known(n)).collect()),
            None => call.input(slot)?.sizes(),
        }
    };
    let numbers = |sizes: Vec<Size>| sizes.iter().map(|s| s.as_ref()?.known()).collect::<Option<Vec<i64>>>();
    // Which axes are sliced is known where they are given, and where there are as many
    // bounds.
    let length = list("starts", 1).map(|s| s.len()).or_else(|| list_length(call, 1));
    let axes = if call.ints("axes").is_some() || call.has(3) {
        list("axes", 3).and_then(numbers)
    } else {
        length.map(|n| (0..n as i64).collect())
    };
    let Some(axes) = axes else { return vec![Fact::tensor(input.dtype, of_rank(shape.len()))] };
    let (starts, ends) = (list("starts", 1), list("ends", 2));
    let steps = if call.has(4) { call.input(4).and_then(Fact::ints) } else { Some(vec![1; axes.len()]) };
    let mut result = shape.clone();
    let mut cuts: Vec<Option<(i64, i64)>> = vec![Some((0, 1)); shape.len()];
    for (i, &axis) in axes.iter().enumerate() {
        let Some(at) = call.axis(axis, shape.len()) else { return vec![Fact::tensor(input.dtype, None)] };
        let bound = |list: &Option<Vec<Size>>| list.as_ref().and_then(|l| l.get(i).cloned().flatten());
        let step = steps.as_ref().and_then(|s| s.get(i)).copied();
        let (start, end) = (bound(&starts), bound(&ends));
        result[at] = step.and_then(|step| sliced(&shape[at], &start, &end, step));
        let size = shape[at].as_ref().and_then(Expr::known);
        let first = start.as_ref().and_then(Expr::known).zip(size).zip(step).map(|((start, n), step)| {
            let start = if start < 0 { start.saturating_add(n) } else { start };
            if step > 0 { start.clamp(0, n) } else { start.clamp(-1, n - 1) }
        });
        cuts[at] = first.zip(step);
    }
    let result = Fact::tensor(input.dtype, Some(result));
    let (dims, from) = (result.dims(), input.dims());
    let content = fold::moved(input, dims.as_deref(), |index| {
        let at: Option<Vec<usize>> = index
            .iter()
            .zip(&cuts)
            .map(|(&i, cut)| cut.and_then(|(start, step)| usize::try_from(start + i as i64 * step).ok()))
            .collect();
        fold::place(&at?, from.as_deref()?)
    });
    vec![result.with_content(content)]
}

fn pad(call: &Call<'_>) -> Outputs {
    let Some(shape) = call.shape(0) else { return vec![Fact::tensor(call.dtype(0), None)] };
    let rank = shape.len();
    let unknown = || vec![Fact::tensor(call.dtype(0), of_rank(rank))];
    let pads: Option<Vec<Size>> = match call.ints("pads").or_else(|| call.ints("paddings")) {
        Some(pads) => Some(pads.iter().map(|&n| known(n)).collect()),
        None => call.input(1).and_then(Fact::sizes),
    };
    let axes: Option<Vec<i64>> =
        if call.has(3) { call.input(3).and_then(Fact::ints) } else { Some((0..rank as i64).collect()) };
    let (Some(pads), Some(axes)) = (pads, axes) else { return unknown() };
    if pads.len() != 2 * axes.len() {
        return unknown();
    }
    let mut result = shape.to_vec();
    for (i, &axis) in axes.iter().enumerate() {
        let Some(at) = call.axis(axis, rank) else { return unknown() };
        let grown = |size: &Expr| size.plus(pads[i].as_ref()?)?.plus(pads[i + axes.len()].as_ref()?);
        result[at] = result[at].as_ref().and_then(grown);
    }
    vec![Fact::tensor(call.dtype(0), Some(result))]
}

fn center_crop_pad(call: &Call<'_>) -> Outputs {
    let Some(shape) = call.shape(0) else { return vec![Fact::tensor(call.dtype(0), None)] };
    let mut result = shape.to_vec();
    let axes: Vec<i64> = call.ints("axes").map_or((0..shape.len() as i64).collect(), <[i64]>::to_vec);
    let wanted = call.input(1).and_then(Fact::sizes).unwrap_or_default();
    for (i, &axis) in axes.iter().enumerate() {
        if let Some(at) = call.axis(axis, shape.len()) {
            result[at] = wanted.get(i).cloned().flatten();
        }
    }
    vec![Fact::tensor(call.dtype(0), Some(result))]
}

/// Blocks of an image to channels, or back.
fn blocks(call: &Call<'_>, to_space: bool) -> Outputs {
    let block = call.int("blocksize", 1);
    let shape = call.shape(0).filter(|s| s.len() == 4).and_then(|s| {
        let size = Expr::from(block);
        let square = Expr::from(block.checked_mul(block)?);
        let space =
            |n: &Size| n.as_ref().and_then(|n| if to_space { n.times(&size) } else { n.quotient(&size) });
        let depth = s[1].as_ref().and_then(|n| if to_space { n.quotient(&square) } else { n.times(&square) });
        Some(vec![s[0].clone(), depth, space(&s[2]), space(&s[3])])
    });
    vec![Fact::tensor(call.dtype(0), shape.or_else(|| of_rank(4)))]
}
