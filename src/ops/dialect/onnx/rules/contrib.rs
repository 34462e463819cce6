//! `com.microsoft`: what exporters and optimizers emit.

use super::quantize;
use super::rule::{Rule, like_first};
use super::standard;
use crate::model::DType;
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Fact, Size, known};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "BiasAdd" | "BiasGelu" | "BiasSplitGelu" | "FastGelu" | "Gelu" | "QuickGelu" | "SkipGroupNorm"
        | "GroupNorm" | "Rfft" | "RotaryEmbedding" | "BiasSoftmax" => like_first,
        "Attention" => attention,
        "MultiHeadAttention" | "GroupQueryAttention" | "DecoderMaskedMultiHeadAttention" => heads,
        "EmbedLayerNormalization" => embedding,
        "SkipLayerNormalization" | "SkipSimplifiedLayerNormalization" => |call| {
            let like = call.input(0).map_or(Fact::default(), Fact::bare);
            let statistics = Fact::tensor(
                DType::F32,
                like.shape.clone().map(|mut s| {
                    if let Some(last) = s.last_mut() {
                        *last = known(1);
                    }
                    s
                }),
            );
            vec![like.clone(), statistics.clone(), statistics, like]
        },
        "SimplifiedLayerNormalization" | "LayerNormalization" => standard::rule("LayerNormalization")?,
        "FusedConv" => standard::rule("Conv")?,
        "FusedMatMul" | "TransposeMatMul" => fused_matmul,
        "FusedGemm" => standard::rule("Gemm")?,
        "MatMulNBits" | "MatMulBnb4" => |call| {
            let width = known(call.int("N", 0)).filter(|n| n.known() != Some(0));
            let shape =
                call.shape(0).map(|s| [s[..s.len().saturating_sub(1)].to_vec(), vec![width]].concat());
            vec![Fact::tensor(call.dtype(0), shape)]
        },
        "MatMulIntegerToFloat" => {
            |call| vec![Fact::tensor(call.dtype(2), super::matrix::product(call, 0, 1))]
        }
        "DynamicQuantizeMatMul" => {
            |call| vec![Fact::tensor(call.dtype(0), super::matrix::product(call, 0, 1))]
        }
        "QuantizeLinear" => quantize::quantize,
        "DequantizeLinear" => |call| vec![Fact::tensor(call.dtype(1), call.shape(0).map(<[Size]>::to_vec))],
        "QLinearAdd" | "QLinearMul" => |call| {
            let shape = call.shape(0).zip(call.shape(3));
            let shape = shape.and_then(|(a, b)| crate::ops::shape::broadcast(call, &[a, b]));
            vec![Fact::tensor(call.dtype(0), shape)]
        },
        "QLinearSigmoid" | "QLinearLeakyRelu" | "QLinearSoftmax" => like_first,
        "QLinearGlobalAveragePool" => |call| {
            let last = call.int("channels_last", 0) != 0;
            let shape = call.shape(0).map(|s| {
                let keep = |i: usize| i == 0 || i == if last { s.len() - 1 } else { 1 };
                (0..s.len()).map(|i| if keep(i) { s[i].clone() } else { known(1) }).collect()
            });
            vec![Fact::tensor(call.dtype(0), shape)]
        },
        "QGemm" => |call| {
            let side = |slot: usize, i: usize| call.shape(slot).and_then(|s| s.get(i)).cloned().flatten();
            let (a, b) = (call.int("transA", 0) != 0, call.int("transB", 0) != 0);
            let shape = vec![side(0, usize::from(a)), side(3, usize::from(!b))];
            let dtype = if call.has(8) { call.dtype(8) } else { DType::F32 };
            vec![Fact::tensor(dtype, Some(shape))]
        },
        "NhwcConv" | "NhwcFusedConv" => return None,
        "Inverse" => like_first,
        _ => return None,
    })
}

/// Queries, keys and values from one product.
fn attention(call: &Call<'_>) -> Outputs {
    let width: Size = match call.ints("qkv_hidden_sizes") {
        Some([_, _, v]) => known(*v),
        _ => {
            call.shape(1).and_then(|w| w.get(1)).cloned().flatten().and_then(|n| n.exact_quotient(&3.into()))
        }
    };
    let shape = call.shape(0).filter(|s| s.len() == 3).map(|s| vec![s[0].clone(), s[1].clone(), width]);
    vec![Fact::tensor(call.dtype(0), shape)]
}

/// Separate queries, keys and values, with the heads in the last axis.
fn heads(call: &Call<'_>) -> Outputs {
    let shape = call.shape(0).filter(|s| s.len() == 3).map(|q| {
        let width = match call.shape(2) {
            Some([_, _, v]) if call.op.op == "MultiHeadAttention" => v.clone(),
            _ if call.has(1) => q[2].clone(),
            _ => None,
        };
        vec![q[0].clone(), q[1].clone(), width]
    });
    vec![Fact::tensor(call.dtype(0), shape)]
}

fn embedding(call: &Call<'_>) -> Outputs {
    let width = call.shape(2).and_then(|s| s.get(1)).cloned().flatten();
    let ids = call.shape(0).filter(|s| s.len() == 2);
    let shape = ids.map(|s| vec![s[0].clone(), s[1].clone(), width]);
    let batch = ids.map(|s| vec![s[0].clone()]);
    vec![
        Fact::tensor(call.dtype(2), shape.clone()),
        Fact::tensor(DType::I32, batch),
        Fact::tensor(call.dtype(2), shape),
    ]
}

fn fused_matmul(call: &Call<'_>) -> Outputs {
    let turned = |slot: usize, name: &str| -> Option<Vec<Size>> {
        let mut shape = call.shape(slot)?.to_vec();
        let rank = shape.len();
        if call.int(name, 0) != 0 && rank >= 2 {
            shape.swap(rank - 1, rank - 2);
        }
        Some(shape)
    };
    let plain = call.int("transBatchA", 0) == 0 && call.int("transBatchB", 0) == 0;
    let operands = turned(0, "transA").zip(turned(1, "transB")).filter(|_| plain);
    let shape = operands.and_then(|(a, b)| crate::ops::shape::matmul(call, &a, &b));
    vec![Fact::tensor(call.dtype(0), shape)]
}
