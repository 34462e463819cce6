//! What Keras's classes of layers mean.

use crate::ops::{Category, Meaning, Role};

/// What a class means; those of Keras 1 that were renamed are taken for what they became.
pub(super) fn meaning(_: &str, class: &str) -> Option<Meaning> {
    let class = today(class);
    let role = match class {
        "Identity" => Role::Identity,
        "Dropout" | "SpatialDropout1D" | "SpatialDropout2D" | "SpatialDropout3D" | "AlphaDropout"
        | "GaussianDropout" | "StochasticDepth" => Role::Dropout,
        "Shape" => Role::ShapeOf,
        _ => Role::Plain,
    };
    Some(Meaning { category: category(class)?, role })
}

/// The category of a class, under its name of today.
pub(super) fn category(class: &str) -> Option<Category> {
    use Category::*;
    Some(match class {
        "Dense"
        | "Embedding"
        | "LSTM"
        | "GRU"
        | "SimpleRNN"
        | "RNN"
        | "Bidirectional"
        | "EinsumDense"
        | "LocallyConnected1D"
        | "LocallyConnected2D"
        | "LSTMCell"
        | "GRUCell"
        | "SimpleRNNCell"
        | "ConvLSTM1D"
        | "ConvLSTM2D"
        | "ConvLSTM3D"
        | "TimeDistributed"
        | "Matmul"
        | "Einsum"
        | "Dot"
        | "ReversibleEmbedding"
        | "Layer"
        | "MaxoutDense"
        | "Highway" => Layer,
        _ if class.contains("Conv") => Layer,
        "Activation" | "ReLU" | "LeakyReLU" | "PReLU" | "ELU" | "ThresholdedReLU" | "Softmax" | "Relu"
        | "Relu6" | "Sigmoid" | "Tanh" | "Silu" | "Swish" | "Gelu" | "HardSigmoid" | "HardSilu" | "Selu"
        | "Softplus" | "Softsign" | "LogSoftmax" | "ParametricSoftplus" | "SReLU" | "Glu" | "Mish" => {
            Activation
        }
        _ if class.contains("Pooling") => Pool,
        _ if class.ends_with("Normalization") || class == "Normalization" || class == "Rescaling" => {
            Normalization
        }
        _ if class.contains("Attention") => Attention,
        "Flatten" | "Reshape" | "Permute" | "RepeatVector" | "ZeroPadding1D" | "ZeroPadding2D"
        | "ZeroPadding3D" | "Cropping1D" | "Cropping2D" | "Cropping3D" | "UpSampling1D" | "UpSampling2D"
        | "UpSampling3D" | "Transpose" | "ExpandDims" | "Squeeze" | "GetItem" | "Swapaxes" | "Moveaxis"
        | "Take" | "Resizing" | "CenterCrop" | "Slice" | "Shape" | "BroadcastTo" | "Pad" | "Roll"
        | "Flip" | "Ravel" | "Repeat" | "Tile" | "Pad2D" | "SliceUpdate" => Shape,
        "Concatenate"
        | "Stack"
        | "Split"
        | "Cast"
        | "Merge"
        | "CategoryEncoding"
        | "Hashing"
        | "Discretization"
        | "StringLookup"
        | "IntegerLookup"
        | "TextVectorization"
        | "HashedCrossing"
        | "OneHot"
        | "Masking"
        | "Where"
        | "Full"
        | "Ones"
        | "Zeros"
        | "Arange"
        | "Lambda"
        | "Dropout"
        | "SpatialDropout1D"
        | "SpatialDropout2D"
        | "SpatialDropout3D"
        | "AlphaDropout"
        | "GaussianDropout"
        | "GaussianNoise"
        | "ActivityRegularization"
        | "Identity"
        | "StopGradient" => Tensor,
        "StochasticDepth" => Tensor,
        "LayerScale" | "CustomScaleLayer" | "Add" | "Subtract" | "Multiply" | "Average" | "Maximum"
        | "Minimum" | "Divide" | "TrueDivide" | "FloorDivide" | "Power" | "Mod" | "Absolute" | "Negative"
        | "Exp" | "Log" | "Sqrt" | "Rsqrt" | "Square" | "Sin" | "Cos" | "Clip" | "Greater"
        | "GreaterEqual" | "Less" | "LessEqual" | "Equal" | "NotEqual" | "LogicalAnd" | "LogicalOr"
        | "LogicalNot" | "Round" | "Floor" | "Ceil" | "Sign" => Elementwise,
        "Sum" | "Mean" | "Max" | "Min" | "Prod" | "Std" | "Var" | "Argmax" | "Argmin" | "Norm" | "Any"
        | "All" | "Logsumexp" => Reduce,
        _ if class.starts_with("Random") => Tensor,
        _ if class.starts_with("TFOp") || class == "TFOpLambda" || class == "TensorFlowOpLayer" => Other,
        _ => return None,
    })
}

/// What a class of Keras 1 was renamed to.
pub(super) fn today(class: &str) -> &str {
    match class {
        "Convolution1D" | "AtrousConvolution1D" | "AtrousConv1D" => "Conv1D",
        "Convolution2D" | "AtrousConvolution2D" | "AtrousConv2D" => "Conv2D",
        "Convolution3D" => "Conv3D",
        "Deconvolution2D" | "Deconv2D" | "Convolution2DTranspose" => "Conv2DTranspose",
        "SeparableConvolution2D" => "SeparableConv2D",
        "DepthwiseConvolution2D" => "DepthwiseConv2D",
        "MaxPool1D" => "MaxPooling1D",
        "MaxPool2D" => "MaxPooling2D",
        "MaxPool3D" => "MaxPooling3D",
        "AvgPool1D" => "AveragePooling1D",
        "AvgPool2D" => "AveragePooling2D",
        "AvgPool3D" => "AveragePooling3D",
        "CuDNNLSTM" => "LSTM",
        "CuDNNGRU" => "GRU",
        other => other,
    }
}
