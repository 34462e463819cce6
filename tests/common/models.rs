//! The models that tests read.
#![allow(unreachable_pub)]

use std::io::Read;
use std::path::{Path, PathBuf};

use modelgram::model::Model;

/// A path inside the repository.
pub fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files of a folder with this extension, sorted.
pub fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(at(folder)).expect("the folder is there").flatten().map(|e| e.path());
    let mut files: Vec<PathBuf> = entries.filter(|p| p.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} has no .{extension}");
    files
}

/// All models that open: those to try, the features, real exports, invalid ones.
pub fn all() -> Vec<PathBuf> {
    let folders = ["models", "fixtures/onnx", "fixtures/onnx/types", "fixtures/onnx/real", "fixtures/broken"];
    let all = folders.iter().flat_map(|f| files(f, "onnx"));
    // One of the broken ones has no graph.
    all.filter(|path| !path.ends_with("no-graph.onnx")).collect()
}

pub fn open(path: &str) -> Model {
    modelgram::formats::open(&at(path)).expect("the model opens")
}

/// A file of the repository; one that is packed lies unpacked in the folder afterwards.
pub fn unpacked(model: &str, folder: &Path) -> PathBuf {
    let Some(name) = model.strip_suffix(".gz") else { return at(model) };
    let mut bytes = Vec::new();
    let packed = std::fs::File::open(at(model)).expect("the packed model is there");
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).expect("it is gzip");
    let target = folder.join(Path::new(name).file_name().expect("a file has a name"));
    std::fs::write(&target, bytes).expect("the folder can be written to");
    target
}
