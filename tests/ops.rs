//! Every operator of ONNX has a meaning, and no name in our table is misspelt.

use modelgram::ops::{Category, meaning_of, signature_of};

/// Domain and name of every operator that the onnx package knows.
fn listed() -> Vec<(String, String)> {
    let text = include_str!("../fixtures/onnx/operators.json");
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let domains = json["operators"].as_object().unwrap().iter();
    domains
        .flat_map(|(domain, names)| {
            names.as_array().unwrap().iter().map(|name| (domain.clone(), name.as_str().unwrap().to_owned()))
        })
        .collect()
}

#[test]
fn every_operator_of_onnx_has_a_category_and_a_signature() {
    let listed = listed();
    assert!(listed.len() > 200);
    for (domain, op) in &listed {
        assert_ne!(meaning_of("onnx", domain, op).category, Category::Other, "{domain}::{op}");
        assert!(signature_of("onnx", domain, op, None).is_some(), "{domain}::{op}");
    }
}

#[test]
fn no_operator_in_the_table_is_misspelt() {
    let listed = listed();
    let source = include_str!("../src/ops/dialect/onnx/categories.rs");
    let (_, table) = source.split_once("fn standard(").expect("the table of ONNX's own operators");
    let words: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
    assert_eq!(words.len(), listed.len(), "each stands once");
    for word in words {
        assert!(listed.iter().any(|(_, op)| op == word), "{word} is no operator");
    }
}
