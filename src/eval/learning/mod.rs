//! The operators of the domain `ai.onnx.ml`.
//!
//! The specification leaves much open here, above all what two classes of one score become. The
//! definitions do as onnxruntime does, and refuse what seems an accident of it.

mod forest;
mod scores;
mod trees;

use crate::eval::table::{Kernel, Table};

/// The definitions of this folder.
pub(super) const TABLE: Table = &[
    ("ai.onnx.ml", "TreeEnsemble", trees::ensemble as Kernel),
    ("ai.onnx.ml", "TreeEnsembleClassifier", trees::classifier as Kernel),
    ("ai.onnx.ml", "TreeEnsembleRegressor", trees::regressor as Kernel),
];
