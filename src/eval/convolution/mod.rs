//! Convolutions.
//!
//! The engine gets them in one form: pads, strides, dilations and groups written out, f32 or f64,
//! no bias.

use super::call::Call;
use super::definition::Table;
use super::elements::{count, filled, of, view, width};
use super::engine::Engine;
use super::failure::{Computed, Failure};
use super::matrix::asked;
use super::value::Value;
use super::wide::{engine_form, from_engine};
use super::window::geometry::{Axis, Rounding, Window};
use crate::files::arrays::Array;
use crate::model::{AttributeValue, DType};

pub(super) const TABLE: Table = &[("", "Conv", conv), ("", "ConvTranspose", conv_transpose)];

fn conv(call: &Call<'_>, engine: &mut dyn Engine) -> Computed<Vec<Value>> {
    let (x, w) = operands(call)?;
    let groups = groups(call)?;
    if w.dims[1].checked_mul(groups) != Some(x.dims[1]) || w.dims[0] % groups != 0 {
        let fact = format!("{} channels in {groups} groups for a kernel {:?}", x.dims[1], w.dims);
        return Failure::invalid(fact);
    }
    let axes = Window::of(call, &w.dims[2..])?.over(&x.dims[2..], Rounding::Floor)?;
    let mut dims = vec![x.dims[0], w.dims[0]];
    dims.extend(axes.iter().map(|axis| axis.output as i64));
    let plain = call.like("Conv", vec![Some(x.clone().into()), Some(w.clone().into())]);
    computed(call, explicit(plain, &axes, groups), dims, engine)
}

fn conv_transpose(call: &Call<'_>, engine: &mut dyn Engine) -> Computed<Vec<Value>> {
    let (x, w) = operands(call)?;
    let groups = groups(call)?;
    if w.dims[0] != x.dims[1] || x.dims[1] % groups != 0 {
        let fact = format!("{} channels in {groups} groups for a kernel {:?}", x.dims[1], w.dims);
        return Failure::invalid(fact);
    }
    let Some(results) = w.dims[1].checked_mul(groups) else { return Failure::invalid("too many groups") };
    let axes = Window::of(call, &w.dims[2..])?.transposed(&x.dims[2..], call)?;
    let mut dims = vec![x.dims[0], results];
    dims.extend(axes.iter().map(|axis| axis.output as i64));
    // What is left of the windows' sum between the pads and the output's end.
    let more = axes.iter().map(|a| {
        let whole = (a.input - 1) * a.stride + (a.kernel - 1) * a.dilation + 1;
        (a.output + a.before + a.after) as i64 - whole as i64
    });
    let more: Vec<i64> = more.collect();
    let plain = call.like("ConvTranspose", vec![Some(x.clone().into()), Some(w.clone().into())]);
    let plain = explicit(plain, &axes, groups).with("output_padding", AttributeValue::Ints(more));
    computed(call, plain, dims, engine)
}

/// The image and the kernel.
fn operands<'c>(call: &'c Call<'_>) -> Computed<(&'c Array, &'c Array)> {
    let (x, w) = (call.array(0)?, call.array(1)?);
    if x.dtype != w.dtype {
        return Failure::invalid(format!("an image of {} and a kernel of {}", x.dtype, w.dtype));
    }
    if x.dims.len() < 3 || w.dims.len() != x.dims.len() {
        return Failure::invalid(format!("an image {:?} and a kernel {:?}", x.dims, w.dims));
    }
    if let Some(shape) =
        call.ints("kernel_shape")?.filter(|shape| !shape.is_empty() && shape[..] != w.dims[2..])
    {
        return Failure::invalid(format!("kernel_shape is {shape:?}, and the kernel {:?}", w.dims));
    }
    count(&x.dims)?;
    count(&w.dims)?;
    Ok((x, w))
}

fn groups(call: &Call<'_>) -> Computed<i64> {
    match call.int("group", 1)? {
        n if n > 0 => Ok(n),
        n => Failure::invalid(format!("{n} groups")),
    }
}

