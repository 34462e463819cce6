//! Formats that are recognised and cannot be read, each with a way out.
//!
//! Model files resemble each other: most are Protocol Buffers, zip archives or JSON. Whoever
//! gives the program a TensorFlow model should read that, and what to do, rather than that an
//! ONNX file is damaged.

mod magic;
mod records;
mod texts;

use super::{Inputs, Score};

/// A format that cannot be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// What it is, after `this is`.
    pub name: &'static str,
    /// Why it is not read, after a comma.
    pub but: &'static str,
    /// How well a content fits.
    pub detect: fn(&Inputs) -> Score,
    /// What to do instead; may be empty.
    pub way_out: &'static str,
}

const YET: &str = "which cannot be read yet";
const WEIGHTS: &str = "which holds weights and no graph";
const NOT_MODEL: &str = "not a model";

const FROM_PYTORCH: &str =
    "export it in Python: `torch.onnx.export(model, (example_input,), \"model.onnx\")`";
const FROM_ORIGIN: &str = "export the model that it was made from as ONNX";
const FROM_CODE: &str = "export the model as ONNX from the program that has its code";

/// The formats that are recognised. The first of equals counts.
pub(crate) const KNOWN: &[Known] = &[
    Known {
        name: "a TensorFlow SavedModel",
        but: YET,
        detect: records::saved_model_folder,
        way_out: "convert the folder: `python -m tf2onnx.convert --saved-model FOLDER --output model.onnx`",
    },
    Known {
        name: "the graph of a TensorFlow SavedModel",
        but: YET,
        detect: records::saved_model,
        way_out: "convert the folder that it is in: `python -m tf2onnx.convert --saved-model FOLDER --output model.onnx`",
    },
    Known {
        name: "the graph of a TensorFlow checkpoint",
        but: YET,
        detect: records::meta_graph,
        way_out: "convert it: `python -m tf2onnx.convert --checkpoint FILE.meta --inputs NAME:0 --outputs NAME:0 --output model.onnx`",
    },
    Known {
        name: "a TensorFlow GraphDef",
        but: YET,
        detect: records::graph_def,
        way_out: "convert it: `python -m tf2onnx.convert --graphdef FILE --inputs NAME:0 --outputs NAME:0 --output model.onnx`",
    },
    Known {
        name: "a TensorFlow graph as text",
        but: YET,
        detect: texts::tensorflow,
        way_out: "write it in binary form first: `text_format.Parse` of `google.protobuf` reads it; then convert that by tf2onnx",
    },
    Known {
        name: "a TensorFlow Lite model",
        but: YET,
        detect: magic::tensorflow_lite,
        way_out: "convert it: `python -m tf2onnx.convert --tflite FILE --output model.onnx`",
    },
    Known {
        name: "a model in onnxruntime's own format (ORT)",
        but: YET,
        detect: magic::ort,
        way_out: FROM_ORIGIN,
    },
    Known {
        name: "an ONNX model as text",
        but: YET,
        detect: texts::onnx,
        way_out: "write it in binary form: `onnx.save(onnx.load(FILE, format=\"textproto\"), \"model.onnx\")` in Python",
    },
    Known {
        name: "an ONNX model as JSON",
        but: YET,
        detect: texts::onnx_json,
        way_out: "write it in binary form: `onnx.save(onnx.load(FILE, format=\"json\"), \"model.onnx\")` in Python",
    },
    Known { name: "a PyTorch file", but: YET, detect: magic::pytorch, way_out: FROM_PYTORCH },
    Known {
        name: "a Python pickle (perhaps of PyTorch)",
        but: "which is a program and is never run",
        detect: magic::pickle,
        way_out: FROM_PYTORCH,
    },
    Known { name: "a GGUF file", but: WEIGHTS, detect: magic::gguf, way_out: FROM_CODE },
    Known { name: "a safetensors file", but: WEIGHTS, detect: magic::safetensors, way_out: FROM_CODE },
    Known { name: "a Core ML model", but: YET, detect: records::core_ml, way_out: FROM_ORIGIN },
    Known { name: "an OpenVINO model", but: YET, detect: texts::openvino, way_out: FROM_ORIGIN },
    Known { name: "a Caffe network as text", but: YET, detect: texts::caffe, way_out: FROM_ORIGIN },
    Known { name: "a Caffe model", but: YET, detect: records::caffe, way_out: FROM_ORIGIN },
    Known {
        name: "a MATLAB file",
        but: YET,
        detect: magic::matlab,
        way_out: "export the network in MATLAB: `exportONNXNetwork(net, \"model.onnx\")`",
    },
    Known {
        name: "a Git LFS pointer",
        but: "not the model itself",
        detect: texts::lfs_pointer,
        way_out: "fetch the file: `git lfs pull`",
    },
    Known {
        name: "a web page",
        but: NOT_MODEL,
        detect: texts::html,
        way_out: "the address that it was loaded from leads to a page; take that of the raw file",
    },
    Known {
        name: "a gzip archive",
        but: NOT_MODEL,
        detect: magic::gzip,
        way_out: "unpack it first: `gunzip`, or `tar xzf` for several files",
    },
    Known {
        name: "an array in NumPy's format",
        but: NOT_MODEL,
        detect: magic::numpy,
        way_out: "`modelgram run` takes it as an input of a model",
    },
    Known {
        name: "a graph in the language of Graphviz",
        but: YET,
        detect: texts::dot,
        way_out: "draw it by `dot -Tsvg`",
    },
    Known {
        name: "a zip archive",
        but: "not a model that can be read yet",
        detect: magic::zip,
        way_out: "if there is a model inside, unpack it first",
    },
    Known { name: "an XML file", but: NOT_MODEL, detect: texts::xml, way_out: "" },
    Known {
        name: "a JSON file",
        but: "and not a Keras model's",
        detect: texts::json,
        way_out: "of a Keras model, `model.to_json()` is read",
    },
];

#[cfg(test)]
mod tests;
