//! What a file says about itself, beside its graphs.

use super::{Span, Text};

/// What a file says about itself.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// What people call the format, with the version of its own if it has one, such as
    /// `Keras 3.4.1`. Empty where the reader has nothing to add to the format's title.
    pub format_title: String,
    /// Whether the format wants stored constants among the inputs too (ONNX before IR 4).
    pub constants_are_inputs: bool,
    /// The tool that wrote the file.
    pub producer: String,
    /// Version of that tool.
    pub producer_version: String,
    /// Reverse-DNS name space of the model.
    pub domain: String,
    /// Version of the model itself.
    pub model_version: Option<i64>,
    /// Version of the file format (ONNX: `ir_version`).
    pub ir_version: Option<i64>,
    /// The model's documentation.
    pub doc: Text,
    /// Imported operator sets, in file order.
    pub opsets: Vec<Opset>,
    /// Free metadata, in file order.
    pub properties: Vec<Property>,
}

/// An imported operator set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opset {
    /// Its domain; empty for the format's default one.
    pub domain: String,
    /// Its version.
    pub version: i64,
    /// Its record in the file.
    pub span: Span,
}

/// A metadata entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// The key.
    pub key: Text,
    /// The value.
    pub value: Text,
    /// Its record in the file.
    pub span: Span,
}

/// The value of the first property with this key.
pub fn property<'a>(properties: &'a [Property], key: &str) -> Option<&'a str> {
    properties.iter().find(|p| p.key.as_str() == key).map(|p| p.value.as_str())
}

/// The version that is imported of a domain; the default one may be spelled `ai.onnx`.
pub fn opset_version(opsets: &[Opset], domain: &str) -> Option<i64> {
    let plain = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let same = |o: &&Opset| o.domain == domain || plain(&o.domain) && plain(domain);
    opsets.iter().find(same).map(|o| o.version)
}
