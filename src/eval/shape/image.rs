//! Images from columns and from pools, and grids over images.

use half::{bf16, f16};

use super::moving::{Blocks, Patched, apply, operand, strides, zeros};
use crate::eval::elements::{count, filled, of, room};
use crate::eval::{Call, Engine, Failure, Value};
use crate::files::arrays::Array;
use crate::model::DType;

/// Numbers as elements of a type, each rounded once.
fn rounded(dtype: DType, dims: Vec<i64>, list: Vec<f64>) -> Result<Value, Failure> {
    Ok(Value::Array(match dtype {
        DType::F64 => of(dims, list),
        DType::F32 => of(dims, list.into_iter().map(|x| x as f32).collect()),
        DType::F16 => of(dims, list.into_iter().map(f16::from_f64).collect()),
        DType::BF16 => of(dims, list.into_iter().map(bf16::from_f64).collect()),
        other => return Failure::unsupported(format!("{other} has no definition here")),
    }))
}

/// The elements of an array of floats.
fn floats(array: &Array) -> Result<Vec<f64>, Failure> {
    match array.dtype {
        DType::F64 | DType::F32 | DType::F16 | DType::BF16 => {
            let numbers = array.numbers().filter(|list| Ok(list.len()) == count(&array.dims));
            numbers.ok_or_else(|| Failure::Invalid("a content is not as long as its shape says".to_owned()))
        }
        other => Failure::unsupported(format!("{other} has no definition here")),
    }
}

/// A list of one number per axis, or `default` on each; none is below `least`.
fn per_axis(
    call: &Call<'_>,
    name: &str,
    rank: usize,
    (default, least): (i64, i64),
) -> Result<Vec<i64>, Failure> {
    let list = call.ints(name)?.unwrap_or_else(|| vec![default; rank]);
    if list.len() != rank || list.iter().any(|n| !(least..=1 << 31).contains(n)) {
        return Failure::invalid(format!("{name} are {list:?} for {rank} axes"));
    }
    Ok(list)
}

/// `Col2Im`: columns of blocks added up to an image.
pub(super) fn col2im(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let data = call.array(0)?;
    let (image, block) = (call.ints_at(1)?.unwrap_or_default(), call.ints_at(2)?.unwrap_or_default());
    let rank = image.len();
    let &[batch, columns, places] = data.dims.as_slice() else {
        return Failure::invalid("columns that are not of three axes");
    };
    if rank == 0 || block.len() != rank || [&image, &block].iter().any(|list| list.iter().any(|&n| n < 1)) {
        return Failure::invalid(format!("blocks of {block:?} of an image of {image:?}"));
    }
    let area = count(&block)?;
    if columns % area as i64 != 0 {
        return Failure::invalid(format!("{columns} columns in blocks of {area}"));
    }
    let channels = columns / area as i64;
    let made = [&[batch, channels], image.as_slice()].concat();
    let targets = targets(call, &image, &block, places)?;
    let size = count(&image)?;
    let mut sums = filled(count(&made)?, 0f64)?;
    let numbers = floats(data)?;
    for (image, columns) in sums.chunks_mut(size).zip(numbers.chunks(targets.len().max(1))) {
        for (&at, &x) in targets.iter().zip(columns) {
            if let Some(sum) = image.get_mut(at) {
                *sum += x;
            }
        }
    }
    Ok(vec![rounded(data.dtype, made, sums)?])
}

/// For each element of the columns of one channel, its place in the image; or one beyond it.
fn targets(call: &Call<'_>, image: &[i64], block: &[i64], places: i64) -> Result<Vec<usize>, Failure> {
    let rank = image.len();
    let (dilations, steps) =
        (per_axis(call, "dilations", rank, (1, 1))?, per_axis(call, "strides", rank, (1, 1))?);
    let pads = per_axis(call, "pads", 2 * rank, (0, 0))?;
    let mut blocks = Vec::new();
    for axis in 0..rank {
        let span = dilations[axis].saturating_mul(block[axis] - 1).saturating_add(1);
        let room = image[axis].saturating_add(pads[axis] + pads[rank + axis]).saturating_sub(span);
        blocks.push(if room < 0 { 0 } else { room / steps[axis] + 1 });
    }
    if count(&blocks)? as i64 != places {
        return Failure::invalid(format!("{places} blocks where there are {blocks:?}"));
    }
    let both = [block, blocks.as_slice()].concat();
    let total = count(&both)?;
    let mut list = room(total)?;
    let along = strides(image);
    for number in 0..total {
        let (mut rest, mut place) = (number as i64, vec![0i64; rank]);
        for axis in (0..2 * rank).rev() {
            let step = if axis < rank { dilations[axis] } else { steps[axis - rank] };
            place[axis % rank] += rest % both[axis] * step;
            rest /= both[axis];
        }
        let inside = |axis: usize| {
            let at = place[axis] - pads[axis];
            (0..image[axis]).contains(&at).then(|| at as usize * along[axis].unsigned_abs())
        };
        list.push((0..rank).map(inside).sum::<Option<usize>>().unwrap_or(usize::MAX));
    }
    Ok(list)
}

