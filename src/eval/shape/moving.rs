//! Elements moved from place to place, whatever they are: numbers of any width, bools, strings.
//!
//! A [`Plan`] says which elements come out, in order; [`apply`] runs it over the content of
//! tensors. No plan can read outside of its sources: what it would is left out, and the result,
//! then too short, is an error.

use std::sync::Arc;

use bytes::Bytes;

use crate::eval::elements::{count, filled, room, width};
use crate::eval::value::Strings;
use crate::eval::{Call, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// More bytes than a tensor of strings may have that a node makes.
const MOST_TEXT: usize = 1 << 30;

/// Which elements come out, in order.
pub(in crate::eval) trait Plan {
    /// Appends to `to` what comes out of the elements of all sources.
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>);
}

/// The tensor of these dimensions that a plan makes of tensors of one type.
pub(in crate::eval) fn apply(plan: &impl Plan, dims: Vec<i64>, sources: &[&Value]) -> Result<Value, Failure> {
    let Some(first) = sources.first() else { return Failure::invalid("there is no operand") };
    if let Some(other) = sources.iter().find(|other| other.dtype() != first.dtype()) {
        return Failure::invalid(format!("operands are {} and {}", first.sort(), other.sort()));
    }
    if let Value::Strings(_) = first {
        return texts(plan, dims, sources).map(Value::Strings);
    }
    let arrays: Vec<&Array> = sources.iter().map(|value| value.array()).collect::<Result<_, _>>()?;
    let dtype = first.dtype();
    let content = match width(dtype)? {
        1 => cells::<1>(plan, &dims, &arrays)?,
        2 => cells::<2>(plan, &dims, &arrays)?,
        4 => cells::<4>(plan, &dims, &arrays)?,
        8 => cells::<8>(plan, &dims, &arrays)?,
        16 => cells::<16>(plan, &dims, &arrays)?,
        _ => return Failure::unsupported(format!("{dtype} has no definition here")),
    };
    Ok(Value::Array(Array { dtype, dims, content }))
}

struct Cells<const W: usize>(Vec<[u8; W]>);

impl<const W: usize> AsRef<[u8]> for Cells<W> {
    fn as_ref(&self) -> &[u8] {
        self.0.as_flattened()
    }
}

/// A plan over elements of `W` bytes.
fn cells<const W: usize>(plan: &impl Plan, dims: &[i64], arrays: &[&Array]) -> Result<Bytes, Failure> {
    let mut from: Vec<&[[u8; W]]> = room(arrays.len())?;
    for array in arrays {
        let (list, rest) = array.content.as_chunks::<W>();
        if !rest.is_empty() || list.len() != count(&array.dims)? {
            return Failure::invalid("a content is not as long as its shape says");
        }
        from.push(list);
    }
    Ok(Bytes::from_owner(Cells(made(plan, dims, &from)?)))
}

/// A plan over strings.
fn texts(plan: &impl Plan, dims: Vec<i64>, sources: &[&Value]) -> Result<Strings, Failure> {
    let mut from: Vec<&[String]> = Vec::new();
    for source in sources {
        let Value::Strings(strings) = source else { return Failure::invalid("an operand is no string") };
        if strings.elements.len() != count(&strings.dims)? {
            return Failure::invalid("a content is not as long as its shape says");
        }
        from.push(&strings.elements);
    }
    let longest = from.iter().flat_map(|list| list.iter()).map(String::len).max().unwrap_or(0);
    let bytes = count(&dims)?.saturating_mul(longest + size_of::<String>());
    if bytes > MOST_TEXT {
        return Err(Failure::TooLarge(format!("strings of up to {bytes} bytes in all")));
    }
    let elements = made(plan, &dims, &from)?;
    Ok(Strings { dims, elements: Arc::new(elements) })
}

fn made<E: Clone>(plan: &impl Plan, dims: &[i64], from: &[&[E]]) -> Result<Vec<E>, Failure> {
    let total = count(dims)?;
    let mut to = room(total)?;
    // Where nothing comes out, other dimensions may be as large as they like.
    if total > 0 {
        plan.run(from, &mut to);
    }
    if to.len() != total {
        return Failure::invalid(format!("{} of {total} elements come out", to.len()));
    }
    Ok(to)
}

/// Steps through one source: the element at `start`, and from there one stride per axis.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Strided {
    start: usize,
    /// Size and stride by axis, outermost first, joined where they follow each other.
    axes: Vec<(usize, isize)>,
}

