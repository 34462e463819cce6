//! What edits that change no number prove, and operators written by simpler ones.
#![cfg(all(feature = "cli", feature = "infer"))]

mod common;

use std::process::Output;

use common::models::at;
use common::program::{run, was_written};
use modelgram::diff::diff;
use modelgram::edit::{RenameOptions, rename};
use modelgram::formats::Destination::New;
use modelgram::formats::{open, save};
use modelgram::model::{Edit, Model, TensorData};

fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// A folder with a model.
fn folder(model: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(at(model), folder.path().join("old.onnx")).unwrap();
    folder
}

#[test]
fn a_rename_proves_that_outputs_are_the_same() {
    let folder = folder("models/digits.onnx");
    let args = ["rename", "old.onnx", "--prefix", "digits/", "--inputs", "--outputs", "-o", "new.onnx"];
    let out = run(folder.path(), &args);
    assert!(out.status.success(), "{}", said(&out));
    for line in
        ["backbone    ok: 20 of 20 nodes and 13 of 13", "outputs     ok: bit for bit as before on 2 inputs"]
    {
        assert!(said(&out).contains(line), "no `{line}` in\n{}", said(&out));
    }
    let out = run(folder.path(), &["validate", "new.onnx", "--against", "old.onnx", "--same"]);
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert!(said(&out).contains("changed     other names around"), "{}", said(&out));
    let out = run(folder.path(), &["rename", "old.onnx", "s/conv/c/", "-o", "quick.onnx", "--no-validate"]);
    assert!(out.status.success() && !said(&out).contains("outputs"), "{}", said(&out));
}

