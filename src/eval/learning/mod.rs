//! The operators of the domain `ai.onnx.ml`.
//!
//! The specification leaves much open here, above all what two classes of one score become. Where
//! the reference and onnxruntime differ in that, the definitions have no result.

mod features;
mod forest;
mod linear;
mod lookup;
mod scores;
mod trees;
mod vectors;

use crate::eval::definition::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("ai.onnx.ml", "ArrayFeatureExtractor", features::extract as Kernel),
    ("ai.onnx.ml", "Binarizer", features::binarizer as Kernel),
    ("ai.onnx.ml", "CategoryMapper", lookup::category_mapper as Kernel),
    ("ai.onnx.ml", "FeatureVectorizer", features::vectorizer as Kernel),
    ("ai.onnx.ml", "Imputer", features::imputer as Kernel),
    ("ai.onnx.ml", "LabelEncoder", lookup::label_encoder as Kernel),
    ("ai.onnx.ml", "LinearClassifier", linear::classifier as Kernel),
    ("ai.onnx.ml", "LinearRegressor", linear::regressor as Kernel),
    ("ai.onnx.ml", "Normalizer", features::normalizer as Kernel),
    ("ai.onnx.ml", "OneHotEncoder", lookup::one_hot as Kernel),
    ("ai.onnx.ml", "Scaler", features::scaler as Kernel),
    ("ai.onnx.ml", "SVMClassifier", vectors::classifier as Kernel),
    ("ai.onnx.ml", "SVMRegressor", vectors::regressor as Kernel),
    ("ai.onnx.ml", "TreeEnsemble", trees::ensemble as Kernel),
    ("ai.onnx.ml", "TreeEnsembleClassifier", trees::classifier as Kernel),
    ("ai.onnx.ml", "TreeEnsembleRegressor", trees::regressor as Kernel),
    ("ai.onnx.ml", "ZipMap", lookup::zip_map as Kernel),
];