impl Strided {
    /// Steps of `strides` through a source, as many as `sizes`.
    pub(in crate::eval) fn new(start: usize, sizes: &[i64], strides: &[isize]) -> Strided {
        let mut axes: Vec<(usize, isize)> = Vec::new();
        for (&size, &stride) in sizes.iter().zip(strides).filter(|(size, _)| **size != 1) {
            let size = usize::try_from(size).unwrap_or(0);
            match axes.last_mut() {
                Some((outer, step)) if stride.checked_mul(size as isize) == Some(*step) => {
                    *outer = outer.saturating_mul(size);
                    *step = stride;
                }
                _ => axes.push((size, stride)),
            }
        }
        Strided { start, axes }
    }
}

/// The side of the squares in which two axes change places.
const SQUARE: usize = 16;

impl Plan for Strided {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        let from = from[0];
        match self.axes.as_slice() {
            [] => to.extend(from.get(self.start).cloned()),
            [outer @ .., (rows, 1), (columns, step)] if *step > 1 && *rows >= SQUARE => {
                let sizes = (*rows, *columns, *step as usize);
                odometer(outer, self.start, |at| turned(from, at, sizes, to));
            }
            [outer @ .., (n, step)] => odometer(outer, self.start, |at| line(from, at, (*n, *step), to)),
        }
    }
}

/// One line of `n` elements.
fn line<E: Clone>(from: &[E], at: usize, (n, step): (usize, isize), to: &mut Vec<E>) {
    match step {
        1 => to.extend(at.checked_add(n).and_then(|end| from.get(at..end)).unwrap_or(&[]).iter().cloned()),
        0 => to.extend(from.get(at).into_iter().flat_map(|one| std::iter::repeat_n(one, n)).cloned()),
        2.. => to.extend(from.get(at..).unwrap_or(&[]).iter().step_by(step as usize).take(n).cloned()),
        _ => {
            let head = from.get(..at.saturating_add(1)).unwrap_or(&[]);
            to.extend(head.iter().rev().step_by(step.unsigned_abs()).take(n).cloned());
        }
    }
}

/// Rows that lie beside each other in the source, and whose elements lie `step` apart: read in
/// squares, so that each line of the cache is read once.
fn turned<E: Clone>(from: &[E], at: usize, (rows, columns, step): (usize, usize, usize), to: &mut Vec<E>) {
    let base = to.len();
    let last = at.saturating_add((columns - 1).saturating_mul(step)).saturating_add(rows);
    let (Some(filler), true) = (from.get(at), last <= from.len()) else { return };
    to.resize(base + rows * columns, filler.clone());
    let made = &mut to[base..];
    for first in (0..rows).step_by(SQUARE) {
        let some = SQUARE.min(rows - first);
        for column in 0..columns {
            let begin = at + column * step + first;
            for (row, element) in from[begin..begin + some].iter().enumerate() {
                made[(first + row) * columns + column] = element.clone();
            }
        }
    }
}

/// Calls `each` with the place of every step through `axes`, the last one fastest.
pub(in crate::eval) fn odometer(axes: &[(usize, isize)], start: usize, mut each: impl FnMut(usize)) {
    if axes.iter().any(|(size, _)| *size == 0) {
        return;
    }
    let mut position = vec![0usize; axes.len()];
    let mut at = start;
    loop {
        each(at);
        let mut axis = axes.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            let (size, stride) = axes[axis];
            position[axis] += 1;
            if position[axis] < size {
                at = at.wrapping_add_signed(stride);
                break;
            }
            position[axis] = 0;
            at = at.wrapping_sub((size - 1).wrapping_mul(stride as usize));
        }
    }
}

/// Blocks of equal length of one source, by number.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Blocks {
    /// Elements of a block.
    pub(in crate::eval) block: usize,
    /// Their numbers, in the order in which they come out.
    pub(in crate::eval) numbers: Vec<usize>,
}

impl Plan for Blocks {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        if self.block == 1 {
            to.extend(self.numbers.iter().filter_map(|&at| from[0].get(at)).cloned());
            return;
        }
        for &number in &self.numbers {
            let at = number.saturating_mul(self.block);
            to.extend_from_slice(from[0].get(at..at.saturating_add(self.block)).unwrap_or(&[]));
        }
    }
}

/// Runs of consecutive elements of some sources: source, first element, how many.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Runs(pub(in crate::eval) Vec<(usize, usize, usize)>);

impl Plan for Runs {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        for &(source, at, n) in &self.0 {
            let list = from.get(source).and_then(|list| list.get(at..at.saturating_add(n)));
            to.extend_from_slice(list.unwrap_or(&[]));
        }
    }
}

/// One source side by side with others: `lengths` elements of each in turn.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Turns {
    /// How many turns.
    pub(in crate::eval) turns: usize,
    /// Elements of each source in one turn.
    pub(in crate::eval) lengths: Vec<usize>,
}

