//! `ai.onnx.ml`: classical machine learning.

use std::rc::Rc;

use super::rule::{Rule, like_first};
use crate::model::{AttributeValue, DType, TensorType, ValueType};
use crate::ops::facts::call::{Call, Outputs};
use crate::ops::facts::fact::{Container, Fact, Size, known};

pub(super) fn rule(op: &str) -> Option<Rule> {
    Some(match op {
        "ArrayFeatureExtractor" => |call| {
            let shape = call.shape(0).zip(call.shape(1)).and_then(|(x, y)| {
                let count = crate::ops::facts::fact::product(y);
                match x {
                    [] => None,
                    [_] => Some(vec![known(1), count]),
                    _ => Some([x[..x.len() - 1].to_vec(), vec![count]].concat()),
                }
            });
            vec![Fact::tensor(call.dtype(0), shape)]
        },
        "Binarizer" => like_first,
        "CategoryMapper" => |call| {
            let dtype = if call.dtype(0) == DType::String { DType::I64 } else { DType::String };
            vec![Fact::tensor(dtype, shape(call))]
        },
        "DictVectorizer" => |_| vec![],
        "FeatureVectorizer" => |call| {
            let width: i64 = call.ints("inputdimensions").map_or(0, |v| v.iter().sum());
            let batch = call.shape(0).and_then(|s| s.first()).cloned().flatten();
            vec![Fact::tensor(DType::F32, Some(vec![batch, known(width)]))]
        },
        "Imputer" => like_first,
        "LabelEncoder" => label_encoder,
        "LinearClassifier" | "SVMClassifier" | "TreeEnsembleClassifier" => classifier,
        "LinearRegressor" | "SVMRegressor" | "TreeEnsembleRegressor" => |call| {
            let targets = call.int_if("targets").or(call.int_if("n_targets")).unwrap_or(1);
            vec![Fact::tensor(DType::F32, Some(vec![batch(call), known(targets)]))]
        },
        "Normalizer" | "Scaler" => |call| vec![Fact::tensor(DType::F32, shape(call))],
        "OneHotEncoder" => |call| {
            let count = match (call.ints("cats_int64s"), call.attribute("cats_strings")) {
                (Some(v), _) => known(v.len() as i64),
                (None, Some(AttributeValue::Strings(v))) => known(v.len() as i64),
                _ => None,
            };
            vec![Fact::tensor(DType::F32, call.shape(0).map(|s| [s.to_vec(), vec![count]].concat()))]
        },
        "TreeEnsemble" => |call| {
            let targets = call.int_if("n_targets").map(Into::into);
            vec![Fact::tensor(call.dtype(0), Some(vec![batch(call), targets]))]
        },
        "ZipMap" => |call| {
            let key = if call.ints("classlabels_int64s").is_some() { DType::I64 } else { DType::String };
            let value = ValueType::Tensor(TensorType { dtype: DType::F32, shape: None });
            let map = Fact {
                container: Some(Rc::new(Container::Other(ValueType::Map(key, Box::new(value))))),
                ..Fact::default()
            };
            vec![Fact::sequence(map)]
        },
        _ => return None,
    })
}

fn shape(call: &Call<'_>) -> Option<Vec<Size>> {
    call.shape(0).map(<[Size]>::to_vec)
}

/// The first dimension; a list is one row.
fn batch(call: &Call<'_>) -> Size {
    match call.shape(0)? {
        [_] => known(1),
        [first, ..] => first.clone(),
        [] => None,
    }
}

fn label_encoder(call: &Call<'_>) -> Outputs {
    let has = |name: &str| call.attribute(name).is_some();
    let dtype = match call.attribute("values_tensor") {
        Some(AttributeValue::Tensor(tensor)) => tensor.dtype,
        _ if has("values_strings") => DType::String,
        _ if has("values_int64s") => DType::I64,
        _ if has("values_floats") => DType::F32,
        _ if has("classes_strings") && call.dtype(0) == DType::String => DType::I64,
        _ if has("classes_strings") => DType::String,
        _ => DType::Undefined,
    };
    vec![Fact::tensor(dtype, shape(call))]
}

/// Labels, and scores for each class.
fn classifier(call: &Call<'_>) -> Outputs {
    let strings = ["classlabels_strings"].iter().find_map(|n| match call.attribute(n) {
        Some(AttributeValue::Strings(v)) if !v.is_empty() => Some(v.len()),
        _ => None,
    });
    let ints = ["classlabels_ints", "classlabels_int64s"].iter().find_map(|n| call.ints(n)).map(<[i64]>::len);
    let dtype = if strings.is_some() { DType::String } else { DType::I64 };
    let classes = strings.or(ints).map(|n| (n as i64).into());
    vec![
        Fact::tensor(dtype, Some(vec![batch(call)])),
        Fact::tensor(DType::F32, Some(vec![batch(call), classes])),
    ]
}
