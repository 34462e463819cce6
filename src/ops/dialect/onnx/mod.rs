//! The words of ONNX: its own domains, and the `com.microsoft` operators that
//! exporters and optimizers emit.

use self::categories::category;
use self::constant::constant;
use self::domains::DEFAULT_ALIAS;
use self::dtypes::dtype;
use super::super::{Meaning, Role};
use super::definition::{Defined, Definition};
use super::entry::Dialect;
use super::signature::Signature;
use crate::text::nearest;

mod categories;
mod constant;
mod contrib;
mod cost;
mod definitions;
mod domains;
pub(super) mod dtypes;
mod rules;
mod schemas;

pub(super) const DIALECT: Dialect = Dialect {
    format: "onnx",
    meaning,
    signature,
    defined,
    newest,
    sets: definitions::SETS,
    constant,
    outputs: rules::outputs,
    cost: cost::cost,
    dtype,
};

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

/// Operators of the default domain that are none of ONNX's, with the last version in which
/// onnxruntime runs them: they stand in its own files and in very old ones.
const ONNXRUNTIMES: &[(&str, i64)] = &[
    ("Affine", 9),
    ("Crop", 9),
    ("DynamicSlice", 9),
    ("GRUUnit", 9),
    ("GivenTensorFill", 9),
    ("ImageScaler", 9),
    ("LayerNormalization", 16),
    ("MeanVarianceNormalization", 8),
    ("ParametricSoftplus", 9),
    ("Scale", 9),
    ("ScaledTanh", 9),
    ("SimplifiedLayerNormalization", i64::MAX),
];

fn defined(domain: &str, op: &str, version: i64) -> Defined {
    let domain = if domain == DEFAULT_ALIAS { "" } else { domain };
    if newest(domain).is_none_or(|newest| version < 1 || version > newest) {
        return Defined::Foreign;
    }
    let table = definitions::DEFINITIONS;
    let after = table.partition_point(|d| (d.domain, d.op, d.since) <= (domain, op, version));
    let of_op = |d: &&Definition| d.domain == domain && d.op == op;
    if let Some(found) = after.checked_sub(1).map(|i| &table[i]).filter(of_op) {
        return if found.is_deprecated() { Defined::Deprecated(found.since) } else { Defined::As(found) };
    }
    if domain.is_empty() && ONNXRUNTIMES.iter().any(|(own, last)| *own == op && version <= *last) {
        return Defined::Foreign;
    }
    match table.get(after).filter(of_op) {
        Some(later) => Defined::Later(later.since),
        None => {
            let names = table.iter().filter(|d| d.domain == domain).map(|d| d.op);
            Defined::Nowhere(nearest(op, names))
        }
    }
}

fn newest(domain: &str) -> Option<i64> {
    let domain = if domain == DEFAULT_ALIAS { "" } else { domain };
    definitions::NEWEST.iter().find(|(own, _)| *own == domain).map(|(_, version)| *version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AttributeValue;
    use crate::ops::Category;

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
        assert!(definitions::DEFINITIONS.is_sorted_by_key(|d| (d.domain, d.op, d.since)));
    }

    #[test]
    fn an_operator_is_defined_from_its_first_version_until_it_is_deprecated() {
        assert!(matches!(defined("", "Relu", 17), Defined::As(d) if d.since == 14));
        assert!(matches!(defined("ai.onnx", "Gelu", 17), Defined::Later(20)));
        assert!(matches!(defined("", "Upsample", 13), Defined::Deprecated(10)));
        assert!(matches!(defined("", "Relo", 17), Defined::Nowhere(Some("Relu"))));
        assert!(matches!(defined("com.microsoft", "Gelu", 1), Defined::Foreign));
        assert!(matches!(defined("", "Relu", 99), Defined::Foreign));
        assert!(matches!(defined("", "SimplifiedLayerNormalization", 17), Defined::Foreign));
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
