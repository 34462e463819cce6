//! What occurs, each once.

use std::cmp::Ordering;

use crate::eval::elements::{count, dispatch, of, view};
use crate::eval::shape::arrange::permuted;
use crate::eval::shape::moving::{Blocks, apply, operand, product, reshaped};
use crate::eval::{Call, Engine, Failure, Value};
use crate::model::DType;

/// `Unique`: elements, or parts of an axis, each once: sorted, or by where they first occur; then
/// where that is, which of them each one is, and how often each occurs.
pub(super) fn unique(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = operand(call, 0)?;
    let dims = data.dims()?;
    let axis = call.maybe_int("axis")?.map(|axis| Call::axis(axis, dims.len())).transpose()?;
    // The axis comes first, so that its parts are blocks.
    let order: Vec<usize> = axis.into_iter().chain((0..dims.len()).filter(|&at| Some(at) != axis)).collect();
    let (rows, first) = match axis {
        None => (data.clone(), vec![count(dims)? as i64]),
        Some(_) => (permuted(data, dims, &order)?, order.iter().map(|&at| dims[at]).collect()),
    };
    let (n, block) = (first[0], product(&first[1..]));
    if n > 0 && block == 0 {
        return Failure::unsupported("parts of an axis that are empty");
    }
    let mut groups = groups(&rows, n as usize, block)?;
    if call.int("sorted", 1)? == 0 {
        groups.sort_by_key(|group| group[0]);
    }
    let numbers: Vec<usize> = groups.iter().map(|group| group[0]).collect();
    let found = groups.len() as i64;
    let places = numbers.iter().map(|&at| at as i64).collect();
    let made = [&[found], &first[1..]].concat();
    let once = apply(&Blocks { block, numbers }, made.clone(), &[&reshaped(&rows, first)?])?;
    let once = match axis {
        None => once,
        Some(_) => permuted(&once, &made, &inverse(&order))?,
    };
    let mut which = vec![0i64; n as usize];
    for (number, group) in groups.iter().enumerate() {
        group.iter().for_each(|&at| which[at] = number as i64);
    }
    let counts = groups.iter().map(|group| group.len() as i64).collect();
    Ok(vec![once, of(vec![found], places).into(), of(vec![n], which).into(), of(vec![found], counts).into()])
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut list = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, &from)| list[from] = to);
    list
}

/// The numbers of equal rows together, each group in ascending order, the groups sorted by rows.
fn groups(rows: &Value, n: usize, block: usize) -> Result<Vec<Vec<usize>>, Failure> {
    match rows {
        Value::Strings(strings) => sorted(&strings.elements, n, block, |a, b| Some(a.cmp(b))),
        other => {
            let array = other.array()?;
            match array.dtype {
                DType::Bool => sorted(&array.content, n, block, |a, b| Some(a.cmp(b))),
                dtype => dispatch!(dtype, numbers, T => {
                    sorted(&view::<T>(array)?, n, block, <T as PartialOrd>::partial_cmp)
                }),
            }
        }
    }
}

fn sorted<T>(
    all: &[T],
    n: usize,
    block: usize,
    compare: fn(&T, &T) -> Option<Ordering>,
) -> Result<Vec<Vec<usize>>, Failure> {
    if all.iter().any(|x| compare(x, x).is_none()) {
        return Failure::unsupported("whether NaN occurs once differs between runtimes");
    }
    let Some(rows) = (0..n).map(|row| all.get(row * block..(row + 1) * block)).collect::<Option<Vec<_>>>()
    else {
        return Failure::invalid("a content is not as long as its shape says");
    };
    let order = |a: &usize, b: &usize| {
        let pairs = rows[*a].iter().zip(rows[*b]);
        pairs
            .map(|(a, b)| compare(a, b).unwrap_or(Ordering::Equal))
            .find(|o| o.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let mut numbers: Vec<usize> = (0..n).collect();
    numbers.sort_by(order);
    Ok(numbers.chunk_by(|a, b| order(a, b).is_eq()).map(<[usize]>::to_vec).collect())
}
