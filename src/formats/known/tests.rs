use super::*;
use crate::error::{Error, ErrorKind};
use crate::formats::encoding::splice::record;
use crate::formats::{open, read};

fn refused(name: &str, bytes: &[u8]) -> Error {
    read(name, bytes.to_vec().into()).map(|model| model.format).unwrap_err()
}

/// The file is said to be this, with a way out, whatever its name says.
fn check(bytes: &[u8], what: &str, way_out: &str) {
    for name in ["model", "model.onnx", "model.pb", "model.json"] {
        let error = refused(name, bytes);
        let text = error.to_string();
        assert_eq!(error.kind, ErrorKind::Unsupported, "{what} as {name}: {text}");
        assert!(text.contains(&format!("this is {what}, ")), "{what} as {name}: {text}");
        assert!(text.contains(way_out), "{what} as {name}: {text}");
    }
}

/// A number as a field of Protocol Buffers.
fn number(field: u8, value: u8) -> Vec<u8> {
    vec![field << 3, value]
}

/// A `NodeDef` with an attribute, as field 1 of a `GraphDef`.
fn node() -> Vec<u8> {
    let attribute = [record(1, b"dtype"), record(2, &number(6, 1))].concat();
    record(1, &[record(1, b"serving/x"), record(2, b"Placeholder"), record(5, &attribute)].concat())
}

fn graph_def() -> Vec<u8> {
    [node(), node(), record(4, &number(1, 27))].concat()
}

fn meta_graph() -> Vec<u8> {
    let facts = [record(4, b"serve"), record(5, b"2.15.0")].concat();
    [record(1, &facts), record(2, &graph_def())].concat()
}

fn saved_model() -> Vec<u8> {
    [number(1, 1), record(2, &meta_graph())].concat()
}

#[test]
fn tensorflow_is_not_an_onnx_file_without_a_graph() {
    check(&saved_model(), "the graph of a TensorFlow SavedModel", "tf2onnx.convert --saved-model");
    check(&meta_graph(), "the graph of a TensorFlow checkpoint", "tf2onnx.convert --checkpoint");
    check(&graph_def(), "a TensorFlow GraphDef", "tf2onnx.convert --graphdef");
    check(b"# made by hand\nnode {\n  name: \"x\"\n}\n", "a TensorFlow graph as text", "tf2onnx");
}

#[test]
fn a_folder_is_a_saved_model_or_just_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path()).unwrap_err();
    assert!(error.kind == ErrorKind::Io && error.message == "this is a folder", "{error}");
    std::fs::write(folder.path().join("saved_model.pb"), saved_model()).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("this is a TensorFlow SavedModel, "), "{error}");
    assert!(error.contains("tf2onnx.convert --saved-model"), "{error}");
}

#[test]
fn other_schemas_are_recognised_by_their_fields() {
    let core_ml = [number(1, 5), record(2, &record(100, b"")), record(500, b"network")].concat();
    check(&core_ml, "a Core ML model", "as ONNX");
    let layer = [record(1, b"conv1"), record(2, b"Convolution")].concat();
    check(&[record(1, b"VGG"), record(100, &layer)].concat(), "a Caffe model", "as ONNX");
    check(&[record(1, b"VGG"), record(2, &record(4, b"conv1"))].concat(), "a Caffe model", "as ONNX");
    let prototxt = b"name: \"LeNet\"\nlayer {\n  name: \"data\"\n}\n";
    check(prototxt, "a Caffe network as text", "as ONNX");
}

/// An ONNX model may look like the first two fields of a SavedModel for a while.
#[test]
fn an_onnx_file_stays_one() {
    let bytes = std::fs::read("models/digits.onnx").unwrap();
    assert_eq!(read("model.pb", bytes.into()).unwrap().format, "onnx");
    let unknown_field = record(1000, b"later");
    let bytes = [std::fs::read("models/digits.onnx").unwrap(), unknown_field].concat();
    assert_eq!(read("model", bytes.into()).unwrap().format, "onnx");
    let no_graph = [number(1, 8), record(2, b"producer")].concat();
    let error = refused("model.pb", &no_graph);
    assert!(error.kind == ErrorKind::Undecodable && error.message.contains("no graph"), "{error}");
}

#[test]
fn marks_are_known() {
    check(b"\x08\0\0\0TFL3\0\0\0\0", "a TensorFlow Lite model", "--tflite");
    check(b"\x08\0\0\0ORTM\0\0\0\0", "a model in onnxruntime's own format (ORT)", "as ONNX");
    check(b"PK\x03\x04..archive/data.pkl..", "a PyTorch file", "torch.onnx.export");
    check(b"PK\x03\x04.....", "a zip archive", "unpack");
    check(b"\x80\x02}q\0", "a Python pickle (perhaps of PyTorch)", "torch.onnx.export");
    check(b"GGUF\x03\0\0\0", "a GGUF file", "as ONNX");
    check(b"\x10\0\0\0\0\0\0\0{\"weight\":{}}", "a safetensors file", "as ONNX");
    check(b"MATLAB 5.0 MAT-file", "a MATLAB file", "exportONNXNetwork");
    check(b"\x1f\x8b\x08\0", "a gzip archive", "gunzip");
    check(b"\x93NUMPY\x01\0", "an array in NumPy's format", "input");
}

#[test]
fn texts_are_known() {
    check(b"ir_version: 8\nproducer_name: \"x\"\n", "an ONNX model as text", "onnx.load");
    check(b"{\n \"irVersion\": \"8\"}", "an ONNX model as JSON", "onnx.load");
    check(b"{\"a\": 1}", "a JSON file", "to_json");
    check(b"<?xml version=\"1.0\"?>\n<net name=\"x\"><layers><layer/>", "an OpenVINO model", "as ONNX");
    check(b"<?xml version=\"1.0\"?><svg/>", "an XML file", "modelgram formats");
    check(b"\n<!DOCTYPE HTML><html>", "a web page", "raw file");
    check(b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer", "git lfs pull");
    check(b"digraph { a -> b }", "a graph in the language of Graphviz", "dot -Tsvg");
}

#[test]
fn what_is_nothing_of_all_this_is_of_no_known_format() {
    for bytes in [&b"hello"[..], b"\0\0\0\0", b"name: x", b"{", b"<"] {
        let error = refused("model", bytes);
        assert!(error.kind == ErrorKind::Undecodable, "{error}");
        assert!(error.message.contains("no known format"), "{error}");
    }
}

#[test]
fn every_entry_has_a_reason() {
    for known in KNOWN {
        assert!(!known.name.is_empty() && !known.but.is_empty(), "{known:?}");
        assert!(!known.way_out.ends_with('.'), "{known:?}");
    }
}
