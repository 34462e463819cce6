//! What ONNX's operators cost, from the types of their operands and results.

use super::categories::category;
use super::domains::DEFAULT_ALIAS;
use crate::model::{Cost, Expr};
use crate::ops::Category;
use crate::ops::facts::call::Call;
use crate::ops::facts::fact::{Fact, Size, product};

/// The cost of an operator that gives `outputs`.
pub(super) fn cost(call: &Call<'_>, outputs: &[Fact]) -> Cost {
    let op = call.op.op.as_str();
    if !matches!(
        call.op.domain.as_str(),
        "" | DEFAULT_ALIAS | "com.microsoft" | "ai.onnx.preview" | "ai.onnx.ml"
    ) {
        return Cost::unknown();
    }
    let none = Some(Expr::from(0));
    let made = outputs.first().and_then(elements);
    if let Some(macs) = macs(call, op, outputs) {
        return Cost::new(macs, none);
    }
    let others = match category(&call.op.domain, op) {
        Some(Category::Elementwise | Category::Activation | Category::Quantization) => made,
        Some(Category::Normalization) => made,
        Some(Category::Pool) => pooled(call, op, made),
        Some(Category::Reduce) => call.input(0).and_then(elements),
        Some(_) => none,
        None => return Cost::unknown(),
    };
    Cost::new(Some(Expr::from(0)), others)
}

fn elements(fact: &Fact) -> Size {
    product(fact.shape.as_deref()?)
}

/// Every element of a window is looked at.
fn pooled(call: &Call<'_>, op: &str, made: Size) -> Size {
    if op.starts_with("Global") || op == "QLinearGlobalAveragePool" {
        return call.input(0).and_then(elements);
    }
    let window: i64 =
        call.ints("kernel_shape").map_or(Some(1), |k| k.iter().try_fold(1i64, |n, &k| n.checked_mul(k)))?;
    made?.times(&Expr::from(window))
}

/// The MACs; the outer nothing for operators that have none.
fn macs(call: &Call<'_>, op: &str, outputs: &[Fact]) -> Option<Size> {
    let made = || outputs.first().and_then(elements);
    let size = |slot: usize, axis: usize| call.shape(slot).and_then(|s| s.get(axis)).cloned().flatten();
    Some(match op {
        "Conv" | "ConvInteger" | "FusedConv" | "DeformConv" | "CausalConvWithState" => {
            per_output(made(), call.shape(1))
        }
        "QLinearConv" => per_output(made(), call.shape(3)),
        "ConvTranspose" => per_output(call.input(0).and_then(elements), call.shape(1)),
        "MatMul"
        | "MatMulInteger"
        | "Gemm"
        | "FusedMatMul"
        | "FusedGemm"
        | "QLinearMatMul"
        | "QGemm"
        | "MatMulIntegerToFloat"
        | "DynamicQuantizeMatMul"
        | "TransposeMatMul" => times(made(), inner(call, op)),
        "MatMulNBits" | "MatMulBnb4" => times(made(), call.int_if("K").map(Expr::from)),
        "Einsum" => einsum(call),
        "LSTM" | "GRU" | "RNN" => recurrent(call),
        "Attention" if call.op.domain != "com.microsoft" => attention(call, outputs),
        "FlexAttention" => attention(call, outputs),
        "Attention" => {
            // The projection of the input, then scores and their use.
            let rows = times(size(0, 0), size(0, 1));
            let projection = times(rows.clone(), times(size(1, 0), size(1, 1)));
            let width = outputs.first().and_then(|f| f.shape.as_ref()?.get(2)?.clone());
            let scores = times(times(rows, size(0, 1)), times(width, Some(Expr::from(2))));
            plus(projection, scores)
        }
        "MultiHeadAttention" => {
            let pairs = times(times(size(0, 0), size(0, 1)), size(1, 1));
            times(pairs, plus(size(0, 2), size(2, 2)))
        }
        "GroupQueryAttention" | "DecoderMaskedMultiHeadAttention" | "LinearAttention" => None,
        "LinearClassifier" | "LinearRegressor" => None,
        _ => return None,
    })
}

fn times(a: Size, b: Size) -> Size {
    a?.times(&b?)
}

fn plus(a: Size, b: Size) -> Size {
    a?.plus(&b?)
}

/// Each element is a sum over all of a kernel but its first axis.
fn per_output(made: Size, weights: Option<&[Size]>) -> Size {
    times(made, product(weights?.get(1..)?))
}

/// The length of the sums of a matrix product.
fn inner(call: &Call<'_>, op: &str) -> Size {
    let shape = call.shape(0)?;
    let turned = call.int("transA", 0) != 0 && op != "MatMul";
    let at = if turned && shape.len() >= 2 { shape.len() - 2 } else { shape.len().checked_sub(1)? };
    shape[at].clone()
}

/// All letters of the equation together: of two operands each is a loop.
fn einsum(call: &Call<'_>) -> Size {
    let equation = call.text("equation")?;
    let left = equation.split("->").next()?;
    let mut sizes: Vec<(char, Expr)> = Vec::new();
    for (i, term) in left.split(',').enumerate() {
        let letters: Vec<char> = term.chars().filter(|c| c.is_alphabetic()).collect();
        let shape = call.shape(i).filter(|s| s.len() == letters.len())?;
        for (c, size) in letters.into_iter().zip(shape) {
            if !sizes.iter().any(|(letter, _)| *letter == c) {
                sizes.push((c, size.clone()?));
            }
        }
    }
    if call.inputs.len() < 2 {
        return Some(Expr::from(0));
    }
    sizes.iter().try_fold(Expr::from(1), |product, (_, size)| product.times(size))
}

/// Gates times hidden units, each a sum over input and state, at each step.
fn recurrent(call: &Call<'_>) -> Size {
    let rows = times(call.shape(0)?.first()?.clone(), call.shape(0)?.get(1)?.clone());
    // W is [directions, gates * hidden, input], R is [directions, gates * hidden, hidden].
    let weights = plus(product(call.shape(1)?), product(call.shape(2)?));
    times(rows, weights)
}

/// Scores, and sums of values by them.
fn attention(call: &Call<'_>, outputs: &[Fact]) -> Size {
    let q = call.shape(0)?;
    let heads = |name: &str| call.int_if(name).map(Expr::from);
    let past = call.shape(4).and_then(|s| s.get(2)).cloned().flatten();
    let (rows, keys, q_width, v_width) = if q.len() == 4 {
        let (k, v) = (call.shape(1)?, call.shape(2)?);
        let rows = times(times(q[0].clone(), q[1].clone()), q[2].clone());
        (rows, k.get(2)?.clone(), q[3].clone(), v.get(3)?.clone())
    } else {
        let q_heads = heads("q_num_heads");
        let rows = times(times(q[0].clone(), q_heads.clone()), q.get(1)?.clone());
        let q_width = q.get(2)?.as_ref()?.exact_quotient(q_heads.as_ref()?);
        let v_width = outputs.first()?.shape.as_ref()?.get(2)?.as_ref()?.exact_quotient(q_heads.as_ref()?);
        (rows, call.shape(1)?.get(1)?.clone(), q_width, v_width)
    };
    let keys = if call.has(4) { plus(keys, past) } else { keys };
    times(times(rows, keys), plus(q_width, v_width))
}