/// `MaxUnpool`: elements put back where `MaxPool` found them, among zeros.
pub(super) fn max_unpool(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let (data, indices) = (operand(call, 0)?, call.array(1)?);
    let dims = data.dims()?;
    let kernel = call.ints("kernel_shape")?.unwrap_or_default();
    if dims.len() < 3 || kernel.len() != dims.len() - 2 || indices.dims != dims {
        return Failure::invalid(format!("{} with a kernel of {kernel:?}", data.sort()));
    }
    let (steps, pads) =
        (per_axis(call, "strides", kernel.len(), (1, 1))?, per_axis(call, "pads", 2 * kernel.len(), (0, 0))?);
    let mut made = dims.to_vec();
    for (axis, &side) in kernel.iter().enumerate() {
        let spread = (dims[axis + 2] - 1).saturating_mul(steps[axis]);
        made[axis + 2] = spread.saturating_sub(pads[axis] + pads[kernel.len() + axis]).saturating_add(side);
    }
    let total = count(&made)?;
    let mut numbers = Vec::new();
    for index in call.ints_at(1)?.unwrap_or_default() {
        match usize::try_from(index) {
            Ok(at) if at < total => numbers.push(at),
            _ => return Failure::invalid(format!("index {index} of {total} elements")),
        }
    }
    let empty = zeros(data.dtype(), made.clone())?;
    let image = apply(&Patched(Blocks { block: 1, numbers }), made.clone(), &[&empty, data])?;
    match call.ints_at(2)? {
        Some(wanted) if wanted != made => Failure::unsupported(format!(
            "the places in a shape of {wanted:?}, not {made:?}, differ between runtimes"
        )),
        _ => Ok(vec![image]),
    }
}

/// `AffineGrid`: the points of an even grid from -1 to 1, moved by matrices.
pub(super) fn affine_grid(call: &Call<'_>, _: &mut dyn Engine) -> Result<Vec<Value>, Failure> {
    let theta = call.array(0)?;
    let size = call.ints_at(1)?.unwrap_or_default();
    let align = call.int("align_corners", 0)? != 0;
    let Some((&[batch, _], image)) = size.split_first_chunk::<2>() else {
        return Failure::invalid(format!("an image of {size:?}"));
    };
    let rank = image.len();
    if !(2..=3).contains(&rank) || theta.dims != [batch, rank as i64, rank as i64 + 1] {
        return Failure::invalid(format!("an image of {size:?} with other matrices"));
    }
    if align && image.contains(&1) {
        return Failure::unsupported("where one point between two corners is differs between runtimes");
    }
    let made = [&[batch], image, &[rank as i64]].concat();
    let (total, points) = (count(&made)?, count(image)?);
    let along = |at: i64, n: i64| {
        let step = if align { 2.0 / (n - 1) as f64 } else { 2.0 / n as f64 };
        at as f64 * step - 1.0 + if align { 0.0 } else { step / 2.0 }
    };
    let mut list: Vec<f64> = room(total)?;
    for matrix in floats(theta)?.chunks(rank * (rank + 1)) {
        for point in 0..points as i64 {
            let mut place = vec![1.0; rank + 1];
            let mut rest = point;
            // The innermost axis of the image is the first coordinate.
            for (own, &n) in place.iter_mut().zip(image.iter().rev()) {
                *own = along(rest % n, n);
                rest /= n;
            }
            list.extend(
                matrix.chunks(rank + 1).map(|row| row.iter().zip(&place).map(|(a, b)| a * b).sum::<f64>()),
            );
        }
    }
    Ok(vec![rounded(theta.dtype, made, list)?])
}
