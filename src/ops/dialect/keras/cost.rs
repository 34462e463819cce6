//! What Keras's layers cost, counted as for ONNX.

use super::classes::{category, today};
use super::rules;
use super::settings::*;
use crate::model::{Cost, Expr};
use crate::ops::Category;
use crate::ops::facts::call::Call;
use crate::ops::facts::fact::{Fact, Size, product};

/// The cost of a layer that gives `outputs`.
pub(super) fn cost(call: &Call<'_>, outputs: &[Fact]) -> Cost {
    let class = today(&call.op.op);
    let none = Some(Expr::from(0));
    let made = outputs.first().and_then(elements);
    if let Some(macs) = macs(call, class, outputs) {
        return Cost::new(macs, none);
    }
    let others = match category(class) {
        Some(Category::Elementwise | Category::Activation | Category::Normalization) => made,
        Some(Category::Pool) => pooled(call, class, made),
        Some(Category::Reduce) => call.input(0).and_then(elements),
        Some(_) => none.clone(),
        None => return Cost::unknown(),
    };
    Cost::new(none, others)
}

fn elements(fact: &Fact) -> Size {
    product(fact.shape.as_deref()?)
}

fn pooled(call: &Call<'_>, class: &str, made: Size) -> Size {
    if class.starts_with("Global") {
        return call.input(0).and_then(elements);
    }
    let window = window(call, spatial_rank(class))?;
    made?.times(&product(&window.kernel)?)
}

/// The MACs; the outer nothing for layers that have none.
fn macs(call: &Call<'_>, class: &str, outputs: &[Fact]) -> Option<Size> {
    let made = || outputs.first().and_then(elements);
    let rank = spatial_rank(class);
    let kernel = || product(&window(call, rank)?.kernel);
    let channels = || image(call, rank).and_then(|(_, _, channels)| channels);
    let mul = |a: Size, b: Size| a?.times(&b?);
    Some(match class {
        "Dense" => mul(made(), call.shape(0).and_then(|s| s.last().cloned().flatten())),
        "Conv1D" | "Conv2D" | "Conv3D" => {
            let groups = Expr::from(int(call, "groups").unwrap_or(1));
            let inputs = channels().and_then(|c| c.exact_quotient(&groups));
            mul(mul(made(), kernel()), inputs)
        }
        "DepthwiseConv1D" | "DepthwiseConv2D" => mul(made(), kernel()),
        "SeparableConv1D" | "SeparableConv2D" => {
            // First each channel by itself, then all channels at each place.
            let wide = channels().and_then(|c| times(&Some(c), int(call, "depth_multiplier").unwrap_or(1)));
            let filters = int(call, "filters").map(Expr::from);
            let places = made().zip(filters).and_then(|(all, filters)| all.exact_quotient(&filters));
            let deep = mul(mul(places, wide.clone()), kernel());
            let flat = mul(made(), wide);
            deep.zip(flat).and_then(|(a, b)| a.plus(&b))
        }
        "Conv1DTranspose" | "Conv2DTranspose" | "Conv3DTranspose" => {
            mul(mul(call.input(0).and_then(elements), kernel()), int(call, "filters").map(Expr::from))
        }
        "LSTM" | "GRU" | "SimpleRNN" => recurrent(call, class),
        "MultiHeadAttention" => attention(call),
        "Matmul" => mul(made(), call.shape(0).and_then(|s| s.last().cloned().flatten())),
        "Bidirectional" | "TimeDistributed" => wrapped(call, outputs),
        "EinsumDense"
        | "Einsum"
        | "Dot"
        | "Attention"
        | "AdditiveAttention"
        | "GroupedQueryAttention"
        | "Lambda"
        | "RNN"
        | "ConvLSTM1D"
        | "ConvLSTM2D"
        | "ConvLSTM3D"
        | "Layer" => None,
        _ => return None,
    })
}

/// At each step the gates, each a sum over input and state.
fn recurrent(call: &Call<'_>, class: &str) -> Size {
    let shape = call.shape(0).filter(|s| s.len() == 3)?;
    let gates = match class {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    let units = int(call, "units")?;
    let wide = plus(&shape[2], units)?;
    let steps = shape[0].as_ref()?.times(shape[1].as_ref()?)?;
    steps.times(&wide)?.times(&Expr::from(units.checked_mul(gates)?))
}

/// Projections of query, key, value and result; scores, and sums of values by them.
fn attention(call: &Call<'_>) -> Size {
    let (query, value) = (call.shape(0)?, call.shape(1)?);
    let [batch, rows, width] = query else { return None };
    let [_, keys, value_width] = value else { return None };
    let heads = int(call, "num_heads")?;
    let key_all = heads.checked_mul(int(call, "key_dim")?)?;
    let value_all = heads.checked_mul(int(call, "value_dim").or_else(|| int(call, "key_dim"))?)?;
    let (batch, rows, keys) = (batch.as_ref()?, rows.as_ref()?, keys.as_ref()?);
    let (width, value_width) = (width.as_ref()?, value_width.as_ref()?);
    let on_rows = rows.times(width)?.times(&Expr::from(key_all.checked_add(value_all)?))?;
    let on_keys = keys.times(value_width)?.times(&Expr::from(key_all.checked_add(value_all)?))?;
    let scores = rows.times(keys)?.times(&Expr::from(key_all.checked_add(value_all)?))?;
    on_rows.plus(&on_keys)?.plus(&scores)?.times(batch)
}

/// That of what is wrapped: in both directions, or at each step.
fn wrapped(call: &Call<'_>, outputs: &[Fact]) -> Size {
    let op = rules::layer_inside(call.op)?;
    let fact = call.input(0)?;
    let shape = fact.shape.as_ref()?;
    let both = call.op.op == "Bidirectional";
    let (first, times_done) = if both {
        (fact.clone(), Expr::from(2))
    } else {
        let step = shape.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, s)| s.clone()).collect();
        (Fact::tensor(fact.dtype, Some(step)), shape.get(1)?.clone()?)
    };
    let mut given = outputs.to_vec();
    for fact in given.iter_mut().filter(|_| !both) {
        if let Some(shape) = fact.shape.as_mut().filter(|s| s.len() > 1) {
            shape.remove(1);
        }
    }
    cost(&rules::inner(call, &op, Some(first)), &given).macs?.times(&times_done)
}