impl Plan for Turns {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        for turn in 0..self.turns {
            for (list, &n) in from.iter().zip(&self.lengths) {
                let at = turn.saturating_mul(n);
                to.extend_from_slice(list.get(at..at.saturating_add(n)).unwrap_or(&[]));
            }
        }
    }
}

/// The first source with blocks of the second one put into it, in order.
#[derive(Clone, Debug)]
pub(in crate::eval) struct Patched(pub(in crate::eval) Blocks);

impl Plan for Patched {
    fn run<E: Clone>(&self, from: &[&[E]], to: &mut Vec<E>) {
        let Blocks { block, numbers } = &self.0;
        to.extend_from_slice(from[0]);
        if *block == 0 {
            return;
        }
        for (&number, new) in numbers.iter().zip(from[1].chunks_exact(*block)) {
            let at = number.saturating_mul(*block);
            if let Some(old) = to.get_mut(at..at.saturating_add(*block)) {
                old.clone_from_slice(new);
            }
        }
    }
}

/// The operand of a slot, which must be there.
pub(in crate::eval) fn operand<'a>(call: &'a Call<'_>, slot: usize) -> Result<&'a Value, Failure> {
    call.value(slot).ok_or_else(|| Failure::Invalid(format!("operand {slot} is missing")))
}

/// The same elements in other dimensions.
pub(in crate::eval) fn reshaped(value: &Value, dims: Vec<i64>) -> Result<Value, Failure> {
    let (old, new) = (count(value.dims()?)?, count(&dims)?);
    if old != new {
        return Failure::invalid(format!("{old} elements in a shape of {new}"));
    }
    match value {
        Value::Strings(strings) => Ok(Strings { dims, elements: strings.elements.clone() }.into()),
        other => {
            let array = other.array()?;
            Ok(Array { dtype: array.dtype, dims, content: array.content.clone() }.into())
        }
    }
}

/// Zeros, empty strings or false.
pub(in crate::eval) fn zeros(dtype: DType, dims: Vec<i64>) -> Result<Value, Failure> {
    let total = count(&dims)?;
    if dtype == DType::String {
        if total.saturating_mul(size_of::<String>()) > MOST_TEXT {
            return Err(Failure::TooLarge(format!("{total} strings")));
        }
        return Ok(Strings { dims, elements: Arc::new(vec![String::new(); total]) }.into());
    }
    let content: Vec<u8> = filled(total.saturating_mul(width(dtype)?), 0)?;
    Ok(Array { dtype, dims, content: content.into() }.into())
}

/// The product of dimensions, as large as it gets.
pub(in crate::eval) fn product(dims: &[i64]) -> usize {
    dims.iter().fold(1, |n: usize, &d| n.saturating_mul(usize::try_from(d).unwrap_or(0)))
}

/// By axis, how many elements its next element is away.
pub(in crate::eval) fn strides(dims: &[i64]) -> Vec<isize> {
    let mut list = vec![0; dims.len()];
    let mut step = 1isize;
    for (stride, &d) in list.iter_mut().zip(dims).rev() {
        *stride = step;
        step = step.saturating_mul(isize::try_from(d).unwrap_or(isize::MAX));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::elements::of;

    #[test]
    fn axes_change_places_in_squares_as_they_do_one_by_one() {
        let (rows, columns) = (19i64, 37i64);
        let from: Value = of(vec![rows, columns], (0..(rows * columns) as i32).collect()).into();
        let plan = Strided::new(0, &[columns, rows], &[1, columns as isize]);
        let turned = apply(&plan, vec![columns, rows], &[&from]).unwrap();
        let wanted = (0..columns).flat_map(|c| (0..rows).map(move |r| (r * columns + c) as i32)).collect();
        assert_eq!(turned, of(vec![columns, rows], wanted).into());
    }

    #[test]
    fn a_plan_that_reads_outside_is_an_error() {
        let from: Value = of(vec![2], vec![1i16, 2]).into();
        for step in [1, 2, -1, 3] {
            let plan = Strided::new(1, &[3], &[step]);
            assert!(apply(&plan, vec![3], &[&from]).is_err(), "{step}");
        }
    }

    #[test]
    fn nothing_of_huge_dimensions_takes_no_time() {
        let none: Value = of::<f32>(vec![1 << 40, 0], Vec::new()).into();
        let plan = Turns { turns: 1 << 40, lengths: vec![0, 0] };
        assert!(apply(&plan, vec![1 << 40, 0], &[&none, &none]).is_ok());
    }
}
