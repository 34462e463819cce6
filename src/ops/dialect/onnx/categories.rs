//! The category of every operator of ONNX's own domains, and of those of `com.microsoft`
//! (`contrib.rs`).

use super::contrib;
use crate::ops::Category;

/// The category of an operator.
///
/// An operator of an unknown domain is taken for its namesake: layout and
/// hardware variants such as `com.ms.internal.nhwc::Conv` keep the name.
pub(super) fn category(domain: &str, op: &str) -> Option<Category> {
    let own = match domain {
        "com.microsoft" => contrib::category(op),
        _ => None,
    };
    own.or_else(|| standard(op)).or_else(|| contrib::category(op))
}

/// The category of an operator of any of ONNX's own domains.
fn standard(op: &str) -> Option<Category> {
    Some(match op {
        // ai.onnx
        "CausalConvWithState"
        | "Conv"
        | "ConvInteger"
        | "ConvTranspose"
        | "DeformConv"
        | "Einsum"
        | "GRU"
        | "Gemm"
        | "LSTM"
        | "MatMul"
        | "MatMulInteger"
        | "QLinearConv"
        | "QLinearMatMul"
        | "RNN" => Category::Layer,
        "Celu" | "Clip" | "Elu" | "Erf" | "Gelu" | "HardSigmoid" | "HardSwish" | "Hardmax" | "LeakyRelu"
        | "LogSoftmax" | "Mish" | "PRelu" | "Relu" | "Selu" | "Shrink" | "Sigmoid" | "Softmax"
        | "Softplus" | "Softsign" | "SwiGLU" | "Swish" | "Tanh" | "ThresholdedRelu" => Category::Activation,
        "AveragePool" | "GlobalAveragePool" | "GlobalLpPool" | "GlobalMaxPool" | "LpPool" | "MaxPool"
        | "MaxRoiPool" | "MaxUnpool" | "RoiAlign" => Category::Pool,
        "BatchNormalization"
        | "GroupNormalization"
        | "InstanceNormalization"
        | "LRN"
        | "LayerNormalization"
        | "LpNormalization"
        | "MeanVarianceNormalization"
        | "RMSNormalization" => Category::Normalization,
        "Attention" | "FlexAttention" | "LinearAttention" | "RotaryEmbedding" => Category::Attention,
        "AffineGrid" | "CenterCropPad" | "Col2Im" | "Compress" | "DepthToSpace" | "Expand" | "Flatten"
        | "Gather" | "GatherElements" | "GatherND" | "GridSample" | "Pad" | "Reshape" | "Resize"
        | "ReverseSequence" | "Scatter" | "ScatterElements" | "ScatterND" | "Shape" | "Size" | "Slice"
        | "SpaceToDepth" | "Squeeze" | "TensorScatter" | "Tile" | "Transpose" | "Trilu" | "Unsqueeze"
        | "Upsample" => Category::Shape,
        "Bernoulli" | "BitCast" | "BlackmanWindow" | "Cast" | "CastLike" | "Concat"
        | "ConcatFromSequence" | "Constant" | "ConstantOfShape" | "Dropout" | "EyeLike" | "HammingWindow"
        | "HannWindow" | "Identity" | "ImageDecoder" | "MelWeightMatrix" | "Multinomial" | "NonZero"
        | "OneHot" | "Optional" | "OptionalGetElement" | "OptionalHasElement" | "RandomNormal"
        | "RandomNormalLike" | "RandomUniform" | "RandomUniformLike" | "Range" | "RegexFullMatch"
        | "SequenceAt" | "SequenceConstruct" | "SequenceEmpty" | "SequenceErase" | "SequenceInsert"
        | "SequenceLength" | "Split" | "SplitToSequence" | "StringConcat" | "StringNormalizer"
        | "StringSplit" | "TfIdfVectorizer" | "Unique" => Category::Tensor,
        "Abs" | "Acos" | "Acosh" | "Add" | "And" | "Asin" | "Asinh" | "Atan" | "Atanh" | "BitShift"
        | "BitwiseAnd" | "BitwiseNot" | "BitwiseOr" | "BitwiseXor" | "Ceil" | "Cos" | "Cosh" | "Div"
        | "Equal" | "Exp" | "Floor" | "Greater" | "GreaterOrEqual" | "IsInf" | "IsNaN" | "Less"
        | "LessOrEqual" | "Log" | "Max" | "Mean" | "Min" | "Mod" | "Mul" | "Neg" | "Not" | "Or" | "Pow"
        | "Reciprocal" | "Round" | "Sign" | "Sin" | "Sinh" | "Sqrt" | "Sub" | "Sum" | "Tan" | "Where"
        | "Xor" => Category::Elementwise,
        "ArgMax"
        | "ArgMin"
        | "CumProd"
        | "CumSum"
        | "DFT"
        | "Det"
        | "NegativeLogLikelihoodLoss"
        | "NonMaxSuppression"
        | "ReduceL1"
        | "ReduceL2"
        | "ReduceLogSum"
        | "ReduceLogSumExp"
        | "ReduceMax"
        | "ReduceMean"
        | "ReduceMin"
        | "ReduceProd"
        | "ReduceSum"
        | "ReduceSumSquare"
        | "STFT"
        | "SoftmaxCrossEntropyLoss"
        | "TopK" => Category::Reduce,
        "DequantizeLinear" | "DynamicQuantizeLinear" | "QuantizeLinear" => Category::Quantization,
        "If" | "Loop" | "Scan" | "SequenceMap" => Category::Control,

        // ai.onnx.ml
        "LinearClassifier"
        | "LinearRegressor"
        | "SVMClassifier"
        | "SVMRegressor"
        | "TreeEnsemble"
        | "TreeEnsembleClassifier"
        | "TreeEnsembleRegressor" => Category::Layer,
        "Normalizer" | "Scaler" => Category::Normalization,
        "ArrayFeatureExtractor" => Category::Shape,
        "Binarizer" | "CastMap" | "CategoryMapper" | "DictVectorizer" | "FeatureVectorizer" | "Imputer"
        | "LabelEncoder" | "OneHotEncoder" | "ZipMap" => Category::Tensor,

        // ai.onnx.preview.training
        "Adagrad" | "Adam" | "Gradient" | "Momentum" => Category::Control,
        _ => return None,
    })
}
