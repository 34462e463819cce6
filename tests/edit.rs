//! Edits: what they change, and that nothing else changes.
#![cfg(feature = "cli")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::models::{all, at, files};
use common::program::{run, stderr, was_written};
use modelgram::edit::{RenameOptions, rename};
use modelgram::formats::Destination::New;
use modelgram::formats::{Patch, open, save, save_patch};
use modelgram::model::{Model, Span, property};
use modelgram::stages::encoding::splice::{Change, splice, write};
use modelgram::stages::encoding::wire::{Value, fields};

/// The records of a file at one depth, as far as payloads can be read as messages.
fn records(bytes: &[u8], depth: usize) -> Vec<Span> {
    let mut ranges: Vec<_> = std::iter::once(0..bytes.len()).collect();
    for level in 0..=depth {
        let mut spans = Vec::new();
        let mut inner = Vec::new();
        for range in ranges {
            let Ok(all) = fields(bytes, range).collect::<Result<Vec<_>, _>>() else { continue };
            for field in all {
                spans.push(field.span());
                if let Value::Bytes(payload) = field.value
                    && (payload.len() < 100_000 || level == 0)
                {
                    inner.push(payload);
                }
            }
        }
        if level == depth {
            return spans;
        }
        ranges = inner;
    }
    Vec::new()
}

fn written(bytes: &[u8], changes: Vec<Change>) -> Vec<u8> {
    let mut out = Vec::new();
    write(bytes, &splice(bytes, changes).unwrap(), &mut out).unwrap();
    out
}

/// The `.onnx` files below a folder, however deep.
fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|e| e == "onnx") {
            found.push(path);
        }
    }
}

/// Those of this repository; with `MODELGRAM_CORPUS=FOLDER` those below the folder too.
fn to_splice() -> Vec<PathBuf> {
    let mut paths =
        [all(), files("fixtures/onnx/types", "onnx"), files("fixtures/onnx/heads", "onnx")].concat();
    if let Some(folder) = std::env::var_os("MODELGRAM_CORPUS") {
        below(Path::new(&folder), &mut paths);
    }
    paths
}

/// The records of messages that a model has: graphs, nodes, attributes, tensors, and more.
fn messages(model: &Model) -> Vec<Span> {
    let mut spans = BTreeSet::new();
    spans.extend(model.meta.opsets.iter().map(|o| o.span));
    spans.extend(model.meta.properties.iter().map(|p| p.span));
    spans.extend(model.functions.iter().map(|f| f.span));
    for graph in model.graphs() {
        spans.insert(graph.span);
        spans.extend(graph.nodes().map(|(_, node)| node.span));
        let attributes: Vec<_> = graph.ops().flat_map(|(_, _, op)| &op.attributes).collect();
        spans.extend(attributes.iter().map(|a| a.span));
        spans.extend(attributes.iter().flat_map(|a| a.value.tensors()).map(|t| t.span));
    }
    // What nothing defines has no record; a function's inputs are names, and no messages.
    let functions: Vec<Span> = model
        .functions
        .iter()
        .flat_map(|f| f.graph.inputs.iter().chain(&f.graph.outputs).map(|&id| f.graph.node(id).span))
        .collect();
    spans.into_iter().filter(|span| span.len > 0 && !functions.contains(span)).collect()
}

#[test]
fn every_record_in_its_own_place_gives_the_same_file() {
    let (mut count, mut kept, mut read) = (0, 0, 0);
    // Field 1000 with the text `keep`.
    let unknown = [vec![0xc2, 0x3e, 4], b"keep".to_vec()].concat();
    for path in to_splice() {
        let plain = std::fs::read(&path).unwrap();
        let Ok(model) = open(&path) else { continue };
        read += 1;
        let spans = messages(&model);
        let added = spans.iter().map(|&span| Change::append(span, unknown.clone())).collect();
        let filled = written(&plain, added);
        let again = modelgram::formats::read("filled.onnx", filled.clone().into()).unwrap();
        assert_eq!(names(&again), names(&model), "{}", path.display());
        kept += spans.len();
        for bytes in [plain, filled] {
            for depth in 0..9 {
                let spans = records(&bytes, depth);
                let own = |s: &Span| bytes[s.start as usize..s.end() as usize].to_vec();
                let changes: Vec<Change> = spans.iter().map(|s| Change::replace(*s, own(s))).collect();
                count += changes.len();
                assert!(written(&bytes, changes) == bytes, "{} at depth {depth}", path.display());
            }
        }
    }
    assert!(
        read > 40 && count > 30_000 && kept > 1000,
        "{read} files, {count} records, {kept} unknown fields"
    );
}

