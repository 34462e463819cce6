//! Normalisations, softmax and losses.

mod batch;
pub(in crate::eval) mod layer;
mod loss;
mod response;
pub(in crate::eval) mod softmax;

use crate::eval::definition::Table;

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("", "BatchNormalization", batch::batch),
    ("", "GroupNormalization", batch::group),
    ("", "InstanceNormalization", batch::instance),
    ("", "LRN", response::local_response),
    ("", "LayerNormalization", layer::layer),
    ("", "LogSoftmax", softmax::log_softmax),
    ("", "LpNormalization", response::lp),
    ("", "MeanVarianceNormalization", response::mean_variance),
    ("", "NegativeLogLikelihoodLoss", loss::negative_log_likelihood),
    ("", "RMSNormalization", layer::rms),
    ("", "Softmax", softmax::softmax),
    ("", "SoftmaxCrossEntropyLoss", loss::softmax_cross_entropy),
];
