//! Numbers as integers with a scale, and the operators of the domain `com.microsoft` that
//! quantised and fused models have.
//!
//! Those are defined in <https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md>.

mod convolution;
mod fused;
mod linear;
mod patches;
mod pointwise;
mod product;
mod rounding;
mod scales;

use crate::eval::definition::Table;

/// The domain of onnxruntime's own operators.
const MS: &str = "com.microsoft";

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "ConvInteger", convolution::integers),
    ("", "DequantizeLinear", linear::dequantize),
    ("", "DynamicQuantizeLinear", linear::dynamic),
    ("", "MatMulInteger", product::integers),
    ("", "QLinearConv", convolution::quantized),
    ("", "QLinearMatMul", product::quantized),
    ("", "QuantizeLinear", linear::quantize),
    (MS, "BiasGelu", fused::bias_gelu),
    (MS, "DequantizeLinear", linear::dequantize),
    (MS, "DynamicQuantizeMatMul", product::dynamic),
    (MS, "FastGelu", fused::fast_gelu),
    (MS, "FusedMatMul", fused::mat_mul),
    (MS, "Gelu", fused::gelu),
    (MS, "MatMulIntegerToFloat", product::to_float),
    (MS, "QGemm", product::gemm),
    (MS, "QLinearAdd", pointwise::add),
    (MS, "QLinearAveragePool", pointwise::average_pool),
    (MS, "QLinearConcat", pointwise::concat),
    (MS, "QLinearGlobalAveragePool", pointwise::global_average_pool),
    (MS, "QLinearLeakyRelu", pointwise::leaky_relu),
    (MS, "QLinearMul", pointwise::mul),
    (MS, "QLinearSigmoid", pointwise::sigmoid),
    (MS, "QLinearSoftmax", pointwise::softmax),
    (MS, "QuantizeLinear", linear::quantize),
    (MS, "QuickGelu", fused::quick_gelu),
    (MS, "SkipLayerNormalization", fused::skip_layer_normalization),
];
