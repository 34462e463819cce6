//! The `com.microsoft` operators: what optimizers fuse and quantizers emit.

use super::super::signature::{Signature, s};
use crate::ops::Category;

/// The category of a `com.microsoft` operator.
pub(super) fn category(op: &str) -> Option<Category> {
    Some(match op {
        "AttnLSTM"
        | "CausalConvWithState"
        | "ConvTransposeWithDynamicPads"
        | "DynamicQuantizeLSTM"
        | "DynamicQuantizeMatMul"
        | "FusedConv"
        | "FusedGemm"
        | "FusedMatMul"
        | "FusedMatMulActivation"
        | "GatherBlockQuantized"
        | "GemmFastGelu"
        | "GemmFloat8"
        | "MatMulBlockQuantizedFp4Weight"
        | "MatMulBlockQuantizedFp8Weight"
        | "MatMulBnb4"
        | "MatMulFpQ4"
        | "MatMulInteger16"
        | "MatMulIntegerToFloat"
        | "MatMulNBits"
        | "MatMulNBitsMlp"
        | "MatMulNBitsQkv"
        | "MoE"
        | "NhwcConv"
        | "NhwcFusedConv"
        | "QGemm"
        | "QLinearConv"
        | "QMoE"
        | "QOrderedMatMul"
        | "SparseToDenseMatMul"
        | "TorchEmbedding"
        | "TransposeMatMul"
        | "VarlenCausalConvWithState"
        | "WordConvEmbedding" => Category::Layer,
        "BiasGelu" | "BiasSoftmax" | "BiasSplitGelu" | "FastGelu" | "Gelu" | "QLinearLeakyRelu"
        | "QLinearSigmoid" | "QLinearSoftmax" | "QOrderedGelu" | "QuickGelu" => Category::Activation,
        "MaxpoolWithMask" | "NhwcMaxPool" | "QLinearAveragePool" | "QLinearGlobalAveragePool" => {
            Category::Pool
        }
        "EmbedLayerNormalization"
        | "GatedRMSNorm"
        | "GroupNorm"
        | "QEmbedLayerNormalization"
        | "QOrderedLayerNormalization"
        | "SimplifiedLayerNormalization"
        | "SkipGroupNorm"
        | "SkipLayerNormalization"
        | "SkipSimplifiedLayerNormalization" => Category::Normalization,
        "Attention"
        | "DecoderAttention"
        | "DecoderMaskedMultiHeadAttention"
        | "DecoderMaskedSelfAttention"
        | "GatedDeltaNet"
        | "GatedRelativePositionBias"
        | "GemmaRotaryEmbedding"
        | "GroupQueryAttention"
        | "LinearAttention"
        | "LinearAttentionGate"
        | "LongformerAttention"
        | "MRotaryEmbedding"
        | "MultiHeadAttention"
        | "PackedAttention"
        | "PackedMultiHeadAttention"
        | "PagedAttention"
        | "QAttention"
        | "QOrderedAttention"
        | "QOrderedLongformerAttention"
        | "RelativePositionBias"
        | "RotaryEmbedding"
        | "SparseAttention" => Category::Attention,
        "CropAndResize" | "ExpandDims" | "GatherND" | "GridSample" | "Pad" | "RemovePadding"
        | "RestorePadding" | "Trilu" | "UnfoldTensor" => Category::Shape,
        "BiasDropout"
        | "BitmaskBiasDropout"
        | "BitmaskDropout"
        | "MurmurHash3"
        | "NGramHashMapping"
        | "QLinearConcat"
        | "Range"
        | "Tokenizer"
        | "Unique"
        | "VarlenNGramHashMapping" => Category::Tensor,
        "BiasAdd" | "ComplexMul" | "ComplexMulConj" | "EngramGate" | "GatedAdd" | "IsAllFinite"
        | "MulInteger" | "NGramRepeatBlock" | "QLinearAdd" | "QLinearMul" | "QLinearWhere" | "SampleOp" => {
            Category::Elementwise
        }
        "BifurcationDetector"
        | "CDist"
        | "DynamicTimeWarping"
        | "Inverse"
        | "Irfft"
        | "QLinearReduceMean"
        | "ReduceSumInteger"
        | "Rfft" => Category::Reduce,
        "DequantizeBFP"
        | "DequantizeLinear"
        | "DequantizeWithOrder"
        | "QuantizeBFP"
        | "QuantizeLinear"
        | "QuantizeWithOrder" => Category::Quantization,
        "BeamSearch" | "EPContext" | "GreedySearch" | "Sampling" | "Snpe" | "WhisperBeamSearch" => {
            Category::Control
        }
        _ => return None,
    })
}

