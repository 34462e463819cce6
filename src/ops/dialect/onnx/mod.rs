//! The words of ONNX: its own domains, and the `com.microsoft` operators that
//! exporters and optimizers emit.

use self::categories::category;
use self::constant::constant;
use self::domains::DEFAULT_ALIAS;
use self::dtypes::dtype;
use super::super::{Meaning, Role};
use super::entry::Dialect;
use super::signature::Signature;

mod categories;
mod constant;
mod contrib;
mod cost;
mod domains;
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
