//! Files that people can read.

use crate::formats::{Inputs, Score};

/// Whether a part is in a text; for short texts.
pub(super) fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The first bytes of a file, from the first letter on.
fn text(inputs: &Inputs) -> &[u8] {
    const ENOUGH: usize = 16 << 10;
    let bytes = inputs.bytes();
    let head = &bytes[..bytes.len().min(ENOUGH)];
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start()
}

fn starts(inputs: &Inputs, words: &[&str]) -> bool {
    let text = text(inputs);
    words
        .iter()
        .any(|word| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
}

/// Whether a text of Protocol Buffers begins with a field of one of these names. Comments
/// before it are passed over.
fn field(inputs: &Inputs, names: &[&str]) -> bool {
    let mut text = text(inputs);
    while text.starts_with(b"#") {
        let end = text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len());
        text = text[end..].trim_ascii_start();
    }
    let len = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    let (name, rest) = text.split_at(len);
    let follows = matches!(rest.trim_ascii_start().first(), Some(b':' | b'{'));
    follows && names.iter().any(|known| known.as_bytes() == name)
}

pub(super) fn tensorflow(inputs: &Inputs) -> Score {
    Score::Likely.when(field(inputs, &["node", "saved_model_schema_version", "meta_graphs", "meta_info_def"]))
}

pub(super) fn onnx(inputs: &Inputs) -> Score {
    Score::Likely.when(field(inputs, &["ir_version", "opset_import", "producer_name"]))
}

pub(super) fn onnx_json(inputs: &Inputs) -> Score {
    Score::Likely.when(json(inputs) > Score::No && contains(text(inputs), b"\"irVersion\""))
}

/// A network begins with its name, an input, or a layer.
pub(super) fn caffe(inputs: &Inputs) -> Score {
    let text = text(inputs);
    let layers: [&[u8]; 3] = [b"layer {", b"layers {", b"layer{"];
    let first = field(inputs, &["name", "input", "layer", "layers", "state", "force_backward"]);
    Score::Likely.when(first && layers.iter().any(|layer| contains(text, layer)))
}

pub(super) fn openvino(inputs: &Inputs) -> Score {
    let net = starts(inputs, &["<net"]) || starts(inputs, &["<?xml"]) && contains(text(inputs), b"<net ");
    Score::Likely.when(net && contains(text(inputs), b"<layer"))
}

pub(super) fn xml(inputs: &Inputs) -> Score {
    Score::Possible.when(starts(inputs, &["<?xml", "<net"]))
}

pub(super) fn html(inputs: &Inputs) -> Score {
    Score::Likely.when(starts(inputs, &["<!doctype html", "<html"]))
}

pub(super) fn lfs_pointer(inputs: &Inputs) -> Score {
    Score::Certain.when(starts(inputs, &["version https://git-lfs"]))
}

pub(super) fn dot(inputs: &Inputs) -> Score {
    Score::Likely.when(starts(inputs, &["digraph", "strict digraph", "graph {", "strict graph"]))
}

/// A brace and a quotation mark, or a list of that.
pub(super) fn json(inputs: &Inputs) -> Score {
    let text = text(inputs);
    let inner = text.strip_prefix(b"[").unwrap_or(text).trim_ascii_start();
    let after = inner.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    Score::Possible.when(after.is_some_and(|rest| rest.starts_with(b"\"")))
}