/// Slots and defaults of those that take weights. Sorted by name.
#[rustfmt::skip]
pub(super) const SCHEMAS: &[Signature] = &[
    s(MS, "Attention", 1, "input weights bias mask_index past attention_bias past_sequence_length", "do_rotary=0 mask_filter_value=-10000 unidirectional=0"),
    s(MS, "BiasAdd", 1, "X bias skip", ""),
    s(MS, "BiasGelu", 1, "A B", ""),
    s(MS, "DequantizeLinear", 1, "x x_scale x_zero_point", "axis=1"),
    s(MS, "DynamicQuantizeMatMul", 1, "A B b_scale b_zero_point bias", ""),
    s(MS, "EmbedLayerNormalization", 1, "input_ids segment_ids word_embedding position_embedding segment_embedding gamma beta mask position_ids", "mask_index_type=0"),
    s(MS, "FastGelu", 1, "X bias", ""),
    s(MS, "FusedConv", 1, "X W B Z", "auto_pad=NOTSET group=1"),
    s(MS, "FusedGemm", 1, "A B C", "activation_alpha=0 activation_beta=0 activation_gamma=0 alpha=1 beta=1 transA=0 transB=0"),
    s(MS, "FusedMatMul", 1, "A B", "alpha=1 transA=0 transB=0 transBatchA=0 transBatchB=0"),
    s(MS, "GatherBlockQuantized", 1, "data indices scales zero_points", "bits=4 block_size=128 gather_axis=0 quantize_axis=1"),
    s(MS, "GroupNorm", 1, "X gamma beta", ""),
    s(MS, "GroupQueryAttention", 1, "query key value past_key past_value seqlens_k total_sequence_length cos_cache sin_cache position_ids attention_bias head_sink", "do_rotary=0 local_window_size=-1 rotary_interleaved=0 softcap=0"),
    s(MS, "MatMulBnb4", 1, "A B absmax", "training_mode=0 transB=1"),
    s(MS, "MatMulIntegerToFloat", 1, "A B a_scale b_scale a_zero_point b_zero_point bias", ""),
    s(MS, "MatMulNBits", 1, "A B scales zero_points g_idx bias", "accuracy_level=0 bits=4"),
    s(MS, "MoE", 1, "input router_probs fc1_experts_weights fc1_experts_bias fc2_experts_weights fc2_experts_bias fc3_experts_weights fc3_experts_bias", "activation_type=relu k=1 normalize_routing_weights=0"),
    s(MS, "MultiHeadAttention", 1, "query key value bias key_padding_mask attention_bias past_key past_value", "mask_filter_value=-10000 unidirectional=0"),
    s(MS, "NhwcFusedConv", 1, "X W B Z", "auto_pad=NOTSET group=1"),
    s(MS, "QAttention", 1, "input weight bias input_scale weight_scale mask_index input_zero_point weight_zero_point past", "do_rotary=0 unidirectional=0"),
    s(MS, "QGemm", 1, "A a_scale a_zero_point B b_scale b_zero_point C y_scale y_zero_point", "alpha=1 transA=0 transB=0"),
    s(MS, "QLinearAdd", 1, "A A_scale A_zero_point B B_scale B_zero_point C_scale C_zero_point", ""),
    s(MS, "QLinearAveragePool", 1, "X x_scale x_zero_point y_scale y_zero_point", "auto_pad=NOTSET ceil_mode=0 channels_last=0 count_include_pad=0"),
    s(MS, "QLinearConv", 1, "x x_scale x_zero_point w w_scale w_zero_point y_scale y_zero_point B", "auto_pad=NOTSET channels_last=0 group=1"),
    s(MS, "QLinearGlobalAveragePool", 1, "X x_scale x_zero_point y_scale y_zero_point", "channels_last=0"),
    s(MS, "QLinearLeakyRelu", 1, "X X_scale X_zero_point Y_scale Y_zero_point", "alpha=0.01"),
    s(MS, "QLinearMul", 1, "A A_scale A_zero_point B B_scale B_zero_point C_scale C_zero_point", ""),
    s(MS, "QLinearSigmoid", 1, "X X_scale X_zero_point Y_scale Y_zero_point", ""),
    s(MS, "QuantizeLinear", 1, "x y_scale y_zero_point", "axis=1"),
    s(MS, "RotaryEmbedding", 1, "input position_ids cos_cache sin_cache", "interleaved=0 is_packed_batching=0 num_heads=0 rotary_embedding_dim=0 scale=1"),
    s(MS, "SkipGroupNorm", 1, "X gamma beta skip bias", ""),
    s(MS, "SkipLayerNormalization", 1, "input skip gamma beta bias", ""),
    s(MS, "SkipSimplifiedLayerNormalization", 1, "input skip gamma bias", ""),
];

const MS: &str = "com.microsoft";