/// What would break a structural rule is not written.
#[test]
fn an_edit_that_breaks_a_rule_leaves_no_file() {
    let model = open(&at("models/digits.onnx")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (_, node, _) = model.graph.ops().nth(3).unwrap();
    let broken = Change::replace(node.span, Vec::new());
    let patch = Patch::of_records(&model.source.bytes, vec![broken]).unwrap();
    let error =
        save_patch(&model, &patch, New(&folder.path().join("new.onnx")), &mut |_| Ok(())).unwrap_err();
    assert!(error.message.contains("S003") || error.message.contains("S004"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Unknown fields stay, at whatever depth they stand, also in records that change.
#[test]
fn unknown_fields_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(at("models/digits.onnx")).unwrap();
    // Field 1000 with the text `keep`, at the end of the file and of each node.
    let unknown = [vec![0xc2, 0x3e, 4], b"keep".to_vec()].concat();
    let model = open(&at("models/digits.onnx")).unwrap();
    let mut changes: Vec<Change> =
        model.graph.ops().map(|(_, node, _)| Change::append(node.span, unknown.clone())).collect();
    changes.push(Change::append(Span::new(0, bytes.len()), unknown.clone()));
    bytes = written(&bytes, changes);
    let path = folder.path().join("unknown.onnx");
    std::fs::write(&path, &bytes).unwrap();
    let count = |bytes: &[u8]| bytes.windows(unknown.len()).filter(|w| *w == unknown).count();
    assert_eq!(count(&bytes), model.graph.ops().count() + 1);
    let out = run(folder.path(), &["rename", "unknown.onnx", "s/digits_cnn_1/net/", "-o", "new.onnx"]);
    assert!(was_written(&out), "{}", stderr(&out));
    let new = std::fs::read(folder.path().join("new.onnx")).unwrap();
    assert_eq!(count(&new), count(&bytes));
}

fn names(model: &Model) -> Vec<String> {
    let graphs = model.graphs();
    let mut names: Vec<String> = Vec::new();
    for graph in graphs {
        names.extend(graph.nodes().map(|(_, node)| node.name.clone()));
        names.extend(graph.values().iter().map(|value| value.name.clone()));
    }
    names
}

#[test]
fn a_prefix_reaches_subgraphs_functions_and_captures_and_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    for path in files("fixtures/onnx", "onnx") {
        let Ok(model) = open(&path) else { continue };
        // Data outside of the folder is not taken along.
        if path.ends_with("external-unsafe.onnx") {
            let edit =
                rename(&model, &with!(RenameOptions { prefix: "p".into(), ..RenameOptions::default() }))
                    .unwrap();
            assert!(save(&model, &edit, New(&folder.path().join("out.onnx"))).is_err());
            assert!(!folder.path().join("out.onnx").exists());
            continue;
        }
        if property(&model.meta.properties, "modelgram.edits").is_some()
            || model.findings.iter().any(|f| f.rule == "R001")
        {
            continue;
        }
        let options = with!(RenameOptions {
            prefix: "new/".into(),
            inputs: true,
            outputs: true,
            ..RenameOptions::default()
        });
        let edit = rename(&model, &options).unwrap();
        let target = folder.path().join("out.onnx");
        save(&model, &edit, New(&target)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let new = open(&target).unwrap();
        let prefixed = |name: &String| if name.is_empty() { String::new() } else { format!("new/{name}") };
        let expected: Vec<String> = names(&model).iter().map(prefixed).collect();
        assert_eq!(names(&new), expected, "{}", path.display());
        // And back: every byte is as it was.
        let back = with!(RenameOptions {
            expressions: vec!["s/^new\\///".parse().unwrap()],
            inputs: true,
            outputs: true,
            ..RenameOptions::default()
        });
        let again = folder.path().join("back.onnx");
        save(&new, &rename(&new, &back).unwrap(), New(&again)).unwrap();
        assert!(std::fs::read(&again).unwrap() == std::fs::read(&path).unwrap(), "{}", path.display());
        std::fs::remove_file(&target).unwrap();
        std::fs::remove_file(&again).unwrap();
    }
}

#[test]
fn inputs_and_outputs_keep_their_names_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let digits = at("models/digits.onnx").display().to_string();
    let ends = |file: &str| {
        let model = open(&folder.path().join(file)).unwrap();
        let name = |ids: &[modelgram::model::NodeId]| model.graph.node(ids[0]).name.clone();
        (name(&model.graph.inputs), name(&model.graph.outputs))
    };
    assert!(was_written(&run(folder.path(), &["rename", &digits, "--prefix", "p_", "-o", "a.onnx"])));
    assert_eq!(ends("a.onnx"), ("image".into(), "Identity:0".into()));
    let out = run(folder.path(), &["rename", &digits, "--prefix", "p_", "--inputs", "-o", "b.onnx"]);
    assert!(was_written(&out), "{}", stderr(&out));
    assert_eq!(ends("b.onnx"), ("p_image".into(), "Identity:0".into()));
    std::fs::write(folder.path().join("map.txt"), "Identity:0 = probabilities\n").unwrap();
    let out = run(
        folder.path(),
        &["rename", &digits, "--map", "map.txt", "--outputs", "-o", "c.onnx", "--report", "json"],
    );
    assert!(was_written(&out), "{}", stderr(&out));
    assert_eq!(ends("c.onnx").1, "probabilities");
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["values"]["Identity:0"], "probabilities");
}

#[test]
fn edits_are_recorded_and_frozen_weights_go_along() {
    let folder = tempfile::tempdir().unwrap();
    let model = at("fixtures/onnx/frozen.onnx").display().to_string();
    for (from, to, expression) in
        [(model.as_str(), "a.onnx", "s/digits_cnn_1/x/"), ("a.onnx", "b.onnx", "s/^x/y/")]
    {
        let out = run(folder.path(), &["rename", from, expression, "-o", to]);
        assert!(was_written(&out), "{}", stderr(&out));
    }
    let new = open(&folder.path().join("b.onnx")).unwrap();
    let list: serde_json::Value =
        serde_json::from_str(property(&new.meta.properties, "modelgram.edits").unwrap()).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert_eq!(list[1]["options"]["expressions"][0], "s/^x/y/");
    let frozen = property(&new.meta.properties, "modelgram.frozen").unwrap();
    assert!(frozen.contains("y/conv1_1/") && !frozen.contains("digits_cnn_1"), "{frozen}");
}

#[test]
fn wrong_use_is_an_error_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let digits = at("models/digits.onnx").display().to_string();
    let keras = at("models/digits.keras").display().to_string();
    for (args, expected) in [
        (vec!["rename", &digits, "s/.*/same/", "-o", "x.onnx"], "would both be `same`"),
        (vec!["rename", &digits, "s/.*//", "-o", "x.onnx"], "would have no name"),
        (vec!["rename", &digits, "-o", "x.onnx"], "nothing says what the new names are"),
        (vec!["rename", &digits, "s/a/b/"], "no output is given"),
        (vec!["rename", &digits, "s/a/b", "-o", "x.onnx"], "rename `s/a/b`"),
        (vec!["rename", &digits, "s/a/b/", "-o", "no/x.onnx"], "the folder does not exist"),
        (vec!["rename", &digits, "s/a/b/", "-o", &digits], "this is the model itself"),
        (vec!["rename", &keras, "s/a/b/", "-o", "x.onnx"], "not yet edited"),
    ] {
        let out = run(folder.path(), &args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(stderr(&out).contains(expected), "{args:?}: {}", stderr(&out));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{args:?} left something");
    }
    std::fs::write(folder.path().join("map.txt"), "nothing=x\n").unwrap();
    let out = run(folder.path(), &["rename", &digits, "--map", "map.txt", "-o", "x.onnx"]);
    assert!(stderr(&out).contains("nothing is named `nothing`"), "{}", stderr(&out));
    assert!(!folder.path().join("x.onnx").exists());
}

#[test]
fn in_place_changes_the_file_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("m.onnx");
    std::fs::copy(at("models/digits.onnx"), &path).unwrap();
    let out = run(folder.path(), &["rename", "m.onnx", "s/digits_cnn_1/n/", "--in-place", "--no-record"]);
    assert!(was_written(&out), "{}", stderr(&out));
    assert!(names(&open(&path).unwrap()).iter().any(|name| name.starts_with("n/conv1_1")));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn external_data_goes_along() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let model = open(&at("fixtures/onnx/external-data.onnx")).unwrap();
    let location = model
        .graph
        .constants()
        .find_map(|(_, _, tensor)| match &tensor.data {
            modelgram::model::TensorData::External { path, .. } => Some(path.clone()),
            _ => None,
        })
        .expect("it has external data");
    std::fs::copy(at("fixtures/onnx/external-data.onnx"), from.path().join("m.onnx")).unwrap();
    std::fs::create_dir_all(from.path().join(&location).parent().unwrap()).unwrap();
    std::fs::write(from.path().join(&location), vec![7u8; 4096]).unwrap();
    let target = to.path().join("n.onnx").display().to_string();
    let out = run(from.path(), &["rename", "m.onnx", "--prefix", "p/", "-o", &target]);
    assert!(was_written(&out), "{}", stderr(&out));
    assert!(stderr(&out).contains("was put beside the new model"), "{}", stderr(&out));
    assert_eq!(std::fs::read(to.path().join(&location)).unwrap(), vec![7u8; 4096]);
}

