//! tract as the oracle of our rules, and as what fills in the rest.
#![cfg(feature = "infer")]

mod common;

use common::models::files;
use modelgram::infer::fill_types;
use modelgram::model::{Dim, Graph, KnownFrom, Model, NodeKind, ValueId, ValueType};
use modelgram::ops::{TypeOptions, derive_types};

/// Forgets the types of all that depends on an input.
fn forget(graph: &mut Graph) {
    let mut depends = std::collections::HashSet::new();
    for id in graph.flow_order() {
        let node = graph.node(id);
        let fed = graph.uses_at(id).iter().any(|(_, from)| depends.contains(from));
        if fed || matches!(node.kind, NodeKind::Input) {
            depends.insert(id);
        }
        let values: Vec<ValueId> = node.outputs.iter().flatten().copied().collect();
        if fed {
            for value in values {
                graph.value_mut(value).ty = None;
                graph.value_mut(value).known_from = KnownFrom::Unknown;
            }
        }
    }
}

/// Values, those that tract told something of, and those where it contradicts the rules.
fn compare(rules: &Model, tract: &Model) -> (usize, usize, Vec<String>) {
    let (mut all, mut told) = (0, 0);
    let mut wrong = Vec::new();
    for (rule, tract) in rules.graph.values().iter().zip(tract.graph.values()) {
        let Some(ValueType::Tensor(r)) = &rule.ty else { continue };
        if tract.known_from != KnownFrom::Tract && tract.known_from != KnownFrom::Unknown {
            continue;
        }
        all += 1;
        let Some(ValueType::Tensor(t)) = &tract.ty else { continue };
        told += 1;
        let shapes = r.shape.as_ref().zip(t.shape.as_ref());
        let differ = |(a, b): (&Dim, &Dim)| matches!((a, b), (Dim::Known(a), Dim::Known(b)) if a != b);
        let bad = shapes.is_some_and(|(r, t)| r.0.len() != t.0.len() || r.0.iter().zip(&t.0).any(differ));
        if r.dtype != t.dtype || bad {
            wrong.push(format!("{}: rule {r}, tract {t}", rule.name));
        }
    }
    (all, told, wrong)
}

#[test]
fn tract_agrees_with_the_rules() {
    let (mut all, mut told) = (0, 0);
    for path in files("models", "onnx").into_iter().chain(files("fixtures/onnx/real", "onnx")) {
        let mut rules = modelgram::formats::open(&path).unwrap();
        derive_types(&mut rules, &with!(TypeOptions { ignore_declared: true, ..TypeOptions::default() }));
        let mut tract = rules.clone();
        forget(&mut tract.graph);
        fill_types(&mut tract);
        let (values, known, wrong) = compare(&rules, &tract);
        assert!(wrong.is_empty(), "{}: {wrong:?}", path.display());
        all += values;
        told += known;
    }
    assert!(told * 10 >= all * 9, "tract told of {told} of {all} values");
}

#[test]
fn what_tract_cannot_take_loses_nothing() {
    for path in files("fixtures/onnx/types", "onnx").into_iter().chain(files("fixtures/broken", "onnx")) {
        let Ok(mut model) = modelgram::formats::open(&path) else { continue };
        derive_types(&mut model, &TypeOptions::default());
        let before = model.clone();
        fill_types(&mut model);
        for (before, after) in before.graph.values().iter().zip(model.graph.values()) {
            let kept = before.ty == after.ty || after.known_from == KnownFrom::Tract;
            assert!(kept, "{}: {}", path.display(), before.name);
        }
    }
}
