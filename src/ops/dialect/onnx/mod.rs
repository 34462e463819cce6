//! The words of ONNX: its own domains, and the `com.microsoft` operators that
//! exporters and optimizers emit.

use std::borrow::Cow;

use bytes::Bytes;

use self::dtypes::onnx_dtype;
use super::super::{Category, Meaning, Role};
use super::{Dialect, Signature};
use crate::model::{AttributeValue, DType, Op, Span, Tensor, TensorData};

mod categories;
mod contrib;
mod cost;
pub(super) mod dtypes;
mod rules;
mod schemas;

pub(super) const DIALECT: Dialect = Dialect {
    format: "onnx",
    meaning,
    signature,
    constant,
    outputs: rules::outputs,
    cost: cost::cost,
    dtype,
};

/// The name that the default domain may also be spelled by.
const DEFAULT_ALIAS: &str = "ai.onnx";

fn meaning(domain: &str, op: &str) -> Option<Meaning> {
    let domain = if domain == DEFAULT_ALIAS { "" } else { domain };
    let role = match (domain, op) {
        ("", "Constant") => Role::Constant,
        ("", "Identity") => Role::Identity,
        ("", "Shape" | "Size") => Role::ShapeOf,
        ("" | "com.microsoft", "QuantizeLinear") => Role::Quantize,
        ("" | "com.microsoft", "DequantizeLinear") => Role::Dequantize,
        ("", "Dropout") => Role::Dropout,
        _ => Role::Plain,
    };
    Some(Meaning { category: category(domain, op)?, role })
}

/// An operator of an unknown domain is taken for its namesake: layout and
/// hardware variants such as `com.ms.internal.nhwc::Conv` keep the name.
fn category(domain: &str, op: &str) -> Option<Category> {
    let own = match domain {
        "com.microsoft" => contrib::category(op),
        _ => None,
    };
    own.or_else(|| categories::category(op)).or_else(|| contrib::category(op))
}

fn signature(domain: &str, op: &str, version: Option<i64>) -> Option<&'static Signature> {
    let domain = if domain == DEFAULT_ALIAS { "" } else { domain };
    let table = if domain == "com.microsoft" { contrib::SCHEMAS } else { schemas::SCHEMAS };
    let version = version.unwrap_or(i64::MAX);
    let after = table.partition_point(|s| (s.domain, s.op, s.since) <= (domain, op, version));
    let found = after.checked_sub(1).map(|i| &table[i]);
    // A version from before the operator was there means a damaged or an unusual
    // file: its first definition is the best guess.
    let of_op = |s: &&Signature| s.domain == domain && s.op == op;
    found.filter(of_op).or_else(|| table.get(after).filter(of_op))
}

fn constant(op: &Op) -> Option<Cow<'_, Tensor>> {
    if op.op != "Constant" || !matches!(op.domain.as_str(), "" | DEFAULT_ALIAS) {
        return None;
    }
    op.attributes.iter().find_map(|a| match (a.name.as_str(), &a.value) {
        ("value" | "sparse_value", AttributeValue::Tensor(tensor)) => Some(Cow::Borrowed(&**tensor)),
        ("value_float", AttributeValue::Float(x)) => Some(floats(vec![], &[*x])),
        ("value_floats", AttributeValue::Floats(v)) => Some(floats(vec![v.len() as i64], v)),
        ("value_int", AttributeValue::Int(n)) => Some(ints(vec![], &[*n])),
        ("value_ints", AttributeValue::Ints(v)) => Some(ints(vec![v.len() as i64], v)),
        ("value_string", AttributeValue::String(s)) => {
            Some(owned(DType::String, vec![], TensorData::Strings(vec![s.clone()])))
        }
        ("value_strings", AttributeValue::Strings(v)) => {
            Some(owned(DType::String, vec![v.len() as i64], TensorData::Strings(v.clone())))
        }
        _ => None,
    })
}

fn floats(dims: Vec<i64>, values: &[f32]) -> Cow<'static, Tensor> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    owned(DType::F32, dims, TensorData::Owned(Bytes::from(bytes)))
}

fn ints(dims: Vec<i64>, values: &[i64]) -> Cow<'static, Tensor> {
    let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    owned(DType::I64, dims, TensorData::Owned(Bytes::from(bytes)))
}

fn owned(dtype: DType, dims: Vec<i64>, data: TensorData) -> Cow<'static, Tensor> {
    Cow::Owned(Tensor { name: String::new(), dtype, dims, data, span: Span::default() })
}

/// `TensorProto.DataType`, where an attribute holds one.
fn dtype(name: &str, value: &AttributeValue) -> Option<DType> {
    let AttributeValue::Int(number) = value else { return None };
    if !matches!(name, "to" | "dtype" | "output_dtype" | "stash_type" | "softmax_precision") {
        return None;
    }
    let ty = onnx_dtype(i32::try_from(*number).ok()?);
    (!matches!(ty, DType::Undefined | DType::Other(_))).then_some(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_and_defaults_follow_the_version() {
        let at = |version| signature("", "BatchNormalization", Some(version)).unwrap();
        assert_eq!(at(9).input_name(3), Some("mean"));
        assert_eq!(at(15).input_name(3), Some("input_mean"));
        assert!(at(7).is_default("spatial", &AttributeValue::Int(1)));
        assert!(!at(9).is_default("spatial", &AttributeValue::Int(1)));
        assert_eq!(signature("ai.onnx", "Reshape", None).unwrap().input_name(1), Some("shape"));
        assert_eq!(signature("", "Gelu", Some(1)).unwrap().since, 20);
        assert!(signature("", "Gelv", Some(20)).is_none());
        assert!(signature("", "", None).is_none());
    }

    #[test]
    fn tables_are_sorted() {
        for table in [schemas::SCHEMAS, contrib::SCHEMAS] {
            assert!(table.is_sorted_by_key(|s| (s.domain, s.op, s.since)));
        }
    }

    #[test]
    fn a_namesake_in_another_domain_has_the_same_category() {
        let of = |domain, op| meaning(domain, op).map(|m| m.category);
        assert_eq!(of("com.ms.internal.nhwc", "Conv"), Some(Category::Layer));
        assert_eq!(of("com.microsoft", "FastGelu"), Some(Category::Activation));
        assert_eq!(of("acme", "Frobnicate"), None);
        assert_eq!(meaning("acme", "Identity").unwrap().role, Role::Plain);
    }
}
