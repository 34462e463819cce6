//! The words of Keras: its layers, and those operations of Keras 3 that stand in a graph.
//!
//! Classes of Keras 1 that were renamed later are taken for what they became.

use std::borrow::Cow;

use super::super::{Category, Meaning, Role};
use super::signature::s;
use super::{Dialect, Signature};
use crate::model::{AttributeValue, DType, Op, Tensor};
use crate::ops::types::call::Call;

mod cost;
mod rules;
mod settings;

pub(super) const DIALECT: Dialect = Dialect {
    format: "keras",
    meaning,
    signature,
    constant,
    outputs: rules::outputs,
    cost: cost::cost,
    dtype,
};

/// Settings that mean the same when they are left out, in whatever layer they stand.
static USUAL: Signature = s(
    "",
    "",
    0,
    "",
    "padding=valid border_mode=valid data_format=channels_last dim_ordering=tf groups=1 use_bias=true \
     bias=true activation=linear center=true scale=true epsilon=0.001 momentum=0.99 axis=-1 \
     depth_multiplier=1 synchronized=false renorm=false renorm_momentum=0.99 go_backwards=false stateful=false \
     unroll=false time_major=false zero_output_for_mask=false return_state=false sparse=false \
     ragged=false keepdims=false recurrent_activation=sigmoid reset_after=true implementation=2 \
     unit_forget_bias=true interpolation=nearest mask_zero=false dropout=0 recurrent_dropout=0 \
     merge_mode=concat use_gate=false negative_slope=0 threshold=0 return_sequences=false",
);

fn signature(_: &str, _: &str, _: Option<i64>) -> Option<&'static Signature> {
    Some(&USUAL)
}

fn constant(_: &Op) -> Option<Cow<'_, Tensor>> {
    None
}

fn dtype(_: &str, _: &AttributeValue) -> Option<DType> {
    None
}

/// What a class of Keras 1 was renamed to.
fn today(class: &str) -> &str {
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

fn meaning(_: &str, class: &str) -> Option<Meaning> {
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

fn category(class: &str) -> Option<Category> {
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

/// The attribute under its name of today, or of Keras 1.
fn setting<'a>(call: &'a Call<'_>, name: &str) -> Option<&'a AttributeValue> {
    let old = match name {
        "padding" => "border_mode",
        "strides" => "subsample",
        "filters" => "nb_filter",
        "units" => "output_dim",
        "use_bias" => "bias",
        "dilation_rate" => "atrous_rate",
        "rate" => "p",
        _ => "",
    };
    call.attribute(name).or_else(|| call.attribute(old))
}