/// Weights out, names changed and changed back, weights in: every byte is as it was.
#[test]
fn stripped_weights_come_back_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let mut stripped = 0;
    for path in all() {
        let Ok(model) = open(&path) else { continue };
        let errors = model.findings.iter().any(|f| f.severity == modelgram::finding::Severity::Error);
        if model.format != "onnx" || errors || path.ends_with("external-unsafe.onnx") {
            continue;
        }
        let name = path.display().to_string();
        let step = |args: &[&str]| {
            let out = run(folder.path(), args);
            assert!(was_written(&out), "{name}: {args:?}: {}", stderr(&out));
        };
        step(&["strip", &name, "-o", "a.onnx", "--no-record", "--all"]);
        let small = std::fs::read(folder.path().join("a.onnx")).unwrap();
        if small == std::fs::read(&path).unwrap() {
            continue;
        }
        stripped += 1;
        let same = facts(&open(&folder.path().join("a.onnx")).unwrap());
        assert_eq!(same, facts(&model), "{name}");
        step(&["rename", "a.onnx", "--prefix", "x/", "-o", "b.onnx", "--no-record"]);
        step(&["rename", "b.onnx", "s/^x\\///", "-o", "c.onnx", "--no-record"]);
        step(&["strip", "c.onnx", "--restore", &name, "-o", "d.onnx"]);
        assert!(
            std::fs::read(folder.path().join("d.onnx")).unwrap() == std::fs::read(&path).unwrap(),
            "{name}"
        );
        // With the other names the weights are found too, by what they are.
        step(&["strip", "b.onnx", "--restore", &name, "-o", "e.onnx"]);
        let named = open(&folder.path().join("e.onnx")).unwrap();
        assert_eq!(facts(&named), facts(&model));
    }
    assert!(stripped >= 8, "only {stripped} models had weights");
}