/// The call with all that its geometry is.
fn explicit<'a>(call: Call<'a>, axes: &[Axis], groups: i64) -> Call<'a> {
    let list =
        |of: &dyn Fn(&Axis) -> usize| AttributeValue::Ints(axes.iter().map(|a| of(a) as i64).collect());
    let pads = axes.iter().map(|a| a.before as i64).chain(axes.iter().map(|a| a.after as i64)).collect();
    call.with("kernel_shape", list(&|a| a.kernel))
        .with("strides", list(&|a| a.stride))
        .with("dilations", list(&|a| a.dilation))
        .with("pads", AttributeValue::Ints(pads))
        .with("group", AttributeValue::Int(groups))
}

/// The engine's result of `plain`, and the bias of `call`.
fn computed(
    call: &Call<'_>,
    plain: Call<'_>,
    dims: Vec<i64>,
    engine: &mut dyn Engine,
) -> Computed<Vec<Value>> {
    let (x, w) = (plain.array(0)?.clone(), plain.array(1)?.clone());
    let bias = call.maybe(2)?;
    if let Some(bias) = bias.filter(|bias| bias.dtype != x.dtype || bias.dims != [dims[1]]) {
        return Failure::invalid(format!("a bias {} {:?} for {} channels", bias.dtype, bias.dims, dims[1]));
    }
    if !x.dtype.is_float() {
        return Failure::unsupported(format!("a convolution of {}", x.dtype));
    }
    let narrow = matches!(x.dtype, DType::F16 | DType::BF16);
    let wide = |array: &Array| if narrow { engine_form(array) } else { Ok(array.clone()) };
    let empty = count(&dims)? == 0 || count(&x.dims)? == 0 || count(&w.dims)? == 0;
    let dtype = if narrow { DType::F32 } else { x.dtype };
    let sums = match empty {
        true => Array { dtype, content: filled(count(&dims)? * width(dtype)?, 0u8)?.into(), dims },
        false => {
            let (x, w) = (wide(&x)?, wide(&w)?);
            padded_finite(&plain, &w)?;
            let inputs = vec![Some(x.into()), Some(w.into())];
            asked(&Call { inputs, ..plain }, engine)?
        }
    };
    let sums = match bias.map(wide).transpose()? {
        None => sums,
        Some(bias) if sums.dtype == DType::F64 => biased::<f64>(&sums, &bias)?,
        Some(bias) => biased::<f32>(&sums, &bias)?,
    };
    Ok(vec![from_engine(x.dtype, sums)?.into()])
}

/// Whether zeros of the padding meet numbers of the kernel that are not finite: some runtimes
/// multiply them, and others leave them out.
fn padded_finite(call: &Call<'_>, w: &Array) -> Computed<()> {
    let pads = call.ints("pads")?.unwrap_or_default();
    let finite = match w.dtype {
        DType::F64 => view::<f64>(w)?.iter().all(|x| x.is_finite()),
        _ => view::<f32>(w)?.iter().all(|x| x.is_finite()),
    };
    match finite || pads.iter().all(|&n| n == 0) {
        true => Ok(()),
        false => Failure::unsupported("the kernel is not finite, and meets padding: runtimes differ"),
    }
}

/// Each channel with its bias.
fn biased<T>(sums: &Array, bias: &Array) -> Computed<Array>
where
    T: super::elements::Element + std::ops::Add<Output = T>,
{
    let (list, bias) = (view::<T>(sums)?, view::<T>(bias)?);
    let area = count(&sums.dims[2..])?;
    let mut all = super::elements::room(list.len())?;
    for (number, plane) in list.chunks_exact(area.max(1)).enumerate() {
        let own = bias[number % bias.len()];
        all.extend(plane.iter().map(|&x| x + own));
    }
    Ok(of(sums.dims.clone(), all))
}

#[cfg(test)]
mod tests;