/// The verdict is about what is in the files, so another model fails it.
#[test]
fn another_model_is_not_the_same() {
    let folder = folder("models/digits.onnx");
    let args = ["head", "old.onnx", "--classes", "10", "-o", "new.onnx", "--no-record", "--no-validate"];
    assert!(run(folder.path(), &args).status.success());
    let out = run(folder.path(), &["validate", "new.onnx", "--against", "old.onnx", "--same"]);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("outputs     FAILS: other than before on 16 of 16 inputs"), "{}", said(&out));
    assert!(said(&out).contains("backbone    FAILS: "), "{}", said(&out));
    // Where it is said to be meant it is told, and nothing follows from it.
    let validate = ["validate", "new.onnx", "--against", "old.onnx"];
    assert_eq!(run(folder.path(), &validate).status.code(), Some(1));
    let out = run(folder.path(), &[&validate[..], &["--allow", "weights,operators"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert!(said(&out).contains("outputs     other than before on 16 of 16 inputs"), "{}", said(&out));
}

#[test]
fn a_stripped_model_is_known_by_its_hashes() {
    let folder = folder("models/digits.onnx");
    let out = run(folder.path(), &["strip", "old.onnx", "-o", "small.onnx"]);
    assert!(out.status.success(), "{}", said(&out));
    assert!(
        said(&out).contains("backbone    ok: 20 of 20 nodes and 13 of 13 initializers"),
        "{}",
        said(&out)
    );
    let out = run(folder.path(), &["validate", "small.onnx", "--against", "old.onnx"]);
    assert_eq!(out.status.code(), Some(4), "{}", said(&out));
    assert!(said(&out).contains("run         NOT VERIFIED: the weights were stripped"), "{}", said(&out));
    // Also in functions.
    let functions = self::folder("fixtures/onnx/heads/function_weights_inside.onnx");
    let out = run(functions.path(), &["strip", "old.onnx", "-o", "small.onnx"]);
    assert!(out.status.success() && said(&out).contains("backbone    ok"), "{}", said(&out));
    // Those of another model have other hashes.
    let args = ["head", "old.onnx", "--classes", "10", "-o", "other.onnx", "--no-validate"];
    assert!(run(folder.path(), &args).status.success());
    let out = run(folder.path(), &["diff", "other.onnx", "small.onnx"]);
    assert_eq!(out.status.code(), Some(2), "what differs cannot be read: {}", said(&out));
    let out = run(folder.path(), &["strip", "small.onnx", "--restore", "old.onnx", "-o", "whole.onnx"]);
    assert!(out.status.success(), "{}", said(&out));
    assert!(said(&out).contains("outputs     ok: bit for bit as before"), "{}", said(&out));
}

/// A model in which everything has another name differs in names alone.
#[test]
fn names_are_no_difference_in_structure() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["models/digits.onnx", "models/squeezenet.onnx"] {
        let old = open(&at(name)).unwrap();
        let options = with!(RenameOptions {
            expressions: vec!["s/.*/other &/".parse().unwrap()],
            nodes: true,
            values: true,
            inputs: true,
            outputs: true,
            ..RenameOptions::default()
        });
        let new = folder.path().join("new.onnx");
        save(&old, &rename(&old, &options).unwrap(), New(&new)).unwrap();
        let new = open(&new).unwrap();
        let found = diff(&old, &new).unwrap();
        let ops = old.graph.ops().count();
        assert_eq!((found.same, found.renamed.len()), (ops, ops), "{name}");
        assert!(found.added.is_empty() && found.removed.is_empty() && found.changed.is_empty(), "{name}");
        assert!(found.weights.is_empty() && found.retyped.is_empty(), "{name}: {:?}", found.weights);
        assert_eq!(found.renamed_weights.len(), old.graph.constants().count(), "{name}");
    }
}

/// What was exported in training mode is told with the first node of each sort.
#[test]
fn training_mode_is_found() {
    let folder = folder("fixtures/onnx/training.onnx");
    let out = run(folder.path(), &["validate", "old.onnx"]);
    assert_ne!(out.status.code(), Some(0), "{}", said(&out));
    for line in [
        "O111]: node `first_dropout`: Dropout leaves values out at random: the model was exported for training (and 2 more)",
        "O112]: node `norm`: BatchNormalization takes the statistics of each batch",
    ] {
        assert!(said(&out).contains(line), "no `{line}` in\n{}", said(&out));
    }
    let digits = self::folder("models/digits.onnx");
    let out = run(digits.path(), &["validate", "old.onnx"]);
    assert!(!said(&out).contains("O111") && out.status.success(), "{}", said(&out));
}

/// Names in subgraphs and functions are no difference either.
#[test]
fn renames_reach_subgraphs_and_functions_and_are_proved() {
    for name in ["heads/captured_weights", "heads/function_called_twice", "control-flow", "functions"] {
        let folder = folder(&format!("fixtures/onnx/{name}.onnx"));
        let args = ["rename", "old.onnx", "--prefix", "p/", "--inputs", "--outputs", "-o", "new.onnx"];
        let out = run(folder.path(), &args);
        assert!(was_written(&out) && said(&out).contains("backbone    ok"), "{name}: {}", said(&out));
        let old = open(&folder.path().join("old.onnx")).unwrap();
        let found = diff(&old, &open(&folder.path().join("new.onnx")).unwrap()).unwrap();
        assert_eq!(found.same, old.graph.ops().count(), "{name}: {:?}", found.changed);
        assert!(found.functions.is_empty() && found.rewired.is_empty(), "{name}: {:?}", found.functions);
    }
}

/// Two results that exchange their names: no record of a consumer changes, and its operands do.
#[test]
fn names_that_mean_other_values_are_a_difference() {
    let old = open(&at("models/squeezenet.onnx")).unwrap();
    let graph = &old.graph;
    let (concat, ..) = graph.ops().find(|(_, _, op)| op.op == "Concat").expect("a fire module");
    let operands: Vec<_> = (0..2).map(|slot| graph.value(graph.input(concat, slot).unwrap())).collect();
    let span = |i: usize| (graph.node(operands[i].definition.node).record(), 0);
    let results = [(span(0), operands[1].name.clone()), (span(1), operands[0].name.clone())];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.onnx");
    save(&old, &Edit { results: results.into(), ..Edit::default() }, New(&path)).unwrap();
    let found = diff(&old, &open(&path).unwrap()).unwrap();
    assert_eq!(found.rewired.len(), 1, "{:?}", found.changed);
    let original = at("models/squeezenet.onnx").display().to_string();
    let args = ["validate", "new.onnx", "--against", &original, "--same", "--inputs", "1"];
    let out = run(folder.path(), &args);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("takes another value of the same name"), "{}", said(&out));
    assert!(said(&out).contains("outputs     FAILS: other than before"), "{}", said(&out));
}

/// Contents inside of nodes and functions count: each bit of them.
#[test]
fn what_is_inside_of_attributes_and_functions_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.onnx");
    let changed = |source: &str, at_byte: &dyn Fn(&Model) -> usize| {
        let old = open(&at(source)).unwrap();
        let mut bytes = old.source.bytes.to_vec();
        bytes[at_byte(&old)] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        diff(&old, &open(&path).unwrap()).unwrap()
    };
    let found = changed("fixtures/onnx/attributes.onnx", &|model| {
        let attributes = model.graph.ops().flat_map(|(_, _, op)| &op.attributes);
        let data = attributes.flat_map(|a| a.value.tensors()).find_map(|tensor| match tensor.data {
            TensorData::In(span) => Some(span.start as usize),
            _ => None,
        });
        data.expect("a tensor in an attribute")
    });
    assert_eq!(found.changed.len(), 1, "{:?}", found.changed);
    let found = changed("fixtures/onnx/functions.onnx", &|model| {
        let span = model.functions[0].span;
        let body = &model.source.bytes[span.start as usize..span.end() as usize];
        let op = model.functions[0].graph.ops().next().unwrap().2.op.clone();
        let at = body.windows(op.len()).position(|w| w == op.as_bytes()).unwrap();
        span.start as usize + at
    });
    assert_eq!(found.functions.len(), 1, "{:?}", found.functions);
    assert!(found.functions[0].contains("has another body"), "{:?}", found.functions);
}