/// Types and shapes of all constants.
fn facts(model: &Model) -> Vec<(modelgram::model::DType, Vec<i64>)> {
    let graphs = model.graphs();
    graphs.iter().flat_map(|g| g.constants()).map(|(_, _, t)| (t.dtype, t.dims.clone())).collect()
}

#[test]
fn only_the_weights_that_were_taken_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (digits, other) = (at("models/digits.onnx"), at("models/squeezenet.onnx"));
    let (digits, other) = (digits.display().to_string(), other.display().to_string());
    let out = run(folder.path(), &["strip", &digits, "-o", "s.onnx"]);
    assert!(stderr(&out).starts_with("8 tensors without "), "{}", stderr(&out));
    let size = std::fs::metadata(folder.path().join("s.onnx")).unwrap().len();
    assert!(size < 12_000, "{size} bytes");
    // Shapes are computed with what is left.
    let out = run(folder.path(), &["info", "s.onnx"]);
    assert!(String::from_utf8_lossy(&out.stdout).contains("parameters   19578"));
    let out = run(folder.path(), &["strip", "s.onnx", "--restore", &other, "-o", "x.onnx"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(stderr(&out).contains("no tensor with the content of"), "{}", stderr(&out));
    let out = run(folder.path(), &["strip", &digits, "--restore", &digits, "-o", "x.onnx"]);
    assert!(stderr(&out).contains("no tensor of this model is stripped"), "{}", stderr(&out));
    assert!(!folder.path().join("x.onnx").exists());
}
