//! Damaged and hostile files: an answer in time, never a panic.
//!
//! `MODELGRAM_CORPUS=FOLDER cargo test --release --test robust` does the same with
//! every `.onnx` file of a folder.

mod common;

use bytes::Bytes;
use common::graphs::Random;
use modelgram::formats;
use modelgram::stages::diagram::{DiagramOptions, build};
use modelgram::stages::layout::{Options, layered};
use modelgram::stages::view::whole;

/// Reads and lays out, if it can be read.
fn draw(bytes: Vec<u8>) {
    if let Ok(model) = formats::read("damaged.onnx", Bytes::from(bytes)) {
        let view = whole(&model, &model.graph);
        layered(&build(&view, None, &DiagramOptions::default()), &Options::default());
    }
}

fn files() -> Vec<std::path::PathBuf> {
    if let Some(folder) = std::env::var_os("MODELGRAM_CORPUS") {
        let entries = std::fs::read_dir(folder).expect("the folder is there").flatten().map(|e| e.path());
        let mut files: Vec<_> = entries.filter(|p| p.extension().is_some_and(|e| e == "onnx")).collect();
        files.sort();
        return files;
    }
    let names =
        ["models/digits.onnx", "fixtures/onnx/real/googlenet_ts.onnx", "fixtures/onnx/control-flow.onnx"];
    let more = ["attributes", "functions", "value-types", "unpacked-typed", "sparse-initializer", "metadata"];
    let more = more.map(|name| format!("fixtures/onnx/{name}.onnx"));
    names.map(str::to_owned).iter().chain(&more).map(|path| common::models::at(path)).collect()
}

fn in_time(what: &str, work: impl FnOnce()) {
    let begin = std::time::Instant::now();
    work();
    // A hang, not a speed: a hundred times what any of these takes.
    assert!(begin.elapsed().as_secs() < 20, "{what} took {:?}", begin.elapsed());
}

#[test]
fn truncated_files_end_in_an_error_or_a_picture() {
    for path in files() {
        let whole = std::fs::read(&path).unwrap();
        for i in 0..200 {
            let len = whole.len() * i / 200;
            in_time(&format!("{} cut to {len}", path.display()), || draw(whole[..len].to_vec()));
        }
    }
}

#[test]
fn flipped_bytes_end_in_an_error_or_a_picture() {
    for path in files() {
        let whole = std::fs::read(&path).unwrap();
        let mut random = Random::new(whole.len() as u64);
        for _ in 0..500 {
            let mut bytes = whole.clone();
            let at = random.below(bytes.len());
            bytes[at] ^= 1 + random.below(255) as u8;
            in_time(&format!("{} with byte {at} changed", path.display()), || draw(bytes));
        }
    }
}

/// A `ModelProto` with one graph of the given content.
fn model_of(graph: Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![0x08, 8, 0x3a];
    let mut len = graph.len();
    while len >= 0x80 {
        bytes.push(len as u8 | 0x80);
        len >>= 7;
    }
    bytes.push(len as u8);
    bytes.extend(graph);
    bytes
}

#[test]
fn small_files_that_would_become_large_are_refused() {
    // Nodes, constants, inputs and attributes without content, two bytes each.
    for field in [1u8, 5, 11, 13, 15] {
        let bytes = model_of([field << 3 | 2, 0].repeat(5_000_000));
        let error = formats::read("bomb.onnx", Bytes::from(bytes)).err();
        let error = error.unwrap_or_else(|| panic!("10 MB of empty fields {field} were read"));
        assert!(error.to_string().contains("would take more than"), "{error}");
    }
}

#[test]
fn many_equal_names_take_no_longer_than_others() {
    // One node that uses `x` as an operand 200,000 times and defines it as often.
    let mut node = Vec::new();
    (0..200_000).for_each(|_| node.extend([0x0a, 1, b'x']));
    (0..200_000).for_each(|_| node.extend([0x12, 1, b'x']));
    let mut graph = vec![0x0a];
    let mut len = node.len();
    while len >= 0x80 {
        graph.push(len as u8 | 0x80);
        len >>= 7;
    }
    graph.push(len as u8);
    graph.extend(node);
    in_time("names", || {
        let _ = formats::read("names.onnx", Bytes::from(model_of(graph)));
    });
}
