//! Reductions, statistics and losses.

use super::layout::{of_rank, resized};
use super::rule::{Rule, dtype_named};
use crate::model::{DType, Expr};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};
use crate::ops::facts::fold;
use crate::ops::shape::reduced;

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "ArgMax" | "ArgMin" => arg,
        "BatchNormalization" => batch_normalization,
        "DFT" => dft,
        "Dropout" => dropout,
        "LayerNormalization" => layer_normalization,
        "NegativeLogLikelihoodLoss" => |call| vec![Fact::tensor(call.dtype(0), loss_shape(call))],
        "ReduceL1" | "ReduceL2" | "ReduceLogSum" | "ReduceLogSumExp" | "ReduceMax" | "ReduceMean"
        | "ReduceMin" | "ReduceProd" | "ReduceSum" | "ReduceSumSquare" => reduce,
        "STFT" => stft,
        "SoftmaxCrossEntropyLoss" => |call| {
            let log = Fact::tensor(call.dtype(0), call.shape(0).map(<[Size]>::to_vec));
            vec![Fact::tensor(call.dtype(0), loss_shape(call)), log]
        },
        "TopK" => top_k,
        _ => return None,
    })
}

fn reduce(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    let keep = call.int("keepdims", 1) != 0;
    let axes = call.ints_given("axes", 1);
    let shape = input.shape.as_ref().and_then(|shape| match &axes {
        Some(axes) => {
            let axes = axes.clone().unwrap_or_default();
            if axes.is_empty() && call.int("noop_with_empty_axes", 0) != 0 {
                return Some(shape.clone());
            }
            reduced(call, shape, &axes, keep)
        }
        // Which axes is not known; where they are kept the rank is.
        None if keep => of_rank(shape.len()),
        None => None,
    });
    let result = Fact::tensor(input.dtype, shape);
    // All of a list, as when the sizes of a shape are multiplied.
    let op = match call.op.op.as_str() {
        "ReduceProd" => "Mul",
        "ReduceSum" => "Add",
        "ReduceMax" => "Max",
        "ReduceMin" => "Min",
        _ => return vec![result],
    };
    let content = input.content.as_deref().filter(|c| result.count() == Some(1) && !c.is_empty());
    let content = content.map(|c| {
        let folded = c[1..].iter().fold(c[0].clone(), |a, b| fold::arithmetic(op, input.dtype, &a, b));
        vec![folded]
    });
    vec![result.with_content(content)]
}

fn arg(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0);
    let shape = shape.and_then(|s| reduced(call, s, &[call.int("axis", 0)], call.int("keepdims", 1) != 0));
    vec![Fact::tensor(DType::I64, shape)]
}

fn top_k(call: &Call<'_>) -> Outputs {
    let k: Size = match call.int_if("k") {
        Some(k) => known(k),
        None => call.input(1).and_then(Fact::sizes).and_then(|s| s.first().cloned().flatten()),
    };
    let axis = call.int("axis", -1);
    let size = call.shape(0).and_then(|shape| shape[call.axis(axis, shape.len())?].as_ref()?.known());
    if let (Some(size), Some(k)) = (size, k.as_ref().and_then(Expr::known))
        && k > size
    {
        call.conflict("O105", format!("the best {k} of {size} are asked for"));
    }
    let shape = resized(call, axis, k);
    vec![Fact::tensor(call.dtype(0), shape.clone()), Fact::tensor(DType::I64, shape)]
}

fn batch_normalization(call: &Call<'_>) -> Outputs {
    let like = |n: usize| call.input(n).map_or(Fact::default(), Fact::bare);
    let statistics = if call.version >= 14 { [like(3), like(4)] } else { [like(1), like(1)] };
    let [mean, var] = statistics;
    vec![like(0), mean.clone(), var.clone(), mean, var]
}

fn layer_normalization(call: &Call<'_>) -> Outputs {
    let axis = call.int("axis", -1);
    let statistics = call.shape(0).and_then(|shape| {
        let at = call.axis(axis, shape.len())?;
        let sizes = shape.iter().enumerate();
        Some(sizes.map(|(i, size)| if i < at { size.clone() } else { known(1) }).collect::<Vec<Size>>())
    });
    // Statistics are computed as the file says, in f32 if it does not.
    let dtype = match call.int_if("stash_type") {
        None => DType::F32,
        Some(_) => dtype_named(call, "stash_type").unwrap_or_default(),
    };
    let statistics = Fact::tensor(dtype, statistics);
    vec![call.input(0).map_or(Fact::default(), Fact::bare), statistics.clone(), statistics]
}

fn dropout(call: &Call<'_>) -> Outputs {
    let Some(input) = call.input(0) else { return Vec::new() };
    // Before version 10 the mask had the type of the data.
    let mask = if call.version < 10 { input.dtype } else { DType::Bool };
    vec![Fact { content: input.content.clone(), ..input.bare() }, Fact::tensor(mask, input.shape.clone())]
}

fn loss_shape(call: &Call<'_>) -> Option<Vec<Size>> {
    match call.text("reduction") {
        Some("none") => call.shape(1).map(<[Size]>::to_vec),
        _ => Some(Vec::new()),
    }
}

fn dft(call: &Call<'_>) -> Outputs {
    let axis = if call.version >= 20 {
        if call.has(2) { call.input(2).and_then(Fact::int) } else { Some(-2) }
    } else {
        Some(call.int("axis", 1))
    };
    let length: Option<Size> = call.has(1).then(|| call.input(1).and_then(Fact::int).map(Expr::from));
    let one_sided = call.int("onesided", 0) != 0;
    let back = call.int("inverse", 0) != 0;
    let shape = call.shape(0).and_then(|shape| {
        let mut shape = shape.to_vec();
        let Some(at) = axis.and_then(|axis| call.axis(axis, shape.len())) else {
            // Along an axis that is not known: only where it gets another size it matters.
            let last = known(if one_sided && back { 1 } else { 2 });
            let same = length.is_none() && !one_sided;
            shape = if same { shape } else { of_rank(shape.len())? };
            *shape.last_mut()? = last;
            return Some(shape);
        };
        if let Some(length) = length {
            shape[at] = length;
        }
        if one_sided && back {
            if call.input(1).is_none() {
                let n = shape[at].as_ref().and_then(|n| n.plus(&Expr::from(-1))?.times(&Expr::from(2)));
                shape[at] = n;
            }
        } else if one_sided {
            shape[at] = shape[at].as_ref().and_then(|n| n.quotient(&Expr::from(2))?.plus(&Expr::from(1)));
        }
        *shape.last_mut()? = known(if one_sided && back { 1 } else { 2 });
        Some(shape)
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}

fn stft(call: &Call<'_>) -> Outputs {
    let step = call.input(1).and_then(Fact::int);
    let window = call.shape(2).and_then(|s| s.first()).cloned().flatten();
    let length = if call.has(3) { call.input(3).and_then(Fact::int).map(Expr::from) } else { window };
    let one_sided = call.int("onesided", 1) != 0;
    let shape = call.shape(0).filter(|s| s.len() >= 2).map(|shape| {
        let frames = (|| {
            let room = shape[1].as_ref()?.minus(length.as_ref()?)?;
            room.quotient(&Expr::from(step.filter(|&s| s > 0)?))?.plus(&Expr::from(1))
        })();
        let bins = length.as_ref().and_then(|n| {
            if one_sided { n.quotient(&Expr::from(2))?.plus(&Expr::from(1)) } else { Some(n.clone()) }
        });
        vec![shape[0].clone(), frames, bins, known(2)]
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}
